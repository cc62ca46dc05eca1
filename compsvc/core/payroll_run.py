"""One run of a pay period: what is to be posted, the payouts that come of it, and the events that it fixes (B1, D2)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl

from compsvc.core import ledger, proposals
from compsvc.core.cutover import PAID_BEFORE, at_most_paid, become_since
from compsvc.core.facts import FIXED_EVENTS, Facts, Schema
from compsvc.core.holds_booked import with_holds
from compsvc.core.ledger import EVENT, OWED
from compsvc.core.money import to_minor
from compsvc.core.pay import ACCOUNT, pay
from compsvc.core.pay_fx import PAID_AS, must_have_rates, pay_rates, with_paid_as
from compsvc.core.pay_labels import LABELS, said, with_labels
from compsvc.core.pay_terms import terms_by_month
from compsvc.core.payouts import OF_MOVES, nature_of_line
from compsvc.core.plan import Plan
from compsvc.core.proposals import Before, Terms, Told
from compsvc.core.results import EARNING, Result
from compsvc.core.stated_credits import SOURCES
from compsvc.core.statement_values import Span

FIRST_HASH = "0" * 64
OF_STEPS = {  # natures of what an account adds to the lines
    **dict.fromkeys(("recovered_draw", "recovered_negative"), "recovery"),
    "lent": "draw",
    "topped_up": "guarantee",
    "carried": "carried",
}

PAYOUTS: Schema = {  # of a run, sorted; B6 as far as the calculation knows it
    **dict.fromkeys(("participant_id", "plan", "component", "earned_period"), pl.String),
    **dict.fromkeys(("earned_start_date", "earned_end_date"), pl.Date),
    "nature": pl.String,
    "corrects_pay_period": pl.String,  # null unless it corrects one, or comes late
    "amount_minor": pl.Int64,
    "currency_code": pl.String,
    "repeats_payout_id": pl.String,  # the rejected one that is paid again; null otherwise
    **PAID_AS,
    **LABELS,
}
PAID_FOR = [
    name for name in PAYOUTS if name not in PAID_AS and name not in LABELS
]  # what names a payout of a run for good
AFTER_TOP_UP = (
    "recovered_draw",
    "recovered_negative",
    "carried",
    "paid",
)  # kinds that do not say what a top-up lacks (T3)
_PAID_FOR = ["participant_id", "plan", "component", "period", "nature", "corrects_pay_period", "currency_code"]


@dataclass(frozen=True)
class Booked:
    """What the book has when a run is computed."""

    entries: pl.DataFrame  # ENTRIES with `entry`, null of what is not booked yet, and `pay_period`
    rejected: pl.DataFrame  # PAYOUTS that were not paid, to be paid by this run
    earlier: pl.DataFrame  # PAYOUTS of the sealed runs of this pay period
    proposes: bool = True  # whether the run records what it proposes: one of everybody, in the last month that is run
    who: pl.Expr = field(default_factory=lambda: pl.lit(value=True))  # the participants that it is of
    cutover: date | None = None  # the first day that the ledger pays for; None: as the entries say
    unsigned: Sequence[str] = ()  # whose terms wait for a signature: nothing is recovered from them (J3)
    paid_before: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PAID_BEFORE))  # the cut-over
    then: Result | None = None  # proposals.Terms.then of today's terms

    def of(self, only: Sequence[str], *, without: Sequence[str]) -> Booked:
        who = ~pl.col("participant_id").is_in(list(without))
        who = who & pl.col("participant_id").is_in(list(only)) if only else who
        frames = {name: getattr(self, name).filter(who) for name in ("entries", "rejected", "earlier")}
        cutover = self.cutover or ledger.cutover_of(self.entries)  # of the whole book: not everybody has a balance
        return replace(self, **frames, proposes=self.proposes and not only, who=who, cutover=cutover)

    @property
    def runs(self) -> pl.DataFrame:
        """By account what came back and what was paid in the pay period: pay.RUNS."""
        again = self.earlier.filter(pl.col("repeats_payout_id").is_not_null())
        of = {"returned_minor": [again, self.rejected], "run_minor": [self.earlier]}
        sums = [
            pl.concat(frame.select(*ACCOUNT, "amount_minor") for frame in frames)
            .group_by(ACCOUNT)
            .agg(to_minor(pl.col("amount_minor").cast(pl.Int128).sum()).alias(name))
            for name, frames in of.items()
        ]
        both = sums[0].join(sums[1], on=ACCOUNT, how="full", coalesce=True)
        return both.with_columns(pl.col(*of).fill_null(0))


@dataclass(frozen=True)
class RunContent:
    """`entries` and `payouts` as they are to be booked; `fixed` are the events whose place the seal fixes."""

    entries: pl.DataFrame  # ENTRIES
    payouts: pl.DataFrame  # PAYOUTS
    fixed: pl.DataFrame  # FIXED_EVENTS
    proposed: pl.DataFrame  # PROPOSED: what changed terms make of what is posted; held back until it is accepted (T5)
    leaves: Sequence[str] | None = None  # whose proposals stay as they are; None: everybody's, it records none

    @property
    def digest(self) -> str:
        """Of everything that the run would book: equal content, equal digest."""
        text = hashlib.sha256()
        converted = self.payouts["pay_currency_code"].is_not_null().any()
        names = [*PAID_FOR, *(PAID_AS if converted else []), *(LABELS if said(self.payouts) else [])]
        payouts = self.payouts.select(names)
        for frame in (self.entries, payouts, self.fixed, *([self.proposed] if self.proposed.height else [])):
            text.update(json.dumps([frame.columns, *frame.rows()], ensure_ascii=False, default=str).encode())
        return text.hexdigest()


def run_content(
    result: Result, plans: Sequence[Plan], facts: Facts, booked: Booked, pay_period: Span, only: Sequence[str] = (),
    before: Before | None = None,
) -> RunContent:  # fmt: skip
    """What has to be booked in the pay period so that the book says what is true by its end. `only`: for these
    participants alone, off the cycle. Who is booked in a later pay period is left to that one. `before`: what goes by
    earlier terms than today's; what today's would change in earlier pay periods is proposed and not booked (T5)."""
    left_out = booked_later(booked.entries, pay_period)
    booked = booked.of(only, without=left_out)
    now, under = Terms(result, plans, facts, booked.then), before.under if before is not None else {}
    entries, found = _to_book(now, booked, pay_period, before, participant_id=None, off_cycle=bool(only))
    payouts = pl.concat([_payouts(entries, [*under.values(), now]), booked.rejected.select(PAID_FOR)])
    payouts = with_paid_as(payouts.sort(PAID_FOR, nulls_last=True), pay_rates(plans, facts, pay_period))
    must_have_rates(payouts)
    payouts = with_labels(payouts, plans, facts, pay_period)
    fixed = _fixed(_events(now, under, found.held, pay_period.end_date), facts, entries)
    if not booked.proposes:
        return RunContent(entries, payouts, fixed, found.proposed.clear())
    return RunContent(entries, payouts, fixed, found.proposed, left_out)


def to_book_for(
    result: Result, plans: Sequence[Plan], facts: Facts, booked: Booked, pay_period: Span, participant_id: str,
    before: Before | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:  # fmt: skip
    """ENTRIES that a run of everybody would book for one participant, and PROPOSED that would be proposed."""
    own, now = booked.of([participant_id], without=()), Terms(result, plans, facts, booked.then)
    entries, told = _to_book(now, own, pay_period, before, participant_id=participant_id, off_cycle=False)
    return entries, told.proposed


def _to_book(
    now: Terms, booked: Booked, pay_period: Span, before: Before | None, *, participant_id: str | None, off_cycle: bool
) -> tuple[pl.DataFrame, Told]:
    """ENTRIES, and what changed terms propose. `participant_id`: of this one alone, which is quicker."""
    posted = ledger.posted_of(booked.entries)
    found = _told(now, booked, pay_period, before, posted, participant_id)
    true = with_holds(found.true, booked.entries, now.facts.holds, pay_period.start_date)
    changed = ledger.differences(true, posted, pay_period.start_date)
    terms = terms_by_month(now.plans, now.facts, pay_period.start_date, pay_period.end_date, participant_id)
    terms = terms.filter(booked.who) if terms.height else terms
    return _entries(changed, booked, terms, pay_period, off_cycle=off_cycle), found


def _told(
    now: Terms,
    booked: Booked,
    pay_period: Span,
    before: Before | None,
    posted: pl.DataFrame,
    participant_id: str | None,
) -> Told:
    """What is to be posted of what is true by the end of the pay period, and what is to be proposed."""
    true = _true(now, booked, pay_period.end_date, participant_id)
    if before is None or not before.under:
        return proposals.untouched(true)
    earlier = {at: _true(terms, booked, pay_period.end_date, participant_id) for at, terms in before.under.items()}
    return proposals.told(true, earlier, before, posted, pay_period.start_date)


def _true(terms: Terms, booked: Booked, until: date, participant_id: str | None) -> pl.DataFrame:
    """By subject what is due before a day and after the cut-over, of those whom the run is of."""
    assert booked.cutover is not None, "of the whole book"
    moves = _due(terms.result, terms, until, participant_id)
    since = pl.col("payable_date") >= booked.cutover
    earlier, paid = moves.filter(~since), moves.filter(since)
    if terms.then is not None:
        then = _due(terms.then, terms, booked.cutover, participant_id)
        further = become_since(earlier, then, (terms.result, terms.then), terms.plans, booked.cutover)
        words = pl.col(pl.Categorical).cast(pl.String)
        paid = pl.concat([each.with_columns(words) for each in (paid, further)], how="diagonal")
    true = ledger.true_subjects(paid, until).filter(booked.who)
    return at_most_paid(true, booked.paid_before, earlier)


def _due(result: Result, terms: Terms, until: date, participant_id: str | None) -> pl.DataFrame:
    found = pay(result, terms.plans, terms.facts, until=until, participant_id=participant_id, holds=False)
    return pl.concat([found.moves, found.advances], how="diagonal")


def booked_later(entries: pl.DataFrame, pay_period: Span) -> list[str]:
    """Who has anything booked in a later pay period: what they are still owed is booked there, or later (T3)."""
    later = entries.filter(pl.col("pay_period") > pay_period.name, pl.col("kind") != "paid")
    return sorted(later["participant_id"].unique())


def _entries(
    changed: pl.DataFrame, booked: Booked, terms: pl.DataFrame, pay_period: Span, *, off_cycle: bool
) -> pl.DataFrame:
    """What differs, and what the sequential step of the whole pay period comes to above what its earlier runs have
    booked of it: a pay period tops up, recovers and carries once, however many runs it has (T3)."""
    month, inside = pay_period.start_date, pl.col("pay_period") == pay_period.name
    before = booked.entries.filter(inside, pl.col("kind") != "paid")
    terms = _not_topped_up(terms, before) if off_cycle else terms
    moves = pl.concat([changed, ledger.debits(before)], how="diagonal")
    openings = ledger.openings_of(booked.entries.filter(pl.col("pay_period") < pay_period.name), month)
    accounts = ledger.account_steps(moves, openings, terms, month, booked.runs, booked.unsigned)
    return ledger.entries(changed, accounts, before)


def _not_topped_up(terms: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Off the cycle nothing is topped up beyond what earlier runs have come to, since more may come (T3)."""
    if terms.is_empty():
        return terms
    come = before.filter(pl.col("account") == OWED, ~pl.col("kind").is_in(AFTER_TOP_UP))
    had = come.group_by(ACCOUNT).agg(_had=-to_minor(pl.col("amount_minor").cast(pl.Int128).sum()))
    rows = terms.join(had, on=ACCOUNT, how="left", maintain_order="left")
    return rows.with_columns(
        floor_minor=pl.min_horizontal("floor_minor", pl.col("_had").fill_null(0).clip(lower_bound=0))
    ).drop("_had")


