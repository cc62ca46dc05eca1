"""What a participant's lines say at one recorded time that they did not say at another, and the stored rows between.

A cause is a row that differs: of the line's own deal or account, or of the participant's terms. A line whose own rows
are the same was moved by those of its list: the position before it, or the tier, is another. Where these are the same
as well, it follows from what was recorded of others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from compsvc.core.currencies import EXPONENTS
from compsvc.core.facts import DEAL, Facts
from compsvc.core.money import format_minor
from compsvc.core.plan import Plan
from compsvc.core.results import Result
from compsvc.core.stated_credits import SOURCES
from compsvc.core.statement_values import LineKey, Money, Row, key_of, totals

Key = tuple[str | int | date | None, ...]
PARTS = ("deal_lines", "stages", "splits", "deal_roles")
OF_DEALS: Mapping[str, tuple[str, ...]] = {  # by kind the key of its rows
    "deals": (*DEAL,),
    "losses": (*DEAL, "loss_id"),
    "deal_payments": (*DEAL, "payment_id"),
    "activities": (*DEAL,),
}
OF_ACCOUNTS = {
    "accounts": ("account_id",),
    "account_attributes": ("account_id", "attribute", "start_date"),
    "ownerships": ("account_id", "start_date"),
}
OF_TERMS = {
    "assignments": ("participant_id", "plan", "start_date"),
    "leaves": ("participant_id", "start_date"),
    "exits": ("participant_id", "last_date"),
}
STATED = "stated_credits"  # each stands in the deal's place of its line
PART_KEYS = {
    "deal_lines": ("line",),
    "stages": ("line", "stage"),
    "deal_roles": ("role", "position"),
    "quotas": ("component",),
}


@dataclass(frozen=True, slots=True)
class Stand:
    """A calculation at a recorded time."""

    result: Result
    plans: Sequence[Plan]
    facts: Facts


@dataclass(frozen=True, slots=True)
class FieldChange:
    """`before` and `after` as text, empty where there is none."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Cause:
    """A stored row that differs. When and by whom it was recorded, the store knows."""

    kind: str  # of facts; or plans
    key: Key
    change: str  # new, changed, gone
    fields: tuple[FieldChange, ...]
    recorded_time: datetime | None = None
    author: str = ""


@dataclass(frozen=True, slots=True)
class LineDifference:
    """`before` is None for a new line, `after` for one that is gone."""

    key: LineKey
    account_id: str
    account_name: str
    before: Money | None
    after: Money | None
    difference: Money
    causes: tuple[Cause, ...]
    moved: bool  # by rows of other lines of its list, or of others: its own rows are the same


@dataclass(frozen=True, slots=True)
class Comparison:
    """The lines that differ, and the sums of all lines; before and difference make up after."""

    lines: tuple[LineDifference, ...]
    before: tuple[Money, ...]
    after: tuple[Money, ...]
    difference: tuple[Money, ...]


def compared(before: Stand, after: Stand, participant_id: str, periods: frozenset[str] | None) -> Comparison:
    """`periods`: of lines of these measurement periods alone."""
    old, new = (_rows(stand, participant_id, periods) for stand in (before, after))
    keys = [key for key in [*new, *(key for key in old if key not in new)] if _pays(old, key) != _pays(new, key)]
    causes = Causes.between(before, after, participant_id, [*old.values(), *new.values()])
    lines = tuple(_difference(key, old.get(key), new.get(key), causes, keys, (old, new), after) for key in keys)
    sums = [totals(_amount(row) for row in rows.values()) for rows in (old, new)]
    signed = [*sums[1], *(Money(-money.minor, money.currency_code) for money in sums[0])]
    return Comparison(lines, sums[0], sums[1], totals(signed))


def _rows(stand: Stand, participant_id: str, periods: frozenset[str] | None) -> dict[LineKey, Row]:
    rows = stand.result.of("lines", "participant_id", participant_id).rows(named=True)
    return {key_of(row): row for row in rows if periods is None or row["period"] in periods}


def _pays(rows: Mapping[LineKey, Row], key: LineKey) -> tuple[int, str] | None:
    return (rows[key]["amount_minor"], rows[key]["currency_code"]) if key in rows else None


def _amount(row: Row) -> Money:
    return Money(row["amount_minor"], row["currency_code"])


def _difference(
    key: LineKey,
    old: Row | None,
    new: Row | None,
    causes: Causes,
    keys: Sequence[LineKey],
    rows: tuple[Mapping[LineKey, Row], Mapping[LineKey, Row]],
    after: Stand,
) -> LineDifference:
    row = new or old
    assert row is not None, "a key is of one of the two"
    before, now = (_amount(each) if each else None for each in (old, new))
    own = causes.of(row)
    found = own
    if not found:
        listed = (rows[1].get(other) or rows[0][other] for other in keys if other[:4] == key[:4])
        found = list(dict.fromkeys(cause for each in listed for cause in causes.of(each)))
    account = row["account_id"] or ""
    names = after.facts.of("accounts", "account_id", account)["name"]
    return LineDifference(
        key=key,
        account_id=account,
        account_name=(names[0] if names.len() else None) or account,
        before=before,
        after=now,
        difference=Money((now.minor if now else 0) - (before.minor if before else 0), row["currency_code"]),
        causes=tuple(found),
        moved=not own,
    )


# --- causes


