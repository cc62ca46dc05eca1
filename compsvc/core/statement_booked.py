"""What is my payout, where payroll pays from a ledger: of a sealed pay period what was booked, of an open one what its
next run would book, from the balances that the ledger holds (B7, T3).

A closed pay period is a fact. What is true of it by now stands beside it, and is booked in a later one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

import polars as pl

from compsvc.core import ledger
from compsvc.core.adjustments import adjusted
from compsvc.core.facts import Facts
from compsvc.core.ledger import ENTRIES, OWED, PAID
from compsvc.core.pay import PAYABLE
from compsvc.core.pay_account import PayAccount
from compsvc.core.pay_fx import pay_rates, with_paid_as
from compsvc.core.payouts import converted_total, months_of
from compsvc.core.payroll_run import Booked, to_book_for
from compsvc.core.plan import Plan
from compsvc.core.proposals import Before
from compsvc.core.results import Result
from compsvc.core.statement_holds import HOLD_MOVES, hold_steps
from compsvc.core.statement_mine import Mine, causes_of, line_of
from compsvc.core.statement_pay import account_steps, adjustment_notes
from compsvc.core.statement_values import (
    Account,
    AccountStep,
    BookedPay,
    ComponentPayout,
    ConvertedPay,
    Line,
    LineKey,
    Money,
    Quantity,
    Row,
    Span,
    Statement,
    key_of,
    totals,
)

AVAILABLE = (
    PAYABLE,
    "adjusted",
    "held",
    "used",
    "released",
    "forfeited",
    *HOLD_MOVES,
)  # steps of lines; the others are of accounts


@dataclass(frozen=True)
class PayBook:
    """What payroll keeps of one participant."""

    booked: Booked  # all entries of theirs; `rejected` are those that the first open pay period pays again
    payouts: pl.DataFrame  # PAYOUTS with `pay_period`, of sealed runs
    returned: pl.DataFrame  # those of them that payroll could not pay
    open_date: date  # of the first pay period that no run has sealed for them; before it all is booked

    @property
    def since(self) -> date:
        """The first day that the ledger pays for."""
        assert self.booked.cutover is not None
        return self.booked.cutover


def with_booked_pay(
    found: Statement, result: Result, plans: Sequence[Plan], facts: Facts, book: PayBook, before: Before | None
) -> Statement:
    """The statement with the payouts, accounts and totals of payroll; as it is where another system has paid."""
    if found.period.end_date <= book.since:
        return found
    months = [month for month in months_of(found.period) if month.end_date > book.since]
    entries, repeated = _to_the_end(result, plans, facts, book, months, before, found.participant_id)
    mine = Mine.of(result, plans, facts, found.participant_id)
    view = _View(found, months, entries, repeated, book.returned, mine, plans, facts)
    accounts = tuple(_account(view, code) for code in view.codes)
    kept = accounts if found.accounts or any(map(_is_more, accounts)) else ()
    converted = tuple(_converted(view, book, month) for month in months)
    return replace(
        found,
        payouts=tuple(_payouts(view)),
        accounts=kept,
        totals=totals((each.paid for each in accounts), otherwise=[each.currency_code for each in found.totals]),
        converted_pay=tuple(each for of_month in converted for each in of_month),
        booked_pay=BookedPay(_state(found.period, book), book.open_date, tuple(_available(found))),
    )


def _state(period: Span, book: PayBook) -> str:
    if period.end_date <= book.open_date:
        return "sealed"
    return "open" if period.start_date >= book.open_date else "partly"


def _to_the_end(
    result: Result, plans: Sequence[Plan], facts: Facts, book: PayBook, months: Sequence[Span],
    before: Before | None, participant_id: str,
) -> tuple[pl.DataFrame, pl.DataFrame]:  # fmt: skip
    """The entries up to the last month, those that runs of the open ones would book behind those that stand; and
    PAYOUTS with `pay_period` that pay again what was rejected."""
    booked, last = book.booked, months[-1]
    again = book.payouts.filter(pl.col("repeats_payout_id").is_not_null())
    for month in months_of(Span(last.name, book.open_date, last.end_date)):
        more, _ = to_book_for(result, plans, facts, booked, month, participant_id, before)
        further = more.with_columns(entry=pl.lit(None, dtype=pl.Int64), pay_period=pl.lit(month.name))
        entries = [booked.entries, further.select("entry", "pay_period", *ENTRIES)]
        named = booked.rejected.with_columns(pay_period=pl.lit(month.name)).select(again.columns)
        again = pl.concat([again, named])
        nothing = booked.rejected.clear()
        booked = replace(booked, entries=pl.concat(entries), rejected=nothing, earlier=nothing)
    upto = pl.col("pay_period") <= last.name
    return booked.entries.filter(upto, pl.col("kind") != PAID), again.filter(upto)


@dataclass(frozen=True)
class _View:
    found: Statement
    months: Sequence[Span]
    entries: pl.DataFrame  # up to the last month
    repeated: pl.DataFrame
    returned: pl.DataFrame
    mine: Mine
    plans: Sequence[Plan]
    facts: Facts

    @property
    def names(self) -> list[str]:
        return [month.name for month in self.months]

    @property
    def inside(self) -> pl.DataFrame:
        return self.entries.filter(pl.col("pay_period").is_in(self.names))

    @property
    def codes(self) -> list[str]:
        today = [account.currency_code for account in self.found.accounts]
        return sorted({*self.entries["currency_code"], *self.repeated["currency_code"], *today})

    def elsewhere(self) -> pl.Expr:
        """The month that an entry corrects, where it is none of the statement's."""
        corrects = pl.col("corrects_pay_period")
        return pl.when(~corrects.is_in(self.names)).then(corrects).fill_null("")


