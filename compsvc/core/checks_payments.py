"""What customers were invoiced and have paid: rows that say how much, once, and of what."""

from __future__ import annotations

import polars as pl

from compsvc.core.checks_rules import Frames, Rule, faults_of, one_of, refuse, say
from compsvc.core.plan_pay import CASH


def check_payments(frames: Frames, found: list[pl.DataFrame]) -> None:
    amount, share = pl.col("amount_minor").is_not_null(), pl.col("share_num").is_not_null()
    rules = [
        one_of("kind", CASH, "UNKNOWN_KIND"),
        Rule("AMOUNT_OR_SHARE", "amount", amount == share, say("give either an amount or a share of the deal.")),
        Rule("REQUIRED", "currency_code", amount & pl.col("currency_code").is_null(), say("currency_code is missing.")),
    ]
    refuse("deal_payments", frames, found, faults_of("deal_payments", frames["deal_payments"], rules))
