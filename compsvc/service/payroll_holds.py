"""Pay of one deal that waits: put on hold by one, released by another; and what a plan's windfall leaves for a review.

A hold takes effect at once, since it pays nobody; to release it takes another than who has put it on. What it keeps is
the participant's: only a review can be refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from compsvc.core import ledger
from compsvc.core.facts import Facts
from compsvc.core.holds import HOLD_RELEASED, ON_HOLD, covered, may_keep_the_same
from compsvc.core.problems import did_you_mean
from compsvc.core.statement_values import Money
from compsvc.service.access import require
from compsvc.service.calculation import Basis, Calculation
from compsvc.service.payroll import month_of
from compsvc.service.payroll_ports import Hold, HoldState
from compsvc.service.payroll_runs import Payroll, must_be_paid_here, must_not_be_closed
from compsvc.service.ports import (
    Caller,
    FailedPrecondition,
    InvalidArgument,
    Mutation,
    NotFound,
    PermissionDenied,
    Violation,
)

_NAMED = ("participant_id", "plan", "component")
REVIEW_CODE = "windfall"


@dataclass(frozen=True, slots=True)
class Held:
    """A hold, and by currency what of it the ledger has on hold; of a review what the plan leaves for it."""

    hold: Hold
    amounts: tuple[Money, ...]


def hold_deal(payroll: Payroll, caller: Caller, asked: Hold, *, mutation: Mutation) -> Hold:
    """From its pay period on nothing of the deal is paid. Of `asked` what the author states counts."""
    require(caller, "hold_pay")
    if (first := payroll.holds.answered_hold(mutation)) is not None:
        return first
    month = month_of(asked.pay_period, "pay_period")
    faults = list(_faults(asked, payroll.calculations.basis()))
    if faults:
        raise InvalidArgument("HOLD_INVALID", faults[0].message, faults)
    must_not_be_closed(payroll.store.pay_period(month.name))
    must_be_paid_here(payroll, month)
    seen = payroll.holds.holds()
    standing = next((each for each in seen if _stands_from(each, month.name) and _overlap(each, asked)), None)
    if standing is not None:
        message = f"Hold {standing.hold_id} keeps pay of {asked.source}/{asked.external_id} already, put on by "
        if standing.state == "held":
            message += f"{standing.author}. Release it first, or hold what it does not keep."
        else:
            until = standing.released_period
            message += f"{standing.author} and released for {until}. Hold from {until} on, or what it does not keep."
        raise FailedPrecondition("HOLD_STANDS", message, hold=standing.hold_id)
    held = replace(
        asked, hold_id=_id("hold", mutation.request_id), state="held", origin="deal", author=caller.subject,
        released_period="", decider="", decision_reason="",
    )  # fmt: skip
    return payroll.holds.record_hold(held, mutation, seen=seen)


def _id(*parts: str) -> str:
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:12]


def _stands_from(hold: Hold, month: str) -> bool:
    """Whether it keeps pay of that month or a later one: it does until the month that it is released for."""
    if hold.origin != "deal":
        return False
    return hold.state == "held" or max(hold.pay_period, month) < hold.released_period


def _overlap(one: Hold, other: Hold) -> bool:
    same_deal = (one.source, one.external_id) == (other.source, other.external_id)
    return same_deal and may_keep_the_same(_whose(one), _whose(other))


def _whose(hold: Hold) -> tuple[str, ...]:
    return (hold.participant_id, hold.plan, hold.component)


def _faults(asked: Hold, book: Basis) -> Iterator[Violation]:
    facts = book.facts
    if not _has_deal(facts, asked):
        message = f"`{asked.source[:100]}/{asked.external_id[:100]}` is no deal that the book knows."
        yield Violation("external_id", "UNKNOWN_DEAL", message)
    plans = {plan.plan for plan in book.plans}
    components = {name for plan in book.plans if plan.plan == asked.plan for name in plan.components}
    known = (set(facts.participants["participant_id"]), plans, components)
    for field, value, names in zip(_NAMED, _whose(asked), known, strict=True):
        if value and value not in names:
            what = field.removesuffix("_id")
            message = f"`{value[:200]}` is no {what} that the book knows.{did_you_mean(value, names)}"
            yield Violation(field, f"UNKNOWN_{what.upper()}", message)
    for field, text in (("reason_code", asked.reason_code), ("reason", asked.reason)):
        if not text.strip():
            message = "Say why: a code of the company's, and words that the participant may read."
            yield Violation(field, "REASON_MISSING", message)


def _has_deal(facts: Facts, asked: Hold) -> bool:
    return facts.of("deals", "external_id", asked.external_id).filter(pl.col("source") == asked.source).height > 0


def decide_hold(
    payroll: Payroll, caller: Caller, *, hold_id: str, decision: str, pay_period: str, reason: str, mutation: Mutation
) -> Hold:
    """Released, what is on hold becomes payable in the pay period. A review may be refused: then it never is."""
    require(caller, "decide_hold")
    if decision not in ("released", "refused"):
        message = "A decision is to release or to refuse."
        raise InvalidArgument.of("decision", "STATE_INVALID", message)
    if (first := payroll.holds.answered_hold(mutation)) is not None:
        return first
    seen = payroll.holds.holds()
    stored = next((each for each in seen if each.hold_id == hold_id), None)  # a review is there before it is stored
    found = stored or get_hold(payroll, caller, hold_id=hold_id).hold
    _must_be_free_to(caller, found, decision)
    if not reason.strip():
        message = "Say why: the reason stays on record."
        raise InvalidArgument.of("reason", "REASON_MISSING", message)
    state: HoldState = "released" if decision == "released" else "refused"
    free = _free(payroll, found, pay_period) if state == "released" else ""
    decided = replace(found, state=state, decider=caller.subject, decision_reason=reason, released_period=free)
    return payroll.holds.record_hold(decided, mutation, seen=seen)


def _must_be_free_to(caller: Caller, found: Hold, decision: str) -> None:
    hold = found.hold_id
    if found.author == caller.subject:
        message = f"`{caller.subject}` put {hold} on hold; somebody else has to decide on it."
        raise PermissionDenied("FOUR_EYES", message, hold=hold)
    if found.state != "held":
        message = f"Hold {hold} was {found.state} by {found.decider}; that stands."
        raise FailedPrecondition("HOLD_DECIDED", message, hold=hold, state=found.state)
    if decision == "refused" and found.origin == "deal":
        message = (
            f"Hold {hold} keeps pay that is the participant's, until it is released. What is not to be paid at all is "
            "a loss, a revision of the deal, or an adjustment."
        )
        raise FailedPrecondition("HOLD_REFUSED", message, hold=hold)


def _free(payroll: Payroll, found: Hold, pay_period: str) -> str:
    month = month_of(pay_period, "pay_period")
    if month.name < found.pay_period:
        message = f"Hold {found.hold_id} begins in {found.pay_period}; it cannot be released in {month.name}."
        raise InvalidArgument.of("pay_period", "HOLD_INVALID", message)
    must_not_be_closed(payroll.store.pay_period(month.name))
    must_be_paid_here(payroll, month)
    return month.name


# --- reading


def get_hold(payroll: Payroll, caller: Caller, *, hold_id: str) -> Held:
    found = next((each for each in list_holds(payroll, caller) if each.hold.hold_id == hold_id), None)
    if found is None:
        raise NotFound("compsvc.dev/Hold", f"holds/{hold_id}")
    return found


def list_holds(payroll: Payroll, caller: Caller, *, state: str = "") -> Sequence[Held]:
    """Those of deals, the oldest first, then what waits for a review and nobody has decided on, by deal."""
    require(caller, "read_ledger")
    return [each for each in _all(payroll) if state in ("", each.hold.state)]


def open_holds(payroll: Payroll) -> Sequence[Held]:
    """Those of deals that nobody has released, and what waits for a review that nobody has decided."""
    return [each for each in _all(payroll) if each.hold.state == "held"]


def _all(payroll: Payroll) -> list[Held]:
    stored = payroll.holds.holds()
    calculation = payroll.calculations.newest()
    of_deals = _on_hold(payroll, calculation.facts) if any(each.origin == "deal" for each in stored) else {}
    waiting = _reviews(calculation)
    known = {each.hold_id for each in stored}
    found = [Held(each, of_deals.get(each.hold_id) or ()) for each in stored]
    return found + [each for each in waiting if each.hold.hold_id not in known]


def _on_hold(payroll: Payroll, facts: Facts) -> dict[str, tuple[Money, ...]]:
    """By hold what the ledger has on hold of what stands."""
    rows = ledger.debits(payroll.store.ledger()).filter(pl.col("kind").is_in([ON_HOLD, HOLD_RELEASED]))
    held = pl.when(pl.col("kind") == ON_HOLD).then("amount_minor").otherwise(-pl.col("amount_minor"))
    rows = covered(rows, facts.holds.filter(pl.col("state") == "held"))
    return _sums(rows.with_columns(amount_minor=held), "_hold")


def _sums(rows: pl.DataFrame, by: str) -> dict[str, tuple[Money, ...]]:
    sums = rows.group_by(by, "currency_code").agg(pl.col("amount_minor").cast(pl.Int128).sum())
    found: dict[str, tuple[Money, ...]] = {}
    for name, code, minor in sums.sort(by, "currency_code").iter_rows():
        if minor:
            found[name] = (*found.get(name, ()), Money(int(minor), code))
    return found


def _reviews(calculation: Calculation) -> Iterator[Held]:
    """What windfalls leave for a review, by participant, component and deal."""
    lines = calculation.result.lines
    assert lines is not None, "a book's calculation has its lines"
    rows = lines.filter(pl.col("payable_date").is_null())
    if rows.is_empty():
        return
    key = ["plan", "component", "participant_id", "source", "external_id"]
    rows = rows.with_columns(pl.col(*key, "currency_code").cast(pl.String)).drop_nulls("external_id")
    sums = rows.group_by(*key, "currency_code").agg(
        pl.col("amount_minor").cast(pl.Int128).sum(), month=pl.col("accepted_time").min().dt.to_string("%Y-%m")
    )
    for row in sums.filter(pl.col("amount_minor") != 0).sort(key).iter_rows(named=True):
        named = {name: row[name] for name in key}
        limit = next(plan for plan in calculation.plans if plan.plan == row["plan"])
        review = Hold(
            hold_id=_id("review", *named.values()), state="held", origin="review", pay_period=row["month"],
            reason_code=REVIEW_CODE, reason=f"{limit.title}: above the windfall of {row['component']}", author="",
            released_period="", decider="", decision_reason="", ledger_position=0, **named,
        )  # fmt: skip
        yield Held(review, (Money(int(row["amount_minor"]), row["currency_code"]),))
