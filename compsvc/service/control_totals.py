"""Finance states what a source system has, and the close of the month compares it with the book (B5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import get_args

from compsvc.core.close_check import Finding
from compsvc.core.control_totals import Basis, Stated, is_checked_in, of_control_totals
from compsvc.core.currencies import EXPONENTS
from compsvc.core.limits import MAX_AMOUNT_MINOR
from compsvc.core.statement_values import Span
from compsvc.service.access import require
from compsvc.service.agreement_ports import AgreementStore
from compsvc.service.calculation import Calculations
from compsvc.service.ports import Caller, InvalidArgument, Mutation, Violation


def state_totals(store: AgreementStore, caller: Caller, stated: Stated, mutation: Mutation) -> Stated:
    """Of the same source, basis and span what was stated last goes."""
    require(caller, "state_control_totals")
    if (first := store.answered_totals(mutation)) is not None:
        return first
    if wrong := list(_wrong(stated)):
        raise InvalidArgument(
            "TOTALS_INVALID", "Nothing was stored: " + " ".join(each.message for each in wrong), wrong
        )
    return store.state_totals(replace(stated, author=caller.subject), mutation)


def list_totals(store: AgreementStore, caller: Caller) -> Sequence[Stated]:
    require(caller, "check_close")
    return store.stated_totals()


def differences(store: AgreementStore, calculations: Calculations, month: Span) -> Iterator[Finding]:
    """Of what was stated of spans that end in the month."""
    stated = [each for each in store.stated_totals() if is_checked_in(each, month)]
    told = calculations.told_deals() if stated else None
    for each in stated:
        assert told is not None
        yield from of_control_totals(each, told)


def _wrong(stated: Stated) -> Iterator[Violation]:
    said = [
        ("source", not stated.source, "source is missing: which system says so, as its deals name it."),
        ("basis", stated.basis not in get_args(Basis), f"basis is one of {', '.join(get_args(Basis))}."),
        (
            "end_date",
            stated.end_date <= stated.start_date,
            "end_date, the first day after the span, is after its start.",
        ),
        ("totals", not stated.totals, "totals are missing: one of each currency; write 0 deals where there are none."),
    ]
    for currency, total in stated.totals.items():
        known = currency in EXPONENTS
        said.append(("totals", not known, f"`{currency}` is no currency of ISO 4217. Write it as `EUR`."))
        large = not total.deal_count >= 0 or abs(total.minor) > MAX_AMOUNT_MINOR
        said.append(("totals", large, f"the total in {currency} has a count below zero, or is too large."))
    return (Violation(name, "TOTALS_INVALID", message) for name, wrong, message in said if wrong)
