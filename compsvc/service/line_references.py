"""Lines by their references: which line of a participant's is meant, or which may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from compsvc.core.statement_references import Reference, references, referred
from compsvc.core.statement_values import LineKey, key_of
from compsvc.service.calculation import Calculation
from compsvc.service.ports import InvalidArgument, NotFound

SHOWN = 10  # candidates that a message lists


class Referred(NamedTuple):
    """A line as a participant calls it."""

    participant_id: str
    reference: Reference


def line_references(calculation: Calculation, participant_id: str) -> Mapping[LineKey, Reference]:
    """Of every line of the participant's."""
    return references(_keys(calculation, participant_id))


def line_of(calculation: Calculation, asked: Referred) -> LineKey:
    """NotFound where there is none; InvalidArgument where several may be meant, with what tells them apart."""
    keys = _keys(calculation, asked.participant_id)
    found = referred(keys, asked.reference)
    said = "/".join(asked.reference)
    if not found:
        message = f"No line is called `{said[:200]}`. Write deal/component, as D-1010/commission."
        raise NotFound("compsvc.dev/StatementLine", said[:200], message)
    if len(found) > 1:
        names = references(keys)
        listed = ", ".join("/".join(names[key]) for key in found[:SHOWN])
        message = f"`{said}` may be one of {len(found)} lines: {listed}. Name one of them."
        raise InvalidArgument.of("subject", "LINE_AMBIGUOUS", message, line=said)
    return found[0]


def _keys(calculation: Calculation, participant_id: str) -> Sequence[LineKey]:
    columns = [*LineKey._fields]
    rows = calculation.result.of("lines", "participant_id", participant_id, columns=columns)
    return [key_of(row) for row in rows.iter_rows(named=True)]
