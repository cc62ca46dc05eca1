"""What people say to a calculation, in a book: disputes, plan letters, acknowledgements, sign-offs; rows only added."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from compsvc.adapters.sql import Row, Sql, instant, only
from compsvc.adapters.sql_rows import first_answer, time_of
from compsvc.adapters.sql_store import SqlStore
from compsvc.core.control_totals import Stated, Total
from compsvc.core.statement_values import Money
from compsvc.service.agreement_ports import (
    Acknowledgement,
    Dispute,
    DisputeEntry,
    FindingEntry,
    Letter,
    LetterEntry,
    RecordedFinding,
)
from compsvc.service.ports import Aborted, Loaded, Mutation

T = TypeVar("T", Dispute, Letter, Stated)

_NOTHING_STORED = Loaded(created=0, unchanged=0, revised=0, position=None, recorded_time=None)
_DISPUTE = ("dispute_id", "participant_id", "subject", "period", "amount_minor", "currency_code")
_DISPUTE_ENTRY = ("number", "action", "author", "text", "adjustment_id")
_LETTER = ("letter_id", "participant_id", "plan", "revision", "start_date", "terms", "terms_hash", "sender")
_LETTER_ENTRY = ("number", "action", "author", "text")
_TOLD = ("participant_id", "period", "statement_hash", "author", "text")
_FINDING = ("pay_period", "finding_id", "code", "subject", "message")
_FINDING_ENTRY = ("number", "action", "author", "reason")
_CONTROL = (
    *("source", "basis", "start_date", "end_date", "request", "currency_code", "deal_count", "amount_minor", "author"),
)


class SqlAgreements:
    """The AgreementStore port over the store of the same book. Nothing of it moves the book's position: what people say
    changes no amount."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def is_answered(self, mutation: Mutation) -> bool:
        with self._reading() as read:
            return first_answer(read, mutation) is not None

    # --- disputes

    def disputes(self, participant_id: str | None = None) -> Sequence[Dispute]:
        with self._reading() as read:
            return _disputes(read, *_of("d.participant_id", participant_id))

    def answered_dispute(self, mutation: Mutation) -> Dispute | None:
        with self._reading() as read:
            return _first(read, mutation, _dispute_as_of)

    def open_dispute(self, dispute: Dispute, mutation: Mutation) -> Dispute:
        with self._store.writing(mutation) as write:
            if (first := _first(write, mutation, _dispute_as_of)) is not None:
                return first
            request = self._record(write, mutation, dispute.dispute_id)
            money = (dispute.amount.minor, dispute.amount.currency_code) if dispute.amount else (None, None)
            row = (dispute.dispute_id, dispute.participant_id, dispute.subject, dispute.period, *money, request)
            write.insert("disputes", (*_DISPUTE, "request"), [row])
            return _with_entry(dispute, _said(write, dispute.entries[0], dispute.dispute_id, request))

    def add_to_dispute(self, seen: Dispute, entry: DisputeEntry, mutation: Mutation) -> Dispute:
        with self._store.writing(mutation) as write:
            if (first := _first(write, mutation, _dispute_as_of)) is not None:
                return first
            if _last(write, "dispute_entries", "dispute_id", seen.dispute_id) != len(seen.entries):
                raise _moved(f"dispute {seen.dispute_id}")
            request = self._record(write, mutation, seen.dispute_id)
            return replace(seen, entries=(*seen.entries, _said(write, entry, seen.dispute_id, request)))

    # --- letters

    def letters(self, participant_id: str | None = None) -> Sequence[Letter]:
        with self._reading() as read:
            return _letters(read, *_of("l.participant_id", participant_id))

    def answered_letter(self, mutation: Mutation) -> Letter | None:
        with self._reading() as read:
            return _first(read, mutation, _letter_as_of)

    def send_letter(self, letter: Letter, mutation: Mutation) -> Letter:
        with self._store.writing(mutation) as write:
            if (first := _first(write, mutation, _letter_as_of)) is not None:
                return first
            request = self._record(write, mutation, letter.letter_id)
            values = [getattr(letter, name) for name in _LETTER]
            values[_LETTER.index("start_date")] = letter.start_date.isoformat()
            write.insert("plan_letters", (*_LETTER, "request"), [(*values, request)])
            return replace(letter, sent_time=time_of(write, request))

    def add_to_letter(self, seen: Letter, entry: LetterEntry, mutation: Mutation) -> Letter:
        with self._store.writing(mutation) as write:
            if (first := _first(write, mutation, _letter_as_of)) is not None:
                return first
            if _letters(write, "l.letter_id = ?", (seen.letter_id,)) != [seen]:
                raise _moved(f"letter {seen.letter_id}")
            request = self._record(write, mutation, seen.letter_id)
            row = (seen.letter_id, request, entry.number, entry.action, entry.author, entry.text)
            write.insert("plan_letter_entries", ("letter_id", "request", *_LETTER_ENTRY), [row])
            return replace(seen, entries=(*seen.entries, replace(entry, recorded_time=time_of(write, request))))

    # --- acknowledgements

    def acknowledgements(self, participant_id: str) -> Sequence[Acknowledgement]:
        with self._reading() as read:
            return _acknowledgements(read, "a.participant_id = ?", (participant_id,))

    def acknowledge_statement(self, told: Acknowledgement, mutation: Mutation) -> Acknowledgement:
        which = (told.participant_id, told.period, told.statement_hash)
        where = "a.participant_id = ? AND a.period = ? AND a.statement_hash = ?"
        with self._store.writing(mutation) as write:
            first = first_answer(write, mutation)
            known = _acknowledgements(write, where, which)
            if known:
                return known[0]
            assert first is None, "what was acknowledged is still there"
            request = self._record(write, mutation, "/".join(which))
            row = (*(getattr(told, name) for name in _TOLD), request)
            write.insert("statement_acknowledgements", (*_TOLD, "request"), [row])
            return replace(told, recorded_time=time_of(write, request))

    # --- findings

    def findings(self, pay_period: str) -> Sequence[RecordedFinding]:
        with self._reading() as read:
            return _findings(read, pay_period)

    def add_findings(self, changed: Sequence[RecordedFinding], mutation: Mutation) -> None:
        with self._store.writing(mutation) as write:
            if first_answer(write, mutation) is not None:
                return
            for period in {each.pay_period for each in changed}:
                known = {each.finding_id: len(each.entries) for each in _findings(write, period)}
                now = [each for each in changed if each.pay_period == period]
                if any(known.get(each.finding_id, 0) != len(each.entries) - 1 for each in now):
                    raise _moved(f"the findings of {period}")
            request = self._record(write, mutation, None)
            rows = [
                (
                    *(getattr(each, name) for name in _FINDING),
                    request,
                    *(getattr(each.entries[-1], name) for name in _FINDING_ENTRY),
                )
                for each in changed
            ]
            write.insert("close_findings", (*_FINDING, "request", *_FINDING_ENTRY), rows)

    # --- control totals

    def answered_totals(self, mutation: Mutation) -> Stated | None:
        with self._reading() as read:
            return _first(read, mutation, lambda read, _, request: _stated(read, "c.request = ?", (request,))[0])

    def stated_totals(self) -> Sequence[Stated]:
        newest = (
            "c.request = (SELECT max(n.request) FROM control_totals n WHERE n.source = c.source AND n.basis = c.basis "
            "AND n.start_date = c.start_date AND n.end_date = c.end_date)"
        )
        with self._reading() as read:
            return _stated(read, newest, ())

    def state_totals(self, stated: Stated, mutation: Mutation) -> Stated:
        with self._store.writing(mutation) as write:
            if first_answer(write, mutation) is None:
                request = self._record(write, mutation, None)
                of = (stated.source, stated.basis, stated.start_date.isoformat(), stated.end_date.isoformat(), request)
                rows = [(*of, currency, *total, stated.author) for currency, total in stated.totals.items()]
                write.insert("control_totals", _CONTROL, rows)
            return stated

    def _reading(self) -> AbstractContextManager[Sql]:
        return self._store.reading()

    def _record(self, write: Sql, mutation: Mutation, answer: str | None) -> int:
        return self._store.record(write, mutation, _NOTHING_STORED, answer=answer)


