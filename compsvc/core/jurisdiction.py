"""What the law of a place asks of signatures and of plans (J1 to J3). Profiles, no legal advice; elsewhere nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Literal, NamedTuple, get_args

from compsvc.core.plan import Component
from compsvc.core.plan_clawback import Clawback
from compsvc.core.plan_pay import CASH, Draw, Earned, Instalment, Leaver
from compsvc.core.plan_people import AgreedWith
from compsvc.core.problems import Position, Problem
from compsvc.core.rules import Contest

FORM = r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"  # ISO 3166: a country, or one of its parts
PayeeClass = Literal["employee", "commercial_agent", "firm"]
EMPLOYEE, AGENT, FIRM = get_args(PayeeClass)


class Terms(NamedTuple):
    """What a profile looks at: a plan's own words by name, as far as they could be read, and its components."""

    words: Mapping[str, object]
    components: Mapping[str, Component]
    at: Position  # of the plan, for what is missing


Law = Callable[[Terms], Iterator[Problem]]


class Profile(NamedTuple):
    signed_letter: bool = False  # the participant has to sign the terms of the plan
    company_losses_kept: bool = False  # nothing is taken back for what the company caused, or without evidence
    accepted_kept: bool = False  # changed terms take nothing back of what accepted deals were paid (T5)
    laws: tuple[Law, ...] = ()


def profile_of(jurisdiction: str | None, payee_class: str | None = None) -> Profile:
    """Whose class nobody has said is an employee; firms are paid by contracts between merchants."""
    return PROFILES.get((jurisdiction or "", payee_class or EMPLOYEE), Profile())


def broken(terms: Terms, jurisdiction: str | None, payee_class: str | None) -> Iterator[Problem]:
    for law in profile_of(jurisdiction, payee_class).laws:
        yield from law(terms)


# --- Germany


def _agreed(terms: Terms) -> Iterator[Problem]:
    agreed, effective = terms.words.get("agreed_with"), terms.words.get("effective")
    if agreed is None:
        message = (
            "a plan for employees in DE is agreed with the works council before it is in force (J2). Write "
            "`agreed_with: {works_council: NAME, reference: TEXT, date: 2026-01-01}`, or `agreed_with: no` where there "
            "is no works council."
        )
        yield Problem("AGREEMENT_MISSING", terms.at, message)
    elif isinstance(agreed, AgreedWith) and isinstance(effective, date) and agreed.date > effective:
        message = f"the plan is in force from {effective}, and agreed with the works council on {agreed.date} (J2)."
        yield Problem("AGREED_TOO_LATE", agreed.at, f"{message} Let it begin later.")


def _no_rankings(terms: Terms) -> Iterator[Problem]:
    agreed = terms.words.get("agreed_with")
    if isinstance(agreed, AgreedWith) and agreed.rankings:
        return
    for name, item in terms.components.items():
        if isinstance(item.pays.shared_out, Contest):
            message = (
                f"`{name}` ranks people, which is off for employees in DE unless it was agreed (J2). Write "
                "`rankings: yes` in `agreed_with`, or pay by what each has reached."
            )
            yield Problem("RANKING_NOT_AGREED", item.at, message)


def _every_three_months(terms: Terms) -> Iterator[Problem]:
    because = "commission is accounted for at least every three months in DE (J2)"
    yield from _held(terms, ("half_year end", "year end"), because)


# --- the United States


def _monthly(terms: Terms) -> Iterator[Problem]:
    because = "commission is paid at least monthly in US-NY (J2)"
    yield from _held(terms, ("quarter end", "half_year end", "year end"), because)


def _held(terms: Terms, until: tuple[str, ...], because: str) -> Iterator[Problem]:
    payable = terms.words.get("payable")
    for part in payable if isinstance(payable, tuple) else (payable,):
        if isinstance(part, Instalment) and part.held_until in until:
            message = f"pay is held until the {part.held_until}, and {because}. Leave out `held_until`."
            yield Problem("PAID_TOO_LATE", part.at, message)


def _draw_reconciled(terms: Terms) -> Iterator[Problem]:
    draw = terms.words.get("draw")
    if isinstance(draw, Draw) and draw.recoverable and draw.recovery_from is None:
        message = (
            "US-NY asks that it is written when a recoverable draw is reconciled (J2). Write `recovery_from: month 1`, "
            "say."
        )
        yield Problem("DRAW_UNRECONCILED", draw.at, message)


def _earned_is_kept(terms: Terms) -> Iterator[Problem]:
    """What is earned on acceptance is wages from then on; what is paid before it is earned is an advance."""
    earned, leaver = terms.words.get("earned"), terms.words.get("leaver")
    if not isinstance(earned, Earned) or earned.on in CASH:
        return
    instead = "Write `earned: {on: paid}`, so that what is paid before is an advance"
    lost = [leaver.accepted_unpaid, leaver.reserve] if isinstance(leaver, Leaver) else []
    if isinstance(leaver, Leaver) and "forfeit" in lost:
        message = f"pay is earned when a deal is {earned.on}, and what is earned cannot be forfeited in US-CA (J2)."
        yield Problem("EARNED_FORFEITED", leaver.at, f"{message} Pay it to those who leave, or: {instead.lower()}.")
    said = [terms.words.get("clawback"), *(item.clawback for item in terms.components.values())]
    for clawback in said:
        if isinstance(clawback, Clawback):
            message = f"pay is earned when a deal is {earned.on}, and what is earned is not taken back in US-CA (J2)."
            yield Problem("EARNED_TAKEN_BACK", clawback.at, f"{message} {instead}, or `clawback: no`.")


PROFILES: Mapping[tuple[str, str], Profile] = {
    ("DE", EMPLOYEE): Profile(
        company_losses_kept=True, accepted_kept=True, laws=(_agreed, _no_rankings, _every_three_months)
    ),
    ("DE", AGENT): Profile(company_losses_kept=True, accepted_kept=True, laws=(_every_three_months,)),
    ("US-CA", EMPLOYEE): Profile(signed_letter=True, accepted_kept=True, laws=(_earned_is_kept,)),
    ("US-NY", EMPLOYEE): Profile(signed_letter=True, accepted_kept=True, laws=(_monthly, _draw_reconciled)),
}
