"""A comparison as text for a terminal of 96 columns, in the reader's language: the answer first, then why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import groupby

from compsvc.entry.locales import Locale
from compsvc.entry.report_words import REPORT_WORDS
from compsvc.entry.statement_formats import Formats
from compsvc.entry.statement_layout import WIDTH, apart, cut
from compsvc.v1 import simulation_service_pb2 as pb
from compsvc.v1.types_pb2 import Money

AMOUNT = 17
SHOWN = 20  # people of a list, and deals of a person; the other formats have all
LABEL = WIDTH - 3 * AMOUNT


class Page:
    """The words and figures of one locale."""

    def __init__(self, locale: Locale) -> None:
        self.formats, self.words = Formats(locale), REPORT_WORDS[locale]

    def signed(self, amount: Money) -> str:
        return ("+" if amount.minor_units > 0 else "") + self.formats.money(amount)

    def row(self, label: str, change: pb.Change, *, indent: int = 2) -> str:
        """`commission     €112,400.00     €123,200.00     +€10,800.00`."""
        texts = (self.formats.money(change.today), self.formats.money(change.candidate), self.signed(change.difference))
        return self.columns(label, *texts, indent=indent)

    def columns(self, label: str, *texts: str, indent: int = 2) -> str:
        left = " " * indent + cut(label, LABEL - indent - 1)
        return f"{left:<{LABEL}}" + "".join(f"{text:>{AMOUNT}}" for text in texts)

    def heading(self, name: str) -> str:
        return self.columns(
            self.words[name], self.words["today"], self.words["candidate"], self.words["difference"], indent=0
        )


def simulation_text(found: pb.PlanComparison, *, locale: Locale = "en") -> str:
    page = Page(locale)
    if _is_empty(found):
        name = "nothing_counts" if found.period else "nothing_counts_at_all"
        said = page.words[name].format(period=found.period)
        return "\n".join(line.rstrip() for line in [*_title(found, page), "", said]) + "\n"
    parts = (
        _title(found, page),
        _totals(found, page),
        _people("who_wins", [each for each in found.participants if each.pay.difference.minor_units > 0], page),
        _people("who_loses", [each for each in found.participants if each.pay.difference.minor_units < 0], page),
        _components(found, page),
        _roles(found, page),
        _deals(found, page),
        _attainment(found, page),
    )
    return "\n".join(line.rstrip() for part in parts for line in part) + "\n"


def _is_empty(found: pb.PlanComparison) -> bool:
    figures = (
        (each.cost.today.minor_units, each.cost.candidate.minor_units, each.revenue.minor_units, each.loser_count)
        for each in found.totals
    )
    return not any(any(each) for each in figures)


def _title(found: pb.PlanComparison, page: Page) -> Iterator[str]:
    words, formats = page.words, page.formats
    span = words["everything"]
    if found.period:
        span = f"{formats.date(found.start_date)} {formats.word('to')} {formats.last_day(found.end_date)}"
    yield apart(f"{words['simulation']} {found.period}".strip(), span)
    for plan in found.candidates:
        since = words["from"].format(date=formats.date(plan.effective_date))
        yield apart(f"{words['candidate']}: {plan.title} ({plan.plan}), {since}", plan.revision[:12])
    yield "=" * WIDTH
    if found.refused_row_count:
        yield words["refused"].format(count=found.refused_row_count)


def _totals(found: pb.PlanComparison, page: Page) -> Iterator[str]:
    yield ""
    yield page.heading("total_cost")
    for total in found.totals:
        yield page.row(page.words["cost"], total.cost)
        revenue = page.formats.money(total.revenue)
        yield page.columns(page.words["revenue"], revenue, revenue, "")
        if total.today_cost_per_revenue:
            ratios = [Fraction(total.today_cost_per_revenue), Fraction(total.candidate_cost_per_revenue)]
            yield page.columns(page.words["cost_per_revenue"], *map(page.formats.ratio, ratios), "")
        yield "  " + page.words["won_and_lost"].format(
            winners=total.winner_count,
            won=page.signed(total.won_amount),
            losers=total.loser_count,
            lost=page.signed(total.lost_amount),
            same=total.unchanged_count,
        )


def _people(name: str, people: Iterable[pb.ParticipantChange], page: Page) -> Iterator[str]:
    """The largest difference first, each with the deals that make it."""
    ordered = sorted(people, key=lambda each: (-abs(each.pay.difference.minor_units), each.participant_id))
    if not ordered:
        return
    yield ""
    yield page.heading(name)
    for person in ordered[:SHOWN]:
        role = f", {person.role}" if person.role else ""
        yield page.row(f"{person.display_name} ({person.participant_id}{role})", person.pay)
        for deal in person.deals:
            yield _deal(deal, page, indent=6)
        if person.other_deal_count:
            label = page.words["other_deals"].format(count=person.other_deal_count)
            yield page.columns(label, "", "", page.signed(person.other_difference), indent=6)
    if len(ordered) > SHOWN:
        yield "  " + page.words["more"].format(count=len(ordered) - SHOWN)


def _deal(deal: pb.DealChange, page: Page, *, indent: int) -> str:
    label = f"{deal.external_id}  {deal.account_display_name}" if deal.external_id else page.formats.word("period")
    return page.row(label, deal.pay, indent=indent)


def _components(found: pb.PlanComparison, page: Page) -> Iterator[str]:
    yield ""
    yield page.heading("by_component")
    yield from (page.row(f"{each.plan} {each.component}", each.cost) for each in found.components)


def _roles(found: pb.PlanComparison, page: Page) -> Iterator[str]:
    yield ""
    yield page.heading("by_role")
    for each in found.roles:
        yield page.row(f"{each.role or page.words['no_role']} ({each.participant_count})", each.cost)


def _deals(found: pb.PlanComparison, page: Page) -> Iterator[str]:
    if found.deals:
        yield ""
        yield page.heading("by_deal")
        yield from (_deal(deal, page, indent=2) for deal in found.deals)


def _attainment(found: pb.PlanComparison, page: Page) -> Iterator[str]:
    """Of components with a quota, where anybody ends."""
    if found.attainment_bands:
        yield ""
        yield page.columns(page.words["attainment"], page.words["today"], page.words["candidate"], "", indent=0)
    for (plan, component), bands in groupby(found.attainment_bands, key=lambda band: (band.plan, band.component)):
        yield f"  {plan} {component}"
        for band in bands:
            if band.today_count or band.candidate_count:
                yield page.columns(band_text(band), str(band.today_count), str(band.candidate_count), "", indent=6)


def band_text(band: pb.AttainmentBand) -> str:
    """`100% - 120%`, `< 50%`, `>= 150%`."""
    if not band.from_percent:
        return f"< {band.to_percent}%"
    return f"{band.from_percent}% - {band.to_percent}%" if band.HasField("to_percent") else f">= {band.from_percent}%"
