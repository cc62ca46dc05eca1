"""Whether the facts can be calculated: what is refused, row by row, with where, what, and what would be right.

A refused deal takes its lines, stages, splits and roles with it; everything else stays. A row that names a refused
row (a deal of a refused account, say) is refused as well, since nothing may be paid on half of the facts.
`REQUIRED` is the one table of what may not be missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, NamedTuple, get_args

import polars as pl
from pydantic import BaseModel

from compsvc.core.currencies import EXPONENTS
from compsvc.core.facts import LINE, SCHEMAS, Facts
from compsvc.core.limits import MAX_AMOUNT_MINOR, MAX_RATE_DENOMINATOR, MAX_YEAR, MIN_YEAR
from compsvc.core.plan import DealType, Per

if TYPE_CHECKING:
    from compsvc.core.plan import Component, Plan


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one row is not taken. `row` counts from 0 in the frame of `kind`; `key` is the row's ids as text."""

    kind: str
    row: int
    key: str
    field: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind} {self.key}: {self.code} {self.message}"


@dataclass(frozen=True, slots=True)
class Checked:
    """The facts without what is refused. `notes` tell what was set right without loss (an equal row given twice)."""

    facts: Facts
    refusals: tuple[Refusal, ...]
    notes: tuple[Refusal, ...] = ()


REQUIRED: Mapping[str, tuple[str, ...]] = {
    "participants": ("participant_id",),
    "assignments": ("participant_id", "plan", "start_date"),
    "quotas": ("participant_id", "plan", "start_date", "amount_minor", "per"),
    "accounts": ("account_id",),
    "ownerships": ("account_id", "participant_id", "start_date"),
    "territories": ("participant_id", "start_date"),
    "deals": ("source", "external_id", "revision", "account_id", "closed_date", "currency_code"),
    "deal_lines": ("source", "external_id", "line"),
    "stages": ("source", "external_id", "line", "stage", "annual_value_minor", "committed"),
    "splits": ("source", "external_id", "position", "participant_id", "share_num", "share_den"),
    "deal_roles": ("source", "external_id", "role", "position", "participant_id"),
    "opportunities": ("source", "opportunity_id", "stage"),
    "fixed_events": (),
}

UNIQUE: Mapping[str, tuple[str, ...]] = {  # the columns that name a row; `()`: the whole row
    "participants": ("participant_id",),
    "assignments": (),
    "quotas": ("participant_id", "plan", "start_date", "component"),
    "accounts": ("account_id",),
    "ownerships": (),
    "territories": (),
    "deals": ("source", "external_id"),
    "deal_lines": ("source", "external_id", "line"),
    "stages": ("source", "external_id", "line", "stage"),
    "splits": ("source", "external_id", "position"),
    "deal_roles": ("source", "external_id", "role", "position"),
    "opportunities": ("source", "opportunity_id"),
}

KEYS: Mapping[str, tuple[str, ...]] = {  # the columns that a message shows
    **{kind: columns for kind, columns in UNIQUE.items() if columns},
    "assignments": ("participant_id", "plan", "start_date"),
    "ownerships": ("account_id", "participant_id", "start_date"),
    "territories": ("participant_id", "start_date"),
}

PIPELINE_STAGES = ("identify", "discover", "validate", "confirm", "negotiate", "finalise", "pending")
DEAL = ["source", "external_id"]
LINE_KEY = [*DEAL, "line"]
PARTS = ("deal_lines", "stages", "splits", "deal_roles")
LOSSES = ("downsell", "churn")
ROW = "_row"
FOUND = {
    "kind": pl.String,
    "row": pl.Int64,
    "key": pl.String,
    "field": pl.String,
    "code": pl.String,
    "message": pl.String,
}


class Rule(NamedTuple):
    """One thing that may be wrong with a row, seen from the row alone."""

    code: str
    field: str
    bad: pl.Expr
    message: pl.Expr


Frames = dict[str, pl.DataFrame]


def check_facts(facts: Facts, plans: Sequence[Plan]) -> Checked:
    """Every fault at once, sorted by kind, row, field and code, so that the same facts give the same answer."""
    given = {item.name: getattr(facts, item.name).with_row_index(ROW) for item in fields(facts)}
    frames = dict(given)
    found: list[pl.DataFrame] = []
    notes: list[pl.DataFrame] = []
    for kind in UNIQUE:
        faults, told = _given_twice(kind, frames[kind])
        notes.append(told)
        frames[kind] = _without(frames[kind], told)
        _refuse(kind, frames, found, [faults, *_general_faults(kind, frames[kind])])
    _check_parties(frames, found)
    known = _Known.of(frames, plans)
    _check_terms(frames, found, known, plans)
    _check_deals(given, frames, found, known, plans)
    _refuse(
        "opportunities", frames, found, _faults("opportunities", frames["opportunities"], _opportunity_rules(known))
    )
    kept = {kind: _whole(frame.drop(ROW)) for kind, frame in frames.items()}
    return Checked(Facts(**kept), _refusals(found), _refusals(notes))


def _refuse(kind: str, frames: Frames, found: list[pl.DataFrame], faults: list[pl.DataFrame]) -> None:
    """What was found is told, and taken out before anything else looks at the rows."""
    faults = [fault for fault in faults if fault.height]
    found += faults
    for fault in faults:
        frames[kind] = _without(frames[kind], fault)


