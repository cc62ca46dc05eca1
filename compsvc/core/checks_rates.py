"""Whether rates of exchange can be computed with."""

from __future__ import annotations

import polars as pl

from compsvc.core.checks_rules import Frames, Rule, faults_of, refuse, say
from compsvc.core.currencies import EXPONENTS
from compsvc.core.limits import MAX_FX_RATE, MAX_RATE_DENOMINATOR


def check_fx_rates(frames: Frames, found: list[pl.DataFrame]) -> None:
    refuse("fx_rates", frames, found, faults_of("fx_rates", frames["fx_rates"], _rules()))


def _rules() -> list[Rule]:
    one, other = "from_currency_code", "to_currency_code"
    same = say("`{}` is changed into itself. Name two currencies, or leave the row out.", one)
    return [
        *(_unknown_currency(field) for field in (one, other)),
        Rule("SAME_CURRENCY", other, pl.col(one) == pl.col(other), same),
        _out_of_range(),
    ]


def _unknown_currency(field: str) -> Rule:
    told = say(f"{field} `{{}}` is no currency of ISO 4217. Write it as `EUR`.", field)
    return Rule("UNKNOWN_CURRENCY", field, ~pl.col(field).is_in(list(EXPONENTS)), told)


def _out_of_range() -> Rule:
    num, den = pl.col("rate_num"), pl.col("rate_den")
    bad = (num < 1) | (den < 1) | (den > MAX_RATE_DENOMINATOR) | (num > MAX_FX_RATE * den)
    bad = bad | (num.is_null() != den.is_null())
    told = say(
        f"the rate {{}}/{{}} is not above 0 and up to {MAX_FX_RATE:,}, with nine decimals at most.",
        *("rate_num", "rate_den"),
    )
    return Rule("RATE_OUT_OF_RANGE", "rate", bad, told)
