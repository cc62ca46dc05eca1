"""A statement as text for a terminal of 96 columns, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from textwrap import wrap

from compsvc.core.stated_credits import SOURCES
from compsvc.entry.dispute_text import dispute_lines, dispute_state
from compsvc.entry.locales import Locale
from compsvc.entry.statement_beside_text import beside, converted
from compsvc.entry.statement_formats import Formats, sentence
from compsvc.entry.statement_layout import LABEL, WIDTH, amounts, apart, bar, cut, row, unbroken
from compsvc.entry.statement_text_forecast import after_payout, landing, rate_words, then, tried
from compsvc.v1 import statement_service_pb2 as pb
from compsvc.v1.dispute_service_pb2 import Dispute

BAR_CELLS = 24
SHOWN_CUSTOMER = 22
LINE_HEADS = ("deal", "customer", "what", "payable_from", "counts", "pays")
Explanations = Mapping[str, pb.LineExplanation]  # by the name of the line


def statement_text(statement: pb.Statement, *, locale: Locale = "en", explanations: Explanations | None = None) -> str:
    """Lines whose name stands in `explanations` are opened into their derivation."""
    formats = Formats(locale)
    parts = (
        _heading(statement, formats),
        tried(statement, formats),
        _where(statement, formats),
        _waiting(statement, formats),
        landing(statement, formats),
        _payout(statement, formats, explanations or {}),
        _provisional(statement, formats),
        after_payout(statement, formats),
        disputes(statement, formats),
    )
    return "\n".join(line.rstrip() for part in parts for line in part) + "\n"


def explanation_text(explanation: pb.LineExplanation, *, locale: Locale = "en") -> str:
    root = explanation.derivation
    return "\n".join([unbroken(sentence(root, locale)), *_tree(list(root.steps), locale, "")]) + "\n"


def _heading(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    title = f"{formats.word('statement')} {statement.period}"
    plans = ", ".join(dict.fromkeys(standing.plan_title for standing in statement.standings))
    span = f"{formats.date(statement.start_date)} {formats.word('to')} {formats.last_day(statement.end_date)}"
    yield apart(statement.display_name, title)
    yield apart(plans, span)
    yield "=" * WIDTH


# --- where am I


def _where(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    yield ""
    yield formats.word("where").upper()
    if not statement.standings:
        yield f"  {formats.word('nothing_recorded' if statement.nothing_recorded else 'nothing_yet')}"
    for standing in statement.standings:
        yield ""
        yield f"  {standing_head(standing, formats)}"
        yield from _standing(standing, formats)


def _standing(standing: pb.Standing, formats: Formats) -> Iterator[str]:
    yield row(formats.word("so_far"), so_far(standing, formats))
    lost = (wrap(lost_words(standing, item, formats), WIDTH - LABEL - 4) for item in standing.lost_counts)
    for number, text in enumerate(part for parts in lost for part in parts):
        yield row("" if number else formats.word("lost_counts"), text)
    if standing.attainment:
        yield row("", bar(Fraction(standing.attainment), BAR_CELLS))
    if standing.HasField("tier"):
        yield row(formats.word("rate"), tier_place(standing.tier, formats))
    if standing.HasField("next_step"):
        for number, text in enumerate(next_step(standing, formats)):
            yield row("" if number else formats.word("next"), text)
    if standing.HasField("place"):
        yield row(formats.word("place"), place_words(standing.place, formats))
    yield row(formats.word("earned"), formats.money(standing.earned_amount))


def standing_head(standing: pb.Standing, formats: Formats) -> str:
    """With the day that it is of, where its period goes on after the statement's."""
    head = f"{standing.component}, {standing.period}"
    if not standing.HasField("as_at_date"):
        return head
    return f"{head}, {formats.word('as_at').format(date=formats.date(standing.as_at_date))}"


def lost_words(standing: pb.Standing, lost: pb.LostCount, formats: Formats) -> str:
    """`1 new logo: Iltis Robotik GmbH (D-4102), on 3 Aug 2026, within 6 months`."""
    deal = f" ({lost.external_id})" if lost.external_id else ""
    said = {"counts": formats.quantity(lost.counts, standing.measure), "date": formats.date(lost.lost_date)}
    stay = "lost_within" if lost.HasField("must_stay_months") else "lost_again"
    return formats.word(stay).format(**said, who=f"{lost.account_display_name}{deal}", months=lost.must_stay_months)


def place_words(place: pb.Place, formats: Formats) -> str:
    """Where a participant stands in a contest, and the prize that it would be."""
    words = formats.word("place_of").format(number=place.number, ranked=place.ranked_count, winners=place.winning_count)
    return f"{words}: {place.prize}" if place.prize else words


