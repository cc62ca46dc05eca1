"""What a period pays by what the others have done: places in a contest, shares of a pool (M7).

The deals of such a component move its position and pay nothing by themselves; the award is a line of the period. It is
known once all have counted, so a stage behind the component's own lines makes it, for everybody at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from itertools import groupby
from typing import Any

import polars as pl

from compsvc.core.book import Book
from compsvc.core.caps import with_lines
from compsvc.core.columns import repeated
from compsvc.core.components import Paid
from compsvc.core.earnings import step_kind
from compsvc.core.measures import Clause
from compsvc.core.modifiers import is_shut
from compsvc.core.money import Rounding, round_ratio
from compsvc.core.plan_revisions import in_force_on
from compsvc.core.rules import Award, Contest, Pooled

_OF = ["participant_ix", "period"]

STANDINGS = {  # what a line of a contest or a pool follows from; one row per participant and period that takes part
    "participant_ix": pl.UInt32,
    "period": pl.Int32,
    "word": pl.String,  # rank, pool
    "place": pl.Int64,  # of a contest; null for who is not ranked
    "tied": pl.Int64,  # how many have reached the same, oneself with them
    "ranked": pl.Int64,  # how many have a place, or a share
    "assigned": pl.Int64,  # how many take part, with those whose gate is shut
    "winners": pl.Int64,  # how many places win anything
    "reached": pl.Int64,
    "quota_minor": pl.Int64,
    "prize": pl.String,
    "worth_minor": pl.Int64,  # of the award, paid or not
    "pool_minor": pl.Int64,
    "weight": pl.Int64,
    "weights": pl.Int64,  # of all together
    "paid_minor": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class Member:
    """One participant of one period, with what decides about them."""

    participant: int
    id: str
    bind: int
    reached: int
    quota: int | None
    target: int
    eligible: bool
    last_moved: Any  # when the position came to where it stands; the date first


@dataclass(frozen=True, slots=True)
class Won:
    """What a member has of it. `paid` is 0 for a prize that is not paid in money, None where there is nothing."""

    member: Member
    told: dict[str, Any]
    paid: int | None


def is_shared_out(clauses: Sequence[Clause]) -> bool:
    return any(clause.component.pays.shared_out is not None for clause in clauses)


def awarded(book: Book, paid: Paid) -> Paid:
    """A component with the awards of its contest, or the shares of its pool, on lines of their periods."""
    rows = _taking_part(book, paid)
    lines: list[tuple[int, int]] = []
    told: list[dict[str, Any]] = []
    for period, of_period in groupby(rows.iter_rows(named=True), key=lambda row: row["period"]):
        members = list(of_period)
        last_day = members[0]["period_end"] - timedelta(days=1)
        clause = in_force_on(last_day, paid.clauses, lambda clause: clause.plan.effective)  # it says what is won
        terms = clause.component.pays.shared_out
        for team in _teams(terms, members) if terms is not None else ():
            assert terms is not None
            found = _ranked(terms, team) if isinstance(terms, Contest) else _pooled(terms, team, clause.plan.rounding)
            for won in found:
                lines += [(won.member.bind, won.paid)] if won.paid is not None else []
                told.append(_told(period, won))
    more = pl.DataFrame(lines, schema={"bind": pl.UInt32, "amount_minor": pl.Int64}, orient="row")
    more = more.with_columns(step=pl.lit(0, dtype=pl.Int64), step_kind=step_kind("period"))
    standings = pl.DataFrame(told, schema=STANDINGS, orient="row")
    return replace(with_lines(paid, more), standings=standings)


def _told(period: int, won: Won) -> dict[str, Any]:
    own = {"participant_ix": won.member.participant, "period": period, "reached": won.member.reached}
    return {**dict.fromkeys(STANDINGS), **own, "quota_minor": won.member.quota, **won.told, "paid_minor": won.paid}


# --- who takes part -----------------------------------------------------------------------------------------------


def _taking_part(book: Book, paid: Paid) -> pl.DataFrame:
    """Everybody assigned on some day of each period, by period and participant."""
    inside = pl.col("part_start") < pl.col("part_end")
    last = paid.binds.filter(inside).group_by(_OF, maintain_order=True).agg(
        pl.col("bind", "curve", "variant", "assignment_ix", "quota_minor", "target_minor", "period_end").last(),
        pl.col("part_end").max(),
    )  # fmt: skip
    last = last.with_columns(
        book.participants["participant_id"][last["participant_ix"]],
        book.assignments["manager_ix"][last["assignment_ix"]],
        shut=_shut(paid.clauses, last),
        stays=pl.col("part_end") >= pl.col("period_end"),
    )
    rows = last.join(paid.earned.select(*_OF, "position"), on=_OF, how="left", maintain_order="left")
    rows = rows.join(_last_moves(book, paid), on=_OF, how="left", maintain_order="left")
    return rows.with_columns(pl.col("position").fill_null(0)).sort("period", "participant_id")


def _shut(clauses: Sequence[Clause], rows: pl.DataFrame) -> pl.Series:
    shut = repeated(False, rows.height, pl.Boolean)
    for clause in clauses:
        own = (rows["curve"] == clause.curve) & is_shut(clause.component, rows["variant"])
        shut = shut | own
    return shut


def _last_moves(book: Book, paid: Paid) -> pl.DataFrame:
    """By participant and period, D2's key of the last event that moved the position."""
    assert paid.entries is not None
    moves = paid.entries.filter(pl.col("counts") != 0).select("bind", "subject", "counting_date", "lost_by", "loss")
    churned = book.events["closed_date"][moves["lost_by"]]
    instants = book.events["accepted_time"][book.of_deals(moves["subject"])]
    key = pl.struct(
        day=pl.coalesce(churned, "counting_date"),
        instant=pl.coalesce(instants, pl.col("counting_date").cast(pl.Datetime("us"))),
        subject=pl.col("subject"),
        loss=pl.col("loss").cast(pl.Int64).fill_null(-1),
    )
    moves = moves.with_columns(key.alias("last_moved"), *(paid.binds[name][moves["bind"]] for name in _OF))
    ordered = moves.sort("last_moved")
    return ordered.group_by(_OF, maintain_order=True).agg(pl.col("last_moved").last())


