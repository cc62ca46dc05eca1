"""A payout down to the ledger's entries, lines and deals, for a terminal, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compsvc.entry.locales import Locale
from compsvc.entry.statement_formats import Formats
from compsvc.entry.statement_layout import WIDTH, apart, cut
from compsvc.v1 import payroll_run_service_pb2 as pb

STEPS = {"lent": "draw", "topped_up": "guarantee"}  # kinds that a statement calls otherwise
WORDS: Mapping[Locale, Mapping[str, str]] = {
    "en": {
        "payout": "Payout {id} of {period}",
        "nature": "{nature}, by the run {run}",
        "corrects": "corrects or completes {month}",
        "repeats": "pays again the payout {id}, which was rejected",
        "entry": "entry {number}",
        "corrects_entry": "corrects entry {number}",
        "recorded": "booked on {time}, from what the book had then: {digest}",
        "closed": "{customer}, closed {day}",
        "part": "part {number}",
        "sum": "all entries",
        "unexplained": "unexplained",
        "more": "Each line opens with `compsvc statement --explain`, or ExplainLine: its name is in --format json.",
    },
    "de": {
        "payout": "Auszahlung {id} für {period}",
        "nature": "{nature}, aus dem Lauf {run}",
        "corrects": "berichtigt oder ergänzt {month}",
        "repeats": "zahlt erneut, was als {id} abgewiesen wurde",
        "entry": "Buchung {number}",
        "corrects_entry": "berichtigt Buchung {number}",
        "recorded": "gebucht am {time}, aus dem damaligen Stand des Buchs: {digest}",
        "closed": "{customer}, unterschrieben {day}",
        "part": "Teil {number}",
        "sum": "alle Buchungen",
        "unexplained": "ungeklärt",
        "more": "Jede Zeile öffnet `compsvc statement --explain` oder ExplainLine: ihr Name steht in --format json.",
    },
}


def payout_text(found: pb.PayoutExplanation, *, locale: Locale) -> str:
    return "\n".join(_lines(found, Formats(locale), WORDS[locale])) + "\n"


def _lines(found: pb.PayoutExplanation, formats: Formats, words: Mapping[str, str]) -> Iterator[str]:
    payout = found.payout
    yield apart(words["payout"].format(id=payout.payout_id, period=payout.pay_period), formats.money(payout.amount))
    yield f"  {payout.display_name or payout.participant_id} ({payout.participant_id})"
    of = " ".join(text for text in (payout.plan, payout.component, payout.earned_period, payout.nature) if text)
    yield "  " + words["nature"].format(nature=of, run=payout.name.split("/")[1])
    time = formats.time(found.record_time.ToDatetime())
    yield "  " + words["recorded"].format(time=time, digest=found.input_digest[:12])
    if payout.corrects_pay_period:
        yield "  " + words["corrects"].format(month=payout.corrects_pay_period)
    for each in found.repeated_payouts:
        yield "  " + words["repeats"].format(id=each.payout_id)
    yield "-" * WIDTH
    for entry in found.entries:
        yield apart(f"  {_entry(entry, formats, words)}", formats.money(entry.amount))
    yield "-" * WIDTH
    total = sum(entry.amount.minor_units for entry in found.entries)
    said = type(payout.amount)(minor_units=total, currency_code=payout.amount.currency_code)
    yield apart(f"  {words['sum']}", formats.money(said))
    yield apart(f"  {words['unexplained']}", formats.money(found.unexplained))
    if any(entry.line for entry in found.entries):
        yield f"  {words['more']}"


def _entry(entry: pb.ExplainedEntry, formats: Formats, words: Mapping[str, str]) -> str:
    """Its number, what was done, and the deal."""
    parts = [words["entry"].format(number=entry.entry), formats.word(f"pay_{STEPS.get(entry.kind, entry.kind)}")]
    if entry.external_id:
        parts.append(entry.external_id)
    if entry.HasField("closed_date"):
        day = formats.date(entry.closed_date)
        parts.append(words["closed"].format(customer=cut(entry.account_display_name, 22), day=day))
    if entry.corrects_entry:
        parts.append(words["corrects_entry"].format(number=entry.corrects_entry))
    if entry.part:
        parts.append(words["part"].format(number=entry.part))
    return "  ".join(parts)