# --- requests


def _first(read: Sql, mutation: Mutation, as_of: Callable[[Sql, str, int], T]) -> T | None:
    """What the first answer to this request was; None where the request is new."""
    if first_answer(read, mutation) is None:
        return None
    asked = "SELECT answer, request FROM requests WHERE request_id = ?"
    name, request = only(read.execute(asked, (mutation.request_id,)))
    return as_of(read, name, request)


def _last(read: Sql, table: str, key: str, value: str) -> int:
    return only(read.execute(f"SELECT max(number) FROM {table} WHERE {key} = ?", (value,)))[0] or 0


def _moved(what: str) -> Aborted:
    message = f"Somebody has said something to {what} since it was looked at. Look again, and decide anew."
    return Aborted("BOOK_MOVED", message)


def _of(column: str, value: str | None) -> tuple[str, Sequence[Any]]:
    return ("1 = 1", ()) if value is None else (f"{column} = ?", (value,))


# --- rows


def _disputes(read: Sql, where: str, values: Sequence[Any], upto: int = 2**62) -> list[Dispute]:
    names = [f"d.{name}" for name in _DISPUTE] + [f"e.{name}" for name in _DISPUTE_ENTRY]
    asked = (
        f"SELECT {', '.join(names)}, r.recorded_time FROM disputes d JOIN dispute_entries e ON "
        f"e.dispute_id = d.dispute_id JOIN requests r ON r.request = e.request WHERE {where} AND e.request <= ? "
        "ORDER BY d.request, e.number"
    )
    found: dict[str, Dispute] = {}
    for row in read.execute(asked, (*values, upto)):
        dispute_id, participant_id, subject, period, minor, currency = row[: len(_DISPUTE)]
        entry = DisputeEntry(*_timed(row[len(_DISPUTE) :]))
        amount = None if minor is None else Money(minor, currency)
        known = found.get(dispute_id) or Dispute(dispute_id, participant_id, subject, period, amount, ())
        found[dispute_id] = replace(known, entries=(*known.entries, entry))
    return list(found.values())