def _teams(terms: Contest | Pooled, rows: Iterable[dict[str, Any]]) -> Iterator[list[Member]]:
    """Those who take part with each other; whoever has no manager is in no team."""
    present = [row for row in rows if row["stays"] or terms.assigned == "any day"]
    if terms.among == "plan":
        yield [_member(row) for row in present]
        return
    named = [row for row in present if row["manager_ix"] is not None]
    named.sort(key=_manager)
    for _, team in groupby(named, key=_manager):
        yield [_member(row) for row in team]


def _manager(row: dict[str, Any]) -> int:
    return int(row["manager_ix"])


def _member(row: dict[str, Any]) -> Member:
    moved = row["last_moved"]
    return Member(
        participant=row["participant_ix"],
        id=row["participant_id"],
        bind=row["bind"],
        reached=row["position"],
        quota=row["quota_minor"],
        target=row["target_minor"] or 0,
        eligible=not row["shut"],
        last_moved=None if moved is None else tuple(moved.values()),
    )


# --- contests -----------------------------------------------------------------------------------------------------


def _ranked(terms: Contest, team: list[Member]) -> Iterator[Won]:
    """The best first. Whoever has counted nothing, or stands before a shut gate, has no place."""
    eligible = [member for member in team if member.eligible]
    placed = [member for member in eligible if member.reached > 0 and (terms.by != "attainment" or member.quota)]
    bands = _bands(terms, len(team), len(eligible))
    known = {"word": "rank", "ranked": len(placed), "assigned": len(team), "winners": bands[-1][0]}
    have_a_place = {member.participant for member in placed}
    yield from (Won(member, known, None) for member in team if member.participant not in have_a_place)
    place = 1
    for tied in _by_place(terms, placed):
        for member, award, worth in _won(terms, tied, place, bands):
            told = {**known, "place": place, "tied": len(tied)}
            told |= {"prize": award.prize if award else None, "worth_minor": worth or None}
            paid = None if award is None else worth if award.is_paid else 0
            yield Won(member, told, paid)
        place += len(tied)