# --- lines


def _payouts(view: _View) -> Iterator[ComponentPayout]:
    """What was booked, line by line; then of today's lines those that were not, with what they come to now."""
    known: Known = {(*key_of(row), row["activity"]): row for row in view.mine.lines}
    today: Today = {(line.key, line.part): line for payout in view.found.payouts for line in payout.lines}
    placed = [(_order(view.mine, line, row), line) for line, row in _lines(view, known, today)]
    for (plan, component), own in groupby(sorted(placed, key=lambda one: one[0]), key=lambda one: one[1].key[1:3]):
        lines = tuple(line for _, line in own)
        (amount,) = totals(line.amount for line in lines)
        title = view.mine.plans[lines[-1].revision].title if lines[-1].revision in view.mine.plans else plan
        yield ComponentPayout(plan, title, component, amount, lines)


Known = Mapping[tuple[object, ...], Row]  # by key and activity
Today = Mapping[tuple[LineKey, int | None], Line]  # by key and part


def _lines(view: _View, known: Known, today: Today) -> Iterator[tuple[Line, Row | None]]:
    left = dict(today)
    for entry in _booked_lines(view).iter_rows(named=True):
        row = known.get((*key_of(entry), entry["activity"]))
        amount = Money(entry["amount_minor"], entry["currency_code"])
        same = None if entry["corrects"] else left.pop((key_of(entry), entry["part"]), None)
        line = _gone(view, entry) if row is None else line_of(view.mine, {**row, **_part(entry, row)})
        line = replace(line, payable_date=entry["due"], amount=amount, corrects_pay_period=entry["corrects"])
        if not entry["corrects"]:
            now = Money(0, amount.currency_code) if same is None else same.amount
            line = replace(line, current_amount=None if now == amount else now)
        yield line, row
    for line in left.values():
        row = known.get((*line.key, line.activity or None))
        if line.payable_date is None or line.payable_date < view.months[0].start_date:
            continue
        none = Money(0, line.amount.currency_code)
        yield (replace(line, amount=none, current_amount=line.amount) if line.amount.minor else line), row


def _booked_lines(view: _View) -> pl.DataFrame:
    """One row a part of a line, and month that it corrects."""
    rows = ledger.debits(view.inside).filter(pl.col("kind") == PAYABLE).with_columns(corrects=view.elsewhere())
    first = pl.col("pay_period").min().str.to_date("%Y-%m")
    summed = rows.group_by(*ledger.SUBJECT, "corrects", maintain_order=True).agg(
        pl.col("amount_minor").cast(pl.Int128).sum(), revision=pl.col("revision").drop_nulls().last(),
        due=pl.coalesce(pl.col("effective_date").max(), first),
    )  # fmt: skip
    return summed.filter((pl.col("amount_minor") != 0) | (pl.col("corrects") == "")).with_columns(
        pl.col("amount_minor").cast(pl.Int64, strict=True)
    )


