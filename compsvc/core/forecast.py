"""Where will I land: the same calculation over the book as it would be, once for each scenario.

`run` asks the calculation for everybody at once, so that a deal moves commission, kicker and team credit alike;
`forecast` reads from it what concerns one participant. Curves bend: the weighted figure is what the average position
pays, and not the average of what is paid. A distribution over simulated outcomes would be further results beside these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

import polars as pl

from compsvc.core.facts import Facts
from compsvc.core.money import round_ratio
from compsvc.core.pipeline_stages import PENDING, PPM, pending_ppm, pipeline_stages
from compsvc.core.plan import Plan
from compsvc.core.prospects import prospects, with_deals
from compsvc.core.results import Result
from compsvc.core.statement import pays_more
from compsvc.core.statement_mine import Mine, in_order
from compsvc.core.statement_standing import bound, jumps, measure, next_step, position_of, tier
from compsvc.core.statement_values import (
    ComponentForecast,
    Forecast,
    Money,
    Outlook,
    Prospect,
    ProspectCredit,
    Row,
    ScenarioPayout,
    Span,
    span_of,
    totals,
)

SCENARIOS: Mapping[str, frozenset[str]] = {  # and the categories that each counts
    "commit": frozenset({"commit"}),
    "best_case": frozenset({"commit", "best_case"}),
    "pipeline": frozenset({"commit", "best_case", "pipeline"}),
}
WIDEST = "pipeline"
MOVING = ("own", "take_back")  # the lines that move a position
Calculate = Callable[[Sequence[Plan], Facts], Result]
Account = tuple[str, str, str]  # plan, component, measurement period
Deal = tuple[str, str]  # source, external id


@dataclass(frozen=True, slots=True)
class Runs:
    """The scenarios of everybody, as of a day."""

    day: date
    prospects: pl.DataFrame
    results: Mapping[str, Result]


def run(result: Result, plans: Sequence[Plan], facts: Facts, day: date, calculate: Calculate) -> Runs:
    """`result` is what follows from the facts as they are. Scenarios with the same deals are calculated once."""
    found = prospects(facts, plans, day)
    waiting = bool(facts.deals["accepted_time"].null_count())
    results: dict[str, Result] = {}
    last, height = result, -1 if waiting else 0
    for scenario, categories in SCENARIOS.items():
        opened = found.filter((pl.col("state") == "open") & pl.col("category").is_in(list(categories)))
        if opened.height != height:  # each scenario holds the one before, so equal numbers are equal sets
            last, height = calculate(plans, with_deals(facts, day, opened)), opened.height
        results[scenario] = last
    return Runs(day, found, results)


def is_over(period: Span, day: date) -> bool:
    """What is still open cannot land in it."""
    return day >= period.end_date


def forecast(
    result: Result, runs: Runs, plans: Sequence[Plan], facts: Facts, *, participant_id: str, period: Span
) -> Forecast | None:
    """None where the period is over on the day."""
    if is_over(period, runs.day):
        return None
    view = _View.of(result, runs, plans, facts, participant_id, period)
    return Forecast(
        day=runs.day,
        components=tuple(_component(view, row) for row in view.accounts),
        payouts=tuple(_payouts(view)),
        prospects=tuple(sorted((*_pending(view), *_opportunities(view)), key=_surest_first)),
    )


class _Move(NamedTuple):
    """What one open deal would do to one position, in the widest scenario."""

    deal: Deal
    account: Account
    counts: int
    payable_date: date | None
    ppm: int


@dataclass(frozen=True)
class _View:
    """What concerns one participant in one period."""

    period: Span
    runs: Runs
    now: Mine
    by_scenario: Mapping[str, Mine]
    accounts: Sequence[Row]  # of EARNINGS that can still move, as they stand; those that only a scenario opens at 0
    prospects: pl.DataFrame  # credited to the participant in the widest scenario, or theirs to sell
    open_deals: Mapping[Deal, Row]  # of these PROSPECTS, and of DEALS that wait
    moves: Mapping[Account, Sequence[_Move]]
    credits: Mapping[Deal, Sequence[_Move]]  # the same, by what moves
    counted: Mapping[str, Mapping[Account, int]]  # by scenario, how many move it
    participant_id: str
    account_names: Mapping[str, str]

    @classmethod
    def of(
        cls, result: Result, runs: Runs, plans: Sequence[Plan], facts: Facts, participant_id: str, period: Span
    ) -> _View:
        now = Mine.of(result, plans, facts, participant_id)
        mines = {id(one): Mine.of(one, plans, facts, participant_id) for one in runs.results.values()}
        by_scenario = {scenario: mines[id(one)] for scenario, one in runs.results.items()}
        own = own_prospects(runs, participant_id)
        open_deals = _open_deals(own, by_scenario[WIDEST], facts)
        moves = list(_moves(by_scenario[WIDEST], open_deals))
        by_account = _grouped(moves, lambda move: move.account)
        accounts = [
            row
            for row in _accounts(now, by_scenario[WIDEST], period)
            if runs.day < row["period_end_date"] or _account(row) in by_account
        ]
        names = _names(open_deals.values(), own, facts)
        credits = _grouped(moves, lambda move: move.deal)
        counted = {scenario: _counts(mine, open_deals) for scenario, mine in by_scenario.items()}
        seen = (accounts, own, open_deals, by_account, credits, counted)
        return cls(period, runs, now, by_scenario, *seen, participant_id, names)


def own_prospects(runs: Runs, participant_id: str) -> pl.DataFrame:
    """PROSPECTS that the widest scenario credits to the participant, and those that they sell."""
    credited = runs.results[WIDEST].of("lines", "participant_id", participant_id)
    keys = credited.select(deal_source="source", opportunity_id="external_id").unique()
    marked = keys.with_columns(_credited=pl.lit(value=True))
    found = runs.prospects.join(marked, on=["deal_source", "opportunity_id"], how="left", maintain_order="left")
    return found.filter(pl.col("_credited").is_not_null() | (pl.col("seller_id") == participant_id)).drop("_credited")


def _open_deals(own: pl.DataFrame, widest: Mine, facts: Facts) -> dict[Deal, Row]:
    """What is not yet a deal and would be credited to the participant, by the key that it has as a deal."""
    credited = {line["external_id"] for line in widest.lines}
    deals = facts.of(
        "deals", "account_id", *sorted({line["account_id"] for line in widest.lines if line["account_id"]})
    )
    waiting = deals.filter(pl.col("accepted_time").is_null() & pl.col("external_id").is_in(list(credited)))
    ppm = pending_ppm(pipeline_stages(facts))
    found: dict[Deal, Row] = {}
    found |= {(row["source"], row["external_id"]): {**row, "probability_ppm": ppm} for row in waiting.rows(named=True)}
    for row in own.filter(pl.col("state") == "open").rows(named=True):
        found[row["deal_source"], row["opportunity_id"]] = row
    return found


def _names(open_deals: Iterable[Row], own: pl.DataFrame, facts: Facts) -> dict[str, str]:
    found = facts.of("accounts", "account_id", *(row["account_id"] for row in open_deals), *own["account_id"])
    return {account: name or account for account, name in found.select("account_id", "name").iter_rows()}


def _moves(mine: Mine, open_deals: Mapping[Deal, Row]) -> Iterator[_Move]:
    for line in mine.lines:
        deal = (line["source"], line["external_id"])
        if line["step_kind"] in MOVING and deal in open_deals:
            ppm = open_deals[deal]["probability_ppm"]
            yield _Move(deal, _account(line), line["counts"], line["payable_date"], ppm)


def _grouped(moves: Iterable[_Move], by: Callable[[_Move], tuple[str, ...]]) -> dict[Any, list[_Move]]:
    found: dict[Any, list[_Move]] = {}
    for move in moves:
        found.setdefault(by(move), []).append(move)
    return found


def _counts(mine: Mine, open_deals: Mapping[Deal, Row]) -> dict[Account, int]:
    """How many open deals move each account."""
    moves = _grouped(_moves(mine, open_deals), lambda move: move.account)
    return {account: len({move.deal for move in some}) for account, some in moves.items()}


def _account(row: Row) -> Account:
    return row["plan"], row["component"], row["period"]


def _accounts(now: Mine, widest: Mine, period: Span) -> list[Row]:
    """Those whose measurement period touches the statement's, in the order of the statement."""
    rows = {_account(row): _at_zero(row) for row in widest.earnings} | {_account(row): row for row in now.earnings}
    return in_order(widest, (row for row in rows.values() if span_of(row).touches(period)))


