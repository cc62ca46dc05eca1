"""Accounts of a generated company that move: dated attributes, and deals whose territory decides."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .draft import Draft

VALUES = {"industry": ("retail", "energy", None), "region": ("north", "south", None), "segment": ("large", "small")}


def move_accounts(draft: Draft, first: date) -> None:
    """In half of the companies most accounts move: nobody owns them, and most of their deals name no seller."""
    rng = draft.rng
    moving = {account for account in draft.accounts if draft.chance(0.8)} if draft.chance(0.5) else set()
    for account in sorted(moving):
        _move(draft, account)
    draft.rows["ownerships"] = [row for row in draft.rows["ownerships"] if row["account_id"] not in moving]
    for deal in draft.rows["deals"]:
        if deal["account_id"] in moving and draft.chance(0.8):
            deal["seller_id"] = None
    for region in ("north", "south") if moving else ():
        draft.add("territories", participant_id=rng.choice(draft.people), region=region, start_date=first)


def _move(draft: Draft, account: str) -> None:
    """Dated values of some attributes, of the region for certain, several of one and none at all among them."""
    rng = draft.rng
    for name in sorted({"region", *rng.sample(sorted(VALUES), rng.randint(0, 2))}):
        for start in sorted({draft.day() for _ in range(rng.randint(1, 3))}):
            row = {"attribute": name, "value": rng.choice(VALUES[name]), "start_date": start}
            draft.add("account_attributes", account_id=account, **row)
