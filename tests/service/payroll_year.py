"""A drawn year: deals late, changed, split anew and lost, a plan that changes in May, somebody who leaves."""

from __future__ import annotations

import calendar
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from random import Random
from typing import Any

import polars as pl

from compsvc.core.facts import Facts
from compsvc.service import payroll_adjustments, payroll_holds
from compsvc.service.bulk_load import load_plan_texts
from compsvc.service.payroll_ports import Adjustment, Hold, PayoutOutcome, Run
from compsvc.service.ports import PlanText
from tests.adapters.store_facts import account, deal, frame
from tests.service.test_payroll_adjustments import by_bert
from tests.service.test_payroll_runs import ADMIN, ANNA, BERT, House, ask

_FIRST, _COUNT = (
    int(os.environ.get(name, usual)) for name, usual in (("COMPSVC_YEARS_FROM", "0"), ("COMPSVC_YEARS", "1"))
)
SEEDS = range(_FIRST, _FIRST + _COUNT)  # `make prove-years` says which
PEOPLE = ("ann", "bob", "eve")
CUSTOMERS = ("acme", "blum", "cato", "dorn")
YEAR = 2025
PLAN = """\
plan: ae
title: Account Executive {year}
provisioning: equal
effective: {effective}
currency: EUR
fiscal_year_starts: january
rounding: {rounding}
counts_on: accepted
new_logo_by: account
fx: {{table: budget, rate: close_date}}
earned: {{on: accepted}}
payable: {{on: accepted}}
clawback: {clawback}
negative: {negative}
credits:
  own-deals: {{when: {{type: [new_logo, upsell, cross_sell]}}, to: seller}}
components:
  commission:
    counts: acv
    from: own-deals
    per: {per}
    quota: from assignment
    zero_quota: pay_base
    carry: continue
    pays:
      rate_table: {{mode: {mode}, by: attainment, boundary: at, tiers: [{{to: 100%, rate: {low}}}, {{rate: {high}}}]}}
"""
CLAWBACKS = (
    "no",
    "{basis: as_paid, attainment: no, schedule: full}",
    "{basis: as_paid, attainment: original_period, schedule: pro rata over 12 months}",
    "{basis: recompute, attainment: original_period, schedule: full}",
    "{basis: recompute, attainment: period_of_loss, schedule: full}",
)
NEGATIVES = (
    "{carry: yes, recover_at_most: 100%, never_below: 0, order: oldest first}",
    "{carry: yes, recover_at_most: 50%, never_below: 100, order: negative first}",
)


