"""What other plans would change: two results over the same facts, line against line. Amounts are exact integers.

A line belongs to the day on which its deal counts, so that both sides are cut to a period by the same days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import polars as pl

from compsvc.core.book import book
from compsvc.core.facts import DEAL, Facts
from compsvc.core.figures import FiguresTooLarge
from compsvc.core.limits import MAX_COMPARED_DEALS
from compsvc.core.money import INT64_MAX
from compsvc.core.results import EARNING, Result
from compsvc.core.statement_values import Row, Span
from compsvc.core.values import sizes

PERSON = ["participant_id", "currency_code"]
BANDS = (0, 50, 80, 100, 120, 150)  # percent of quota at which a band begins
LOSSES = ("churn", "downsell")


@dataclass(frozen=True, slots=True)
class Change:
    """The same thing under both."""

    today_minor: int
    candidate_minor: int
    currency_code: str

    @property
    def difference_minor(self) -> int:
        return self.candidate_minor - self.today_minor


@dataclass(frozen=True, slots=True)
class Total:
    """Of one currency. `revenue_minor` is the size of all deals that were accepted in the period."""

    cost: Change
    revenue_minor: int
    winner_count: int
    won_minor: int
    loser_count: int
    lost_minor: int  # below 0
    unchanged_count: int

    @property
    def cost_per_revenue(self) -> tuple[Fraction, Fraction] | None:
        """Today's and the candidate's; None without revenue."""
        if not self.revenue_minor:
            return None
        return (
            Fraction(self.cost.today_minor, self.revenue_minor),
            Fraction(self.cost.candidate_minor, self.revenue_minor),
        )


@dataclass(frozen=True, slots=True)
class ComponentChange:
    plan: str
    component: str
    cost: Change


@dataclass(frozen=True, slots=True)
class RoleChange:
    role: str  # empty where the assignment has none
    participant_count: int
    cost: Change


@dataclass(frozen=True, slots=True)
class DealChange:
    """`source` and `external_id` are empty for what is paid for the period and not for a deal."""

    source: str
    external_id: str
    account_name: str
    closed_date: date | None
    cost: Change


@dataclass(frozen=True, slots=True)
class ParticipantChange:
    """`deals` are the largest differences; with `other_minor` they sum to the participant's."""

    participant_id: str
    display_name: str
    role: str
    cost: Change
    components: tuple[ComponentChange, ...]
    deals: tuple[DealChange, ...]
    other_deal_count: int
    other_minor: int


@dataclass(frozen=True, slots=True)
class Band:
    """How many positions of a component, one a participant and measurement period, end between two attainments."""

    plan: str
    component: str
    from_percent: int
    to_percent: int | None  # None: without end
    today_count: int
    candidate_count: int


@dataclass(frozen=True, slots=True)
class Comparison:
    totals: tuple[Total, ...]  # by currency
    components: tuple[ComponentChange, ...]  # by plan, component
    roles: tuple[RoleChange, ...]
    participants: tuple[ParticipantChange, ...]  # by id; all who are paid under either
    deals: tuple[DealChange, ...]  # the largest differences over all participants
    attainment: tuple[Band, ...]


def compare(today: Result, candidate: Result, facts: Facts, span: Span | None) -> Comparison:
    """None of a span compares everything. Raises FiguresTooLarge where a sum does not fit 64 bits."""
    lines = pl.concat([_rows(today, facts, span, "today"), _rows(candidate, facts, span, "candidate")])
    _assert_fits(lines)
    rows = _summed(lines, [*PERSON, "plan", "component", "role", *DEAL])
    people = _sums(rows, PERSON)
    return Comparison(
        totals=tuple(_totals(people, _revenue(facts, span))),
        components=tuple(map(_component, _sums(rows, ["plan", "component", "currency_code"]).rows(named=True))),
        roles=tuple(_roles(rows)),
        participants=tuple(_participants(rows, people, facts)),
        deals=tuple(_largest(_summed(rows, [*DEAL, "currency_code"]), facts)),
        attainment=tuple(_attainment(today, candidate, span)),
    )


