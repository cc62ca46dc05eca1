"""What is my payout, where a plan holds, lends or carries: from the opening balance to the closing one (B7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

import polars as pl

from compsvc.core.adjustments import ADJUSTED
from compsvc.core.advances import may_advance
from compsvc.core.facts import Facts
from compsvc.core.node import Node
from compsvc.core.pay import PAYABLE, Pay, has_pay_words, pay
from compsvc.core.pay_account import PayAccount, accounts_of
from compsvc.core.plan import Plan
from compsvc.core.plan_pay import Draw
from compsvc.core.plan_revisions import latest
from compsvc.core.results import Result
from compsvc.core.statement_holds import has_holds, hold_steps
from compsvc.core.statement_values import Account, AccountStep, Money, Row, Span

Sources = tuple[tuple[str, int, Node | None], ...]  # what a step is called, its amount, and the words that say it


def pay_of(
    result: Result, plans: Sequence[Plan], facts: Facts, *, participant_id: str, names: Set[str], period: Span
) -> Pay | None:
    """None where no plan of the participant says more than that a line is paid at once."""
    adjusted = facts.adjustments.height and facts.of("adjustments", "participant_id", participant_id).height
    stated = adjusted or has_holds(result, facts, participant_id)
    if not stated and not has_pay_words([plan for plan in plans if plan.plan in names]):
        return None
    return pay(result, plans, facts, until=period.end_date, participant_id=participant_id)


def payable_rows(found: Pay) -> Sequence[Row]:
    """The parts of lines that become payable, as rows of LINES with `part` and `whole_minor`."""
    rows = found.moves.filter(pl.col("kind") == PAYABLE)
    return rows.with_columns(pl.col(pl.Categorical).cast(pl.String)).rows(named=True)


def accounts(found: Pay, plans: Sequence[Plan], facts: Facts, participant_id: str, period: Span) -> Iterator[Account]:
    """One a currency; none where nothing was ever payable and nothing is owed."""
    notes = adjustment_notes(found.moves.filter(pl.col("kind") == ADJUSTED))
    for account in accounts_of(found, participant_id, period):
        stated = _adjustments(found, participant_id, account.currency_code, period, notes)
        on_hold = hold_steps(
            _inside(found, participant_id, account.currency_code, period), facts.holds, account.currency_code
        )
        steps = account_steps(account, plans, [*stated, *on_hold])
        yield Account(account.currency_code, tuple(steps), Money(account.payout, account.currency_code))


def account_steps(account: PayAccount, plans: Sequence[Plan], beside: Sequence[AccountStep]) -> list[AccountStep]:
    """The figures of an account in their order; `beside` stands after what is payable."""
    governing = next((plan for plan in plans if plan.revision == account.revision), None)
    steps = list(_steps(account, governing, latest(plans)))
    payable = next(place for place, step in enumerate(steps, start=1) if step.kind == PAYABLE)
    return [*steps[:payable], *beside, *steps[payable:]]


def adjustment_notes(moves: pl.DataFrame) -> Mapping[str, str]:
    """What each adjustment of core.adjustments.adjusted says of itself: nothing else explains it."""
    return dict(moves.select("external_id", "route_note").iter_rows()) if moves.height else {}


def _adjustments(
    found: Pay, participant_id: str, code: str, period: Span, notes: Mapping[str, str]
) -> Iterator[AccountStep]:
    """Each by itself."""
    rows = _inside(found, participant_id, code, period).filter(pl.col("kind") == ADJUSTED)
    for row in rows.iter_rows(named=True):
        yield AccountStep(ADJUSTED, Money(row["amount_minor"], code), "", notes[row["external_id"]])


def _inside(found: Pay, participant_id: str, code: str, period: Span) -> pl.DataFrame:
    """The moves of the period in one currency."""
    rows = found.moves.with_columns(pl.col("currency_code").cast(pl.String))
    inside = pl.col("payable_date").is_between(period.start_date, period.end_date, closed="left")
    return rows.filter(pl.col("participant_id") == participant_id, pl.col("currency_code") == code, inside)


def _not_topped_up(account: PayAccount, draw: Draw | None) -> bool:
    """Whether a draw pays nothing since more is taken back than is payable."""
    said = draw is not None and draw.below_zero == "nothing"
    return said and account.carried > 0 and not (account.draw or account.guarantee)


def _at_limit(account: PayAccount, draw: Draw | None) -> bool:
    """Whether as much is owed as the draw may come to, so that it lends no more."""
    most = draw.owes_at_most_minor if draw is not None else None
    return most is not None and account.closing["draw"] >= most


def _steps(account: PayAccount, governing: Plan | None, plans: Sequence[Plan]) -> Iterator[AccountStep]:
    """In the order in which they happen; what comes to nothing is left out, but for what is payable and paid."""
    reserve = next((plan.reserve for plan in plans if plan.reserve is not None), None)
    leaver = next((plan.leaver for plan in plans if plan.leaver is not None), None)
    earned = next((plan.earned for plan in plans if may_advance(plan)), None)
    negative = governing.negative if governing else None
    draw = governing.draw if governing else None
    guarantee = governing.guarantee if governing else None
    opening, closing = account.opening, account.closing
    flows: Sources = (
        ("opening_draw", -opening["draw"], draw),
        ("opening_negative", -opening["negative"], negative),
        ("opening_held", opening["held"], reserve),
        ("opening_on_hold", opening["on_hold"], None),
        ("opening_advanced", opening["advanced"], earned),
        ("payable", account.payable, None),
        ("held", -account.held, reserve),
        ("used", account.used, reserve),
        ("released", account.released, reserve),
        ("forfeited", -account.forfeited, leaver),
        ("carried", account.carried, negative),
        ("recovered_draw", -account.recovered_draw, draw),
        ("recovered_negative", -account.recovered_negative, negative),
        ("draw", account.draw, draw),
        ("guarantee", account.guarantee, guarantee),
        ("paid", account.payout, None),
        ("forgiven", account.forgiven, negative),
        ("closing_draw", -closing["draw"], draw),
        ("closing_negative", -closing["negative"], negative),
        ("closing_held", closing["held"], reserve),
        ("closing_on_hold", closing["on_hold"], None),
        ("closing_advanced", closing["advanced"], earned),
    )
    for kind, amount, words in flows:
        if kind == "draw" and _not_topped_up(account, draw):
            yield AccountStep("no_draw", Money(0, account.currency_code), draw.at.in_folder if draw else "")
        if amount or kind in ("payable", "paid"):
            at = words.at.in_folder if words is not None else ""
            yield AccountStep(kind, Money(amount, account.currency_code), at)
        if kind == "draw" and _at_limit(account, draw):
            yield AccountStep("draw_limit", Money(0, account.currency_code), draw.at.in_folder if draw else "")
