"""One participant's account of a span of pay periods: opening balance, what came and went, closing balance (B7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from compsvc.core.adjustments import ADJUSTED
from compsvc.core.advances import ADVANCE_EARNED, ADVANCED
from compsvc.core.holds import HOLD_RELEASED, ON_HOLD
from compsvc.core.pay import COMES_IN, PAYABLE, Pay
from compsvc.core.reserve import FORFEITED, HELD, RELEASED, USED
from compsvc.core.statement_values import Span

FLOWS = (PAYABLE, ADJUSTED, HELD, USED, RELEASED, FORFEITED, ON_HOLD, HOLD_RELEASED)
BALANCES = ("draw", "negative", "held", "on_hold", "advanced")
OF_HELD = {"held": {HELD: 1, USED: -1, RELEASED: -1}, "on_hold": {ON_HOLD: 1, HOLD_RELEASED: -1}}  # by balance


@dataclass(frozen=True, slots=True)
class PayAccount:
    """Minor units of one currency; every figure is what it is called, none is negative but `payable` and `payout`."""

    currency_code: str
    opening: Mapping[str, int]  # draw, negative, held, on_hold, advanced
    payable: int
    adjusted: int
    held: int
    used: int  # of what was held, by take-backs
    released: int
    forfeited: int
    carried: int  # what the pay periods lacked
    forgiven: int
    recovered_draw: int
    recovered_negative: int
    draw: int
    guarantee: int
    payout: int
    closing: Mapping[str, int]
    plan: str  # whose words decide the account; empty without one
    revision: str


def accounts_of(found: Pay, participant_id: str, span: Span) -> tuple[PayAccount, ...]:
    """One a currency, by its code. `found` reaches to the end of the span."""
    mine = pl.col("participant_id") == participant_id
    moves = found.moves.filter(mine).with_columns(pl.col("currency_code").cast(pl.String))
    rows = found.accounts.filter(mine)
    ahead = found.advances.filter(mine).with_columns(pl.col("currency_code").cast(pl.String))
    codes = sorted({*moves["currency_code"], *rows["currency_code"]})
    return tuple(_account(moves, rows, ahead, code, span) for code in codes)


def _account(moves: pl.DataFrame, rows: pl.DataFrame, ahead: pl.DataFrame, code: str, span: Span) -> PayAccount:
    ahead = ahead.filter(pl.col("currency_code") == code, pl.col("payable_date") < span.end_date)
    moves = moves.filter(pl.col("currency_code") == code, pl.col("payable_date") < span.end_date)
    rows = rows.filter(pl.col("currency_code") == code, pl.col("month") < span.end_date)
    before, inside = pl.col("payable_date") < span.start_date, pl.col("payable_date") >= span.start_date
    flows = {kind: _sum(moves.filter(inside & (pl.col("kind") == kind)), "amount_minor") for kind in FLOWS}
    own = rows.filter(pl.col("month") >= span.start_date)
    sums = {name: _sum(own, f"{name}_minor") for name in _SUMMED}
    floors = {kind: _sum(own.filter(pl.col("top_up_kind") == kind), "top_up_minor") for kind in ("draw", "guarantee")}
    alone = moves.filter(inside)
    if rows.height:
        alone = alone.filter(pl.col("payable_date") < rows["month"].min())
    by_itself = sum(_sum(alone.filter(pl.col("kind") == kind), "amount_minor") * COMES_IN[kind] for kind in FLOWS)
    return PayAccount(
        currency_code=code,
        opening={
            **_balances(rows.filter(pl.col("month") < span.start_date)),
            **_held(moves.filter(before)),
            "advanced": _advanced(ahead.filter(before)),
        },
        payable=flows[PAYABLE],
        adjusted=flows[ADJUSTED],
        held=flows[HELD],
        used=flows[USED],
        released=flows[RELEASED],
        forfeited=flows[FORFEITED],
        **sums,
        **floors,
        payout=_sum(own, "payout_minor") + by_itself,
        closing={**_balances(rows), **_held(moves), "advanced": _advanced(ahead)},
        plan=rows["plan"][-1] if rows.height else "",
        revision=rows["revision"][-1] if rows.height else "",
    )


_SUMMED = ("carried", "forgiven", "recovered_draw", "recovered_negative")


def _sum(rows: pl.DataFrame, name: str) -> int:
    return int(rows[name].cast(pl.Int128).sum() or 0)


def _balances(rows: pl.DataFrame) -> dict[str, int]:
    """After the last of the pay periods."""
    last = rows.sort("month").tail(1)
    return {name: int(last[f"{name}_minor"][0]) if last.height else 0 for name in ("draw", "negative")}


def _held(moves: pl.DataFrame) -> dict[str, int]:
    return {
        name: sum(_sum(moves.filter(pl.col("kind") == kind), "amount_minor") * sign for kind, sign in kinds.items())
        for name, kinds in OF_HELD.items()
    }


def _advanced(ahead: pl.DataFrame) -> int:
    """Paid, and not earned yet (J1)."""
    moved = {kind: _sum(ahead.filter(pl.col("kind") == kind), "amount_minor") for kind in (ADVANCED, ADVANCE_EARNED)}
    return moved[ADVANCED] - moved[ADVANCE_EARNED]
