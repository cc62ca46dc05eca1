"""Plan letters (J3): the terms of an assignment under one hash, which the participant signs or declines."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, get_args

import polars as pl

from compsvc.service.access import require
from compsvc.service.agreement_ports import Letter, LetterAction, LetterEntry
from compsvc.service.disputes import NO_TIME, Agreements, check_text, must_be_own
from compsvc.service.letter_terms import hash_of, terms_of
from compsvc.service.ports import Caller, FailedPrecondition, InvalidArgument, Mutation, NotFound
from compsvc.service.statements import may_read


def send_letter(house: Agreements, caller: Caller, *, participant_id: str, plan: str, mutation: Mutation) -> Letter:
    """The terms of the latest assignment under the plan, as they stand now. An earlier letter of that assignment is
    superseded."""
    require(caller, "send_letter")
    if (first := house.store.answered_letter(mutation)) is not None:
        return first
    calculation = house.calculations.newest()
    rows = calculation.facts.assignments.filter(
        pl.col("participant_id") == participant_id, pl.col("plan") == plan
    ).sort("start_date")
    if rows.is_empty():
        raise NotFound("compsvc.dev/Assignment", f"participants/{participant_id}/assignments/{plan}")
    row = rows.row(-1, named=True)
    terms, revision = terms_of(calculation, row)
    _must_be_news(house, row, hash_of(terms))
    letter_id = hashlib.sha256(f"{participant_id}/{mutation.request_id}".encode()).hexdigest()[:12]
    start = row["start_date"]
    sent = Letter(letter_id, participant_id, plan, revision, start, terms, hash_of(terms), caller.subject, NO_TIME, ())
    return house.store.send_letter(sent, mutation)


def answer_letter(
    house: Agreements, caller: Caller, *, which: tuple[str, str], action: str, seen: str, text: str, mutation: Mutation
) -> Letter:
    """By the participant alone, of the text that they saw."""
    require(caller, "answer_letter")
    must_be_own(caller, which[0])
    if (first := house.store.answered_letter(mutation)) is not None:
        return first
    if action not in get_args(LetterAction):
        message = "action has to be `received`, `signed` or `declined`."
        raise InvalidArgument.of("action", "STATE_INVALID", message)
    check_text(text, needed=action == "declined")
    letter = _letter(house, which)
    if seen != letter.terms_hash:
        message = f"The letter has the hash {letter.terms_hash}. Read it again, and answer what you have read."
        raise FailedPrecondition("HASH_DIFFERS", message, letter=letter.letter_id)
    if letter.state in ("signed", "declined", "superseded"):
        todo = f"Answer letter {letter.superseded_by}." if letter.superseded_by else "Other terms need another letter."
        message = f"Letter {letter.letter_id} is {letter.state} already. {todo}"
        raise FailedPrecondition("LETTER_STATE", message, letter=letter.letter_id, state=letter.state)
    entry = LetterEntry(len(letter.entries) + 1, action, caller.subject, text.strip(), NO_TIME)  # type: ignore[arg-type]
    return house.store.add_to_letter(letter, entry, mutation)


def list_letters(house: Agreements, caller: Caller, *, participant_id: str) -> Sequence[Letter]:
    require(caller, "read_letters")
    may_read(house.calculations, caller, participant_id)
    return house.store.letters(participant_id)


def _letter(house: Agreements, which: tuple[str, str]) -> Letter:
    found = next((each for each in house.store.letters(which[0]) if each.letter_id == which[1]), None)
    if found is None:
        raise NotFound("compsvc.dev/Letter", f"participants/{which[0]}/letters/{which[1]}")
    return found


def _must_be_news(house: Agreements, assignment: Mapping[str, Any], terms_hash: str) -> None:
    """A letter of the same terms would take a signature away. One that was declined may be sent again."""
    key = ("participant_id", "plan", "start_date")
    for each in house.store.letters(assignment["participant_id"]):
        of_this = all(getattr(each, name) == assignment[name] for name in key)
        if of_this and each.terms_hash == terms_hash and each.state not in ("declined", "superseded"):
            message = f"Letter {each.letter_id} has these terms already and is {each.state}. It stands."
            raise FailedPrecondition("LETTER_STANDS", message, letter=each.letter_id, state=each.state)