def _payouts(entries: pl.DataFrame, terms: Sequence[Terms]) -> pl.DataFrame:
    """What the entries add to what is payable, by what it is paid for; what comes to nothing is no payout. What a
    component and its period are is told by the last of the terms that know it."""
    plans = [plan for each in terms for plan in sorted(each.plans, key=lambda plan: plan.effective)]
    owed = entries.filter(pl.col("account") == OWED).join(_rates(plans), on=["plan", "component"], how="left")
    of_line = pl.when("has_rates").then(pl.lit("commission")).otherwise(pl.lit("bonus"))
    rows = owed.with_columns(nature=_nature(of_line), amount_minor=-pl.col("amount_minor"))
    summed = rows.group_by(_PAID_FOR).agg(to_minor(pl.col("amount_minor").cast(pl.Int128).sum()))
    spans = pl.concat(
        each.result.earnings.select(*EARNING, earned_start_date="period_start_date", earned_end_date="period_end_date")
        for each in terms
    ).unique(EARNING, keep="last")
    found = summed.filter(pl.col("amount_minor") != 0).join(spans, on=EARNING, how="left")
    return (
        found.rename({"period": "earned_period"})
        .with_columns(
            pl.col("plan", "component", "earned_period").fill_null(""), repeats_payout_id=pl.lit(None, dtype=pl.String)
        )
        .select(PAID_FOR)
    )