def _part(entry: Row, row: Row) -> dict[str, object]:
    return {"part": entry["part"], "whole_minor": row["amount_minor"]}


def _gone(view: _View, entry: Row) -> Line:
    """Of a line that is in the ledger and is true no more."""
    deals = view.facts.of("deals", "external_id", entry["external_id"] or "")
    accounts = deals.filter(pl.col("source") == (entry["source"] or ""))["account_id"]
    account = accounts[0] if len(accounts) else ""
    plan = view.mine.plans.get(entry["revision"] or "")
    component = plan.components.get(entry["component"]) if plan else None
    counted = component is not None and component.pays.moved_by == "count"
    return Line(
        key=key_of(entry), revision=entry["revision"] or "", rule_kind=component.pays.kind if component else "",
        step_kind="gone", cause_external_id="", account_id=account or "", account_name=_name(view.facts, account),
        product="", deal_type="", activity=entry["activity"] or "", counting_date=None, payable_date=None,
        counts=Quantity(0, None if counted else entry["currency_code"]),
        amount=Money(0, entry["currency_code"]),
        deal_cause=causes_of(view.facts, [entry["external_id"]]).get((entry["source"], entry["external_id"]), ""),
    )  # fmt: skip


def _name(facts: Facts, account_id: str | None) -> str:
    found = facts.of("accounts", "account_id", account_id or "")["name"]
    return (found[0] if len(found) else None) or account_id or ""


def _order(mine: Mine, line: Line, row: Row | None) -> tuple[object, ...]:
    """As a statement without a ledger has them: by plan and its components, then by day and place in the list."""
    plan = mine.plans.get(line.revision)
    names = list(plan.components) if plan else []
    number = names.index(line.key.component) if line.key.component in names else len(names)
    place = None if row is None else row["place"]
    day = line.payable_date or date.max
    of = (line.key.plan, number, line.key.component, line.amount.currency_code)
    return (*of, day, place is None, place or 0, line.key, line.part or 0, line.corrects_pay_period)


# --- accounts


def _account(view: _View, code: str) -> Account:
    mine = view.entries.filter(pl.col("currency_code") == code)
    inside = view.inside.filter(pl.col("currency_code") == code)
    sums, late = _by_kind(inside), _corrections(view, inside)
    own = (pl.col("pay_period").is_in(view.names), pl.col("currency_code") == code)
    again, back = _sum(view.repeated.filter(*own)), _sum(view.returned.filter(*own))
    payout = -_sum(inside.filter(pl.col("account") == OWED)) + again - back
    words = mine.filter(pl.col("kind").is_in(list(ledger.OF_STEPS)))["revision"].drop_nulls()
    plan = view.mine.plans.get(words[-1]) if len(words) else None
    topped_up = {"draw": sums.get("lent", 0), "guarantee": 0}
    topped_up["draw" if plan and plan.draw and not plan.guarantee else "guarantee"] += sums.get("topped_up", 0)
    account = PayAccount(
        currency_code=code,
        opening=_balances(mine.filter(pl.col("pay_period") < view.months[0].name)),
        payable=sums.get(PAYABLE, 0) - sum(late.values()),
        **{name: sums.get(name, 0) for name in ("adjusted", "held", "used", "released", "forfeited", "carried")},
        forgiven=sums.get("forgiven_draw", 0) + sums.get("forgiven_negative", 0),
        recovered_draw=sums.get("recovered_draw", 0),
        recovered_negative=sums.get("recovered_negative", 0),
        **topped_up,
        payout=payout,
        closing=_balances(mine),
        plan="",
        revision=plan.revision if plan else "",
    )
    on_hold = hold_steps(ledger.debits(inside), view.facts.holds, code)
    steps = list(account_steps(account, view.plans, [*_late(late, code), *_stated(view, inside, code), *on_hold]))
    paid = next(place for place, step in enumerate(steps) if step.kind == "paid")
    outcomes = [AccountStep(kind, Money(minor, code), "") for kind, minor in (("repeated", again), ("returned", -back))]
    steps[paid:paid] = [step for step in outcomes if step.amount.minor]
    at = {step.kind: step.plan_at for own in view.found.accounts for step in own.steps if own.currency_code == code}
    steps = [step if step.plan_at else replace(step, plan_at=at.get(step.kind, "")) for step in steps]
    return Account(code, tuple(steps), Money(payout, code))