class Year(House):
    """A book that a year of facts comes into, month by month, and is paid from."""

    def __init__(self, book: str, seed: int) -> None:
        super().__init__(book)
        self.rng, self.finance = Random(seed), Random(f"holds {seed}")
        self.deals: dict[str, _Deal] = {}
        self.late: list[tuple[int, _Deal]] = []
        self.told: list[tuple[str, Facts]] = []  # what is to be loaded, by deal
        self.bank: Counter[str] = Counter()  # what payroll has transferred, by participant
        self.stated: Counter[str] = Counter()  # adjustments that were accepted, likewise
        self.terms = {
            "year": YEAR,
            "rounding": self.rng.choice(("half_up", "half_even", "down")),
            "clawback": self.rng.choice(CLAWBACKS),
            "negative": self.rng.choice(NEGATIVES),
            "per": self.rng.choice(("month", "quarter", "year")),
            "mode": self.rng.choice(("marginal", "retroactive", "overage")),
        }

    def live(self) -> None:
        """All twelve months, and three more in which nothing new comes and what is owed is recovered."""
        self._begin()
        for month in range(1, 13):
            self._facts_of(month)
            self._release(f"{YEAR}-{month:02}", 0.4)
            self._hold(f"{YEAR}-{month:02}")
            self._pay(f"{YEAR}-{month:02}")
        for month in (1, 2, 3):
            self._release(f"{YEAR + 1}-{month:02}", 1)
            self._facts_of(12 + month)
            self._pay(f"{YEAR + 1}-{month:02}")

    # --- facts

    def _begin(self) -> None:
        self._plan(f"{YEAR}-01-01", "8%", "12%")
        day = date(YEAR, 1, 1)
        assigned = {"plan": "ae", "role": "ae", "start_date": day, "currency_code": "EUR"}
        quota = {"plan": "ae", "start_date": day, "per": "month"}
        rates = [
            {"fx_table": "budget", "from_currency_code": "USD", "to_currency_code": "EUR", "start_date": day_,
             "rate_num": num, "rate_den": 997}
            for day_, num in ((day, 900), (date(YEAR, 7, 1), 911))
        ]  # fmt: skip
        self.load(
            Facts(
                participants=frame("participants", *({"participant_id": who, "display_name": who} for who in PEOPLE)),
                accounts=frame("accounts", *(account(name) for name in CUSTOMERS)),
                assignments=frame("assignments", *({"participant_id": who, **assigned} for who in PEOPLE)),
                quotas=frame(
                    "quotas",
                    *({"participant_id": who, **quota, "amount_minor": 100_000 * n} for n, who in enumerate(PEOPLE, 1)),
                ),
                fx_rates=frame("fx_rates", *rates),
            )
        )

    def _plan(self, effective: str, low: str, high: str) -> None:
        text = PLAN.format(effective=effective, low=low, high=high, **self.terms)
        texts = [PlanText("plan.yaml", text, {})]
        load_plan_texts(self.parts.store, self.parts.plans, self.parts.parse_plan, ADMIN, texts)

    def _facts_of(self, month: int) -> None:
        """What comes to be known in a month."""
        rng = self.rng
        if month == 5:
            self._plan(f"{YEAR}-05-01", rng.choice(("8%", "7.5%")), rng.choice(("13%", "1/7")))
        if month <= 12:
            for _ in range(rng.choice((0, 1, 2, 3))):
                self._deal(month)
        for due, sold in [one for one in self.late if one[0] <= month]:
            self.late.remove((due, sold))
            self._store(sold)
        known = [self.deals[name] for name in sorted(self.deals)]
        if known and rng.random() < 0.3:
            self._changed(rng.choice(known))
        if known and rng.random() < 0.3:
            self._lost(rng.choice(known), month)
        self._load_told()
        if month == 8:
            last = date(YEAR, 8, rng.randint(1, 31))
            self.load(Facts(exits=frame("exits", {"participant_id": "eve", "last_date": last})))

    def _deal(self, month: int) -> None:
        """Closed and accepted in the month; one in four is told of up to three months later."""
        rng = self.rng
        number = len(self.deals) + len(self.late)
        day = date(YEAR, month, rng.randint(1, calendar.monthrange(YEAR, month)[1]))
        euros = rng.choice((1, 999, 5_001, 12_000, 33_333))
        sold = _Deal(f"D-{number}", rng.choice(PEOPLE), rng.choice(CUSTOMERS), day, euros * 100 + rng.randint(0, 99))
        sold.currency = rng.choice(("EUR", "EUR", "USD"))
        if rng.random() < 0.25 and month < 12:
            self.late.append((min(month + rng.randint(1, 3), 15), sold))
        else:
            self._store(sold)

    def _store(self, sold: _Deal) -> None:
        self.deals[sold.name] = sold
        self._tell(sold.name, sold.facts)

    def _changed(self, sold: _Deal) -> None:
        """Another amount, or another split."""
        sold.revision += 1
        if self.rng.random() < 0.5:
            sold.amount += self.rng.choice((-7_777, 50_001, 1))
        else:
            other = self.rng.choice([who for who in PEOPLE if who != sold.seller])
            sold.split = self.rng.choice(
                ([], [(sold.seller, 1, 2), (other, 1, 2)], [(sold.seller, 2, 3), (other, 1, 3)])
            )
        self._tell(sold.name, sold.facts)

    def _lost(self, sold: _Deal, month: int) -> None:
        day = date(YEAR + (month - 1) // 12, (month - 1) % 12 + 1, 15)
        if sold.lost or day < sold.day or self.terms["clawback"] == "no":
            return
        sold.lost = True
        share = self.rng.choice(((1, 1), (1, 3)))
        row = {"source": "crm", "external_id": sold.name, "loss_id": "1", "loss_date": day, "kind": "cancellation",
               "share_num": share[0], "share_den": share[1], "reason": "budget", "attributable_to": "customer",
               "evidence": "letter"}  # fmt: skip
        self._tell(sold.name, Facts(losses=frame("losses", row)))

    def _tell(self, name: str, facts: Facts) -> None:
        """Of many deals at once, and of each deal one thing after the other."""
        if any(name == other for other, _ in self.told):
            self._load_told()
        self.told.append((name, facts))

    def _load_told(self) -> None:
        told, self.told = [facts for _, facts in self.told], []
        if told:
            self.load(
                Facts(**{kind.name: pl.concat(getattr(one, kind.name) for one in told) for kind in fields(Facts)})
            )

    # --- payroll

    def _pay(self, month: str) -> None:
        """A run, sometimes one off the cycle before it; each request sent twice, some payouts rejected. What changed
        terms would change is accepted, and paid by a further run."""
        if self.rng.random() < 0.2:
            self._settle(self.run(month, self.rng.choice(PEOPLE)))
        if self.rng.random() < 0.2:
            self._state(self.rng.choice(PEOPLE), self.rng.choice((-1_234, 5, 77_777)), month)
        self._settle(self.run(month))
        if self._accepted():
            self._settle(self.run(month))

    def _state(self, who: str, minor: int, month: str) -> None:
        """An adjustment, written by one and accepted by another."""
        asked = Adjustment(
            "", "written", "manual", who, "", "", minor, "EUR", month, "", "other", "so agreed", *[""] * 4
        )
        found = payroll_adjustments.write_adjustment(self.payroll, ANNA, asked, mutation=ask())
        self._decide(found)
        self.stated[who] += minor

    def _decide(self, found: Adjustment) -> None:
        by_bert(self.payroll, found, reason="so agreed")

    def _hold(self, month: str) -> None:
        """Pay of some deals is put on hold, of everybody or of one."""
        for name in sorted(self.deals):
            if self.finance.random() < 0.2 and name not in {each.external_id for each in self._on_hold()}:
                whose = self.finance.choice(("", "", *PEOPLE))
                asked = Hold(
                    "", "held", "deal", "crm", name, whose, "", "", month, "dispute", "whose is it", *[""] * 4, 0
                )
                payroll_holds.hold_deal(self.payroll, ANNA, asked, mutation=ask())

    def _release(self, month: str, chance: float) -> None:
        for each in self._on_hold():
            if self.finance.random() < chance:
                of = {"hold_id": each.hold_id, "decision": "released", "pay_period": month, "reason": "so agreed"}
                payroll_holds.decide_hold(self.payroll, BERT, **of, mutation=ask())

    def _on_hold(self) -> list[Hold]:
        return [each for each in self.payroll.holds.holds() if each.state == "held"]

    def _accepted(self) -> int:
        found = payroll_adjustments.list_adjustments(self.payroll, BERT, origin="proposed", state="written")
        for each in found:
            self._decide(each)
        return len(found)

    def _settle(self, run: Run) -> None:
        approve, seal, told = ask(), ask(), ask()
        for _ in range(2):
            self.approve(run, mutation=approve)
        for _ in range(2):
            sealed = self.seal(run, mutation=seal)
        outcomes = list(self._outcomes(sealed))
        for _ in range(2 if outcomes else 0):
            self.answer(sealed, *outcomes, mutation=told)

    def _outcomes(self, sealed: Run) -> Iterator[PayoutOutcome]:
        payouts = self.payouts(sealed)
        sums = dict(payouts.group_by("participant_id").agg(amount="amount_minor").iter_rows())
        last = sealed.pay_period == f"{YEAR + 1}-03"  # no further run would pay it again
        refused = {who for who in sorted(sums) if self.rng.random() < 0.05 and sum(sums[who]) > 0 and not last}
        for row in payouts.iter_rows(named=True):
            if row["participant_id"] in refused:
                yield PayoutOutcome(row["payout_id"], "rejected", None, "account closed")
            else:
                self.bank[row["participant_id"]] += row["amount_minor"]
                yield PayoutOutcome(row["payout_id"], "paid", sealed.recorded_time.date(), "")


@dataclass
class _Deal:
    name: str
    seller: str
    customer: str
    day: date
    amount: int
    currency: str = "EUR"
    revision: int = 1
    lost: bool = False
    split: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def facts(self) -> Facts:
        row = deal(
            self.name, self.revision, seller_id=self.seller, account_id=self.customer, closed_date=self.day,
            accepted_time=datetime(self.day.year, self.day.month, self.day.day, 12),  # noqa: DTZ001  # Frames hold UTC so.
            annual_value_minor=max(self.amount, 0), currency_code=self.currency,
            start_date=self.day, end_date=self.day.replace(year=self.day.year + 1),
            split_reason="agreed" if self.split else None, cause="data_correction" if self.revision > 1 else None,
        )  # fmt: skip
        shares: list[dict[str, Any]] = [
            {"source": "crm", "external_id": self.name, "position": place, "participant_id": who, "share_num": num,
             "share_den": den}
            for place, (who, num, den) in enumerate(self.split)
        ]  # fmt: skip
        return Facts(deals=frame("deals", row), splits=frame("splits", *shares))