@dataclass(frozen=True)
class Causes:
    """The rows that differ, by what they are about: a deal, an account, the participant's terms under a plan."""

    found: Mapping[Key, Sequence[Cause]]

    @classmethod
    def between(cls, before: Stand, after: Stand, participant_id: str, rows: Iterable[Row]) -> Causes:
        found: dict[Key, list[Cause]] = {}
        for about, cause in _differing(before.facts, after.facts, participant_id, list(rows)):
            found.setdefault(about, []).append(cause)
        for cause in _plans(before.plans, after.plans):
            found.setdefault(("plan", *cause.key), []).append(cause)
        return cls(found)

    def of(self, row: Row) -> list[Cause]:
        """Of the line's deal, the deal that moved it, its account, and the terms under its plan."""
        deals = dict.fromkeys((row["external_id"], row["cause_external_id"]))
        abouts: list[Key] = [("deal", row["source"], name) for name in deals]
        abouts += [("account", row["account_id"]), ("plan", row["plan"]), ("plan", "")]
        return [cause for about in abouts for cause in self.found.get(about, ())]


def _differing(before: Facts, after: Facts, participant_id: str, rows: Sequence[Row]) -> Iterator[tuple[Key, Cause]]:
    """Of the deals and accounts of these lines, and of the participant's own terms, each with what it is about."""
    names = {(row["source"], row[name]) for row in rows for name in ("external_id", "cause_external_id")}
    whole = sorted(name for name in names if None not in name)
    deals = pl.DataFrame(whole, schema=dict.fromkeys(DEAL, pl.String), orient="row")
    accounts = sorted({row["account_id"] for row in rows if row["account_id"]})

    def both(kind: str, own: pl.Expr | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
        old, new = getattr(before, kind), getattr(after, kind)
        if own is not None:
            return old.filter(own), new.filter(own)
        return old.join(deals, on=DEAL, how="semi"), new.join(deals, on=DEAL, how="semi")

    mine, of_accounts = pl.col("participant_id") == participant_id, pl.col("account_id").is_in(accounts)
    for kind, key in OF_DEALS.items():
        parts = {part: both(part) for part in PARTS} if kind == "deals" else {}
        for cause in _changed(kind, key, both(kind), parts):
            yield ("deal", *cause.key[:2]), cause
    for kind, key in OF_ACCOUNTS.items():
        for cause in _changed(kind, key, both(kind, of_accounts), {}):
            yield ("account", cause.key[0]), cause
    for cause in _changed(STATED, ("kind", "credit_id"), both(STATED, mine), {}):
        yield ("deal", SOURCES[str(cause.key[0])], cause.key[1]), cause
    for kind, key in OF_TERMS.items():
        of_plan = kind == "assignments"
        parts = {"quotas": both("quotas", mine)} if of_plan else {}
        for cause in _changed(kind, key, both(kind, mine), parts):
            yield ("plan", cause.key[1] if of_plan else ""), cause


def _changed(
    kind: str,
    key: Sequence[str],
    pair: tuple[pl.DataFrame, pl.DataFrame],
    parts: Mapping[str, tuple[pl.DataFrame, pl.DataFrame]],
) -> Iterator[Cause]:
    """Rows that came, went, or say something else, by their keys."""
    was, now = ({tuple(row[name] for name in key): row for row in rows.rows(named=True)} for rows in pair)
    pieces = {part: tuple(_by_owner(part, rows, key) for rows in both) for part, both in parts.items()}
    for name in sorted({*was, *now}, key=str):
        told = list(_fields(was.get(name), now.get(name)))
        for both in pieces.values():
            told += _fields(both[0].get(name), both[1].get(name))
        if told or (name in was) != (name in now):
            change = "changed" if name in was and name in now else "new" if name in now else "gone"
            yield Cause(kind, name, change, tuple(told) if change == "changed" else ())


def _by_owner(part: str, rows: pl.DataFrame, key: Sequence[str]) -> dict[Key, dict[str, object]]:
    """The parts of each row as fields of it: `stages[1, 2].annual_value`; splits as one text."""
    found: dict[Key, dict[str, object]] = {}
    for row in rows.rows(named=True):
        fields = found.setdefault(tuple(row[name] for name in key), {})
        if part == "splits":
            share = f"{row['participant_id']} {row['share_num']}/{row['share_den']}"
            fields["splits"] = f"{fields['splits']}, {share}" if "splits" in fields else share
            continue
        own = PART_KEYS[part]
        place = ", ".join(str(row[name] if row[name] is not None else "*") for name in own)
        fields |= {f"{part}[{place}].{name}": row[name] for name in row if name not in (*key, *own)}
    return found


def _fields(old: Mapping[str, object] | None, new: Mapping[str, object] | None) -> Iterator[FieldChange]:
    old, new = old or {}, new or {}
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) != new.get(name) and name != "revision":
            shown = name.removesuffix("_minor").removesuffix("_ppm")
            yield FieldChange(shown, *(_text(name, row) for row in (old, new)))


def _text(name: str, row: Mapping[str, object]) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, int) and name.endswith("_minor"):
        currency = str(row.get("currency_code") or "")
        return f"{format_minor(value, EXPONENTS.get(currency, 2))} {currency}".strip()
    if isinstance(value, int) and name.endswith("_ppm"):
        return f"{value // 10_000}.{value % 10_000:04}".rstrip("0").rstrip(".") + "%"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    return value.isoformat() if isinstance(value, date) else str(value)


def _plans(old: Sequence[Plan], new: Sequence[Plan]) -> Iterator[Cause]:
    known, names = {plan.revision for plan in old}, {plan.plan for plan in old}
    for plan in new:
        if plan.revision not in known:
            yield Cause("plans", (plan.plan,), "changed" if plan.plan in names else "new", ())