def _at_zero(row: Row) -> Row:
    return {**row, "measure_minor": 0, "count_millionths": 0, "earned_minor": 0}


# --- one component


def _component(view: _View, row: Row) -> ComponentForecast:
    mine = view.by_scenario[WIDEST]
    plan, component, curve = mine.plan(row), mine.component(row), bound(mine.component(row), row)
    quota = row["quota_minor"]
    step = next_step(view.now, row, curve) if curve else None
    return ComponentForecast(
        plan=row["plan"],
        component=row["component"],
        period=span_of(row),
        measure=measure(plan, component),
        quota=None if quota is None else mine.quantity(row, quota),
        outlooks=tuple(_outlooks(view, row)),
        next_step=step,
        reached_by=() if step is None else tuple(_reached_by(view, row, step.distance.amount)),
    )


def _outlooks(view: _View, row: Row) -> Iterator[Outlook]:
    yield _outlook(view.now, row, "now", row["earned_minor"], deals=0)
    for scenario, mine in view.by_scenario.items():
        there = next((item for item in mine.earnings if _account(item) == _account(row)), row)
        deals = view.counted[scenario].get(_account(row), 0)
        yield _outlook(mine, there, scenario, there["earned_minor"], deals=deals)
    moves = view.moves.get(_account(row), ())
    counts, mine = _weighted(view, row, moves), view.by_scenario[WIDEST]
    gain = _gain(view, row, moves)
    earned = None if gain is None else row["earned_minor"] + gain.minor
    moved = _moved(mine, row, counts)
    yield _outlook(mine, moved, "weighted", earned, deals=len({move.deal for move in moves}))


