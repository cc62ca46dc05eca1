"""Erasing what somebody is called: the ledger and all else go by ids, and names can be erased (J4)."""

from __future__ import annotations

from typing import Protocol

from compsvc.service.access import require
from compsvc.service.ports import Caller, InvalidArgument, Loaded, Mutation, NotFound


class Names(Protocol):
    """What participants are called, in every version of their row."""

    def erase(self, participant_id: str, reason: str, mutation: Mutation) -> Loaded | None:
        """`revised` is how many versions had a name. None where there is no such participant."""
        ...

    def scrub(self) -> None:
        """What was erased is to be read in no file of the book any more. Unavailable where that has to wait."""
        ...


def erase_name(names: Names, caller: Caller, *, participant_id: str, reason: str, mutation: Mutation) -> Loaded:
    """Their id stands wherever their name stood, as of every time. Sent again it answers the same."""
    require(caller, "erase_name")
    if not reason.strip():
        message = "Say why: the reason stays on record."
        raise InvalidArgument.of("reason", "REASON_MISSING", message)
    erased = names.erase(participant_id, reason.strip(), mutation)
    if erased is None:
        raise NotFound("compsvc.dev/Participant", f"participants/{participant_id}")
    names.scrub()
    return erased
