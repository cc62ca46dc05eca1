"""The languages that are spoken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

Locale = Literal["en", "de"]
LOCALES: tuple[Locale, ...] = get_args(Locale)
DATES: Mapping[Locale, str] = {"en": "d MMM yyyy", "de": "dd.MM.yyyy"}