def _outlook(mine: Mine, row: Row, scenario: str, earned_minor: int | None, *, deals: int) -> Outlook:
    position, quota, curve = position_of(mine, row), row["quota_minor"], bound(mine.component(row), row)
    bonuses = [amount for _, amount in jumps(curve, 0, position)] if curve else []
    bonus = sum(bonuses, start=Fraction(0))
    return Outlook(
        scenario=scenario,
        position=mine.quantity(row, position),
        attainment=Fraction(position, quota) if quota else None,
        tier=tier(curve, curve.tier(position)) if curve else None,
        bonuses=len(bonuses),
        bonus=Money(round_ratio(bonus.numerator, bonus.denominator, mine.plan(row).rounding), row["currency_code"]),
        earned=None if earned_minor is None else Money(earned_minor, row["currency_code"]),
        deals=deals,
    )


def _weighted(view: _View, row: Row, moves: Iterable[_Move]) -> int:
    """The sum of counts x probability, rounded once."""
    exact = sum(move.counts * move.ppm for move in moves)
    return round_ratio(exact, PPM, view.by_scenario[WIDEST].plan(row).rounding)


def _moved(mine: Mine, row: Row, counts: int) -> Row:
    name = "count_millionths" if mine.quantity(row, 0).currency_code is None else "measure_minor"
    return {**row, name: row[name] + counts}


def _reached_by(view: _View, row: Row, distance: int) -> list[str]:
    """The surest first, as many as it takes; none where all of them would not do."""
    sizes: dict[Deal, int] = {}
    for move in view.moves.get(_account(row), ()):
        sizes[move.deal] = sizes.get(move.deal, 0) + move.counts
    found: list[str] = []
    for deal in sorted(sizes, key=lambda deal: (-view.open_deals[deal]["probability_ppm"], deal)):
        if sizes[deal] > 0:
            found.append(deal[1])
            distance -= sizes[deal]
        if distance <= 0:
            return found
    return []