OF_LINES = ("commission", "bonus")  # the natures of lines; a component has one of them in a run


def entries_of(payout: Mapping[str, Any], entries: pl.DataFrame) -> pl.DataFrame:
    """Of a run's entries those that a payout of it is the sum of, each with what it adds to what is payable; that it
    was paid meanwhile is no part of it."""
    line = pl.lit(payout["nature"] if payout["nature"] in OF_LINES else "")
    owed = entries.filter(pl.col("account") == OWED, pl.col("kind") != "paid").with_columns(nature=_nature(line))
    names = {name: "earned_period" if name == "period" else name for name in _PAID_FOR}
    same = [pl.col(name).fill_null("") == (payout[of] or "") for name, of in names.items()]
    return owed.filter(*same).with_columns(amount_minor=-pl.col("amount_minor"))


def _nature(of_line: pl.Expr) -> pl.Expr:
    """What an entry is paid as."""
    kinds = pl.col("kind").replace_strict({**OF_MOVES, **OF_STEPS}, default=None, return_dtype=pl.String)
    return pl.coalesce(kinds, nature_of_line(of_line))


def _rates(plans: Sequence[Plan]) -> pl.DataFrame:
    """Whether a component pays rates of money, by the last of its revisions."""
    latest = {
        (plan.plan, name): component.pays.has_rates for plan in plans for name, component in plan.components.items()
    }
    schema = {"plan": pl.String, "component": pl.String, "has_rates": pl.Boolean}
    return pl.DataFrame([(*key, rates) for key, rates in latest.items()], schema=schema, orient="row")


