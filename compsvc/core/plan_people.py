"""For whom a plan is made, and with whom it was agreed (J1, J2)."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from compsvc.core.node import Node, wrong
from compsvc.core.plan_values import Flag, IsoDate, Title, kind_of, one_or_list

_JURISDICTION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


def _read_jurisdiction(value: object) -> str:
    if not isinstance(value, str) or not _JURISDICTION.fullmatch(value):
        raise wrong("BAD_JURISDICTION", f"{kind_of(value)} is no jurisdiction. Write it as `DE` or `US-CA`.")
    return str(value)


Jurisdiction = Annotated[
    str,
    BeforeValidator(_read_jurisdiction),
    WithJsonSchema({"type": "string", "pattern": f"^{_JURISDICTION.pattern}$", "examples": ["DE"]}),
]


class MadeFor(Node):
    """Whose law the plan is held to; assignments under another one are refused."""

    jurisdictions: Annotated[tuple[Jurisdiction, ...], BeforeValidator(one_or_list), Field(min_length=1)] = Field(
        description="Codes of ISO 3166, such as `[DE, US-CA]`."
    )
    payees: Annotated[
        tuple[Literal["employee", "commercial_agent", "firm"], ...], BeforeValidator(one_or_list), Field(min_length=1)
    ] = Field(description="`employee`, `commercial_agent` or `firm`, or several of them.")


class AgreedWith(Node):
    """The works council that has agreed to the plan (J2)."""

    works_council: Title = Field(description="Its name.")
    reference: Title = Field(description="Where the agreement stands, such as `BV 2026-03`.")
    date: IsoDate = Field(description="The day of the agreement, not after `effective`.")
    rankings: Flag = Field(False, description="`yes`: it covers contests that rank people.")


def _agreed_or_no(value: object) -> str:
    return "no" if isinstance(value, str) else "agreed"


Agreed = Annotated[
    Annotated[AgreedWith, Tag("agreed")] | Annotated[Literal["no"], Tag("no")], Discriminator(_agreed_or_no)
]