# --- the payout of the period


def _payouts(view: _View) -> Iterator[ScenarioPayout]:
    currencies = view.by_scenario[WIDEST].currencies
    for scenario, mine in {"now": view.now, **view.by_scenario}.items():
        yield ScenarioPayout(scenario, totals(_payable(view, mine), otherwise=currencies))
    gains = [_gain(view, row, _payable_moves(view, row)) for row in view.accounts]
    known = [gain for gain in gains if gain is not None]
    weighted = totals((*_payable(view, view.now), *known), otherwise=currencies)
    yield ScenarioPayout("weighted", weighted if len(known) == len(gains) else ())


def _payable(view: _View, mine: Mine) -> list[Money]:
    lines = (line for line in mine.lines if view.period.holds(line["payable_date"]))
    return [Money(line["amount_minor"], line["currency_code"]) for line in lines]


def _payable_moves(view: _View, row: Row) -> list[_Move]:
    return [move for move in view.moves.get(_account(row), ()) if view.period.holds(move.payable_date)]


def _gain(view: _View, row: Row, moves: Sequence[_Move]) -> Money | None:
    """What the average of the moves adds to what is earned now."""
    if not moves:
        return Money(0, row["currency_code"])
    return pays_more(view.by_scenario[WIDEST], row, _weighted(view, row, moves))


# --- what is open


def _pending(view: _View) -> Iterator[Prospect]:
    """Orders that wait and would count in the period; what is missing stands with the deals that wait."""
    for deal, row in view.open_deals.items():
        credits = _credits(view, deal)
        if "external_id" in row and credits:
            yield _prospect(view, row, credits, id=row["external_id"], state=PENDING, stage=PENDING, category="commit")


def _opportunities(view: _View) -> Iterator[Prospect]:
    """Those that would count in the period, and the participant's own that count in no scenario, with the reason."""
    for row in view.prospects.rows(named=True):
        credits = _credits(view, (row["deal_source"], row["opportunity_id"]))
        late = row["expected_close_date"] is not None and row["close_date"] >= view.period.end_date
        mine = row["seller_id"] == view.participant_id and not late
        if credits or mine:
            yield _prospect(
                view, row, credits, id=row["opportunity_id"], state=row["state"], stage=row["stage"],
                category=row["category"],
            )  # fmt: skip


def _prospect(
    view: _View, row: Row, credits: tuple[ProspectCredit, ...], *, id: str, state: str, stage: str, category: str
) -> Prospect:
    waits = state == PENDING
    amount = row["annual_value_minor" if waits else "amount_minor"]
    expected = row["closed_date" if waits else "expected_close_date"]
    return Prospect(
        source=row["source"],
        external_id=id,
        account_id=row["account_id"] or "",
        account_name=view.account_names.get(row["account_id"], row["account_id"] or ""),
        product=row["product"] or "",
        stage=stage,
        category=category,
        probability=Fraction(row["probability_ppm"], PPM),
        amount=None if amount is None else Money(amount, row["currency_code"]),
        expected_close_date=expected,
        overdue=not waits and expected is not None and expected < view.runs.day,
        dead_date=None if waits else row["dead_date"],
        state=state,
        reason=(row["pending_reason"] if waits else row["reason"]) or "",
        credits=credits,
    )


def _credits(view: _View, deal: Deal) -> tuple[ProspectCredit, ...]:
    """One a component that is shown."""
    mine, sums = view.by_scenario[WIDEST], dict[Account, int]()
    for move in view.credits.get(deal, ()):
        sums[move.account] = sums.get(move.account, 0) + move.counts
    shown = ((row, sums[_account(row)]) for row in view.accounts if _account(row) in sums)
    return tuple(ProspectCredit(*_account(row), mine.quantity(row, counts)) for row, counts in shown)


def _surest_first(found: Prospect) -> tuple[bool, Fraction, date, str, str]:
    """What counts comes first."""
    counts = found.state in ("open", PENDING)
    return not counts, -found.probability, found.expected_close_date or date.max, found.source, found.external_id