def _fixed(events: pl.DataFrame, facts: Facts, booked: pl.DataFrame) -> pl.DataFrame:
    """The events that are booked, and those that stand before one of them in its list, since its place and amount
    follow from theirs (D2). They go on counting where what is fixed of the list already ends."""
    known = facts.fixed_events.group_by(EARNING).agg(_fixed=pl.len().cast(pl.Int64))
    posted = booked.filter(_HAS_PLACE).select(*EVENT).unique()
    of_posted = events.join(posted, on=EVENT, how="semi", nulls_equal=True)
    last = of_posted.group_by(EARNING).agg(_last=pl.col("place").max())
    fresh = events.join(last, on=EARNING).join(known, on=EARNING, how="left")
    fresh = fresh.with_columns(pl.col("_fixed").fill_null(0))
    fresh = fresh.filter(pl.col("place") >= pl.col("_fixed"), pl.col("place") <= pl.col("_last"))
    fresh = fresh.sort(*EARNING, "place", *EVENT, nulls_last=True)
    number = pl.col("_fixed") + pl.int_range(pl.len(), dtype=pl.Int64).over(EARNING)
    return fresh.with_columns(place=number).select(*FIXED_EVENTS)


_HAS_PLACE = pl.col("line").is_not_null() | pl.col("activity").is_not_null()  # a deal's or an activity, no period's
_HAS_PLACE |= pl.col("source").is_in(list(SOURCES.values())).fill_null(value=False)  # or a stated credit's


