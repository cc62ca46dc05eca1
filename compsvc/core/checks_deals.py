"""Whether deals can be calculated, with the lines, stages, splits and roles that hang on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, get_args

import polars as pl

from compsvc.core.checks_changes import change_faults
from compsvc.core.checks_rules import (
    NOTHING,
    PARTS,
    ROW,
    Frames,
    Known,
    Rule,
    Said,
    faults_of,
    matching,
    negative_term,
    one_of,
    refuse,
    say,
    unknown_id,
)
from compsvc.core.checks_shares import share_zero, unwhole_shares
from compsvc.core.currencies import EXPONENTS
from compsvc.core.facts import DEAL, LINE
from compsvc.core.plan import OPENED
from compsvc.core.plan_credits import DealType

if TYPE_CHECKING:
    from compsvc.core.plan import Plan

LINE_KEY = [*DEAL, "line"]
LOSSES = ("downsell", "churn")


def check_deals(given: Frames, frames: Frames, found: list[pl.DataFrame], known: Known, plans: Sequence[Plan]) -> None:
    """One fault in a deal or its parts refuses all of it; what is looked at together is looked at before that."""
    if not any(given[kind].height for kind in ("deals", *PARTS)):
        return
    deals, parts = frames["deals"], {kind: frames[kind] for kind in PARTS}
    named = _named(given["deals"], parts)
    having = deals.filter(pl.col(ROW).is_in(named[ROW].implode())) if named.height else deals.clear()
    faults = {"deals": faults_of("deals", deals, _deal_rules(known)), **{kind: [] for kind in PARTS}}
    faults["deals"] += [
        _outside_every_plan(deals, parts["stages"], plans),
        _inline_and_lines(having, parts["deal_lines"]),
        _worthless("deals", deals, parts),
        *unwhole_shares(having, parts, given, found),
        *change_faults(deals, parts, frames["deal_revisions"]),
    ]
    for kind, rules in _part_rules(known).items() if named.height or any(map(len, parts.values())) else ():
        faults[kind] += [*faults_of(kind, parts[kind], rules), _orphans(kind, parts[kind], named)]
    faults["deal_lines"].append(_worthless("deal_lines", parts["deal_lines"], parts))
    faults["stages"] += [_lineless_stages(named, given["deal_lines"], parts["stages"]), *_stage_order(parts["stages"])]
    faults["stages"].append(_exercised_early(having, parts["stages"]))
    for kind, line in (("deals", pl.lit("1")), ("deal_lines", pl.col("line").cast(pl.String))):
        faults[kind] += _replaces_badly(kind, frames[kind], line)
    for kind, those in faults.items():
        refuse(kind, frames, found, those)
    _drop_deals(given, frames, found)
    while replaced := _replaces_nothing(frames):
        for kind, lost in replaced.items():
            refuse(kind, frames, found, [lost])
        _drop_deals(given, frames, found)


def _named(deals: pl.DataFrame, parts: Frames) -> pl.DataFrame:
    """The deals that parts name: few of many, so that nothing below joins all of them."""
    keys = [frame.select(DEAL) for frame in parts.values() if frame.height]
    names = deals.select(ROW, *DEAL)
    return names.join(pl.concat(keys).unique(), on=DEAL, how="semi") if keys else names.clear()


def _drop_deals(given: Frames, frames: Frames, found: list[pl.DataFrame]) -> None:
    if not found:
        return
    rows = pl.concat([NOTHING, *found]).select("kind", pl.col("row").cast(pl.UInt32))
    faulty = [
        given[kind]
        .select(ROW, *DEAL)
        .join(rows.filter(pl.col("kind") == kind), left_on=ROW, right_on="row", how="semi")
        for kind in ("deals", *PARTS)
    ]
    named = pl.concat(faulty).select(DEAL).unique()
    for kind in ("deals", *PARTS) if named.height else ():
        frames[kind] = frames[kind].join(named, on=DEAL, how="anti", nulls_equal=True, maintain_order="left")


def _deal_rules(known: Known) -> list[Rule]:
    revision = Rule(
        "REVISION_BELOW_ONE", "revision", pl.col("revision") < 1, say("revision {} is below 1, the first.", "revision")
    )
    return [
        unknown_id("account_id", known.accounts, "UNKNOWN_ACCOUNT"),
        unknown_id("seller_id", known.participants, "UNKNOWN_PARTICIPANT"),
        *_currency_rules(known),
        revision,
        *_line_rules(),
    ]


def _currency_rules(plans: Known) -> list[Rule]:
    """A deal in a currency that no plan pays in or converts would count for nothing anywhere."""
    paid = plans.currencies
    code = pl.col("currency_code")
    known = code.is_in(list(EXPONENTS))
    unknown = say("currency_code `{}` is no currency of ISO 4217. Write it as `EUR`.", "currency_code")
    instead = f"only in {', '.join(paid)}, and none names a table of rates (`fx`)"
    unpaid = say(f"no plan pays in {{}}, {instead}.", "currency_code")
    rules = [Rule("UNKNOWN_CURRENCY", "currency_code", ~known, unknown)]
    if not plans.exchanged:
        rules.append(Rule("CURRENCY_OF_NO_PLAN", "currency_code", known & ~code.is_in(list(paid)), unpaid))
    return rules


def _line_rules() -> list[Rule]:
    sold = pl.col("type").is_null() | ~pl.col("type").is_in(list(LOSSES))
    below = "{} is below zero. Only lines of type downsell and churn may be; a correction is a new revision."
    amounts = ("annual_value_minor", "one_time_value_minor", "quantity")
    discount = (pl.col("discount_ppm") < 0) | (pl.col("discount_ppm") > 1_000_000)
    empty = (pl.col("end_date") == pl.col("start_date")) & (pl.col("annual_value_minor") != 0)
    return [
        one_of("type", get_args(DealType), "UNKNOWN_TYPE"),
        negative_term(),
        _empty_term(empty),
        *(Rule("NEGATIVE_AMOUNT", name, sold & (pl.col(name) < 0), say(f"{name} {below}", name)) for name in amounts),
        Rule(
            "NEGATIVE_AMOUNT",
            "cost_minor",
            pl.col("cost_minor") < 0,
            say("cost_minor {} is below zero.", "cost_minor"),
        ),
        Rule(
            "SHARE_OUT_OF_RANGE",
            "discount_ppm",
            discount,
            say("the discount of {} parts per million is not between 0% and 100%.", "discount_ppm"),
        ),
    ]


def _empty_term(empty: pl.Expr) -> Rule:
    message = say("the term ends on the day it starts, {}. The end is the first day that no longer counts.", "end_date")
    return Rule("EMPTY_TERM", "end_date", empty, message)


def _part_rules(known: Known) -> dict[str, list[Rule]]:
    participant = unknown_id("participant_id", known.participants, "UNKNOWN_PARTICIPANT")
    return {
        "deal_lines": [_number("line"), *_line_rules()],
        "stages": _stage_rules(),
        "splits": [participant, share_zero()],
        "deal_roles": [participant, share_zero()],
    }


def _number(field: str) -> Rule:
    return Rule(
        "NUMBER_BELOW_ONE",
        field,
        pl.col(field) < 1,
        say(f"{field} {{}} is below 1; {field}s are numbered from 1.", field),
    )


def _stage_rules() -> list[Rule]:
    committed, exercised = pl.col("committed"), pl.col("exercised_time").is_not_null()
    level = "annual_value_minor"
    both = say("a committed stage is not exercised. It is either committed, or an option with `exercised_time`.")
    undated = [
        Rule("REQUIRED", name, committed & pl.col(name).is_null(), say(f"a committed stage needs its {name}."))
        for name in ("start_date", "end_date")
    ]
    return [
        _number("line"),
        _number("stage"),
        *undated,
        negative_term(),
        _empty_term(pl.col("end_date") == pl.col("start_date")),
        Rule("NEGATIVE_AMOUNT", level, pl.col(level) < 0, say("the level {} is below zero.", level)),
        Rule("COMMITTED_AND_EXERCISED", "exercised_time", committed & exercised, both),
    ]


def _stage_order(stages: pl.DataFrame) -> list[pl.DataFrame]:
    """Committed stages of a line follow each other; a gap between two (a pause) is allowed, an overlap is not."""
    if stages.is_empty():
        return []
    committed = stages.filter("committed").sort(*LINE_KEY, "start_date", "stage")
    same_line = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in LINE_KEY)
    steps = committed.with_columns(
        _end=pl.when(same_line).then(pl.col("end_date").shift(1)),
        _before=pl.when(same_line).then(pl.col("stage").shift(1)),
    )
    overlap = say(
        "starts on {}, before stage {} ends on {}. One stage ends on the day the next one starts.",
        "start_date",
        "_before",
        "_end",
    )
    order = say("starts after stage {}. Number the stages in the order of their dates.", "_before")
    return [
        matching("stages", steps, Rule("STAGES_OVERLAP", "start_date", pl.col("start_date") < pl.col("_end"), overlap)),
        matching("stages", steps, Rule("STAGES_OUT_OF_ORDER", "stage", pl.col("stage") < pl.col("_before"), order)),
    ]


def _exercised_early(deals: pl.DataFrame, stages: pl.DataFrame) -> pl.DataFrame:
    """An option is taken after its deal is; else it would count in a period in which nobody had sold it."""
    if stages.is_empty():
        return NOTHING
    exercised = stages.filter(~pl.col("committed") & pl.col("exercised_time").is_not_null())
    if exercised.is_empty():
        return NOTHING
    when = exercised.join(deals.select(*DEAL, "closed_date", "accepted_time"), on=DEAL, maintain_order="left")
    time, closed, accepted = pl.col("exercised_time"), pl.col("closed_date"), pl.col("accepted_time")
    early = (time < accepted).fill_null(value=False) | (time.dt.date() < closed)
    message = say(
        "exercised {}, before the deal was closed on {} and accepted {}. An option is exercised after both.",
        *("exercised_time", "closed_date", "accepted_time"),
    )
    return matching("stages", when, Rule("EXERCISED_BEFORE_ACCEPTANCE", "exercised_time", early, message))


_WITHOUT_DEAL = {
    "deal_lines": "LINE_WITHOUT_DEAL",
    "stages": "STAGE_WITHOUT_DEAL",
    "splits": "SPLIT_WITHOUT_DEAL",
    "deal_roles": "ROLE_WITHOUT_DEAL",
}


def _orphans(kind: str, parts: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    if parts.is_empty():
        return NOTHING
    code = _WITHOUT_DEAL[kind]
    lost = parts.join(deals, on=DEAL, how="anti", maintain_order="left")
    message = say("there is no deal `{}` of source `{}` in this load.", "external_id", "source")
    return matching(kind, lost, Rule(code, "external_id", pl.lit(value=True), message))


def _lineless_stages(deals: pl.DataFrame, lines: pl.DataFrame, stages: pl.DataFrame) -> pl.DataFrame:
    """A stage of a deal that has no such line; a deal without lines has line 1 alone."""
    if stages.is_empty():
        return NOTHING
    lines = lines.select(LINE_KEY)
    alone = deals.join(lines, on=DEAL, how="anti").select(*DEAL, line=pl.lit(1, dtype=pl.Int64))
    of_deals = stages.join(deals, on=DEAL, how="semi", maintain_order="left")
    lost = of_deals.join(pl.concat([lines, alone]), on=LINE_KEY, how="anti", maintain_order="left")
    return matching(
        "stages", lost, Rule("STAGE_WITHOUT_LINE", "line", pl.lit(value=True), say("the deal has no line {}.", "line"))
    )


def _inline_and_lines(deals: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    if lines.is_empty():
        return NOTHING
    inline = deals.filter(pl.any_horizontal(pl.col(*LINE).is_not_null()))
    both = inline.join(lines, on=DEAL, how="semi", maintain_order="left")
    names = pl.concat_str(
        [pl.when(pl.col(name).is_not_null()).then(pl.lit(name)) for name in LINE], separator=", ", ignore_nulls=True
    )
    message = Said("the deal has lines of its own and says {} as well. Say what is sold in one place.", (names,))
    return matching("deals", both, Rule("BOTH_INLINE_AND_LINES", "lines", pl.lit(value=True), message))


def _worthless(kind: str, lines: pl.DataFrame, parts: Frames) -> pl.DataFrame:
    """A line that adds something says what it is worth, be it 0; else a forgotten column would silently pay nothing."""
    if lines.is_empty():
        return NOTHING
    sold = pl.col("type").is_null() | ~pl.col("type").is_in(list(LOSSES))
    unsaid = lines.filter(sold & pl.col("annual_value_minor").is_null() & pl.col("one_time_value_minor").is_null())
    if unsaid.is_empty():
        return NOTHING
    if kind == "deals":
        unsaid = unsaid.join(parts["deal_lines"], on=DEAL, how="anti", maintain_order="left")
    unsaid = unsaid.join(parts["stages"], on=DEAL if kind == "deals" else LINE_KEY, how="anti", maintain_order="left")
    message = say("has neither annual_value nor one_time_value, nor stages. Write 0 where it is worth nothing.")
    return matching(kind, unsaid, Rule("VALUE_MISSING", "annual_value_minor", pl.lit(value=True), message))


def _outside_every_plan(deals: pl.DataFrame, stages: pl.DataFrame, plans: Sequence[Plan]) -> pl.DataFrame:
    """An accepted deal before every plan, on the plan's own counting date (D1). Of a pending one nothing is known."""
    if not plans or deals.is_empty():
        return NOTHING
    accepted = pl.col("accepted_time").dt.date()
    first = {
        basis: min((plan.effective for plan in plans if plan.counts_on == basis), default=date.max)
        for basis in ("accepted", "closed")
    }
    if any(item.counts in OPENED for plan in plans for item in plan.components.values()):
        return NOTHING  # what is in force on a first day was sold before it (M6)
    outside = (accepted < first["accepted"]) & (pl.max_horizontal("closed_date", accepted) < first["closed"])
    early = deals.filter(outside)
    if early.is_empty():
        return NOTHING
    later = stages.filter(pl.col("exercised_time").dt.date() >= min(first.values()))
    early = early.join(later, on=DEAL, how="anti", maintain_order="left")
    message = say(
        f"closed on {{}} and accepted {{}}, before the first plan takes effect on {min(first.values())}.",
        "closed_date",
        "accepted_time",
    )
    return matching("deals", early, Rule("DATE_OUTSIDE_EVERY_PLAN", "closed_date", pl.lit(value=True), message))