def _without(frame: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    if faults.is_empty():
        return frame
    return frame.join(
        faults.select(pl.col("row").cast(frame.schema[ROW])).unique(),
        left_on=ROW,
        right_on="row",
        how="anti",
        maintain_order="left",
    )


def _whole(frame: pl.DataFrame) -> pl.DataFrame:
    """Without chunks that a filter has emptied: Polars 2.1 panics on them in places."""
    emptied = any(0 in column.chunk_lengths() for column in frame.get_columns()[:1]) and frame.height > 0
    return frame.rechunk() if emptied else frame


# --- any row of any kind


def _given_twice(kind: str, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of one name: equal ones are one row, and told (the second frame); different ones are all refused."""
    names = UNIQUE[kind] or tuple(SCHEMAS[kind])
    if frame.height < 2 or frame.select(pl.struct(names).hash().n_unique()).item() == frame.height:
        return _NOTHING, _NOTHING
    content = [name for name in frame.columns if name != ROW]
    lists = [pl.col(name).list.join("\n") for name in content if frame.schema[name] == pl.List(pl.String)]
    told = frame.with_columns(lists).filter(
        pl.struct(names).is_duplicated() & pl.all_horizontal(pl.col(names[0]).is_not_null())
    )
    told = told.with_columns(
        _first=pl.col(ROW).min().over(names),
        _times=pl.len().over(names),
        _kinds=pl.struct(content).n_unique().over(names),
    )
    code = "DUPLICATE_DEAL" if kind == "deals" else "DUPLICATE_ROW"
    differs, equal = pl.col("_kinds") > 1, (pl.col("_kinds") == 1) & (pl.col(ROW) > pl.col("_first"))
    both = _say("stands {} times in this load, each time with other content. Keep the one that is right.", "_times")
    once = _say("stands {} times in this load with equal content; it is taken once.", "_times")
    return _matching(kind, told, Rule(code, names[-1], differs, both)), _matching(
        kind, told, Rule(code, names[-1], equal, once)
    )


def _general_faults(kind: str, frame: pl.DataFrame) -> list[pl.DataFrame]:
    required = [
        Rule("REQUIRED", name, pl.col(name).is_null(), pl.lit(f"{name} is missing.")) for name in REQUIRED[kind]
    ]
    amounts = [name for name in SCHEMAS[kind] if name.endswith("_minor") or name == "quantity"]
    dates = [name for name, dtype in SCHEMAS[kind].items() if dtype == pl.Date or isinstance(dtype, pl.Datetime)]
    shares = [_share_out_of_range()] if "share_num" in SCHEMAS[kind] else []
    return _faults(kind, frame, [*required, *map(_too_large, amounts), *map(_out_of_time, dates), *shares])


def _too_large(field: str) -> Rule:
    limit = MAX_AMOUNT_MINOR
    bad = (pl.col(field) > limit) | (pl.col(field) < -limit)
    return Rule(
        "AMOUNT_TOO_LARGE",
        field,
        bad,
        _say(f"{field} is {{}}; the largest is {limit:,} either way, in minor units.", field),
    )


def _out_of_time(field: str) -> Rule:
    """Dates of what happened have an earliest year; since when somebody is a customer or an owner has none."""
    happened = field in ("closed_date", "accepted_time", "exercised_time", "opened_date", "expected_close_date")
    bad = pl.col(field).dt.year() > MAX_YEAR
    bad = bad | (pl.col(field).dt.year() < MIN_YEAR) if happened else bad
    return Rule("DATE_OUT_OF_RANGE", field, bad, _say(f"{field} {{}} is not between {MIN_YEAR} and {MAX_YEAR}.", field))


def _share_out_of_range() -> Rule:
    num, den = pl.col("share_num"), pl.col("share_den")
    bad = (num.is_null() != den.is_null()) | (num < 0) | (den < 1) | (num > den) | (den > MAX_RATE_DENOMINATOR)
    message = _say(
        "the share {}/{} is not between 0 and 1 in parts that can be computed exactly.", "share_num", "share_den"
    )
    return Rule("SHARE_OUT_OF_RANGE", "share", bad, message)


# --- who there is


def _check_parties(frames: Frames, found: list[pl.DataFrame]) -> None:
    _refuse("accounts", frames, found, [_parent_cycles(frames["accounts"])])
    while (orphans := _unknown_parents(frames["accounts"])).height:
        _refuse("accounts", frames, found, [orphans])


class _Known(NamedTuple):
    accounts: pl.Series
    participants: pl.Series
    plans: tuple[str, ...]
    currencies: tuple[str, ...]

    @classmethod
    def of(cls, frames: Mapping[str, pl.DataFrame], plans: Sequence[Plan]) -> _Known:
        names, currencies = {plan.plan for plan in plans}, {plan.currency for plan in plans}
        accounts, participants = frames["accounts"]["account_id"], frames["participants"]["participant_id"]
        return cls(accounts, participants, tuple(sorted(names)), tuple(sorted(currencies)))


def _unknown(field: str, known: pl.Series, code: str) -> Rule:
    """A null names nothing and is no fault here; REQUIRED says where a name has to stand."""
    what = code.removeprefix("UNKNOWN_").lower()
    bad = pl.col(field).is_not_null() & ~pl.col(field).is_in(known.implode())
    message = _say(
        f"{field} `{{}}` is none of the {known.len():,} {what}s taken. Add the {what}, or mend the id.", field
    )
    return Rule(code, field, bad, message)


def _one_of(field: str, words: Sequence[str], code: str) -> Rule:
    bad = pl.col(field).is_not_null() & ~pl.col(field).is_in(list(words))
    return Rule(code, field, bad, _say(f"{field} `{{}}` is not known. Known: {', '.join(words) or 'none'}.", field))


def _check_terms(frames: Frames, found: list[pl.DataFrame], known: _Known, plans: Sequence[Plan]) -> None:
    account = _unknown("account_id", known.accounts, "UNKNOWN_ACCOUNT")
    for kind, rules in (
        ("ownerships", [*_owner_rules(known), account]),
        ("territories", _owner_rules(known)),
        ("quotas", _quota_rules(known)),
    ):
        _refuse(kind, frames, found, _faults(kind, frames[kind], rules))
    _refuse("quotas", frames, found, [_quotas_elsewhere(frames["quotas"], frames["assignments"], plans)])
    _refuse(
        "assignments", frames, found, _faults("assignments", frames["assignments"], _assignment_rules(known, plans))
    )
    _refuse("assignments", frames, found, [_overlapping_assignments(frames["assignments"])])
    terms, assignments = _terms(plans), frames["assignments"]
    faults = [_quota_faults(assignments, frames["quotas"], terms), _carry_faults(assignments, terms)]
    _refuse("assignments", frames, found, [*faults, _manager_cycles(assignments)])


def _owner_rules(known: _Known) -> list[Rule]:
    return [_unknown("participant_id", known.participants, "UNKNOWN_PARTICIPANT"), _negative_term()]


def _quota_rules(known: _Known) -> list[Rule]:
    negative = Rule("NEGATIVE_AMOUNT", "amount_minor", pl.col("amount_minor") < 0, pl.lit("a quota is not below zero."))
    return [
        _unknown("participant_id", known.participants, "UNKNOWN_PARTICIPANT"),
        _one_of("plan", known.plans, "UNKNOWN_PLAN"),
        _one_of("per", get_args(Per), "UNKNOWN_PER"),
        negative,
    ]


def _assignment_rules(known: _Known, plans: Sequence[Plan]) -> list[Rule]:
    currency = pl.col("plan").replace_strict(
        {plan.plan: plan.currency for plan in plans}, default=None, return_dtype=pl.String
    )
    other = pl.col("currency_code").is_not_null() & (pl.col("currency_code") != currency)
    target = "target_incentive_minor"
    return [
        *(
            _unknown(field, known.participants, "UNKNOWN_PARTICIPANT")
            for field in ("participant_id", "manager_id", "cover_id")
        ),
        _one_of("plan", known.plans, "UNKNOWN_PLAN"),
        _negative_term(),
        Rule("NEGATIVE_AMOUNT", target, pl.col(target) < 0, pl.lit("a target incentive is not below zero.")),
        Rule(
            "CURRENCY_NOT_OF_PLAN",
            "currency_code",
            other,
            said(
                "the plan pays in {}, the assignment says {}. Give target and quota in the plan's currency.",
                currency,
                pl.col("currency_code"),
            ),
        ),
    ]


def _negative_term() -> Rule:
    message = _say(
        "end_date {} is before start_date {}. The end is the first day that no longer counts.", "end_date", "start_date"
    )
    return Rule("NEGATIVE_TERM", "end_date", pl.col("end_date") < pl.col("start_date"), message)


def _unknown_parents(accounts: pl.DataFrame) -> pl.DataFrame:
    return _matching("accounts", accounts, _unknown("parent_id", accounts["account_id"], "UNKNOWN_ACCOUNT"))


def _parent_cycles(accounts: pl.DataFrame) -> pl.DataFrame:
    edges = accounts.filter(pl.col("parent_id").is_not_null()).select(child="account_id", parent="parent_id")
    text = {name: _ring(circle) for circle in _circles(edges) for name in circle}
    circle = pl.col("account_id").replace_strict(text, default=None, return_dtype=pl.String)
    message = said("the parents run in a circle: {}. One of them has no parent.", circle)
    return _matching("accounts", accounts, Rule("PARENT_CYCLE", "parent_id", circle.is_not_null(), message))


def _ring(circle: tuple[str, ...]) -> str:
    shown = circle if len(circle) <= 6 else (*circle[:5], f"({len(circle) - 5:,} more)")
    return " -> ".join((*shown, circle[0]))


def _circles(edges: pl.DataFrame) -> list[tuple[str, ...]]:
    """Circles of `child`, `parent` that together touch every circle, each from its smallest name on."""
    circles: list[tuple[str, ...]] = []
    edges = _peeled(edges)
    while edges.height:
        up = edges.sort("child", "parent", descending=[False, True])
        found = _walks(dict(zip(up["child"].to_list(), up["parent"].to_list(), strict=True)))
        circles += found
        steps = [(name, circle[(i + 1) % len(circle)]) for circle in found for i, name in enumerate(circle)]
        done = pl.DataFrame(steps, schema={"child": pl.String, "parent": pl.String}, orient="row")
        edges = _peeled(edges.join(done, on=["child", "parent"], how="anti"))
    return sorted(circles)


def _peeled(edges: pl.DataFrame) -> pl.DataFrame:
    """What is left when all that ends somewhere is taken off again and again: circles, and what hangs on them."""
    while edges.height:
        inner = edges.join(edges.select(parent="child").unique(), on="parent", how="semi")
        if inner.height == edges.height:
            break
        edges = inner
    return edges


def _walks(up: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The circles of a map in which every name leads on to another."""
    circles: list[tuple[str, ...]] = []
    seen: dict[str, str] = {}
    for start in up:
        path: list[str] = []
        name = start
        while name not in seen:
            seen[name] = start
            path.append(name)
            name = up[name]
        if seen[name] == start:
            circle = path[path.index(name) :]
            turn = circle.index(min(circle))
            circles.append((*circle[turn:], *circle[:turn]))
    return circles


def _manager_cycles(assignments: pl.DataFrame) -> pl.DataFrame:
    """On any day: the manager line, with the cover in place of a manager whose assignments have ended (C4)."""
    lines = _manager_lines(assignments)
    inside = _peeled(lines.select("child", "parent"))
    dates = lines.join(inside, on=["child", "parent"], how="semi")["from"].unique().sort().to_list()
    found = [_refused("assignments", [])]
    for day in dates:
        today = lines.filter((pl.col("from") <= day) & (pl.col("until").is_null() | (pl.col("until") > day)))
        for circle in _circles(today.select("child", "parent")):
            steps = {(name, circle[(i + 1) % len(circle)]) for i, name in enumerate(circle)}
            for row in today.filter(pl.col("child").is_in(list(circle))).iter_rows(named=True):
                if (row["child"], row["parent"]) in steps:
                    message = f"on {day} the managers run in a circle: {_ring(circle)}. One of them has no manager."
                    found.append(
                        _refused("assignments", [(row[ROW], row["key"], "manager_id", "MANAGER_CYCLE", message)])
                    )
    return pl.concat(found).unique(["row", "field", "code"], keep="first", maintain_order=True)


def _manager_lines(assignments: pl.DataFrame) -> pl.DataFrame:
    """Who reports to whom from when until when; a cover steps in on the day that the last assignment ends."""
    keyed = assignments.with_columns(key=_key("assignments"))
    reports = keyed.filter(pl.col("manager_id").is_not_null())
    ended = keyed.sort("start_date", ROW).group_by("participant_id", maintain_order=True).last()
    covers = ended.filter(pl.col("end_date").is_not_null() & pl.col("cover_id").is_not_null())
    until = pl.lit(None, dtype=pl.Date)
    return pl.concat(
        [
            reports.select(
                ROW, "key", child="participant_id", parent="manager_id", **{"from": "start_date"}, until="end_date"
            ),
            covers.select(ROW, "key", child="participant_id", parent="cover_id", **{"from": "end_date"}, until=until),
        ]
    )


def _overlapping_assignments(assignments: pl.DataFrame) -> pl.DataFrame:
    ordered = assignments.sort("participant_id", "plan", "start_date", ROW)
    group = ["participant_id", "plan"]
    last_end = pl.col("end_date").fill_null(date.max).cum_max().shift(1).over(group)
    next_start = pl.col("start_date").shift(-1).over(group)
    overlaps = (pl.col("start_date") < last_end) | (next_start < pl.col("end_date").fill_null(date.max))
    message = _say(
        "participant `{}` has two assignments to plan `{}` on one day. End the first on the day the next one starts.",
        *group,
    )
    return _matching("assignments", ordered, Rule("ASSIGNMENTS_OVERLAP", "start_date", overlaps, message))


# --- what a plan asks of its assignments

TERMS = {
    "plan": pl.String,
    "component": pl.String,
    "effective": pl.Date,
    "until": pl.Date,  # the next revision's date
    "first": pl.Boolean,  # the component's first revision: nothing to carry on its date
    "needs_quota": pl.Boolean,
    "uses_base": pl.Boolean,
    "zero_quota": pl.String,
    "carries": pl.Boolean,
    "per": pl.String,
    "year_starts": pl.Int32,
}


def _terms(plans: Sequence[Plan]) -> pl.DataFrame:
    rows: list[tuple[object, ...]] = []
    by_plan: dict[str, list[Plan]] = {}
    for plan in sorted(plans, key=lambda plan: (plan.plan, plan.effective)):
        by_plan.setdefault(plan.plan, []).append(plan)
    for name, revisions in by_plan.items():
        for i, plan in enumerate(revisions):
            until = revisions[i + 1].effective if i + 1 < len(revisions) else None
            before = revisions[i - 1].components if i else {}
            for component, terms in plan.components.items():
                what = _component_terms(terms)
                rows.append(
                    (name, component, plan.effective, until, component not in before, *what, plan.fiscal_year_starts)
                )
    return pl.DataFrame(rows, schema=TERMS, orient="row")


def _component_terms(component: Component) -> tuple[bool, bool, str | None, bool, str]:
    return (
        component.quota is not None,
        _uses_base(component.pays),
        component.zero_quota,
        component.carry is not None,
        component.per,
    )


def _uses_base(value: object) -> bool:
    """Whether any rate in here is a share of `base`, whatever the rule kind calls it."""
    if getattr(value, "of_base", False):
        return True
    if isinstance(value, BaseModel):
        return any(_uses_base(getattr(value, name)) for name in type(value).model_fields)
    if isinstance(value, Mapping):
        return any(_uses_base(item) for item in value.values())
    return isinstance(value, tuple | list) and any(_uses_base(item) for item in value)


def _quotas_elsewhere(quotas: pl.DataFrame, assigned: pl.DataFrame, plans: Sequence[Plan]) -> pl.DataFrame:
    on = ["participant_id", "plan", "start_date"]
    lost = quotas.join(assigned.unique(), on=on, how="anti")
    message = _say(
        "no assignment of `{}` to plan `{}` starts on {}. A quota has the start_date of its assignment.", *on
    )
    components = sorted({(plan.plan, component) for plan in plans for component in plan.components})
    known = pl.DataFrame(components, schema={"plan": pl.String, "component": pl.String}, orient="row")
    named = quotas.filter(pl.col("component").is_not_null()).join(known, on=["plan", "component"], how="anti")
    unknown = _say("plan `{}` has no component `{}`. Leave `component` empty for all of them.", "plan", "component")
    return pl.concat(
        [
            _matching("quotas", lost, Rule("QUOTA_WITHOUT_ASSIGNMENT", "start_date", pl.lit(value=True), message)),
            _matching("quotas", named, Rule("UNKNOWN_COMPONENT", "component", pl.lit(value=True), unknown)),
        ]
    )


def _quota_faults(assignments: pl.DataFrame, quotas: pl.DataFrame, terms: pl.DataFrame) -> pl.DataFrame:
    on = ["participant_id", "plan", "start_date"]
    bound = assignments.join(terms, on="plan").filter(
        (pl.col("end_date").is_null() | (pl.col("effective") < pl.col("end_date")))
        & (pl.col("until").is_null() | (pl.col("start_date") < pl.col("until")))
    )
    named = quotas.filter(pl.col("component").is_not_null()).select(*on, "component", named="amount_minor")
    whole = quotas.filter(pl.col("component").is_null()).select(*on, whole="amount_minor")
    bound = bound.join(named, on=[*on, "component"], how="left").join(whole, on=on, how="left")
    bound = bound.with_columns(quota=pl.coalesce("named", "whole"))
    return pl.concat([_matching("assignments", bound, rule) for rule in _quota_fault_rules()])


def _quota_fault_rules() -> list[Rule]:
    need, base, zero = pl.col("needs_quota"), pl.col("uses_base"), pl.col("quota") == 0
    no_target, way = pl.col("target_incentive_minor").is_null(), pl.col("zero_quota")
    target = "target_incentive_minor"
    missing = "component `{}` counts against a quota and `{}` has none. Add a quota that starts on {}."
    needs = "component `{}` pays by the target incentive and `{}` has none. Add target_incentive."
    said = "component `{}` has a quota of zero for `{}`, and the plan is silent on `zero_quota`. Give a quota."
    based = "component `{}` pays by `base`, target / quota, and `{}` has a quota of zero. Give a quota."
    who = ("component", "participant_id")
    return [
        Rule("QUOTA_MISSING", "quota", need & pl.col("quota").is_null(), _say(missing, *who, "start_date")),
        Rule("BASE_NEEDS_TARGET", target, no_target & (base | (zero & (way == "pay_target"))), _say(needs, *who)),
        Rule("ZERO_QUOTA", "quota", (need & zero & way.is_null()), _say(said, *who)),
        Rule("ZERO_QUOTA_BASE", "quota", (zero & base & (way == "pay_base")), _say(based, *who)),
    ]


def _carry_faults(assignments: pl.DataFrame, terms: pl.DataFrame) -> pl.DataFrame:
    """A second assignment or revision inside one measurement period, where the plan does not say `carry` (M2)."""
    silent = terms.filter(~pl.col("carries"))
    before_end = pl.col("end_date").shift(1).over(["participant_id", "plan"], order_by="start_date")
    seconds = (
        assignments.with_columns(_before=before_end)
        .join(silent, on="plan")
        .filter(
            (pl.col("effective") <= pl.col("start_date"))
            & (pl.col("until").is_null() | (pl.col("start_date") < pl.col("until")))
        )
    )
    changed = silent.filter(~pl.col("first") & (_period_start("effective") < pl.col("effective")))
    across = assignments.join(changed, on="plan").filter(
        (pl.col("start_date") < pl.col("effective"))
        & (pl.col("end_date").is_null() | (pl.col("end_date") > pl.col("effective")))
    )
    message = (
        "the {} changes on {{}}, inside a {{}} of component `{{}}`. "
        "Let the plan say `carry`, or change on a period's first day."
    )
    inside = _period_start("start_date") < pl.col("_before")
    second = _say(message.format("assignment"), "start_date", "per", "component")
    changes = _say(message.format("plan"), "effective", "per", "component")
    return pl.concat(
        [
            _matching("assignments", seconds, Rule("CARRY_MISSING", "start_date", inside, second)),
            _matching("assignments", across, Rule("CARRY_MISSING", "start_date", pl.lit(value=True), changes)),
        ]
    )


def _period_start(field: str) -> pl.Expr:
    """The first day of the measurement period (`per`, on a fiscal year that starts with month `year_starts`)."""
    month = (pl.col(field).dt.month().cast(pl.Int32) - pl.col("year_starts")) % 12
    back = pl.when(pl.col("per") == "year").then(month).when(pl.col("per") == "quarter").then(month % 3).otherwise(0)
    return pl.col(field).dt.month_start().dt.offset_by(said("-{}mo", back))


# --- deals and what hangs on them


def _check_deals(
    given: Frames, frames: Frames, found: list[pl.DataFrame], known: _Known, plans: Sequence[Plan]
) -> None:
    """One fault in a deal or its parts refuses all of it; what is looked at together is looked at before that."""
    deals, parts = frames["deals"], {kind: frames[kind] for kind in PARTS}
    named = _named(given["deals"], parts)
    having = deals.filter(pl.col(ROW).is_in(named[ROW].implode())) if named.height else deals.clear()
    faults = {"deals": _faults("deals", deals, _deal_rules(known)), **{kind: [] for kind in PARTS}}
    faults["deals"] += [
        _outside_every_plan(deals, parts["stages"], plans),
        _inline_and_lines(having, parts["deal_lines"]),
        _worthless("deals", deals, parts),
        _unwhole_splits(having, parts["splits"]),
    ]
    for kind, rules in _part_rules(known).items():
        faults[kind] += [*_faults(kind, parts[kind], rules), _orphans(kind, parts[kind], named)]
    faults["deal_lines"].append(_worthless("deal_lines", parts["deal_lines"], parts))
    faults["stages"] += [_lineless_stages(named, given["deal_lines"], parts["stages"]), *_stage_order(parts["stages"])]
    for kind, those in faults.items():
        _refuse(kind, frames, found, those)
    _drop_deals(given, frames, found)
    while replaced := _replaces_nothing(frames):
        for kind, lost in replaced.items():
            _refuse(kind, frames, found, [lost])
        _drop_deals(given, frames, found)


def _named(deals: pl.DataFrame, parts: Frames) -> pl.DataFrame:
    """The deals that parts name: few of many, so that nothing below joins all of them."""
    keys = pl.concat([frame.select(DEAL) for frame in parts.values()]).unique()
    return deals.select(ROW, *DEAL).join(keys, on=DEAL, how="semi") if keys.height else deals.select(ROW, *DEAL).clear()


def _drop_deals(given: Frames, frames: Frames, found: list[pl.DataFrame]) -> None:
    rows = pl.concat([_NOTHING, *found]).select("kind", pl.col("row").cast(pl.UInt32))
    faulty = [
        given[kind]
        .select(ROW, *DEAL)
        .join(rows.filter(pl.col("kind") == kind), left_on=ROW, right_on="row", how="semi")
        for kind in ("deals", *PARTS)
    ]
    named = pl.concat(faulty).select(DEAL).unique()
    for kind in ("deals", *PARTS) if named.height else ():
        frames[kind] = frames[kind].join(named, on=DEAL, how="anti", nulls_equal=True, maintain_order="left")


def _deal_rules(known: _Known) -> list[Rule]:
    revision = Rule(
        "REVISION_BELOW_ONE", "revision", pl.col("revision") < 1, _say("revision {} is below 1, the first.", "revision")
    )
    return [
        _unknown("account_id", known.accounts, "UNKNOWN_ACCOUNT"),
        _unknown("seller_id", known.participants, "UNKNOWN_PARTICIPANT"),
        *_currency_rules(known.currencies),
        revision,
        *_line_rules(),
    ]


def _currency_rules(paid: Sequence[str]) -> list[Rule]:
    code = pl.col("currency_code")
    known = code.is_in(list(EXPONENTS))
    unknown = _say("currency_code `{}` is no currency of ISO 4217. Write it as `EUR`.", "currency_code")
    unpaid = _say(f"no plan pays in {{}}, only in {', '.join(paid)}; there are no exchange rates yet.", "currency_code")
    return [
        Rule("UNKNOWN_CURRENCY", "currency_code", ~known, unknown),
        Rule("CURRENCY_OF_NO_PLAN", "currency_code", known & ~code.is_in(list(paid)), unpaid),
    ]


def _line_rules() -> list[Rule]:
    sold = pl.col("type").is_null() | ~pl.col("type").is_in(list(LOSSES))
    below = "{} is below zero. Only lines of type downsell and churn may be; a correction is a new revision."
    amounts = ("annual_value_minor", "one_time_value_minor", "quantity")
    discount = (pl.col("discount_ppm") < 0) | (pl.col("discount_ppm") > 1_000_000)
    empty = (pl.col("end_date") == pl.col("start_date")) & (pl.col("annual_value_minor") != 0)
    return [
        _one_of("type", get_args(DealType), "UNKNOWN_TYPE"),
        _negative_term(),
        _empty_term(empty),
        *(Rule("NEGATIVE_AMOUNT", name, sold & (pl.col(name) < 0), _say(f"{name} {below}", name)) for name in amounts),
        Rule(
            "NEGATIVE_AMOUNT",
            "cost_minor",
            pl.col("cost_minor") < 0,
            _say("cost_minor {} is below zero.", "cost_minor"),
        ),
        Rule(
            "SHARE_OUT_OF_RANGE",
            "discount_ppm",
            discount,
            _say("the discount of {} parts per million is not between 0% and 100%.", "discount_ppm"),
        ),
    ]


def _empty_term(empty: pl.Expr) -> Rule:
    message = _say(
        "the term ends on the day it starts, {}. The end is the first day that no longer counts.", "end_date"
    )
    return Rule("EMPTY_TERM", "end_date", empty, message)


def _part_rules(known: _Known) -> dict[str, list[Rule]]:
    participant = _unknown("participant_id", known.participants, "UNKNOWN_PARTICIPANT")
    return {
        "deal_lines": [_number("line"), *_line_rules()],
        "stages": _stage_rules(),
        "splits": [participant],
        "deal_roles": [participant],
    }


def _number(field: str) -> Rule:
    return Rule(
        "NUMBER_BELOW_ONE",
        field,
        pl.col(field) < 1,
        _say(f"{field} {{}} is below 1; {field}s are numbered from 1.", field),
    )


def _stage_rules() -> list[Rule]:
    committed, exercised = pl.col("committed"), pl.col("exercised_time").is_not_null()
    level = "annual_value_minor"
    both = pl.lit("a committed stage is not exercised. It is either committed, or an option with `exercised_time`.")
    undated = [
        Rule("REQUIRED", name, committed & pl.col(name).is_null(), pl.lit(f"a committed stage needs its {name}."))
        for name in ("start_date", "end_date")
    ]
    return [
        _number("line"),
        _number("stage"),
        *undated,
        _negative_term(),
        _empty_term(pl.col("end_date") == pl.col("start_date")),
        Rule("NEGATIVE_AMOUNT", level, pl.col(level) < 0, _say("the level {} is below zero.", level)),
        Rule("COMMITTED_AND_EXERCISED", "exercised_time", committed & exercised, both),
    ]


def _stage_order(stages: pl.DataFrame) -> list[pl.DataFrame]:
    """Committed stages of a line follow each other; a gap between two (a pause) is allowed, an overlap is not."""
    committed = stages.filter("committed").sort(*LINE_KEY, "start_date", "stage")
    same_line = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in LINE_KEY)
    steps = committed.with_columns(
        _end=pl.when(same_line).then(pl.col("end_date").shift(1)),
        _before=pl.when(same_line).then(pl.col("stage").shift(1)),
    )
    overlap = _say(
        "starts on {}, before stage {} ends on {}. One stage ends on the day the next one starts.",
        "start_date",
        "_before",
        "_end",
    )
    order = _say("starts after stage {}. Number the stages in the order of their dates.", "_before")
    return [
        _matching(
            "stages", steps, Rule("STAGES_OVERLAP", "start_date", pl.col("start_date") < pl.col("_end"), overlap)
        ),
        _matching("stages", steps, Rule("STAGES_OUT_OF_ORDER", "stage", pl.col("stage") < pl.col("_before"), order)),
    ]


def _orphans(kind: str, parts: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    if parts.is_empty():
        return _NOTHING
    code = {"deal_lines": "LINE", "stages": "STAGE", "splits": "SPLIT", "deal_roles": "ROLE"}[kind] + "_WITHOUT_DEAL"
    lost = parts.join(deals, on=DEAL, how="anti", maintain_order="left")
    message = _say("there is no deal `{}` of source `{}` in this load.", "external_id", "source")
    return _matching(kind, lost, Rule(code, "external_id", pl.lit(value=True), message))


def _lineless_stages(deals: pl.DataFrame, lines: pl.DataFrame, stages: pl.DataFrame) -> pl.DataFrame:
    """A stage of a deal that has no such line; a deal without lines has line 1 alone."""
    if stages.is_empty():
        return _NOTHING
    lines = lines.select(LINE_KEY)
    alone = deals.join(lines, on=DEAL, how="anti").select(*DEAL, line=pl.lit(1, dtype=pl.Int64))
    of_deals = stages.join(deals, on=DEAL, how="semi", maintain_order="left")
    lost = of_deals.join(pl.concat([lines, alone]), on=LINE_KEY, how="anti", maintain_order="left")
    return _matching(
        "stages", lost, Rule("STAGE_WITHOUT_LINE", "line", pl.lit(value=True), _say("the deal has no line {}.", "line"))
    )


def _inline_and_lines(deals: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    if lines.is_empty():
        return _NOTHING
    inline = deals.filter(pl.any_horizontal(pl.col(*LINE).is_not_null()))
    both = inline.join(lines, on=DEAL, how="semi", maintain_order="left")
    names = pl.concat_str(
        [pl.when(pl.col(name).is_not_null()).then(pl.lit(name)) for name in LINE], separator=", ", ignore_nulls=True
    )
    message = said("the deal has lines of its own and says {} as well. Say what is sold in one place.", names)
    return _matching("deals", both, Rule("BOTH_INLINE_AND_LINES", "lines", pl.lit(value=True), message))


def _worthless(kind: str, lines: pl.DataFrame, parts: Frames) -> pl.DataFrame:
    """A line that adds something says what it is worth, be it 0; else a forgotten column would silently pay nothing."""
    sold = pl.col("type").is_null() | ~pl.col("type").is_in(list(LOSSES))
    unsaid = lines.filter(sold & pl.col("annual_value_minor").is_null() & pl.col("one_time_value_minor").is_null())
    if kind == "deals":
        unsaid = unsaid.join(parts["deal_lines"], on=DEAL, how="anti", maintain_order="left")
    unsaid = unsaid.join(parts["stages"], on=DEAL if kind == "deals" else LINE_KEY, how="anti", maintain_order="left")
    message = pl.lit("has neither annual_value nor one_time_value, nor stages. Write 0 where it is worth nothing.")
    return _matching(kind, unsaid, Rule("VALUE_MISSING", "annual_value_minor", pl.lit(value=True), message))


def _outside_every_plan(deals: pl.DataFrame, stages: pl.DataFrame, plans: Sequence[Plan]) -> pl.DataFrame:
    """An accepted deal before every plan, on the plan's own counting date (D1). Of a pending one nothing is known."""
    if not plans:
        return _NOTHING
    accepted = pl.col("accepted_time").dt.date()
    first = {
        basis: min((plan.effective for plan in plans if plan.counts_on == basis), default=date.max)
        for basis in ("accepted", "closed")
    }
    outside = (accepted < first["accepted"]) & (pl.max_horizontal("closed_date", accepted) < first["closed"])
    early = deals.filter(outside)
    later = stages.filter(pl.col("exercised_time").dt.date() >= min(first.values()))
    early = early.join(later, on=DEAL, how="anti", maintain_order="left")
    message = _say(
        f"closed on {{}} and accepted {{}}, before the first plan takes effect on {min(first.values())}.",
        "closed_date",
        "accepted_time",
    )
    return _matching("deals", early, Rule("DATE_OUTSIDE_EVERY_PLAN", "closed_date", pl.lit(value=True), message))


def _unwhole_splits(deals: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """Shares of a deal sum to 1, exactly: in parts of one common denominator where that fits, else as fractions."""
    fit = splits.filter((pl.col("share_den") > 0) & pl.col("share_num").is_not_null())
    unit = lcm(*fit["share_den"].unique().to_list())
    if unit < 2**62:
        parts = pl.col("share_num").cast(pl.Int128) * (pl.lit(unit, dtype=pl.Int64) // pl.col("share_den"))
        fit = fit.filter((parts.sum() != unit).over(DEAL))
    sums: dict[tuple[str, str], Fraction] = {}
    for source, deal, num, den in fit.select(*DEAL, "share_num", "share_den").iter_rows():
        sums[source, deal] = sums.get((source, deal), Fraction(0)) + Fraction(num, den)
    rows = [(*deal, _percent(total)) for deal, total in sums.items() if total != 1]
    wrong = pl.DataFrame(rows, schema={"source": pl.String, "external_id": pl.String, "_sum": pl.String}, orient="row")
    message = _say("the splits sum to {}, not to 100%.", "_sum")
    told = deals.join(wrong, on=DEAL, maintain_order="left")
    return _matching("deals", told, Rule("SPLIT_NOT_WHOLE", "splits", pl.lit(value=True), message))


def _percent(share: Fraction) -> str:
    """`99%`, `33.5%`; a share that is no decimal stays a fraction, `2/3`."""
    percent = share * 100
    if 10**9 % percent.denominator:
        return str(share)
    whole, rest = divmod(percent, 1)
    return f"{whole}.{int(rest * 10**9):09}".rstrip("0").rstrip(".") + "%"


def _replaces_nothing(frames: Frames) -> Frames:
    """A line that replaces another is worth the difference (L2), so the other has to be there. Only kinds at fault."""
    lines = frames["deal_lines"].select(
        "source", name=pl.concat_str("external_id", pl.col("line").cast(pl.String), separator="/")
    )
    message = _say("replaces `{}`, no line of this source that was taken. Write it as `external_id/line`.", "name")
    rule = Rule("UNKNOWN_REPLACED", "replaces", pl.lit(value=True), message)
    found: Frames = {}
    for kind in ("deals", "deal_lines"):
        replacing = frames[kind].filter(pl.col("replaces").list.len() > 0).explode("replaces")
        if replacing.height:
            alone = frames["deals"].join(frames["deal_lines"], on=DEAL, how="anti")
            names = pl.concat([lines, alone.select("source", name=pl.concat_str("external_id", pl.lit("/1")))])
            on = ["source", "name"]
            lost = replacing.rename({"replaces": "name"}).join(names, on=on, how="anti", maintain_order="left")
            found |= (
                {kind: _matching(kind, lost.unique(ROW, keep="first", maintain_order=True), rule)}
                if lost.height
                else {}
            )
    return found


def _opportunity_rules(known: _Known) -> list[Rule]:
    amount = "amount_minor"
    missing = pl.col("currency_code").is_null() & pl.col(amount).is_not_null()
    code = pl.col("currency_code")
    return [
        _unknown("account_id", known.accounts, "UNKNOWN_ACCOUNT"),
        _unknown("seller_id", known.participants, "UNKNOWN_PARTICIPANT"),
        _one_of("stage", PIPELINE_STAGES, "UNKNOWN_STAGE"),
        Rule("REQUIRED", "currency_code", missing, pl.lit("an amount needs its currency_code.")),
        Rule(
            "UNKNOWN_CURRENCY",
            "currency_code",
            ~code.is_in(list(EXPONENTS)),
            _say("currency_code `{}` is no currency of ISO 4217.", "currency_code"),
        ),
        Rule("NEGATIVE_AMOUNT", amount, pl.col(amount) < 0, _say("amount {} is below zero.", amount)),
    ]


# --- from a rule to what is said


def _faults(kind: str, frame: pl.DataFrame, rules: Sequence[Rule]) -> list[pl.DataFrame]:
    """All rules are asked at once whether anything is wrong at all; only then rows are looked for."""
    if frame.is_empty() or not rules:
        return []
    asked = frame.lazy().select(rule.bad.any().alias(str(i)) for i, rule in enumerate(rules)).collect().row(0)
    return [_matching(kind, frame, rule) for rule, wrong in zip(rules, asked, strict=True) if wrong]


def _matching(kind: str, frame: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    if frame.is_empty():
        return _NOTHING
    return frame.filter(rule.bad).select(
        kind=pl.lit(kind),
        row=pl.col(ROW).cast(pl.Int64),
        key=_key(kind),
        field=pl.lit(rule.field),
        code=pl.lit(rule.code),
        message=rule.message,
    )


def _refused(kind: str, rows: Sequence[tuple[int, str, str, str, str]]) -> pl.DataFrame:
    """Findings that were made one by one: row, key, field, code, message."""
    return pl.DataFrame([(kind, *row) for row in rows], schema=FOUND, orient="row")


def _key(kind: str) -> pl.Expr:
    return pl.concat_str([pl.col(name).cast(pl.String).fill_null("?") for name in KEYS[kind]], separator="/")


def _say(template: str, *columns: str) -> pl.Expr:
    return said(template, *(pl.col(name) for name in columns))


def said(template: str, *values: pl.Expr) -> pl.Expr:
    """`{}` by the values in turn, where a null would make the whole sentence null. pl.format would do it, but panics on
    a frame whose first chunk a filter has emptied (Polars 2.1)."""
    pieces = template.split("{}")
    assert len(pieces) == len(values) + 1, template
    texts = [value.cast(pl.String).fill_null("(none)") for value in values]
    parts = [part for pair in zip(map(pl.lit, pieces), [*texts, pl.lit("")], strict=True) for part in pair]
    return pl.concat_str(parts) if values else pl.lit(template)


def _refusals(found: Iterable[pl.DataFrame]) -> tuple[Refusal, ...]:
    rows = pl.concat([_NOTHING, *found]).unique(maintain_order=True)
    order = {kind: place for place, kind in enumerate(SCHEMAS)}
    told = (Refusal(*row) for row in rows.iter_rows())
    return tuple(sorted(told, key=lambda r: (order[r.kind], r.row, r.field, r.code, r.message)))


_NOTHING = pl.DataFrame(schema=FOUND)
