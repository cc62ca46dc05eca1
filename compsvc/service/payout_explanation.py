"""Why a payout pays what it pays: the ledger's entries that it is the sum of, and the lines and deals behind them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from compsvc.core.adjustments import SOURCE
from compsvc.core.facts import Facts
from compsvc.core.ledger import EVENT
from compsvc.core.payroll_run import entries_of
from compsvc.core.statement_values import LineKey, key_of
from compsvc.service.access import require
from compsvc.service.payroll_lists import Told, told
from compsvc.service.payroll_runs import Payroll, RunPayouts, get_run
from compsvc.service.ports import Caller, NotFound


@dataclass(frozen=True, slots=True)
class ExplainedEntry:
    """`row` is of BOOKED, with the amount that it adds to the payout, and `corrects_entry`: the one before it of the
    same event, where it corrects what was posted; null otherwise."""

    row: dict[str, Any]
    line: LineKey | None  # None for what belongs to an account, and for a stated amount
    account_name: str
    closed_date: date | None


@dataclass(frozen=True, slots=True)
class PayoutExplanation:
    payout: Told
    display_name: str
    repeated: Sequence[Told]  # what it pays again, the first one last: the entries are of that one
    entries: Sequence[ExplainedEntry]
    recorded_time: datetime  # when they were booked
    input_digest: str  # of what they were calculated from (B1)

    @property
    def unexplained_minor(self) -> int:
        """Zero, as long as the book is what was booked."""
        booked: int = sum(each.row["amount_minor"] for each in self.entries)
        return int(self.payout.row["amount_minor"]) - booked


def explain_payout(payroll: Payroll, caller: Caller, *, payout_id: str, run_id: str = "") -> PayoutExplanation:
    """Of a sealed run. `run_id`: of this one, where it is known."""
    require(caller, "read_ledger")
    payout, *repeated = _chain(payroll, caller, payout_id)
    if run_id and payout.row["run_id"] != run_id:
        raise _unknown(payout_id)
    first = [payout, *repeated][-1].row
    entries = _with_corrected(payroll.store.ledger(participant_id=first["participant_id"]))
    rows = entries_of(first, entries.filter(pl.col("run_id") == first["run_id"]))
    facts = payroll.calculations.basis().facts
    names = facts.of("participants", "participant_id", first["participant_id"])["display_name"]
    name = (names[0] if len(names) else None) or ""
    run = get_run(payroll, caller, run_id=first["run_id"])
    explained = [_entry(facts, row) for row in rows.iter_rows(named=True)]
    digest = payroll.store.input_digest(run.book_position)
    return PayoutExplanation(payout, name, repeated, explained, run.recorded_time, digest)


def _with_corrected(entries: pl.DataFrame) -> pl.DataFrame:
    """The last entry of the same event and kind before it, whatever its step: what takes back or completes a line is
    another step of its event. Only what names the month that it corrects can correct one."""
    before = pl.col("entry").shift(1).over([*EVENT, "part", "kind", "currency_code", "account"])
    return entries.with_columns(corrects_entry=pl.when(pl.col("corrects_pay_period").is_not_null()).then(before))


def _chain(payroll: Payroll, caller: Caller, payout_id: str) -> Iterator[Told]:
    """The payout, and what it pays again."""
    name: str | None = payout_id
    while name:
        found = payroll.store.payout(name)
        if found.is_empty():
            raise _unknown(name)
        run = get_run(payroll, caller, run_id=found["run_id"][0])
        ((_, payout),) = told(payroll, RunPayouts(run, found))
        yield payout
        name = payout.row["repeats_payout_id"]


def _unknown(payout_id: str) -> NotFound:
    message = f"No sealed run has a payout `{payout_id[:200]}`. `compsvc payroll show RUN` prints the ids."
    return NotFound("compsvc.dev/RunPayout", f"runs/-/payouts/{payout_id[:200]}", message)


def _entry(facts: Facts, row: dict[str, Any]) -> ExplainedEntry:
    line = key_of(row) if row["component"] and row["source"] != SOURCE else None
    key = (row["source"] or "", row["external_id"] or "")
    deals = facts.of("deals", "external_id", key[1]).filter(pl.col("source") == key[0])
    if deals.is_empty() or row["line"] is None:
        return ExplainedEntry(row, line, "", None)
    account = deals["account_id"][0] or ""
    names = facts.of("accounts", "account_id", account)["name"]
    return ExplainedEntry(row, line, (names[0] if len(names) else None) or account, deals["closed_date"][0])
