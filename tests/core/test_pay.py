"""Laws of the pay stage, and core against oracle, on lines of any amount and any day: take-backs too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compsvc.core.adjustments import ADJUSTED
from compsvc.core.facts import SCHEMAS, Facts
from compsvc.core.pay import COMES_IN, Pay, pay
from compsvc.core.pay_account import BALANCES, PayAccount
from compsvc.core.plan import Plan
from compsvc.core.results import EARNINGS, LINES, Result
from compsvc.core.statement_pay import account_steps
from tests.oracle.calculate import OracleResult
from tests.oracle.company_plans import parsed
from tests.oracle.house import house
from tests.oracle.lists import Line
from tests.oracle.pay import paid_out
from tests.oracle.pay_months import PaidOut
from tests.oracle.pay_texts import pay_words
from tests.oracle.small import OWN, plan

UNTIL = date(2026, 1, 1)
FIRST = date(2024, 1, 1)
HEAD = """plan: rep
title: Rep
provisioning: equal
effective: 2024-01-01
currency: EUR
fiscal_year_starts: april
rounding: {rounding}
counts_on: accepted
new_logo_by: account
earned: {{on: accepted}}
credits:
  own: {{when: {{type: [new_logo, upsell, cross_sell]}}, to: seller}}
components:
  pay: {{counts: acv, from: own, per: month, pays: {{flat_rate: {{rate: 5%}}}}}}
  ramps:
    counts: final_stage_acv
    ramp: {{term_at_least: 12 months, last_stage_at_least: 6 months, below_limits: first_stage}}
    from: own
    per: month
    pays: {{flat_rate: {{rate: 5%}}}}