def _replacing(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines that take the place of others, mostly none."""
    if lines["replaces"].null_count() == lines.height:
        return lines.clear()
    return lines.filter(pl.col("replaces").list.len() > 0)


def _replaces_badly(kind: str, lines: pl.DataFrame, line: pl.Expr) -> list[pl.DataFrame]:
    """What a line replaces is taken off its worth once (L2): not twice, and not the line's own."""
    replacing = _replacing(lines)
    if replacing.is_empty():
        return []
    replacing = replacing.with_columns(_own=pl.concat_str("external_id", line, separator="/"))
    named = replacing.explode("replaces")
    itself = say("replaces `{}`, the line itself. Name the line that it takes the place of, or none.", "_own")
    own = Rule("REPLACES_ITSELF", "replaces", pl.col("replaces") == pl.col("_own"), itself)
    again = named.filter(pl.struct(ROW, "replaces").is_duplicated())
    twice = say("names `{}` twice in `replaces`. Name it once; its worth is taken off once.", "replaces")
    return [
        matching(kind, named, own),
        matching(kind, again, Rule("REPLACES_TWICE", "replaces", pl.lit(value=True), twice)),
    ]


def _replaces_nothing(frames: Frames) -> Frames:
    """A line that replaces another is worth the difference (L2), so the other has to be there. Only kinds at fault."""
    message = say("replaces `{}`, no line of this source that was taken. Write it as `external_id/line`.", "name")
    rule = Rule("UNKNOWN_REPLACED", "replaces", pl.lit(value=True), message)
    found: Frames = {}
    for kind in (kind for kind in ("deals", "deal_lines") if frames[kind].height):
        replacing = _replacing(frames[kind])
        if replacing.height:
            replacing = replacing.explode("replaces")
            number = pl.col("line").cast(pl.String)
            lines = frames["deal_lines"].select("source", name=pl.concat_str("external_id", number, separator="/"))
            alone = frames["deals"].join(frames["deal_lines"], on=DEAL, how="anti")
            names = pl.concat([lines, alone.select("source", name=pl.concat_str("external_id", pl.lit("/1")))])
            on = ["source", "name"]
            lost = replacing.rename({"replaces": "name"}).join(names, on=on, how="anti", maintain_order="left")
            found |= (
                {kind: matching(kind, lost.unique(ROW, keep="first", maintain_order=True), rule)} if lost.height else {}
            )
    return found