def _is_more(account: Account) -> bool:
    """Whether there is more to say of it than the sum of lines."""
    return any(step.kind not in (PAYABLE, "paid") for step in account.steps)


def _sum(rows: pl.DataFrame) -> int:
    return int(rows["amount_minor"].cast(pl.Int128).sum() or 0)


def _by_kind(inside: pl.DataFrame) -> dict[str, int]:
    rows = ledger.debits(inside).group_by("kind").agg(pl.col("amount_minor").cast(pl.Int128).sum())
    return {kind: int(minor) for kind, minor in rows.iter_rows()}


def _corrections(view: _View, inside: pl.DataFrame) -> dict[str, int]:
    """By the month that they correct what lines of other months come to."""
    rows = ledger.debits(inside).filter(pl.col("kind") == PAYABLE).with_columns(corrects=view.elsewhere())
    sums = rows.group_by("corrects").agg(pl.col("amount_minor").cast(pl.Int128).sum()).sort("corrects")
    return {month: int(minor) for month, minor in sums.iter_rows() if month and minor}


def _late(late: Mapping[str, int], code: str) -> Iterator[AccountStep]:
    for month, minor in late.items():
        yield AccountStep("late", Money(minor, code), "", month)


def _stated(view: _View, inside: pl.DataFrame, code: str) -> Iterator[AccountStep]:
    notes = adjustment_notes(adjusted(view.facts, date.max, view.found.participant_id))
    rows = ledger.debits(inside).filter(pl.col("kind") == "adjusted")
    for row in rows.iter_rows(named=True):
        yield AccountStep("adjusted", Money(row["amount_minor"], code), "", notes.get(row["external_id"], ""))


def _balances(entries: pl.DataFrame) -> dict[str, int]:
    """What the accounts hold, as a statement calls it."""

    def of(account: str, sign: int, kinds: Iterable[str] | None = None) -> int:
        rows = entries.filter(pl.col("account") == account)
        return sign * _sum(rows if kinds is None else rows.filter(pl.col("kind").is_in(list(kinds))))

    owed = {name.removesuffix("_minor"): of(ledger.RECOVERABLE, 1, kinds) for name, kinds in ledger.OF_BALANCES.items()}
    on_hold = of(ledger.HELD_BACK, -1, HOLD_MOVES)
    return {
        **owed,
        "held": of(ledger.HELD_BACK, -1) - on_hold,
        "on_hold": on_hold,
        "advanced": of(ledger.ADVANCED, 1),
    }


def _available(found: Statement) -> Iterator[Money]:
    """By currency what the lines of the period come to by now, after reserves: what is booked sooner or later."""
    if not found.accounts:
        yield from totals(payout.amount for payout in found.payouts)
    for account in found.accounts:
        minor = sum(step.amount.minor for step in account.steps if step.kind in AVAILABLE)
        yield Money(minor, account.currency_code)


# --- in the currency of pay


def _converted(view: _View, book: PayBook, month: Span) -> Iterator[ConvertedPay]:
    """By the rate that it was sealed with, or would be."""
    rows = book.payouts.filter(pl.col("pay_period") == month.name)
    rows = rows.join(book.returned, on=rows.columns, how="anti", nulls_equal=True, maintain_order="left")
    rates = pay_rates(view.plans, view.facts, month, view.found.participant_id)
    if month.start_date >= book.open_date:
        rows = with_paid_as(_open_totals(view, month), rates)
    at = {row["currency_code"]: view.mine.plans[row["revision"]].pay_fx for row in rates.iter_rows(named=True)}
    for total, paid in converted_total(rows.filter(pl.col("pay_currency_code").is_not_null())):
        words = at.get(total.currency_code)
        yield ConvertedPay(month.name, total, paid, words.at.in_folder if words else "")


def _open_totals(view: _View, month: Span) -> pl.DataFrame:
    own = [
        view.entries.filter(pl.col("account") == OWED).with_columns(amount_minor=-pl.col("amount_minor")),
        view.repeated,
    ]
    columns = ["pay_period", "participant_id", "currency_code", "amount_minor"]
    rows = pl.concat(frame.select(columns) for frame in own).filter(pl.col("pay_period") == month.name)
    sums = rows.group_by("participant_id", "currency_code").agg(pl.col("amount_minor").cast(pl.Int128).sum())
    return sums.with_columns(pl.col("amount_minor").cast(pl.Int64, strict=True)).sort("currency_code")
