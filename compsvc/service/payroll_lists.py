"""What can be read of payroll, page by page: runs, payouts with what became of them, balances; and the chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import polars as pl

from compsvc.core.limits import MAX_VIOLATIONS
from compsvc.core.payroll_run import FIRST_HASH
from compsvc.service import pages, payroll_adjustments, payroll_holds, payroll_runs
from compsvc.service.access import require
from compsvc.service.payroll_ports import Adjustment, PayoutOutcome, Run
from compsvc.service.payroll_runs import Payroll, RunPayouts
from compsvc.service.ports import Caller

PayoutState = Literal["computed", "sealed", "unknown", "paid", "rejected"]


@dataclass(frozen=True, slots=True)
class Told:
    """A payout, and what became of it."""

    row: dict[str, Any]  # of BOOKED_PAYOUTS
    state: PayoutState
    outcome: PayoutOutcome | None
    paid_for: str  # the month that it corrects, or in which it was first to be paid


@dataclass(frozen=True, slots=True)
class RunPage:
    runs: Sequence[Run]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class PayoutPage:
    run: Run
    payouts: Sequence[Told]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class AdjustmentPage:
    adjustments: Sequence[Adjustment]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class HoldPage:
    holds: Sequence[payroll_holds.Held]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class BalancePage:
    """All pages are of the ledger as it stood at the first one; the count is of all of them."""

    balances: pl.DataFrame
    unexplained_count: int
    ledger_position: int
    next_page_token: str


@dataclass(frozen=True, slots=True)
class Verified:
    entry_count: int
    head_hash: str
    faults: Sequence[str]  # in words; none where the ledger is as it was booked


def list_runs(
    payroll: Payroll, caller: Caller, *, pay_period: str, page_size: int, page_token: str, as_of: datetime | None = None
) -> RunPage:
    """In the order in which they were created, so that a new one moves no page."""
    require(caller, "read_ledger")
    what = {"pay_period": pay_period, **({"as_of": as_of.isoformat()} if as_of else {})}
    asked = pages.asked(page_size, page_token, of="runs", where=what)
    first = pages.place_of(asked.after)
    found = payroll_runs.list_runs(payroll, caller, pay_period=pay_period, as_of=as_of)[first:]
    token = pages.token(of="runs", where=what, position=0, after=(first + asked.limit,))
    return RunPage(found[: asked.limit], token if len(found) > asked.limit else "")


def list_run_payouts(
    payroll: Payroll, caller: Caller, *, run_id: str, state: PayoutState | None, page_size: int, page_token: str
) -> PayoutPage:
    """A token is of the run as it was at the first page; the places of payouts in it never change."""
    found = payroll_runs.run_payouts(payroll, caller, run_id=run_id)
    what = {"run": run_id, "digest": found.run.digest, "state": state}
    asked = pages.asked(page_size, page_token, of="run_payouts", where=what)
    first = pages.place_of(asked.after)
    rows = list(told(payroll, found, first=first, state=state, limit=asked.limit + 1))
    last = rows[asked.limit][0] if len(rows) > asked.limit else None
    token = "" if last is None else pages.token(of="run_payouts", where=what, position=0, after=(last,))
    return PayoutPage(found.run, [each for _, each in rows[: asked.limit]], token)


def names_of(payroll: Payroll, page: PayoutPage) -> Mapping[str, str | None]:
    """By their ids what the participants of a page are called."""
    ids = sorted({each.row["participant_id"] for each in page.payouts})
    rows = payroll.calculations.basis().facts.of("participants", "participant_id", *ids)
    return dict(rows.select("participant_id", "display_name").iter_rows())


def told(
    payroll: Payroll, found: RunPayouts, *, first: int = 0, state: PayoutState | None = None, limit: int | None = None
) -> Iterator[tuple[int, Told]]:
    """Payouts with their places in the run, from a place on; those in a state only, where one is named."""
    outcomes = {each.payout_id: each for each in payroll.store.outcomes(found.run.run_id)}
    waiting: PayoutState = "computed"
    if found.run.state == "sealed":
        waiting = "unknown" if found.run.run_id in payroll.store.exported() else "sealed"
    count = 0
    for place, row in enumerate(found.payouts[first:].iter_rows(named=True), start=first):
        outcome = outcomes.get(row["payout_id"])
        now: PayoutState = waiting if outcome is None else outcome.outcome
        if state in (None, now):
            yield place, Told(row, now, outcome, _paid_for(payroll, row))
            count += 1
        if count == limit:
            return


def _paid_for(payroll: Payroll, row: dict[str, Any]) -> str:
    while name := row["repeats_payout_id"]:
        row = payroll.store.payout(name).row(0, named=True)
    return str(row["corrects_pay_period"] or row["pay_period"])


def list_adjustments(
    payroll: Payroll, caller: Caller, *, origin: str, state: str, page_size: int, page_token: str
) -> AdjustmentPage:
    """In the order in which they were written; a decision moves none."""
    what = {"origin": origin, "state": state}
    found = payroll_adjustments.list_adjustments(payroll, caller, origin=origin, state=state)
    asked = pages.asked(page_size, page_token, of="adjustments", where=what)
    first = pages.place_of(asked.after)
    token = pages.token(of="adjustments", where=what, position=0, after=(first + asked.limit,))
    rest = found[first:]
    return AdjustmentPage(rest[: asked.limit], token if len(rest) > asked.limit else "")


def list_holds(payroll: Payroll, caller: Caller, *, state: str, page_size: int, page_token: str) -> HoldPage:
    """Those of deals in the order in which they were written, then what waits for a review."""
    found = payroll_holds.list_holds(payroll, caller, state=state)
    asked = pages.asked(page_size, page_token, of="holds", where={"state": state})
    first = pages.place_of(asked.after)
    token = pages.token(of="holds", where={"state": state}, position=0, after=(first + asked.limit,))
    rest = found[first:]
    return HoldPage(rest[: asked.limit], token if len(rest) > asked.limit else "")


def list_balances(payroll: Payroll, caller: Caller, *, page_size: int, page_token: str) -> BalancePage:
    require(caller, "read_ledger")
    asked = pages.asked(page_size, page_token, of="balances", where={})
    position = payroll.store.last_entry() if asked.position is None else asked.position
    first = pages.place_of(asked.after)
    found = payroll_runs.reconcile(payroll, caller, upto=position)
    wrong = found.filter(pl.col("unexplained_minor") != 0).height
    token = pages.token(of="balances", where={}, position=position, after=(first + asked.limit,))
    more = found.height > first + asked.limit
    return BalancePage(found.slice(first, asked.limit), wrong, position, token if more else "")


def verified(payroll: Payroll, caller: Caller) -> Verified:
    require(caller, "read_ledger")
    booked = payroll.store.ledger()
    faults = payroll_runs.verify_ledger(payroll, caller)[:MAX_VIOLATIONS]
    return Verified(booked.height, str(booked["hash"][-1]) if booked.height else FIRST_HASH, faults)
