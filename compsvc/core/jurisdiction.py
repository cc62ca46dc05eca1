"""What the law of a place asks of signatures (J1 to J3). Profiles, no legal advice; other places ask nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

FORM = r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"  # ISO 3166: a country, or one of its parts


class Profile(NamedTuple):
    signed_letter: bool = False  # the participant has to sign the terms of the plan


PROFILES: Mapping[str, Profile] = {
    "US-CA": Profile(signed_letter=True),
    "US-NY": Profile(signed_letter=True),
}


def profile_of(jurisdiction: str | None) -> Profile:
    return PROFILES.get(jurisdiction or "", Profile())