def so_far(standing: pb.Standing, formats: Formats) -> str:
    """`€1,016,000.00 of €800,000.00 final-stage ACV: 127%`, `2 of 3 new logos`: where things are counted without a
    quota, the next step is the goal."""
    counted = standing.position.WhichOneof("amount") == "count"
    goal = standing.quota if standing.HasField("quota") else standing.next_step.at if counted else pb.Quantity()
    unit = "" if counted else f" {formats.word(standing.measure)}"
    if goal.WhichOneof("amount") is None:
        return formats.quantity(standing.position, standing.measure) + unit
    reached = formats.quantity(standing.position)
    text = f"{reached} {formats.word('of')} {formats.quantity(goal, standing.measure)}{unit}"
    return f"{text}: {formats.attainment(Fraction(standing.attainment))}" if standing.attainment else text


def tier_place(tier: pb.Tier, formats: Formats) -> str:
    where = formats.word("tier").format(number=tier.number, count=tier.tier_count)
    return f"{rate_words(tier, formats)}, {where}" if tier.tier_count > 1 else rate_words(tier, formats)


def next_step(standing: pb.Standing, formats: Formats) -> Iterator[str]:
    step = standing.next_step
    distance = formats.word("distance").format(distance=formats.quantity(step.distance, standing.measure))
    yield f"{distance}: {then(step, standing.tier, formats)}"
    if step.HasField("deal_count") and step.distance.WhichOneof("amount") == "money":
        words = formats.counted("like_deals", step.deal_count)
        yield words.format(deals=step.deal_count, median=formats.quantity(step.median_deal))


# --- what waits


