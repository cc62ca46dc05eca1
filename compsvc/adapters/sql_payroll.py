"""Payroll in a book: runs and their states, the ledger, sealed payouts, outcomes and pay periods; rows only added."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import date, datetime, timedelta
from typing import Any, cast

import polars as pl

from compsvc.adapters.sql import Row, Sql, instant, only
from compsvc.adapters.sql_agreements import SqlAgreements
from compsvc.adapters.sql_chain import broken_links, last_link
from compsvc.adapters.sql_rows import RENAMED, first_answer, last_entry, position_of, time_of, typed_rows
from compsvc.adapters.sql_stated import credits, insert_credit, insert_positions
from compsvc.adapters.sql_store import SqlStore
from compsvc.core.cutover import PAID_BEFORE
from compsvc.core.ledger import EVENT, OPENING
from compsvc.core.proposals import KEPT
from compsvc.service.payroll_ports import (
    BOOKED,
    BOOKED_PAYOUTS,
    PARTS,
    Adjustment,
    OpeningPosition,
    PayoutOutcome,
    PayPeriod,
    PeriodState,
    Renewed,
    Run,
    Sealing,
)
from compsvc.service.ports import Aborted, Loaded, Mutation

_RUN = (
    *("run_id", "pay_period", "participant_ids", "state", "created_by", "approved_by", "book_position"),
    *("ledger_position", "calculation_version", "digest", "payout_count", "totals", "head_hash"),
)


class SqlPayroll:
    """The PayrollStore port over the store of the same book."""

    def __init__(self, store: SqlStore, upto: int = 2**62) -> None:
        self._store, self._upto = store, upto  # the last request that it sees

    def as_of(self, request: int) -> SqlPayroll:
        return SqlPayroll(self._store, request)

    def sealed_at(self, run_id: str) -> int:
        asked = "SELECT request FROM payroll_runs WHERE run_id = ? AND state = 'sealed'"
        with self._store.reading() as read:
            return int(only(read.execute(asked, (run_id,)))[0])

    def signed_off(self, pay_period: str) -> frozenset[str]:
        asked = "SELECT finding_id, action FROM close_findings WHERE pay_period = ? ORDER BY number"
        with self._store.reading() as read:
            last: dict[str, str] = dict(read.execute(asked, (pay_period,)).fetchall())
        return frozenset(name for name, action in last.items() if action == "signed_off")

    # --- reading

    def answered_run(self, mutation: Mutation) -> Run | None:
        with self._store.reading() as read:
            return _first_run(read, mutation)

    def answered_period(self, mutation: Mutation) -> PayPeriod | None:
        with self._store.reading() as read:
            return _first_period(read, mutation)

    def is_answered(self, mutation: Mutation) -> bool:
        with self._store.reading() as read:
            return first_answer(read, mutation) is not None

    def runs(self, pay_period: str | None = None, as_of: datetime | None = None) -> Sequence[Run]:
        with self._store.reading() as read:
            return [run for run in _runs(read, self._upto, as_of) if pay_period in (None, run.pay_period)]

    def ledger(self, upto: int | None = None, participant_id: str = "") -> pl.DataFrame:
        where, values = "entry <= ? AND request <= ?", [2**62 if upto is None else upto, self._upto, participant_id]
        if participant_id:
            where += " AND participant_id = ?"
        with self._store.reading() as read:
            return typed_rows(read, "ledger_entries", BOOKED, where, values[: where.count("?")], "entry")

    def last_entry(self) -> int:
        with self._store.reading() as read:
            return last_entry(read, self._upto)

    def input_digest(self, book_position: int) -> str:
        with self._store.reading() as read:
            return last_link(read, book_position)

    def plan_authors(self) -> Sequence[tuple[str, str, str]]:
        asked = "SELECT p.plan, p.revision, r.subject FROM plans p JOIN requests r ON r.request = p.request"
        with self._store.reading() as read:
            return [(row[0], row[1], row[2]) for row in read.execute(asked)]

    def openings_author(self) -> str:
        kinds = ", ".join(f"'{kind}'" for kind in OPENING)
        first = f"SELECT min(request) FROM ledger_entries WHERE kind IN ({kinds})"
        with self._store.reading() as read:
            row = read.execute(f"SELECT subject FROM requests WHERE request = ({first})").fetchone()
        return "" if row is None else str(row[0])

    def broken_links(self) -> Sequence[str]:
        with self._store.reading() as read:
            return list(broken_links(read))

    def last_link(self) -> str:
        with self._store.reading() as read:
            return last_link(read)

    def cutover_entries(self) -> pl.DataFrame:
        kinds = ", ".join(f"'{kind}'" for kind in OPENING)
        with self._store.reading() as read:
            return typed_rows(read, "ledger_entries", BOOKED, f"kind IN ({kinds})", (), "entry")

    def payouts_of(self, participant_id: str) -> pl.DataFrame:
        with self._store.reading() as read:
            where, order = "participant_id = ?", "request, place"
            return typed_rows(read, "sealed_payouts", BOOKED_PAYOUTS, where, (participant_id,), order)

    def payout(self, payout_id: str) -> pl.DataFrame:
        with self._store.reading() as read:
            return typed_rows(read, "sealed_payouts", BOOKED_PAYOUTS, "payout_id = ?", (payout_id,), "place")

    def last_change(self) -> int:
        with self._store.reading() as read:
            return only(read.execute("SELECT max(request) FROM requests"))[0] or 0

    def run_payouts(self, run_id: str) -> pl.DataFrame:
        with self._store.reading() as read:
            return typed_rows(read, "sealed_payouts", BOOKED_PAYOUTS, "run_id = ?", (run_id,), "place")

    def outcomes(self, run_id: str | None = None) -> Sequence[PayoutOutcome]:
        where, values = "request <= ?", [self._upto, *([] if run_id is None else [run_id])]
        where += "" if run_id is None else " AND run_id = ?"
        asked = f"SELECT payout_id, outcome, paid_date, reason FROM payout_outcomes WHERE {where} ORDER BY payout_id"
        with self._store.reading() as read:
            return [_outcome(row) for row in read.execute(asked, values)]

    def exported(self) -> frozenset[str]:
        with self._store.reading() as read:
            return frozenset(row[0] for row in read.execute("SELECT DISTINCT run_id FROM run_exports"))

    def pay_period(self, name: str) -> PayPeriod:
        with self._store.reading() as read:
            return _pay_period(read, name)

    # --- writing

    def record_run(self, run: Run, mutation: Mutation, *, seen: Run | None) -> Run:
        with self._store.writing(mutation) as write:
            if (first := _first_run(write, mutation)) is not None:
                return first
            _must_stand(write, run.run_id, seen)
            return self._add_run(write, run, mutation, stored=0)

    def seal(self, sealing: Sealing, mutation: Mutation, *, seen: Run, pay_period: PayPeriod) -> Run:
        with self._store.writing(mutation) as write:
            if (first := _first_run(write, mutation)) is not None:
                return first
            run = sealing.run
            _must_stand(write, run.run_id, seen)
            moved = position_of(write) != run.book_position or last_entry(write) != run.ledger_position
            if moved or _pay_period(write, run.pay_period) != pay_period:
                raise _moved(f"run {run.run_id}")
            sealed = self._add_run(write, run, mutation, stored=sealing.fixed.height)
            request = _request_of(write, mutation)
            _insert(write, "ledger_entries", sealing.entries.rename(RENAMED), request)
            numbered = sealing.payouts.with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))
            _insert(write, "sealed_payouts", numbered, request)
            _insert(write, "fixed_events", sealing.fixed, request)
            self._add_proposals(write, sealing.proposals, request)
            return sealed

    def record_export(self, run_id: str, mutation: Mutation) -> None:
        with self._store.writing(mutation) as write:
            if first_answer(write, mutation) is None:
                request = self._store.record(write, mutation, _counts(0), answer=run_id)
                write.insert("run_exports", ("run_id", "request"), [(run_id, request)])

    def acknowledge(
        self,
        run_id: str,
        outcomes: Sequence[PayoutOutcome],
        entries: pl.DataFrame,
        mutation: Mutation,
        *,
        head: int,
        known: int,
    ) -> None:
        with self._store.writing(mutation) as write:
            if first_answer(write, mutation) is not None:
                return
            if entries.height and last_entry(write) != head:
                raise _moved(f"the ledger of run {run_id}")
            if _outcome_count(write, run_id) != known:
                raise _moved(f"what is told of run {run_id}")
            request = self._store.record(write, mutation, _counts(0), answer=run_id)
            rows = [
                (each.payout_id, run_id, request, each.outcome, _text(each.paid_date), each.reason) for each in outcomes
            ]
            write.insert("payout_outcomes", ("payout_id", "run_id", "request", "outcome", "paid_date", "reason"), rows)
            _insert(write, "ledger_entries", entries.rename(RENAMED), request)

    def change_period(self, changed: PayPeriod, mutation: Mutation) -> PayPeriod:
        with self._store.writing(mutation) as write:
            if (first := _first_period(write, mutation)) is not None:
                return first
            if _pay_period(write, changed.name).version != changed.version - 1:
                raise _moved(f"pay period {changed.name}")
            request = self._store.record(write, mutation, _counts(0), answer=f"{changed.name}@{changed.version}")
            row = (changed.name, changed.version, request, changed.state, changed.changed_by, changed.reason)
            columns = ("pay_period", "version", "request", "state", "changed_by", "reason")
            write.insert("pay_periods", columns, [row])
            return changed

    def answered_adjustment(self, mutation: Mutation) -> Adjustment | None:
        with self._store.reading() as read:
            return _first_adjustment(read, mutation)

    def adjustments(self) -> Sequence[Adjustment]:
        with self._store.reading() as read:
            return _adjustments(read, self._upto)

    def parts(self, adjustment_ids: Sequence[str]) -> pl.DataFrame:
        with self._store.reading() as read:
            return _parts(read).filter(pl.col("adjustment_id").is_in(list(adjustment_ids)))

    def kept(self) -> pl.DataFrame:
        with self._store.reading() as read:
            states = {each.adjustment_id: each.state for each in _adjustments(read, self._upto)}
            last = (
                _parts(read)
                .filter(pl.col("adjustment_id").is_in(list(states)))
                .unique(EVENT, keep="last", maintain_order=True)
            )
        state = pl.col("adjustment_id").replace_strict(states, return_dtype=pl.String)
        return last.with_columns(state=state).filter(pl.col("state").is_in(["written", "declined"])).select(*KEPT)

    def record_adjustment(self, adjustment: Adjustment, mutation: Mutation, *, seen: Adjustment | None) -> Adjustment:
        with self._store.writing(mutation) as write:
            if (first := _first_adjustment(write, mutation)) is not None:
                return first
            known = {each.adjustment_id: each for each in _adjustments(write)}
            if known.get(adjustment.adjustment_id) != seen:
                raise _moved(f"adjustment {adjustment.adjustment_id}")
            stored = int(seen is not None)  # a decision changes what is to be paid
            request = self._store.record(write, mutation, _counts(stored), answer=adjustment.adjustment_id)
            _insert_adjustment(write, adjustment, request)
            insert_credit(write, adjustment, request)
            return adjustment

    def acknowledge_proposal(self, proposal: Adjustment, mutation: Mutation) -> Adjustment:
        with self._store.writing(mutation) as write:
            if (first := _first_adjustment(write, mutation)) is not None:
                return first
            known = {each.adjustment_id: each for each in _adjustments(write)}
            if known[proposal.adjustment_id] != proposal:
                raise _moved(f"adjustment {proposal.adjustment_id}")
            request = self._store.record(write, mutation, _counts(0), answer=proposal.adjustment_id)
            if proposal.acknowledged_time is None:
                row = (proposal.adjustment_id, request)
                write.insert("proposal_acknowledgements", ("adjustment_id", "request"), [row])
            return _adjustment(write, proposal.adjustment_id, request)

    def paid_before(self) -> pl.DataFrame:
        with self._store.reading() as read:
            rows = typed_rows(read, "paid_before", PAID_BEFORE, "1 = 1", (), "participant_id, external_id, component")
        return rows.with_columns(pl.col("component").replace("", None))

    def signed_terms(self) -> frozenset[str]:
        return frozenset(each.terms_hash for each in SqlAgreements(self._store).letters() if each.state == "signed")

    def book_openings(
        self,
        entries: pl.DataFrame,
        paid: pl.DataFrame,
        positions: Sequence[OpeningPosition],
        mutation: Mutation,
        *,
        cutover: date,
        source: str,
    ) -> None:
        with self._store.writing(mutation) as write:
            if first_answer(write, mutation) is not None:
                return
            if last_entry(write):
                raise _moved("the ledger")
            request = self._store.record(write, mutation, _counts(len(positions)), answer=None)
            insert_positions(write, positions, cutover - timedelta(days=1), source, request)
            _insert(write, "ledger_entries", entries.rename(RENAMED), request)
            _insert(write, "paid_before", paid.with_columns(pl.col("component").fill_null("")), request)

    @staticmethod
    def _add_proposals(write: Sql, found: Renewed, request: int) -> None:
        for proposal in found.proposed:
            _insert_adjustment(write, proposal, request)
        _insert(write, "adjustment_parts", found.parts, request)
        gone = [(each.adjustment_id, request) for each in found.superseded]
        write.insert("superseded_proposals", ("adjustment_id", "request"), gone)

    def _add_run(self, write: Sql, run: Run, mutation: Mutation, *, stored: int) -> Run:
        request = self._store.record(write, mutation, _counts(stored), answer=run.run_id)
        values = asdict(replace(run, participant_ids=()))
        row = {**values, "participant_ids": json.dumps(list(run.participant_ids)), "request": request}
        write.insert("payroll_runs", ("request", *_RUN), [[row[name] for name in ("request", *_RUN)]])
        return replace(run, recorded_time=time_of(write, request))


# --- rows


_ADJUSTMENT = tuple(each.name for each in fields(Adjustment) if each.name not in ("acknowledged_time", "credit"))


def _adjustments(read: Sql, upto: int = 2**62) -> Sequence[Adjustment]:
    asked = f"SELECT {', '.join(_ADJUSTMENT)} FROM adjustments WHERE request <= ? ORDER BY request, adjustment_id"
    rows = read.execute(asked, (upto,)).fetchall()
    found = {row[0]: Adjustment(*row) for row in rows}
    no_more = "SELECT adjustment_id FROM superseded_proposals WHERE request <= ?"
    for (gone,) in read.execute(no_more, (upto,)).fetchall():
        found[gone] = replace(found[gone], state="superseded")
    told = "SELECT a.adjustment_id, r.recorded_time FROM proposal_acknowledgements a "
    asked = "JOIN requests r ON r.request = a.request WHERE a.request <= ?"
    for acknowledged, time in read.execute(told + asked, (upto,)).fetchall():
        found[acknowledged] = replace(found[acknowledged], acknowledged_time=instant(time))
    for credited, credit in credits(read, upto).items():
        found[credited] = replace(found[credited], credit=credit)
    return list(found.values())


def _adjustment(read: Sql, adjustment_id: str, upto: int) -> Adjustment:
    return next(each for each in _adjustments(read, upto) if each.adjustment_id == adjustment_id)


_BEFORE_PARTS = """
SELECT p.book_position FROM payroll_runs p WHERE p.state = 'sealed' AND p.request < adjustment_parts.request
ORDER BY p.participant_ids = '[]' DESC, p.pay_period DESC, p.book_position DESC LIMIT 1
"""  # the terms of proposals that were stored without them: those of the last run before


def _parts(read: Sql) -> pl.DataFrame:
    """PARTS of all proposals, the oldest first."""
    own = [name for name in PARTS if name != "terms_position"]
    asked = f"SELECT {', '.join(own)}, COALESCE(terms_position, ({_BEFORE_PARTS})) FROM adjustment_parts"
    rows = read.execute(f"{asked} ORDER BY request, adjustment_id, place").fetchall()
    return pl.DataFrame(rows, schema=dict(PARTS), orient="row")


def _first_adjustment(read: Sql, mutation: Mutation) -> Adjustment | None:
    """In the state that this request left it in."""
    if first_answer(read, mutation) is None:
        return None
    asked = "SELECT request, answer FROM requests WHERE request_id = ?"
    request, adjustment_id = only(read.execute(asked, (mutation.request_id,)))
    return _adjustment(read, adjustment_id, request)


def _insert_adjustment(write: Sql, adjustment: Adjustment, request: int) -> None:
    values = asdict(adjustment)
    write.insert("adjustments", ("request", *_ADJUSTMENT), [[request, *(values[name] for name in _ADJUSTMENT)]])


def _runs(read: Sql, upto: int = 2**62, as_of: datetime | None = None) -> Sequence[Run]:
    """In their latest states, or those in which they were then, in the order in which they were created."""
    found: dict[str, Run] = {}
    asked = f"SELECT {', '.join(f'p.{name}' for name in _RUN)}, r.recorded_time FROM payroll_runs p "
    where = "JOIN requests r ON r.request = p.request WHERE p.request <= ? ORDER BY p.request"
    for row in read.execute(asked + where, (upto,)):
        run = _run(row)
        if as_of is None or run.recorded_time <= as_of:
            found[run.run_id] = run
    return list(found.values())


def _run(row: Row) -> Run:
    values: dict[str, Any] = dict(zip(_RUN, row, strict=False))
    values["participant_ids"] = tuple(json.loads(values["participant_ids"]))
    return Run(**values, recorded_time=instant(row[-1]))


def _first_run(read: Sql, mutation: Mutation) -> Run | None:
    """The run in the state that this request left it in."""
    if first_answer(read, mutation) is None:
        return None
    asked = f"SELECT {', '.join(f'p.{name}' for name in _RUN)}, r.recorded_time FROM payroll_runs p "
    where = "JOIN requests r ON r.request = p.request WHERE r.request_id = ?"
    return _run(only(read.execute(asked + where, (mutation.request_id,))))


def _first_period(read: Sql, mutation: Mutation) -> PayPeriod | None:
    """The pay period in the state that this request left it in."""
    if first_answer(read, mutation) is None:
        return None
    asked = "SELECT p.pay_period, p.state, p.version, p.changed_by, p.reason FROM pay_periods p "
    where = "JOIN requests r ON r.request = p.request WHERE r.request_id = ?"
    return PayPeriod(*only(read.execute(asked + where, (mutation.request_id,))))


def _must_stand(write: Sql, run_id: str, seen: Run | None) -> None:
    now = next((run for run in _runs(write) if run.run_id == run_id), None)
    if now != seen:
        raise _moved(f"run {run_id}")


def _moved(what: str) -> Aborted:
    message = f"Something was stored since {what} was looked at. Nothing was changed; look again and decide anew."
    return Aborted("BOOK_MOVED", message)


def _outcome_count(read: Sql, run_id: str) -> int:
    return cast(int, only(read.execute("SELECT count(*) FROM payout_outcomes WHERE run_id = ?", (run_id,)))[0])


def _request_of(read: Sql, mutation: Mutation) -> int:
    asked = "SELECT request FROM requests WHERE request_id = ?"
    return cast(int, only(read.execute(asked, (mutation.request_id,)))[0])


def _pay_period(read: Sql, name: str) -> PayPeriod:
    asked = (
        "SELECT state, version, changed_by, reason FROM pay_periods WHERE pay_period = ? ORDER BY version DESC LIMIT 1"
    )
    row = read.execute(asked, (name,)).fetchone()
    return PayPeriod(name, "open", 0, "", "") if row is None else PayPeriod(name, cast(PeriodState, row[0]), *row[1:])


def _outcome(row: Row) -> PayoutOutcome:
    return PayoutOutcome(row[0], row[1], None if row[2] is None else date.fromisoformat(row[2]), row[3])


def _counts(stored: int) -> Loaded:
    return Loaded(created=stored, unchanged=0, revised=0, position=None, recorded_time=None)


def _text(day: date | datetime | None) -> str | None:
    return None if day is None else day.isoformat()


def _insert(write: Sql, table: str, rows: pl.DataFrame, request: int) -> None:
    texts = rows.with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d"), request=pl.lit(request, dtype=pl.Int64))
    write.insert(table, texts.columns, texts.rows())