def _by_place(terms: Contest, placed: list[Member]) -> Iterator[list[Member]]:
    """Those who share a place together; under `earliest` nobody does."""
    value: Callable[[Member], Fraction | int] = _attained if terms.by == "attainment" else _amount
    ordered = sorted(placed, key=lambda member: (-value(member), member.id))
    for _, same in groupby(ordered, key=value):
        tied = list(same)
        if terms.ties == "earliest":
            yield from ([member] for member in sorted(tied, key=lambda member: (member.last_moved, member.id)))
        else:
            yield tied


def _attained(member: Member) -> Fraction:
    return Fraction(member.reached, member.quota or 1)


def _amount(member: Member) -> int:
    return member.reached


def _bands(terms: Contest, assigned: int, eligible: int) -> list[tuple[int, Award]]:
    """Each award with the last place that it goes to."""
    whole = eligible if terms.of == "eligible" else assigned
    return [(_last_place(award.top, whole, terms.winners), award) for award in terms.awards]


def _last_place(top: int | Fraction, whole: int, winners: str | None) -> int:
    if isinstance(top, int):
        return top
    exact = top * whole
    return {
        "round up": -(-exact.numerator // exact.denominator),
        "round down": exact.numerator // exact.denominator,
    }.get(str(winners), round_ratio(exact.numerator, exact.denominator, "half_up"))


def _won(
    terms: Contest, tied: list[Member], place: int, bands: Sequence[tuple[int, Award]]
) -> Iterator[tuple[Member, Award | None, int]]:
    """Of those on one place: its award and what that is worth to each, shared in whole minor units where they share."""
    awards = [_award(bands, place + more) for more in range(len(tied))]
    if terms.ties != "share":
        yield from ((member, awards[0], awards[0].value_minor if awards[0] else 0) for member in tied)
        return
    each, left = divmod(sum(award.value_minor for award in awards if award is not None), len(tied))
    for number, member in enumerate(tied):
        yield member, awards[0], each + (number < left)


def _award(bands: Sequence[tuple[int, Award]], place: int) -> Award | None:
    return next((award for last, award in bands if place <= last), None)


# --- pools --------------------------------------------------------------------------------------------------------


def _pooled(terms: Pooled, team: list[Member], rounding: Rounding) -> Iterator[Won]:
    """floor(pool x weights up to a member) - floor(pool x weights before), so that the shares sum to the pool (M7)."""
    members = _in_order(terms, [member for member in team if member.eligible])
    weigh = _weights(terms)
    weights, counted = sum(map(weigh, members)), sum(member.reached for member in members)
    if weights <= 0 or counted <= 0:
        return
    pool = _pool(terms.of, counted, rounding)
    so_far = 0
    for member in members:
        weight = weigh(member)
        before, so_far = so_far, so_far + weight
        share = pool * so_far // weights - pool * before // weights
        told = {"word": "pool", "pool_minor": pool, "weight": weight, "weights": weights}
        yield Won(member, {**told, "ranked": len(members), "assigned": len(team)}, share if weight else None)


def _pool(of: Fraction | int, counted: int, rounding: Rounding) -> int:
    if isinstance(of, int):
        return of
    exact = of * counted
    return round_ratio(exact.numerator, exact.denominator, rounding)


def _in_order(terms: Pooled, members: list[Member]) -> list[Member]:
    """As the plan names them, else by id."""
    if isinstance(terms.weights, str):
        return members
    places = {name: place for place, name in enumerate(terms.weights)}
    return sorted(members, key=lambda member: (places.get(member.id, len(places)), member.id))


def _weights(terms: Pooled) -> Callable[[Member], int]:
    by = terms.weights
    if not isinstance(by, str):
        return lambda member: by.get(member.id, 0)
    if by == "equal":
        return lambda _: 1
    if by == "target incentive":
        return lambda member: member.target
    return lambda member: max(member.reached, 0)