def _waiting(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    if not statement.pending_deals:
        return
    yield ""
    yield f"  {formats.word('waiting')}"
    for deal in statement.pending_deals:
        closed = f"{formats.word('closed')} {formats.date(deal.closed_date)}"
        pays = f"{formats.word('would_pay')} {amounts(deal.totals, formats)}"
        yield apart(f"    {deal.external_id}  {deal.account_display_name}, {closed}", pays)
        yield from wrap(deal.pending_reason, WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)
        yield from (_pending_credit(credit, formats) for credit in deal.credits)
    if len(statement.pending_deals) > 1:
        yield "    " + formats.word("together").format(amount=amounts(statement.pending_totals, formats))


def _pending_credit(credit: pb.PendingCredit, formats: Formats) -> str:
    pays = formats.money(credit.amount) if credit.HasField("amount") else formats.word("unknown_yet")
    return f"      {credit.component}, {credit.period}: {formats.word('would_pay')} {pays}"


# --- what is my payout


def _payout(statement: pb.Statement, formats: Formats, explanations: Explanations) -> Iterator[str]:
    yield ""
    yield formats.word("payout").upper()
    yield from (f"  {text}" for text in booked_words(statement, formats))
    if not statement.payouts:
        yield f"  {formats.word('nothing_payable')}"
    for payout in statement.payouts:
        yield ""
        yield from _component(payout, formats, explanations, statement.disputes)
    for account in statement.accounts:
        yield ""
        yield f"  {account_head(account, formats)}"
        for step in account.steps:
            text, at = account_step(step, formats), f"  [{step.plan_at}]" if step.plan_at else ""
            yield apart(f"    {text}{at}", formats.money(step.amount))
    yield ""
    yield "-" * WIDTH
    total = f"{formats.word('total')} {statement.period}, {formats.word('gross')}"
    yield apart(total, amounts(statement.totals, formats))
    if statement.pay_totals:
        yield apart(formats.word("pay_total"), amounts(statement.pay_totals, formats))
    for text in converted(statement, formats):
        yield from wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")


def _provisional(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    """Below the total, of which it is no part."""
    if not statement.provisional_amounts:
        return
    yield ""
    yield f"  {formats.word('provisional')}"
    for item in statement.provisional_amounts:
        yield apart(f"    {item.component}, {item.period}: {waits_for(item, formats)}", formats.money(item.amount))
    yield apart(f"    {formats.word('provisional_total')}", amounts(statement.provisional_totals, formats))


def waits_for(item: pb.ProvisionalAmount, formats: Formats) -> str:
    day = formats.date(item.due_date) if item.HasField("due_date") else ""
    return formats.word(f"provisional_{item.reason}").format(date=day)


def _component(
    payout: pb.ComponentPayout, formats: Formats, explanations: Explanations, disputes: Sequence[Dispute]
) -> Iterator[str]:
    yield apart(f"  {payout.component}", formats.money(payout.amount))
    shown = [line for line in payout.lines if is_shown(line)]
    if shown:
        yield _columns(*(formats.word(name) for name in LINE_HEADS))
    for line in shown:
        yield _columns(*line_cells(line, formats))
        if notes := line_notes(line, formats):
            yield from wrap("; ".join(notes), WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)
        for dispute in disputes:
            if dispute.subject == line.name:
                yield f"      {formats.word('disputed').format(state=dispute_state(dispute, formats))}"
        if line.name in explanations:
            yield from _tree(explanations[line.name].derivation.steps, formats.locale, " " * 6)
            yield from [""] if line is not shown[-1] else []
    silent = len(payout.lines) - len(shown)
    if silent:
        yield f"    {formats.counted('moved', silent).format(count=silent)}"


def booked_words(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    """Whether the payout is booked, and whether more is known by now; nothing where no ledger pays."""
    if statement.HasField("booked_pay"):
        booked = statement.booked_pay
        since = "_since" if statement.sealed_differences else ""
        yield formats.word(f"booked_{booked.state}{since}").format(date=formats.date(booked.open_date))


TAKEN = ("take_back", "gone")  # what corrects an earlier line by itself


def line_notes(line: pb.StatementLine, formats: Formats) -> list[str]:
    """What a line has to be told apart: the month and the value that it corrects, and what it comes to by now."""
    notes = []
    if line.corrects_pay_period:
        notes.append(formats.word("for_month").format(month=line.corrects_pay_period))
    if line.HasField("corrected_from"):
        values = {"before": formats.quantity(line.corrected_from), "after": formats.quantity(line.corrected_to)}
        notes.append(formats.word("corrects_value").format(**values))
    if line.deal_cause and (line.corrects_pay_period or line.HasField("corrected_from") or line.step_kind in TAKEN):
        notes.append(formats.word("deal_cause").format(cause=formats.word(line.deal_cause)))
    if line.HasField("current_amount"):
        notes.append(formats.word("now_amount").format(amount=formats.money(line.current_amount)))
    if line.reference.count("/") > 1:
        notes.append(formats.word("named").format(name=line.reference))
    return notes


def account_head(account: pb.PayAccount, formats: Formats) -> str:
    return formats.word("account").format(currency=account.currency_code)


def account_step(step: pb.PayStep, formats: Formats) -> str:
    note = f", {formats.note(step.note)}" if step.note else ""
    return f"{formats.word(f'pay_{step.kind}')}{note}"


BESIDE = frozenset({"windfall", "review", "minimum", "cap", "floor", "plan_cap", "plan_floor"})  # bound other lines


def is_shown(line: pb.StatementLine) -> bool:
    """Whether the line stands by itself: it pays, or its deal counts nothing, which asks for a reason, or somebody has
    stated it."""
    counts = line.counts
    moves = counts.money.minor_units if counts.WhichOneof("amount") == "money" else Fraction(counts.count or "0")
    pays = bool(line.amount.minor_units) or line.HasField("current_amount")
    return pays or (not moves and line.step_kind == "own") or line.source in SOURCES.values()


def line_cells(line: pb.StatementLine, formats: Formats) -> tuple[str, ...]:
    """As LINE_HEADS has them. What a re-rating line pays on, or one that stands beside it, has its own line already:
    counted twice, the column would not sum to what is counted."""
    return (
        line.external_id or formats.word("period"),
        line.account_display_name,
        line_what(line, formats),
        formats.date(line.payable_date),
        "" if line.step_kind == "re_rating" or line.step_kind in BESIDE else formats.quantity(line.counts, ""),
        formats.money(line.amount),
    )


def _columns(deal: str, customer: str, what: str, when: str, counts: str, pays: str) -> str:
    left = f"    {deal:<9} {cut(customer, SHOWN_CUSTOMER):<{SHOWN_CUSTOMER}} {what}"
    return apart(f"{left:<56} {when:>12} {counts:>13}", pays)


def line_what(line: pb.StatementLine, formats: Formats) -> str:
    if line.step_kind == "re_rating":
        return formats.word("re_rated_by").format(deal=line.cause_external_id)
    if line.step_kind in ("windfall", "cap", "plan_cap") and line.amount.minor_units > 0:
        return formats.word(f"{line.step_kind}:back")
    if line.step_kind in BESIDE or line.step_kind == "gone":
        return formats.word(line.step_kind)
    kind = formats.word("option").format(number=line.stage) if line.stage else formats.word(line.deal_type)
    kind = line.activity.replace("_", " ") or kind
    if line.external_id and not (line.line or line.activity):
        kind = formats.word(line.source if line.source in SOURCES.values() else "opening")
    if line.part:
        kind = formats.word("part_of").format(what=kind, number=line.part, amount=formats.money(line.whole_amount))
    return kind if line.step_kind in ("own", "period") else f"{kind}, {formats.word(line.step_kind)}"


def disputes(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    for said in beside(statement, formats):
        yield ""
        yield from wrap(said.text, WIDTH, break_on_hyphens=False)
        yield from [f"  {said.command}"] if said.command else []
    if statement.disputes:
        yield ""
        yield formats.word("disputes").upper()
    for dispute in statement.disputes:
        yield from dispute_lines(dispute, formats, "  ")


def _tree(steps: Sequence[pb.DerivationStep], locale: Locale, indent: str) -> Iterator[str]:
    """One step a line with its place in the plan, and what it follows from below it."""
    for step in steps:
        last = step is steps[-1]
        text = f"{sentence(step, locale)}  [{step.plan_at}]" if step.plan_at else sentence(step, locale)
        rail = "   " if last else "│  "
        below = rail + ("│  " if step.steps else "   ")
        first, *rest = wrap(
            unbroken(text), WIDTH - len(indent) - 3, break_long_words=False, break_on_hyphens=False
        ) or [""]
        yield f"{indent}{'└─ ' if last else '├─ '}{first}"
        yield from (f"{indent}{below}{part}" for part in rest)
        yield from _tree(list(step.steps), locale, indent + rail)