def _rows(result: Result, facts: Facts, span: Span | None, side: str) -> pl.DataFrame:
    """One row a line, with its amount in the column of its side."""
    assert result.lines is not None, "a comparison needs the lines"
    ends = result.earnings.select(*EARNING, pl.col("period_end_date").dt.offset_by("-1d").alias("last_date"))
    day = pl.coalesce("counting_date", "last_date").alias("day")
    lines = result.lines.select(*EARNING, *DEAL, "counting_date", "amount_minor", "currency_code")
    rows = lines.join(ends, on=EARNING, how="left").with_columns(day)
    if span is not None:
        rows = rows.filter(pl.col("day") >= span.start_date, pl.col("day") < span.end_date)
    amount = pl.col("amount_minor").cast(pl.Int128)
    zero = pl.lit(0, dtype=pl.Int128)
    return _with_roles(rows, facts).select(
        "participant_id", "plan", "component", "role", pl.col("currency_code").cast(pl.String),
        *(pl.col(name).fill_null("") for name in DEAL),
        today=amount if side == "today" else zero,
        candidate=amount if side == "candidate" else zero,
    )  # fmt: skip


def _with_roles(rows: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """The role of the last assignment to the plan that began by the line's day; before the first one, of the first."""
    key = ["participant_id", "plan"]
    roles = facts.assignments.select(*key, "start_date", pl.col("role").fill_null(""))
    roles = roles.sort("start_date", maintain_order=True)
    first = roles.group_by(key, maintain_order=True).agg(first_role=pl.col("role").first())
    latest = rows.sort("day", maintain_order=True).join_asof(
        roles, left_on="day", right_on="start_date", by=key, strategy="backward", check_sortedness=False
    )
    return latest.join(first, on=key, how="left").with_columns(role=pl.coalesce("role", "first_role", pl.lit("")))


def _sums(rows: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    return _summed(rows, by).sort(by)


def _summed(rows: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """In no order: of many rows the few that are shown are sorted later."""
    return rows.group_by(by).agg(pl.col("today", "candidate").sum())


def _assert_fits(rows: pl.DataFrame) -> None:
    """No sum below can be larger than that of all magnitudes."""
    most = rows.select(pl.max_horizontal(pl.col("today", "candidate").abs().sum())).item()
    if int(most or 0) > INT64_MAX // 2:
        raise FiguresTooLarge("the amounts to compare grow beyond 64 bits. Look for a slip of the decimal point.")


def _change(row: Row) -> Change:
    return Change(int(row["today"]), int(row["candidate"]), row["currency_code"])


def _component(row: Row) -> ComponentChange:
    return ComponentChange(row["plan"], row["component"], _change(row))


# --- totals


def _revenue(facts: Facts, span: Span | None) -> Mapping[str, int]:
    """By currency: the sizes of the deals accepted in the period. Lines that are losses are none."""
    ledger = book(facts)
    gains = ledger.events.filter(~pl.col("type").is_in(LOSSES).fill_null(False))
    rows = ledger.deals.filter(pl.col("accepted_time").is_not_null()).join(
        sizes(replace(ledger, events=gains)), on="deal_ix"
    )
    if span is not None:
        day = pl.col("accepted_time").dt.date()
        rows = rows.filter(day >= span.start_date, day < span.end_date)
    summed = rows.group_by("currency_code").agg(pl.col("size_minor").cast(pl.Int128).sum())
    return {code: int(size) for code, size in summed.iter_rows()}


def _totals(people: pl.DataFrame, revenue: Mapping[str, int]) -> Iterable[Total]:
    for code in sorted({*people["currency_code"], *revenue}):
        changes = [_change(row) for row in people.filter(pl.col("currency_code") == code).rows(named=True)]
        differences = [change.difference_minor for change in changes]
        won, lost = [each for each in differences if each > 0], [each for each in differences if each < 0]
        yield Total(
            cost=Change(sum(c.today_minor for c in changes), sum(c.candidate_minor for c in changes), code),
            revenue_minor=revenue.get(code, 0),
            winner_count=len(won),
            won_minor=sum(won),
            loser_count=len(lost),
            lost_minor=sum(lost),
            unchanged_count=len(differences) - len(won) - len(lost),
        )


def _roles(rows: pl.DataFrame) -> Iterable[RoleChange]:
    by = ["role", "currency_code"]
    people = rows.group_by(by).agg(people=pl.col("participant_id").n_unique())
    for row in _sums(rows, by).join(people, on=by, how="left", maintain_order="left").rows(named=True):
        yield RoleChange(row["role"], row["people"], _change(row))


# --- who, and why


def _participants(rows: pl.DataFrame, people: pl.DataFrame, facts: Facts) -> Iterable[ParticipantChange]:
    names = dict(facts.participants.select("participant_id", "display_name").iter_rows())
    roles = dict(rows.group_by("participant_id").agg(pl.col("role").unique().sort()).iter_rows())
    components = _by_person(_sums(rows, [*PERSON, "plan", "component"]))
    differing = _differing(_summed(rows, [*PERSON, *DEAL]))
    counts = _by_person(differing.group_by(PERSON).agg(deals=pl.len()))
    differing = differing.filter(pl.col("rank") <= MAX_COMPARED_DEALS)
    deals = _by_person(differing)
    described = _described(facts, differing)
    for row in people.rows(named=True):
        key = (row["participant_id"], row["currency_code"])
        shown = tuple(_deal(deal, described) for deal in deals.get(key, ()))
        count = next((found["deals"] for found in counts.get(key, ())), 0)
        cost = _change(row)
        yield ParticipantChange(
            participant_id=key[0],
            display_name=names.get(key[0]) or key[0],
            role=", ".join(role for role in roles[key[0]] if role),
            cost=cost,
            components=tuple(map(_component, components[key])),
            deals=shown,
            other_deal_count=count - len(shown),
            other_minor=cost.difference_minor - sum(deal.cost.difference_minor for deal in shown),
        )


def _by_person(rows: pl.DataFrame) -> Mapping[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows.rows(named=True):
        found.setdefault((row["participant_id"], row["currency_code"]), []).append(row)
    return found


def _differing(deals: pl.DataFrame) -> pl.DataFrame:
    """Those that are paid otherwise, by person the largest difference first."""
    size = (pl.col("candidate") - pl.col("today")).abs().alias("size")
    rows = deals.with_columns(size).filter(pl.col("size") > 0)
    rows = rows.sort(*PERSON, "size", *DEAL, descending=[False, False, True, False, False])
    return rows.with_columns(rank=pl.int_range(1, pl.len() + 1).over(PERSON))


def _largest(deals: pl.DataFrame, facts: Facts) -> Iterable[DealChange]:
    size = (pl.col("candidate") - pl.col("today")).abs().alias("size")
    rows = deals.with_columns(size).filter(pl.col("size") > 0)
    rows = rows.sort("size", "currency_code", *DEAL, descending=[True, False, False, False]).head(MAX_COMPARED_DEALS)
    described = _described(facts, rows)
    return (_deal(row, described) for row in rows.rows(named=True))


Described = Mapping[tuple[str, str], tuple[str, date]]


def _described(facts: Facts, shown: pl.DataFrame) -> Described:
    """Customer and close date of each deal that is shown."""
    names = facts.accounts.select("account_id", "name")
    rows = facts.deals.select(*DEAL, "account_id", "closed_date").join(shown, on=DEAL, how="semi")
    rows = rows.join(names, on="account_id", how="left")
    customer = pl.coalesce("name", "account_id", pl.lit(""))
    return {
        (source, deal): (name, closed)
        for source, deal, name, closed in rows.select(*DEAL, customer, "closed_date").iter_rows()
    }


def _deal(row: Row, described: Described) -> DealChange:
    name, closed = described.get((row["source"], row["external_id"]), ("", None))
    return DealChange(row["source"], row["external_id"], name, closed, _change(row))


# --- attainment


def _attainment(today: Result, candidate: Result, span: Span | None) -> Iterable[Band]:
    counts = [_banded(result, span) for result in (today, candidate)]
    for plan, component in sorted({(plan, component) for found in counts for plan, component, _ in found}):
        for number, start in enumerate(BANDS):
            key = (plan, component, number)
            end = BANDS[number + 1] if number + 1 < len(BANDS) else None
            yield Band(plan, component, start, end, *(found.get(key, 0) for found in counts))


def _banded(result: Result, span: Span | None) -> Mapping[tuple[str, str, int], int]:
    """How many rows of EARNINGS with a quota are in each band of BANDS."""
    rows = result.earnings.filter(pl.col("quota_minor") > 0)
    if span is not None:
        rows = rows.filter(pl.col("period_start_date") < span.end_date, pl.col("period_end_date") > span.start_date)
    position = pl.col("measure_minor").cast(pl.Int128) + pl.col("count_millionths")  # one of them is 0
    reached = [position * 100 >= pl.col("quota_minor").cast(pl.Int128) * percent for percent in BANDS[1:]]
    band = pl.sum_horizontal(each.cast(pl.Int64) for each in reached).alias("band")
    counted = rows.group_by("plan", "component", band).len()
    return {(plan, component, number): count for plan, component, number, count in counted.iter_rows()}
