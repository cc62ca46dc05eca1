"""Whether a plan keeps the law of those whom it is made for (J2)."""

from __future__ import annotations

from collections.abc import Iterator

from compsvc.core.jurisdiction import Terms, broken
from compsvc.core.plan_check_parts import Parts
from compsvc.core.plan_people import MadeFor
from compsvc.core.problems import Problem


def people(parts: Parts) -> Iterator[Problem]:
    made_for = parts.pay.get("made_for")
    if isinstance(made_for, MadeFor):
        terms = Terms(parts.pay, parts.components, made_for.at)
        for jurisdiction in made_for.jurisdictions:
            for payee_class in made_for.payees:
                yield from broken(terms, jurisdiction, payee_class)