def _dispute_as_of(read: Sql, dispute_id: str, request: int) -> Dispute:
    return _disputes(read, "d.dispute_id = ?", (dispute_id,), request)[0]


def _said(write: Sql, entry: DisputeEntry, dispute_id: str, request: int) -> DisputeEntry:
    row = (dispute_id, request, *(getattr(entry, name) for name in _DISPUTE_ENTRY))
    write.insert("dispute_entries", ("dispute_id", "request", *_DISPUTE_ENTRY), [row])
    return replace(entry, recorded_time=time_of(write, request))


def _with_entry(dispute: Dispute, entry: DisputeEntry) -> Dispute:
    return replace(dispute, entries=(entry,))


def _letters(read: Sql, where: str, values: Sequence[Any], upto: int = 2**62) -> list[Letter]:
    names = ", ".join(f"l.{name}" for name in _LETTER)
    of_the_same = " AND ".join(f"n.{name} = l.{name}" for name in ("participant_id", "plan", "start_date"))
    asked = (
        f"SELECT {names}, (SELECT n.letter_id FROM plan_letters n WHERE {of_the_same} AND n.request > l.request "
        "AND n.request <= ? ORDER BY n.request LIMIT 1), r.recorded_time "
        f"FROM plan_letters l JOIN requests r ON r.request = l.request WHERE {where} ORDER BY l.request"
    )
    entries = _letter_entries(read, upto)
    return [_letter(row, entries.get(row[0], ())) for row in read.execute(asked, (upto, *values)).fetchall()]


def _letter(row: Row, entries: tuple[LetterEntry, ...]) -> Letter:
    values: dict[str, Any] = dict(zip(_LETTER, row, strict=False))
    values["start_date"] = date.fromisoformat(values["start_date"])
    return Letter(**values, sent_time=instant(row[-1]), entries=entries, superseded_by=row[-2] or "")


def _letter_entries(read: Sql, upto: int) -> dict[str, tuple[LetterEntry, ...]]:
    names = ", ".join(f"e.{name}" for name in _LETTER_ENTRY)
    asked = (
        f"SELECT e.letter_id, {names}, r.recorded_time FROM plan_letter_entries e JOIN requests r "
        "ON r.request = e.request WHERE e.request <= ? ORDER BY e.number"
    )
    found: dict[str, tuple[LetterEntry, ...]] = {}
    for letter_id, *values in read.execute(asked, (upto,)):
        found[letter_id] = (*found.get(letter_id, ()), LetterEntry(*_timed(values)))
    return found


def _letter_as_of(read: Sql, letter_id: str, request: int) -> Letter:
    return _letters(read, "l.letter_id = ?", (letter_id,), request)[0]


def _acknowledgements(read: Sql, where: str, values: Sequence[Any]) -> list[Acknowledgement]:
    names = ", ".join(f"a.{name}" for name in _TOLD)
    asked = (
        f"SELECT {names}, r.recorded_time FROM statement_acknowledgements a JOIN requests r ON r.request = a.request "
        f"WHERE {where} ORDER BY a.request"
    )
    return [Acknowledgement(*_timed(row)) for row in read.execute(asked, values)]


def _findings(read: Sql, pay_period: str) -> list[RecordedFinding]:
    names = ", ".join(f"f.{name}" for name in (*_FINDING, *_FINDING_ENTRY))
    asked = (
        f"SELECT {names}, r.recorded_time FROM close_findings f JOIN requests r ON r.request = f.request "
        "WHERE f.pay_period = ? ORDER BY f.request, f.code, f.subject, f.finding_id, f.number"
    )
    found: dict[str, RecordedFinding] = {}
    for row in read.execute(asked, (pay_period,)):
        entry = FindingEntry(*_timed(row[len(_FINDING) :]))
        known = found.get(row[1]) or RecordedFinding(*(*row[: len(_FINDING)], ()))
        found[row[1]] = replace(known, entries=(*known.entries, entry))
    return list(found.values())


def _stated(read: Sql, where: str, values: Sequence[Any]) -> list[Stated]:
    names = ", ".join(f"c.{name}" for name in _CONTROL)
    order = "c.source, c.basis, c.start_date, c.end_date, c.currency_code"
    found: dict[tuple[Any, ...], Stated] = {}
    for row in read.execute(f"SELECT {names} FROM control_totals c WHERE {where} ORDER BY {order}", values):
        source, basis, start, end, _, currency, count, minor, author = row
        known = found.get(row[:4])
        totals = {**(known.totals if known else {}), currency: Total(count, minor)}
        found[row[:4]] = Stated(source, basis, date.fromisoformat(start), date.fromisoformat(end), totals, author)
    return list(found.values())


def _timed(row: Sequence[Any]) -> Row:
    """With the instant that ends it."""
    return (*row[:-1], instant(row[-1]))
