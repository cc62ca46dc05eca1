"""Disputes as text, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from compsvc.entry.statement_formats import Formats
from compsvc.entry.statement_layout import WIDTH
from compsvc.entry.statement_proto import parse_line_name
from compsvc.v1 import dispute_service_pb2 as pb


def dispute_lines(dispute: pb.Dispute, formats: Formats, indent: str) -> Iterator[str]:
    """What it is about, and then what each side said."""
    yield from _wrapped(about(dispute, formats), indent)
    for entry in dispute.entries:
        yield from _wrapped(said(entry, formats), indent + "  ")


def about(dispute: pb.Dispute, formats: Formats) -> str:
    """`commission, D-1010 (€ 1,200.00): open`."""
    key = parse_line_name(dispute.subject)
    state = dispute_state(dispute, formats)
    if key is None:
        return f"{formats.word('statement')} {dispute.period}: {state}"
    deal = key.external_id or formats.word("period")
    return f"{key.component}, {key.period}, {deal}, {formats.money(dispute.amount)}: {state}"


def dispute_state(dispute: pb.Dispute, formats: Formats) -> str:
    return formats.word(f"dispute_{pb.Dispute.State.Name(dispute.state).removeprefix('STATE_').lower()}")


def said(entry: pb.DisputeEntry, formats: Formats) -> str:
    action = pb.DisputeEntry.Action.Name(entry.action).removeprefix("ACTION_").lower()
    head = formats.word(f"said_{action}").format(who=entry.author, time=formats.time(entry.create_time.ToDatetime()))
    by = f" ({formats.word('adjusted_by').format(name=entry.adjustment_id)})" if entry.adjustment_id else ""
    return f"{head}{by}{': ' + entry.text if entry.text else ''}"


def _wrapped(text: str, indent: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False)