def _events(now: Terms, under: Mapping[int, Terms], held: pl.DataFrame, until: date) -> pl.DataFrame:
    """FIXED_EVENTS of today's terms, of what is held those of the terms that it goes by, each in its list's place."""
    every = _listed(now, until)
    if held.is_empty():
        return every
    rows = [every.join(held, on=EVENT, how="anti", nulls_equal=True)]
    for (at,), own in held.partition_by("terms_position", as_dict=True).items():
        listed = _listed(under[at], until) if at in under else every
        rows.append(listed.join(own, on=EVENT, how="semi", nulls_equal=True))
    return pl.concat(rows)


def _listed(terms: Terms, until: date) -> pl.DataFrame:
    """Credits, changes of fixed ones, and what losses take back; what a churn takes back follows its credit."""
    assert terms.result.lines is not None, "a run is made of lines"
    step_kind = pl.col("step_kind").cast(pl.String)
    of_loss = (step_kind == "take_back") & pl.col("loss_id").is_not_null()
    rows = terms.result.lines.filter(
        step_kind.is_in(["own", "difference"]) | of_loss, _HAS_PLACE, pl.col("counting_date") < until
    )
    return rows.select(pl.col(name).cast(dtype) for name, dtype in {**FIXED_EVENTS, "activity": pl.String}.items())


# --- the chain of entries


def chained(entries: pl.DataFrame, *, after: str, first: int) -> pl.DataFrame:
    """The entries numbered from `first`, each with the hash of the one before it and its own."""
    hashes, before = [], after
    for number, row in enumerate(entries.iter_rows(named=True), start=first):
        before = entry_hash(before, {"entry": number, **row})
        hashes.append(before)
    own = pl.Series("hash", hashes, dtype=pl.String)
    previous = pl.Series("previous_hash", [after, *hashes][: len(hashes)], dtype=pl.String)
    numbers = pl.int_range(first, first + entries.height, dtype=pl.Int64, eager=True).alias("entry")
    return pl.concat([numbers.to_frame(), entries], how="horizontal").with_columns(previous, own)


def entry_hash(before: str, row: Mapping[str, Any]) -> str:
    """SHA-256 of the hash before and of the entry as JSON with sorted keys, dates as 2026-03-31."""
    text = json.dumps(dict(row), sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(f"{before}{text}".encode()).hexdigest()


def broken_entries(booked: pl.DataFrame) -> Iterator[str]:
    """What is wrong with a ledger, in words; nothing where every hash is right and every transaction sums to zero."""
    before = FIRST_HASH
    for number, row in enumerate(booked.iter_rows(named=True), start=1):
        own, previous = row.pop("hash"), row.pop("previous_hash")
        if row["entry"] != number:
            yield f"entry {number} is missing: after {number - 1} comes {row['entry']}"
            return
        if previous != before or entry_hash(before, row) != own:
            yield f"entry {number} is not what was booked: its hash does not follow from it and the entry before"
            return
        before = own
    yield from _unbalanced(booked)


def _unbalanced(booked: pl.DataFrame) -> Iterable[str]:
    sums = booked.group_by("run_id", "transaction").agg(pl.col("amount_minor").cast(pl.Int128).sum())
    wrong = sums.filter(pl.col("amount_minor") != 0).sort("run_id", "transaction")
    return (f"transaction {row[1]} of run {row[0]} sums to {row[2]}, not to 0" for row in wrong.iter_rows())
