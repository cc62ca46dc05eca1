"""The calculation, stage by stage: facts -> credits -> measures -> earnings and lines. Read this first.

Same plans and facts, same result, in the same order, whatever the order of the rows that came in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import groupby

import polars as pl

from compsvc.core.book import Book, book
from compsvc.core.caps import bounded, bounds, plan_bounded
from compsvc.core.columns import repeated
from compsvc.core.components import Paid, pay
from compsvc.core.contests import awarded, is_shared_out
from compsvc.core.credits import Credits, credit, uncredited
from compsvc.core.dependencies import counts_earnings, earnings_read, in_dependency_order, needs, of_deals
from compsvc.core.derivation import lines_frame
from compsvc.core.derivation_earnings import chosen_frame, earnings_frame, standings_frame
from compsvc.core.derivation_lists import deal_pay, pending_frame, uncredited_frame
from compsvc.core.eligibility import Matcher
from compsvc.core.facts import Facts
from compsvc.core.figures import within_64_bits
from compsvc.core.holders import holders
from compsvc.core.holds import released
from compsvc.core.measures import Clause, Measured, Worth, measure
from compsvc.core.overrides import measure_earnings, measure_own_earnings
from compsvc.core.plan import Plan
from compsvc.core.progress import progress
from compsvc.core.reading import read
from compsvc.core.results import Result
from compsvc.core.stated_credits import with_stated
from compsvc.core.takebacks import with_take_backs


def calculate(
    plans: Sequence[Plan], facts: Facts, matcher: Matcher, reference: Matcher | None = None, *, lines: bool = True
) -> Result:
    """Everything that follows from the facts under the plans. The facts have passed `check_facts` with these plans.

    `lines=False` asks for the earnings alone; they are the same to the cent. Raises MatcherDisagreement and
    FiguresTooLarge: then there is no result.
    """
    by_stage = any(component.by_stage for plan in plans for component in plan.components.values())
    ledger = book(facts, by_stage=by_stage)
    readings = read(ledger, plans, matcher, reference)
    credits = credit(ledger, readings, holders(ledger, readings))
    clauses = _clauses(credits)
    worth: Worth = {}
    measured: dict[Key, Measured] = {}
    for key, of in clauses.items():
        with _of_component(of[-1]):
            counted = with_stated(ledger, of, measure(ledger, credits, of, worth))
            measured[key] = with_take_backs(ledger, of, counted)
    paid = _under_plan_bounds(ledger, _paid(ledger, facts, clauses, measured, lines=lines))
    without_moves = {key: replace(found, moves=found.moves.clear()) for key, found in measured.items()}
    for done in (measured, worth):  # what is paid for takes as much room as what was paid
        done.clear()
    result = _result(ledger, credits, without_moves, paid, facts.holds if lines else None)
    return replace(result, progress=progress(ledger, plans, facts))


def _paid(
    ledger: Book, facts: Facts, clauses: Mapping[Key, list[Clause]], measured: dict[Key, Measured], *, lines: bool
) -> dict[Key, Paid]:
    """Each component after those that it reads. What counts the earnings of others is added to `measured`."""
    paid: dict[Key, Paid] = {}
    override, read_by_others = any(map(counts_earnings, clauses.values())), earnings_read(clauses)
    answered = released(facts.holds)
    for key in in_dependency_order(clauses):
        of = clauses[key]
        with _of_component(of[-1]):
            if counts_earnings(of):
                reports = [found for other, found in paid.items() if of_deals(clauses[other])]
                measured[key] = measure_earnings(ledger, of, reports, answered)
            elif not of_deals(of):
                own = {name: paid[key[0], name] for name in needs(of)}
                measured[key] = measure_own_earnings(ledger, of, own, answered)
            position, others = _position(measured, of), {name: paid[key[0], name] for name in needs(of)}
            shared = is_shared_out(of)
            wanted = lines or override or shared or key in read_by_others or _bounds(of)
            paid[key] = pay(ledger, facts.quotas, _fixed(facts, key), of, measured[key], position, others, lines=wanted)
            if shared:
                paid[key] = awarded(ledger, paid[key])
            if any(bounds(clause.component) for clause in of):
                paid[key] = bounded(ledger, paid[key])
    return {key: paid[key] for key in clauses}


Key = tuple[str, str]  # plan, component


def _of_component(clause: Clause) -> AbstractContextManager[None]:
    return within_64_bits(clause.component.at, clause.name)


def _clauses(credits: Credits) -> dict[Key, list[Clause]]:
    """Each component of each plan with its revisions, by name."""
    found: dict[Key, list[Clause]] = {}
    for plan, revisions in groupby(credits.by_plan, key=lambda credited: credited.reading.plan.plan):
        own = list(revisions)
        for name in sorted({name for credited in own for name in credited.reading.plan.components}):
            having = [credited for credited in own if name in credited.reading.plan.components]
            found[plan, name] = [Clause(credited, name, curve) for curve, credited in enumerate(having)]
    return found


def _position(measured: Mapping[Key, Measured], clauses: Sequence[Clause]) -> Measured | None:
    shared = clauses[-1].component.pays.position_of
    return measured[clauses[-1].plan.plan, shared] if shared is not None else None


def _bounds(clauses: Sequence[Clause]) -> bool:
    """Whether a cap or a floor asks for the lines."""
    plans = any(clause.plan.cap is not None or clause.plan.floor is not None for clause in clauses)
    return plans or any(bounds(clause.component) for clause in clauses)


def _under_plan_bounds(ledger: Book, paid: dict[Key, Paid]) -> dict[Key, Paid]:
    """Cap and floor of whole plans (T3)."""
    for plan, keys in groupby(list(paid), key=lambda key: key[0]):
        own = {name: paid[plan, name] for _, name in keys}
        plans = [clause.plan for found in own.values() for clause in found.clauses]
        if any(each.cap is not None or each.floor is not None for each in plans):
            with _of_component(next(iter(own.values())).clauses[-1]):
                paid |= {(plan, name): found for name, found in plan_bounded(ledger, own).items()}
    return paid


def _fixed(facts: Facts, key: Key) -> pl.DataFrame:
    plan, component = key
    return facts.fixed_events.filter((pl.col("plan") == plan) & (pl.col("component") == component))


def _result(
    ledger: Book, credits: Credits, measured: Mapping[Key, Measured], paid: dict[Key, Paid], holds: pl.DataFrame | None
) -> Result:
    """With the lines, where `holds` are given."""
    missed = uncredited(ledger, credits)
    earnings, dear, chosen = earnings_frame(ledger, paid), deal_pay(ledger, paid), chosen_frame(ledger, paid)
    standings = standings_frame(ledger, paid)
    return Result(
        earnings=earnings,
        lines=lines_frame(ledger, credits, paid, holds) if holds is not None else None,
        uncredited=uncredited_frame(ledger, credits, missed, measured),
        pending=pending_frame(ledger, credits, measured),
        deal_pay=dear,
        counts=_counts(ledger, credits, missed),
        chosen=chosen,
        standings=standings,
    )


def _counts(ledger: Book, credits: Credits, missed: pl.DataFrame) -> Mapping[str, int]:
    """How many deals were read, credited in full or in part, pending, uncredited; how often the matcher was asked."""
    pending = ledger.deals["accepted_time"].null_count()
    held = credits.holders["event_ix"].filter(credits.held)
    held = held.filter(ledger.events["accepted_time"].is_not_null()[held])
    return {
        "deals_read": ledger.deals.height,
        "deals_credited": _deals_of(ledger, held),
        "deals_pending": pending,
        "deals_uncredited": _deals_of(ledger, missed["event_ix"]),
        "signatures_asked": sum(credited.reading.asked for credited in credits.by_plan),
    }


def _deals_of(ledger: Book, events: pl.Series) -> int:
    """Of how many deals the events are."""
    marks = repeated(0, ledger.deals.height, pl.Int64)
    return int(marks.scatter(ledger.events["deal_ix"][events], 1).sum())
