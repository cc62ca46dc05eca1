"""A statement as Markdown, to be mailed or kept with a ticket: the same figures as the text, in tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from compsvc.entry import statement_text_forecast as words
from compsvc.entry.dispute_text import about, said
from compsvc.entry.locales import Locale
from compsvc.entry.statement_beside_text import beside, converted
from compsvc.entry.statement_formats import Formats, sentence
from compsvc.entry.statement_layout import amounts
from compsvc.entry.statement_text import (
    LINE_HEADS,
    Explanations,
    account_head,
    account_step,
    booked_words,
    is_shown,
    line_cells,
    line_notes,
    lost_words,
    next_step,
    place_words,
    so_far,
    standing_head,
    tier_place,
    waits_for,
)
from compsvc.v1 import statement_service_pb2 as pb

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")


def statement_markdown(
    statement: pb.Statement, *, locale: Locale = "en", explanations: Explanations | None = None
) -> str:
    """Lines whose name stands in `explanations` are opened into their derivation, below the table they stand in."""
    formats = Formats(locale)
    parts = (
        _heading(statement, formats),
        _where(statement, formats),
        _waiting(statement, formats),
        _landing(statement, formats),
        _payout(statement, formats, explanations or {}),
        _provisional(statement, formats),
        _mix(statement, formats),
        _elsewhere(statement, formats),
        _changes(statement, formats),
        _disputes(statement, formats),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _heading(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    yield f"# {_text(statement.display_name)}: {formats.word('statement')} {statement.period}"
    span = f"{formats.date(statement.start_date)} {formats.word('to')} {formats.last_day(statement.end_date)}"
    plans = ", ".join(dict.fromkeys(standing.plan_title for standing in statement.standings))
    yield ""
    yield f"{_text(plans)}, {span}" if plans else span
    if statement.what_if:
        yield ""
        yield f"> **{formats.word('what_if')}**"
        yield from (f"> - {_text(words.change_words(change, formats))}" for change in statement.what_if)


def _where(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    yield from _title("where", formats)
    if not statement.standings:
        yield formats.word("nothing_recorded" if statement.nothing_recorded else "nothing_yet")
        return
    ranked = any(item.HasField("place") for item in statement.standings)
    stepped = any(item.HasField("next_step") for item in statement.standings)
    names = ("so_far", "rate", *(["next"] if stepped else []), *(["place"] if ranked else []), "earned")
    heads = ["", *map(formats.word, names)]
    rows = (
        (
            standing_head(item, formats),
            "; ".join([so_far(item, formats), *(lost_words(item, lost, formats) for lost in item.lost_counts)]),
            tier_place(item.tier, formats) if item.HasField("tier") else "",
            *(["; ".join(next_step(item, formats)) if item.HasField("next_step") else ""] if stepped else []),
            *([place_words(item.place, formats) if item.HasField("place") else ""] if ranked else []),
            formats.money(item.earned_amount),
        )
        for item in statement.standings
    )
    yield from _table(heads, rows, right=1)


def _waiting(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    if not statement.pending_deals:
        return
    yield ""
    yield f"**{formats.word('waiting')}**"
    yield ""
    names = ("deal", "customer", "closed", "head_reason", "would_pay")
    heads = [formats.word(name) for name in names]
    rows = (
        (
            deal.external_id,
            deal.account_display_name,
            formats.date(deal.closed_date),
            deal.pending_reason,
            amounts(deal.totals, formats),
        )
        for deal in statement.pending_deals
    )
    yield from _table(heads, rows, right=1)


def _provisional(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    if not statement.provisional_amounts:
        return
    yield ""
    yield f"**{formats.word('provisional')}**"
    yield ""
    rows = [
        (f"{item.component}, {item.period}", waits_for(item, formats), formats.money(item.amount))
        for item in statement.provisional_amounts
    ]
    rows += [(formats.word("provisional_total"), "", amounts(statement.provisional_totals, formats))]
    yield from _table(("", formats.word("head_reason"), formats.word("earned")), rows, right=1)


# --- where will I land


def _landing(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    if statement.forecast_refusal:
        yield from _title("land", formats)
        yield _text(formats.word("no_forecast").format(reason=statement.forecast_refusal))
    if not statement.HasField("forecast"):
        if not statement.forecast_refusal:
            yield from _title("land", formats)
            yield formats.word("is_over")
        return
    forecast = statement.forecast
    yield from _title("land", formats)
    yield formats.word("pipeline_of").format(day=formats.date(forecast.pipeline_date))
    if any(map(words.counts_anything, forecast.components)):
        yield from _scenarios(statement, formats)
    else:
        yield ""
        yield formats.word("nothing_lands")
    yield from _prospects(forecast.prospects, formats)


def _scenarios(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    for component in statement.forecast.components:
        yield from _component(component, formats)
    yield ""
    yield f"**{formats.word('payable').format(period=statement.period)}**"
    yield ""
    paid = ((formats.word(item.scenario), _totals(item, formats)) for item in statement.forecast.payouts)
    yield from _table(("", formats.word("total")), paid, right=1)
    yield ""
    yield formats.word("average")


def _totals(item: pb.ScenarioPayout, formats: Formats) -> str:
    return amounts(item.totals, formats) if item.totals else formats.word("unknown")


def _component(component: pb.ComponentForecast, formats: Formats) -> Iterator[str]:
    quota = words.quota_words(component, formats)
    yield ""
    yield f"**{_text(component.component)}, {component.period}**{f' {_text(quota)}' if quota else ''}"
    yield ""
    if not words.counts_anything(component):
        position = formats.quantity(component.outlooks[0].position, component.measure)
        yield f"{formats.word('now')} {position}, {formats.word('nothing_open')}"
        return
    rows = (
        (
            formats.word(item.scenario),
            "" if item.scenario == "now" else str(item.deal_count),
            formats.quantity(item.position, component.measure),
            formats.attainment(Fraction(item.attainment)) if item.attainment else words.bonus_words(item, formats),
            words.tier_words(item),
            words.earned_words(item, formats),
        )
        for item in component.outlooks
    )
    yield from _table(("", *(formats.word(f"head_{name}") for name in words.OUTLOOK_HEADS)), rows, right=5)
    if component.reached_by:
        yield ""
        yield _text(f"{formats.word('next')}: {', '.join(words.next_words(component, formats))}")


def _prospects(prospects: Sequence[pb.Prospect], formats: Formats) -> Iterator[str]:
    for heading, counting in (("open", True), ("dropped_out", False)):
        of_kind = [item for item in prospects if (item.state in words.COUNTING) == counting]
        if of_kind:
            yield from ("", f"**{formats.word(heading)}**", "")
            yield from _prospect_table(of_kind, formats)


def _prospect_table(prospects: Sequence[pb.Prospect], formats: Formats) -> Iterator[str]:
    rows = (
        (
            item.external_id,
            item.account_display_name,
            words.stage_word(item, formats),
            formats.word(item.category),
            words.why(item, formats),
            formats.date(item.expected_close_date) if item.HasField("expected_close_date") else "",
            formats.ratio(Fraction(item.probability)),
            formats.money(item.amount) if item.HasField("amount") else "",
        )
        for item in prospects
    )
    names = ("deal", "customer", "head_stage", "head_category", "head_reason")
    numbers = ("head_expected", "head_probability", "head_amount")
    yield from _table([formats.word(name) for name in (*names, *numbers)], rows, right=3)


# --- what is paid, and what is not


def _payout(statement: pb.Statement, formats: Formats, explanations: Explanations) -> Iterator[str]:
    yield from _title("payout", formats)
    for text in booked_words(statement, formats):
        yield from (_text(text), "")
    if not statement.payouts:
        yield formats.word("nothing_payable")
    for payout in statement.payouts:
        yield f"**{_text(payout.component)}**: {formats.money(payout.amount)}"
        yield ""
        shown = [line for line in payout.lines if is_shown(line)]
        if shown:
            rows = (_line_cells(line, formats) for line in shown)
            yield from _table([formats.word(name) for name in LINE_HEADS], rows, right=3)
        silent = len(payout.lines) - len(shown)
        if silent:
            yield formats.counted("moved", silent).format(count=silent)
        for line in shown:
            if line.name in explanations:
                yield from ("", *_derivation(explanations[line.name].derivation, formats))
        yield ""
    for account in statement.accounts:
        yield f"**{account_head(account, formats)}**"
        yield ""
        rows = ((account_step(step, formats), step.plan_at, formats.money(step.amount)) for step in account.steps)
        yield from _table(("", "", ""), rows, right=1)
        yield ""
    total = f"{formats.word('total')} {statement.period}, {formats.word('gross')}"
    yield f"**{total}: {amounts(statement.totals, formats)}**"
    if statement.pay_totals:
        yield f"**{formats.word('pay_total')}: {amounts(statement.pay_totals, formats)}**"
    for text in converted(statement, formats):
        yield ""
        yield _text(text)


def _derivation(step: pb.DerivationStep, formats: Formats, indent: str = "") -> Iterator[str]:
    """One item a step with its place in the plan, and what it follows from below it."""
    at = f" [{step.plan_at}]" if step.plan_at else ""
    yield f"{indent}- {_text(sentence(step, formats.locale) + at)}"
    for below in step.steps:
        yield from _derivation(below, formats, indent + "  ")


def _line_cells(line: pb.StatementLine, formats: Formats) -> Sequence[str]:
    """Notes stand with what the line is."""
    deal, customer, what, *figures = line_cells(line, formats)
    return (deal, customer, "; ".join([what, *line_notes(line, formats)]), *figures)


def _mix(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    if not statement.HasField("book_mix"):
        return
    yield from _title("my_accounts", formats)
    yield from (f"- {line}" for line in words.mix_words(statement.book_mix, formats))


def _elsewhere(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    if not statement.elsewhere_deals:
        return
    yield from _title("elsewhere", formats)
    rows = (
        (
            deal.external_id,
            deal.account_display_name,
            formats.date(deal.closed_date),
            words.holders_words(deal, formats),
            formats.note(deal.reason),
        )
        for deal in statement.elsewhere_deals
    )
    yield from _table((formats.word("deal"), formats.word("customer"), formats.word("closed"), "", ""), rows)


def _changes(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    if not statement.HasField("changes"):
        return
    changes = statement.changes
    yield ""
    yield f"## {words.changes_title(changes, formats)}"
    yield ""
    if changes.nothing_stored:
        yield words.nothing_stored(changes, formats)
        return
    if not changes.lines:
        yield formats.word("nothing_changed")
        return
    rows = (_line_change(change, formats) for change in changes.lines)
    heads = ("", formats.word("deal"), formats.word("customer"), "", formats.word("total_was"), formats.word("total"))
    yield from _table(heads, rows, right=2)


def _line_change(change: pb.LineChange, formats: Formats) -> Sequence[str]:
    line = change.after if change.HasField("after") else change.before
    return (
        words.change_kind(change, formats),
        line.external_id or formats.word("period"),
        line.account_display_name,
        words.causes_words(change, formats),
        formats.money(change.before.amount) if change.HasField("before") else "",
        formats.money(change.after.amount) if change.HasField("after") else "",
    )


def _disputes(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    for told in beside(statement, formats):
        yield from ("", _text(told.text))
        yield from ("", f"    {told.command}") if told.command else ()
    if statement.disputes:
        yield from _title("disputes", formats)
    for dispute in statement.disputes:
        yield f"- {_text(about(dispute, formats))}"
        yield from (f"  - {_text(said(entry, formats))}" for entry in dispute.entries)


# --- Markdown


def _title(name: str, formats: Formats) -> Iterator[str]:
    """Headings shout in a terminal only."""
    yield ""
    yield f"## {formats.word(name)}"
    yield ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, right: int = 0) -> Iterator[str]:
    """The last `right` columns are numbers."""
    yield f"| {' | '.join(heads)} |"
    yield "|" + "|".join(["---"] * (len(heads) - right) + ["---:"] * right) + "|"
    yield from (f"| {' | '.join(map(_text, cells))} |" for cells in rows)


def _text(text: str) -> str:
    """What a customer is called may hold anything; here it is only text."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
