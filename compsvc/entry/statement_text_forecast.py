"""What a printed statement says besides standing and payout: where it leads, what went elsewhere, what has changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from textwrap import wrap

from compsvc.entry.statement_formats import Formats
from compsvc.entry.statement_layout import WIDTH, amounts, apart, bar, cut, row
from compsvc.v1 import statement_service_pb2 as pb

NAME = 12  # the least width of a scenario's name
CELLS, FEWEST_CELLS = 18, 6  # of a bar
OUTLOOK_HEADS = ("deals", "position", "reached", "tier", "earned")
COUNTING = ("open", "pending")


def landing(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    if statement.forecast_refusal:
        yield from ("", formats.word("land").upper())
        yield from _wrapped(formats.word("no_forecast").format(reason=statement.forecast_refusal), "  ")
    if not statement.HasField("forecast"):
        if not statement.forecast_refusal:
            yield from ("", formats.word("land").upper(), f"  {formats.word('is_over')}")
        return
    forecast = statement.forecast
    yield ""
    day = formats.date(forecast.pipeline_date)
    yield apart(formats.word("land").upper(), formats.word("pipeline_of").format(day=day))
    if not any(map(counts_anything, forecast.components)):
        yield f"  {formats.word('nothing_lands')}"
        yield from _prospects(forecast.prospects, formats)
        return
    for component in forecast.components:
        yield ""
        yield from _component(component, formats)
    yield ""
    yield f"  {formats.word('payable').format(period=statement.period)}"
    yield from _payouts(forecast.payouts, formats)
    yield from _prospects(forecast.prospects, formats)
    yield ""
    yield f"  {formats.word('average')}"


def tried(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    if not statement.what_if:
        return
    yield ""
    yield formats.word("what_if").upper()
    yield from (f"  {change_words(change, formats)}" for change in statement.what_if)


def after_payout(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    if statement.HasField("book_mix"):
        yield ""
        yield formats.word("my_accounts").upper()
        yield from (f"  {line}" for line in mix_words(statement.book_mix, formats))
    yield from _elsewhere(statement.elsewhere_deals, formats)
    if statement.HasField("changes"):
        yield from _changes(statement, formats)


# --- where will I land


def _component(component: pb.ComponentForecast, formats: Formats) -> Iterator[str]:
    title = f"  {component.component}, {component.period}"
    yield apart(title, quota_words(component, formats))
    if not counts_anything(component):
        text = f"{formats.quantity(component.outlooks[0].position, component.measure)}, {formats.word('nothing_open')}"
        yield row(formats.word("now"), text)
        return
    yield from _outlooks(component, formats)
    if component.reached_by:
        first, *rest = next_words(component, formats)
        yield row(formats.word("next"), first)
        yield from (row("", text) for text in rest)


def next_words(component: pb.ComponentForecast, formats: Formats) -> list[str]:
    """How far the next step is, and who would take one there; with its rate where that is no gain."""
    step, now = component.next_step, component.outlooks[0].tier
    distance = formats.word("distance").format(distance=formats.quantity(step.distance, component.measure))
    text = f"{distance}: {would_reach(component.reached_by, formats)}"
    return [text, then(step, now, formats)] if falls(step, now) else [text]


def then(step: pb.NextStep, now: pb.Tier, formats: Formats) -> str:
    """What comes with a step; that the rate falls there, where it does."""
    bonus, rate = formats.money(step.bonus_amount), rate_words(step.tier, formats) if step.HasField("tier") else ""
    name = "then_bonus" if not rate else "then_both" if step.bonus_amount.minor_units else "then_rate"
    if falls(step, now):
        rate = formats.word("less_than_now").format(rate=rate)
    return formats.word(name).format(bonus=bonus, rate=rate)


def falls(step: pb.NextStep, now: pb.Tier) -> bool:
    return step.HasField("tier") and bool(now.rate) and Fraction(step.tier.rate) < Fraction(now.rate)


def rate_words(tier: pb.Tier, formats: Formats) -> str:
    rate = formats.ratio(Fraction(tier.rate))
    if not tier.base_multiple:
        return rate
    return f"{rate} ({formats.multiple(Fraction(tier.base_multiple))})"


def quota_words(component: pb.ComponentForecast, formats: Formats) -> str:
    if not component.HasField("quota"):
        return "" if _counts(component) else formats.word(component.measure)
    quota = formats.quantity(component.quota)
    return formats.word("of_quota").format(quota=quota, measure=formats.word(component.measure))


def counts_anything(component: pb.ComponentForecast) -> bool:
    return any(item.deal_count for item in component.outlooks)


def _counts(component: pb.ComponentForecast) -> bool:
    return any(item.position.WhichOneof("amount") == "count" for item in component.outlooks)


def would_reach(ids: Sequence[str], formats: Formats) -> str:
    *most, last = ids
    who = f"{', '.join(most)} {formats.word('and')} {last}" if most else last
    return formats.word("would_reach:one" if not most else "would_reach").format(who=who)


def _outlooks(component: pb.ComponentForecast, formats: Formats) -> Iterator[str]:
    """A scenario a line. Every column is as wide as what stands in it, and the bar has what is left."""
    reached = [Fraction(item.attainment) for item in component.outlooks if item.attainment]
    full = max([Fraction(1), *reached])
    deals, position, attained, tier, earned = (formats.word(f"head_{name}") for name in OUTLOOK_HEADS)
    heads = ("", deals, position, attained, tier, earned)
    rows = [heads, *(_cells(item, component.measure, formats) for item in component.outlooks)]
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(heads))]
    widths[0] = max(widths[0], NAME)  # so that most tables stand alike
    free = WIDTH - sum(widths) - 4 - 2 * len(heads) - 3  # indent, gaps, and the brackets and stroke of a bar
    bonuses = [bonus_words(item, formats) for item in component.outlooks]
    cells = min(max(free, FEWEST_CELLS), CELLS)
    room = max([cells + 3 if reached else 0, *map(len, bonuses)])
    yield _outlook(heads, "", widths, room)
    for item, words, bonus in zip(component.outlooks, rows[1:], bonuses, strict=True):
        shown = bar(Fraction(item.attainment), cells, full=full) if item.attainment else bonus
        yield _outlook(words, shown, widths, room)


def _cells(item: pb.Outlook, measure: str, formats: Formats) -> tuple[str, ...]:
    return (
        formats.word(item.scenario),
        str(item.deal_count) if item.scenario != "now" else "",
        formats.quantity(item.position, measure),
        formats.attainment(Fraction(item.attainment)) if item.attainment else "",
        tier_words(item),
        earned_words(item, formats),
    )


def _outlook(cells: Sequence[str], shown: str, widths: Sequence[int], room: int) -> str:
    name, deals, position, reached, tier, earned = widths
    left = f"    {cells[0]:<{name}}  {cells[1]:>{deals}}  {cells[2]:>{position}}  {cells[3]:>{reached}}"
    return apart(f"{left}  {shown:<{room}}  {cells[4]:<{tier}}", f"{cells[5]:>{earned}}")


def bonus_words(item: pb.Outlook, formats: Formats) -> str:
    return formats.word("bonus").format(amount=formats.money(item.bonus_amount)) if item.bonus_count else ""


def tier_words(item: pb.Outlook) -> str:
    several = item.HasField("tier") and item.tier.tier_count > 1
    return f"{item.tier.number}/{item.tier.tier_count}" if several else ""


def earned_words(item: pb.Outlook, formats: Formats) -> str:
    return formats.money(item.earned_amount) if item.HasField("earned_amount") else formats.word("unknown")


def _payouts(payouts: Sequence[pb.ScenarioPayout], formats: Formats) -> Iterator[str]:
    for item in payouts:
        name = f"    {formats.word(item.scenario)}"
        yield apart(name, amounts(item.totals, formats) if item.totals else formats.word("unknown"))


def _prospects(prospects: Sequence[pb.Prospect], formats: Formats) -> Iterator[str]:
    for heading, shown in (("open", True), ("dropped_out", False)):
        of_kind = [item for item in prospects if (item.state in COUNTING) == shown]
        if of_kind:
            yield from ("", f"  {formats.word(heading)}")
        for item in of_kind:
            yield _prospect(item, formats)
            yield from _wrapped(why(item, formats), " " * 14)


def _prospect(item: pb.Prospect, formats: Formats) -> str:
    customer = cut(item.account_display_name, 22)
    sure = (
        f"{cut(stage_word(item, formats), 11):<11} {formats.word(item.category):<11}"
        f" {formats.ratio(Fraction(item.probability)):>5}"
    )
    day = formats.date(item.expected_close_date) if item.HasField("expected_close_date") else ""
    left = f"    {item.external_id:<9} {customer:<22} {sure} {day:>12}"
    return apart(left, formats.money(item.amount) if item.HasField("amount") else "")


def stage_word(item: pb.Prospect, formats: Formats) -> str:
    """The stages that hold without a company's own have words; a company's own are shown as it calls them."""
    return formats.word(f"stage_{item.stage}").removeprefix("stage_")


def why(item: pb.Prospect, formats: Formats) -> str:
    """Why a prospect counts in no scenario, or on another day than expected."""
    if item.state == "dead":
        return formats.word("state_dead").format(day=formats.date(item.dead_date))
    if item.state not in COUNTING:
        return formats.word(f"state_{item.state}").format(reason=item.reason)
    return formats.word("overdue").format(day=formats.date(item.expected_close_date)) if item.overdue else ""


# --- what went elsewhere, and what has changed


def _elsewhere(deals: Sequence[pb.ElsewhereDeal], formats: Formats) -> Iterator[str]:
    if not deals:
        return
    yield ""
    yield formats.word("elsewhere").upper()
    for deal in deals:
        closed = f"{formats.word('closed')} {formats.date(deal.closed_date)}"
        yield apart(f"  {deal.external_id}  {deal.account_display_name}, {closed}", holders_words(deal, formats))
        yield from _wrapped(formats.note(deal.reason), " " * 6)


def mix_words(mix: pb.BookMix, formats: Formats) -> Iterator[str]:
    """`2 customers (healthy: 5 to 10)`, and the same of targets."""
    for name, count, healthy in (
        ("mix_customers", mix.customer_count, mix.healthy_customers),
        ("mix_targets", mix.target_count, mix.healthy_targets),
    ):
        told = formats.counted(name, count).format(count=count)
        low, _, high = healthy.partition("..")
        yield told if not healthy else f"{told} ({formats.word('mix_healthy').format(low=low, high=high)})"


def holders_words(deal: pb.ElsewhereDeal, formats: Formats) -> str:
    if not deal.holders:
        return formats.word("to_nobody")
    return formats.word("to_others").format(who=", ".join(deal.holders), route=formats.word(deal.route))


def changes_title(changes: pb.StatementChanges, formats: Formats) -> str:
    if not changes.HasField("since_time"):
        return formats.word("changed_by")
    return formats.word("changed_since").format(time=formats.time(changes.since_time.ToDatetime()))


def nothing_stored(changes: pb.StatementChanges, formats: Formats) -> str:
    time = formats.time(changes.since_time.ToDatetime())
    return formats.word("nothing_stored").format(time=time)


def _changes(statement: pb.Statement, formats: Formats) -> Iterator[str]:
    changes = statement.changes
    yield ""
    yield changes_title(changes, formats).upper()
    if changes.nothing_stored:
        yield f"  {nothing_stored(changes, formats)}"
        return
    if not changes.lines:
        yield f"  {formats.word('nothing_changed')}"
    for change in changes.lines:
        yield _line_change(change, formats)
        yield from _wrapped(causes_words(change, formats), " " * 14)
    told = {cause.SerializeToString(deterministic=True) for change in changes.lines for cause in change.causes}
    rest = [each for each in changes.recorded if each.SerializeToString(deterministic=True) not in told]
    if rest:
        yield f"  {formats.word('recorded')}: {', '.join(recorded_words(each, formats) for each in rest)}"
    if changes.previous_totals:
        yield apart(f"  {formats.word('total_was')}", amounts(changes.previous_totals, formats))
        yield apart(f"  {formats.word('total')}", amounts(changes.current_totals, formats))


def _line_change(change: pb.LineChange, formats: Formats) -> str:
    line = change.after if change.HasField("after") else change.before
    name = f"  {change_kind(change, formats):<11} {line.component}: {line.external_id or formats.word('period')}"
    left = f"{name} {cut(line.account_display_name, 22)}"
    if not change.HasField("before"):
        return apart(left, formats.money(line.amount))
    was = formats.word("was").format(amount=formats.money(change.before.amount))
    now = formats.money(change.after.amount) if change.HasField("after") else ""
    return apart(left, f"{was}{now:>16}" if now else was)


def change_kind(change: pb.LineChange, formats: Formats) -> str:
    both = change.HasField("before") and change.HasField("after")
    return formats.word("line_changed" if both else "line_new" if change.HasField("after") else "line_gone")


def causes_words(change: pb.LineChange, formats: Formats) -> str:
    if not change.causes:
        return formats.word("moved_by_others")
    return formats.word("because").format(what=", ".join(recorded_words(each, formats) for each in change.causes))


def recorded_words(each: pb.RecordedChange, formats: Formats) -> str:
    what = formats.word(f"kind_{each.kind}").format(name=each.name)
    return formats.word(f"recorded_{each.change}").format(what=what)


def change_words(change: pb.WhatIfChange, formats: Formats) -> str:
    """One change of a what-if."""
    verb = change.WhichOneof("change") or "add"
    tried = getattr(change, verb)
    sale = formats.word("sale_deal" if tried.kind == pb.SALE_KIND_DEAL else "sale_opportunity")
    if verb == "drop":
        return formats.word("drop").format(sale=sale, id=tried.id)
    if verb == "move":
        return formats.word("move").format(sale=sale, id=tried.id, day=formats.date(tried.to_date))
    return formats.word("add_stage" if tried.stage else "add").format(
        sale=sale,
        id=tried.id,
        customer=tried.account_id or formats.word("new_customer"),
        stage=tried.stage,
        amount=formats.money(tried.amount),
        day=formats.date(tried.close_date),
    )


def _wrapped(text: str, indent: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False) if text else []
