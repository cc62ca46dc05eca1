"""The changes of a what-if: a deal or an opportunity that comes, goes, or comes later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Sale = Literal["deal", "opportunity"]


@dataclass(frozen=True, slots=True)
class Add:
    """A deal counts on `close_date` for certain; an opportunity as its stage says."""

    sale: Sale
    id: str
    close_date: date
    amount_minor: int
    currency_code: str
    account_id: str | None = None  # None: a new customer
    product: str | None = None
    type: str | None = None
    stage: str | None = None  # of an opportunity
    start_date: date | None = None
    end_date: date | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    sale: Sale
    id: str
    source: str | None = None  # needed where several sources have the id


@dataclass(frozen=True, slots=True)
class Move:
    """A deal is closed, and if it was accepted also accepted, on the day; an opportunity is expected then."""

    sale: Sale
    id: str
    to_date: date
    source: str | None = None


Change = Add | Drop | Move
