"""How far each deal has been invoiced, or paid, day by day, as a share of the whole: what pay waits for (D1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from math import lcm

import polars as pl

from compsvc.core.book import Book
from compsvc.core.facts import DEAL, Facts
from compsvc.core.plan import Plan
from compsvc.core.plan_pay import CASH
from compsvc.core.results import PROGRESS
from compsvc.core.values import sizes

EXACT_UP_TO = 10**15  # times an amount below 2**126
ROUGHLY = 10**7


def progress(ledger: Book, plans: Sequence[Plan], facts: Facts) -> pl.DataFrame:
    """PROGRESS; empty where no plan asks for it. It stays between nothing and the whole, whatever more is paid."""
    asked = {item.on for plan in plans for item in plan.instalments} | {plan.earned.on for plan in plans}
    waits = not asked.isdisjoint(CASH)
    if not waits or facts.deal_payments.is_empty():
        return pl.DataFrame(schema=dict(PROGRESS))
    by_deal: dict[tuple[str, str, str], Fraction] = {}
    rows = []
    for source, external_id, kind, day, part in _parts(ledger, facts):
        key = source, external_id, kind
        before = by_deal.get(key, Fraction(0))
        by_deal[key] = before + part
        shares = [min(max(share, Fraction(0)), Fraction(1)) for share in (before, by_deal[key])]
        if shares[0] != shares[1]:
            den = lcm(shares[0].denominator, shares[1].denominator)
            if den > EXACT_UP_TO:  # shares and amounts of one deal, mixed
                shares = [share.limit_denominator(ROUGHLY) for share in shares]
                den = lcm(shares[0].denominator, shares[1].denominator)
            rows.append((source, external_id, kind, day, *(int(share * den) for share in shares), den))
    return pl.DataFrame(rows, schema=dict(PROGRESS), orient="row")


def _parts(ledger: Book, facts: Facts) -> Iterator[tuple[str, str, str, date, Fraction]]:
    """Each payment as a share of its deal, the earliest first; none without a size, or in another currency."""
    size = ledger.deals.select(*DEAL, "deal_ix", _deals="currency_code").join(sizes(ledger), on="deal_ix")
    rows = facts.deal_payments.join(size, on=DEAL, how="inner").sort("payment_date", *DEAL, "payment_id")
    for row in rows.iter_rows(named=True):
        key = row["source"], row["external_id"], row["kind"], row["payment_date"]
        if row["share_num"] is not None:
            yield *key, Fraction(row["share_num"], row["share_den"])
        elif row["currency_code"] == row["_deals"] and row["size_minor"] > 0:
            yield *key, Fraction(row["amount_minor"], row["size_minor"])