"""


class Made:
    """A plan with any words of pay, one participant, and lines out of nowhere."""

    def __init__(self, rng: Random) -> None:
        words = pay_words(rng, replace(house(rng), takes_back=False))
        if not any(line.startswith("negative") for line in words) and rng.random() < 0.5:
            words.append("negative: {carry: yes, recover_at_most: 50%, never_below: 0, order: oldest first}")
        text = HEAD.format(rounding=rng.choice(("half_up", "half_even", "down"))) + "\n".join(words) + "\n"
        self.plan = parsed(text)
        self.deals: list[dict[str, Any]] = []
        self.stages: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = []
        for number in range(rng.randint(1, 12)):
            self._deal(rng, number)
        ends = rng.choice((None, FIRST + timedelta(days=rng.randint(1, 400))))
        gone = [FIRST + timedelta(days=rng.randint(30, 400))] if rng.random() < 0.3 else []
        self.facts = Facts(
            participants=_frame("participants", [{"participant_id": "ann", "display_name": "Ann"}]),
            assignments=_frame(
                "assignments", [{"participant_id": "ann", "plan": "rep", "start_date": FIRST, "end_date": ends}]
            ),
            deals=_frame("deals", self.deals),
            stages=_frame("stages", self.stages),
            exits=_frame("exits", [{"participant_id": "ann", "last_date": day} for day in gone]),
            holds=_frame("holds", list(self._holds(rng))),
        )

    def _holds(self, rng: Random) -> Iterator[dict[str, Any]]:
        """Some deals are on hold for some months, or for good; some are once more."""
        for deal in self.deals:
            start = FIRST
            for number in range(rng.choice((0, 0, 1, 2))):
                start = start.replace(month=rng.randint(start.month, 12))
                months = rng.choice((1, 3, 6, None))
                end = (
                    None
                    if months is None
                    else date(2024 + (start.month + months > 12), (start.month + months - 1) % 12 + 1, 1)
                )
                whose = rng.choice(({}, {"participant_id": "ann"}, {"plan": "rep", "component": "pay"}))
                about = {
                    "source": "crm",
                    "external_id": deal["external_id"],
                    "hold_id": f"{number} {deal['external_id']}",
                }
                yield about | whose | {"origin": "deal", "held_date": start, "free_date": end, "ledger_position": 0}
                if end is None or end.year > 2024:
                    return
                start = end

    def _deal(self, rng: Random, number: int) -> None:
        closed = FIRST + timedelta(days=rng.randint(0, 500))
        accepted = closed + timedelta(days=rng.choice((0, 0, 1, 40)))
        deal = {"source": "crm", "external_id": f"d{number}", "revision": 1, "closed_date": closed}
        deal |= {"accepted_time": datetime.combine(accepted, time()), "account_id": "a", "currency_code": "EUR"}
        self.deals.append(deal | {"start_date": rng.choice((None, closed + timedelta(days=rng.randint(0, 60))))})
        component = self._ramp(Random(f"{number} {closed} {accepted}"), number, closed)
        for step, kind in enumerate(("own", *rng.choice(((), (), ("take_back",), ("re_rating", "take_back"))))):
            amount = rng.choice((1, 99, 10_001, 150_000, 1_000_000)) * (-1 if kind == "take_back" else 1)
            day = accepted + timedelta(days=rng.randint(0, 200) if step else 0)
            self.lines.append(
                {
                    "participant_id": "ann",
                    "plan": "rep",
                    "component": component,
                    "period": "2024-01",
                    "line": 1,
                    "stage": 0,
                }
                | {"place": number, "step": step, "step_kind": kind, "source": "crm", "external_id": f"d{number}"}
                | {"closed_date": closed, "accepted_time": deal["accepted_time"], "payable_date": day}
                | {"amount_minor": amount, "currency_code": "EUR", "revision": self.plan.revision}
            )

    def _ramp(self, rng: Random, number: int, closed: date) -> str:
        """For some deals stages of half a year or a year, which may fall as well; the component that pays the deal."""
        start, levels = closed, [rng.choice((1, 100, 200, 333)) for _ in range(rng.choice((0, 0, 2, 3, 4)))]
        for stage, level in enumerate(levels, 1):
            end = start + timedelta(days=rng.choice((184, 366)))
            own = {"source": "crm", "external_id": f"d{number}", "line": 1, "stage": stage, "committed": True}
            self.stages.append(own | {"start_date": start, "end_date": end, "annual_value_minor": level})
            start = end
        return "ramps" if levels else "pay"

    @property
    def result(self) -> Result:
        lines = pl.DataFrame([{**dict.fromkeys(LINES), **line} for line in self.lines], schema=dict(LINES))
        nothing = pl.DataFrame()
        return Result(pl.DataFrame(schema=dict(EARNINGS)), lines, nothing, nothing, nothing, {})

    @property
    def oracle(self) -> PaidOut:
        lines = [
            Line(
                *("ann", "rep", line["component"], "2024-01", ("crm", line["external_id"], 1, 0), line["step_kind"]),
                *(line["step"], None, 0, 0, line["amount_minor"], line["payable_date"], None),
            )
            for line in self.lines
        ]
        found = OracleResult(earnings={}, lines=lines, uncredited=set(), pending=[], types={}, events={})
        return paid_out([self.plan], self.facts, found, UNTIL)


def _frame(kind: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    names = SCHEMAS[kind]
    return pl.DataFrame([{**dict.fromkeys(names), **row} for row in rows], schema=dict(names))


def paid(made: Made) -> Pay:
    return pay(made.result, [made.plan], made.facts, until=UNTIL)


def months(found: Pay) -> dict[date, int]:
    sums: dict[date, int] = defaultdict(int)
    for day, kind, amount in found.moves.select("payable_date", "kind", "amount_minor").iter_rows():
        sums[day.replace(day=1)] += amount * COMES_IN[kind]
    return {**sums, **dict(found.accounts.select("month", "payout_minor").iter_rows())}


def assert_alike(made: Made) -> None:
    found, wanted = paid(made), made.oracle
    for name in ("draw", "negative", "forgiven", "top_up"):
        assert dict(found.accounts.select("month", f"{name}_minor").iter_rows()) == {
            key[2]: value for key, value in getattr(wanted, name).items()
        }, name
    got = {month: amount for month, amount in months(found).items() if amount}
    assert got == {key[2]: amount for key, amount in wanted.payouts.items() if amount}


@pytest.mark.parametrize("seed", range(40))
def test_the_core_pays_what_the_oracle_pays(seed: int) -> None:
    assert_alike(Made(Random(seed)))


@pytest.mark.timeout(900)
@given(st.randoms(use_true_random=False))
@settings(max_examples=20, suppress_health_check=list(HealthCheck), deadline=None)
def test_laws_of_any_account(rng: Random) -> None:
    made = Made(rng)
    found, plan = paid(made), made.plan
    rows = found.accounts.to_dicts()
    if plan.negative or plan.draw or plan.guarantee:
        assert rows
        assert all(row["payout_minor"] >= 0 for row in rows)
        assert all(row["draw_minor"] >= 0 and row["negative_minor"] >= 0 for row in rows)
    assert_nothing_is_lost(made, found, plan)
    if plan.draw and plan.draw.owes_at_most_minor is not None:
        assert all(row["draw_minor"] <= plan.draw.owes_at_most_minor for row in rows)
    whole = made.facts.assignments["end_date"][0] is None and made.facts.exits.is_empty()
    if plan.draw and whole and plan.negative and plan.negative.never_below == "draw":
        ends = min(plan.draw.until or UNTIL, UNTIL)
        for number, row in enumerate(rows if plan.draw.owes_at_most_minor is None else []):
            runs = row["month"] < ends.replace(day=1) and number < (plan.draw.periods or 999) and not plan.guarantee
            if runs and (plan.draw.below_zero == "top up" or row["available_minor"] >= 0):
                assert row["payout_minor"] >= plan.draw.amount_minor, row


def assert_nothing_is_lost(made: Made, found: Pay, plan: Plan) -> None:
    """What was payable = what is paid, held and lost, less what is owed or was given (B2)."""
    sums = {kind: found.moves.filter(pl.col("kind") == kind)["amount_minor"].sum() for kind in COMES_IN}
    held = sums["held"] - sums["used"] - sums["released"] + sums["on_hold"] - sums["hold_released"]
    given_up = found.accounts["forgiven_minor"].sum() if found.accounts.height else 0
    kept = sum(row["top_up_minor"] - row["lent_minor"] for row in found.accounts.to_dicts())
    owed = sum(found.accounts.tail(1).select("draw_minor", "negative_minor").row(0)) if found.accounts.height else 0
    assert sum(months(found).values()) == sums["payable"] - sums["forfeited"] - held + owed + given_up + kept
    if plan.payable == plan.instalments[0] and plan.instalments[0].is_plain:
        assert sums["payable"] == sum(line["amount_minor"] for line in made.lines)


@pytest.mark.parametrize(("said", "kinds"), [("", []), (", below_zero: nothing", ["no_draw"])])
def test_an_account_tells_that_a_month_below_zero_is_not_topped_up(said: str, kinds: list[str]) -> None:
    terms = plan(
        OWN + "components: {c: {counts: acv, from: own, per: month, pays: {flat_rate: {rate: 10%}}}}\n",
        draw=f"{{amount: 300, per: month, recoverable: no{said}}}",
    )
    draw = 0 if kinds else 300_00
    flows = dict.fromkeys(("adjusted", "held", "used", "released", "forfeited", "forgiven", "guarantee"), 0)
    flows |= {"recovered_draw": 0, "recovered_negative": 0, "payable": -100_00, "carried": 100_00}
    nothing = dict.fromkeys(BALANCES, 0)
    account = PayAccount(
        "EUR", opening=nothing, closing=nothing, draw=draw, payout=draw, plan="rep", revision=terms.revision, **flows
    )
    steps = account_steps(account, [terms], [])
    assert [step.kind for step in steps if step.kind == "no_draw"] == kinds
    assert all(step.plan_at == terms.draw.at.in_folder for step in steps if step.kind in ("draw", "no_draw"))


@pytest.mark.parametrize(("owed", "kinds"), [(999_99, []), (1_000_00, ["draw_limit"])])
def test_an_account_tells_that_as_much_is_owed_as_the_draw_lends(owed: int, kinds: list[str]) -> None:
    terms = plan(
        OWN + "components: {c: {counts: acv, from: own, per: month, pays: {flat_rate: {rate: 10%}}}}\n",
        draw="{amount: 300, per: month, recoverable: yes, owes_at_most: 1_000}",
        negative="{carry: yes, recover_at_most: 100%, never_below: 0, order: oldest first}",
    )
    flows = dict.fromkeys(("adjusted", "held", "used", "released", "forfeited", "forgiven", "guarantee", "carried"), 0)
    flows |= {"recovered_draw": 0, "recovered_negative": 0, "payable": 0}
    nothing = dict.fromkeys(BALANCES, 0)
    account = PayAccount(
        "EUR", opening=nothing | {"draw": owed - 100_00}, closing=nothing | {"draw": owed}, draw=100_00, payout=100_00,
        plan="rep", revision=terms.revision, **flows,
    )  # fmt: skip
    steps = account_steps(account, [terms], [])
    assert [step.kind for step in steps if step.kind == "draw_limit"] == kinds


def test_the_lines_out_of_nowhere_reach_every_word() -> None:
    """Otherwise the laws above would hold of nothing."""
    reached: dict[str, int] = defaultdict(int)
    for seed in range(40):
        found = paid(Made(Random(seed)))
        for kind in found.moves["kind"]:
            reached[kind] += 1
        for row in found.accounts.to_dicts():
            for name in ("carried", "forgiven", "recovered_draw", "recovered_negative", "lent"):
                reached[name] += row[f"{name}_minor"] > 0
    names = {*COMES_IN} - {ADJUSTED}  # which is stated beside lines: tests/service/test_payroll_adjustments.py
    names |= {"carried", "forgiven", "recovered_draw", "recovered_negative", "lent"}
    assert {name for name in names if reached[name] < 2} == set(), dict(reached)
