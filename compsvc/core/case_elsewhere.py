"""Where the deals of a case count instead, where it expects an amount and nothing is found: another period, person or
component. A slip there is the usual one: a quarter of the calendar for one of the fiscal year, say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import polars as pl

from compsvc.core.payable import due
from compsvc.core.plan import Plan
from compsvc.core.results import Result
from compsvc.core.statement_scope import period_of

_MOVES = (pl.col("amount_minor") != 0) | (pl.col("counts") != 0)
_PLACE = ["external_id", "participant_id", "component", "period", "payable_date", "plan"]


def counts_in(
    result: Result, plans: Sequence[Plan], participant_id: str, component: str, deal: str | None
) -> Iterator[tuple[str, str]]:
    """Each deal, and in which period it counts with the component for the participant; else by what, or for whom."""
    assert result.lines is not None, "cases need lines"
    yield from _told(_of(result.lines.filter(_MOVES), deal), plans, participant_id, component, by_period=True)


def payable_on(
    result: Result, plans: Sequence[Plan], participant_id: str, component: str | None
) -> Iterator[tuple[str, str]]:
    """Each deal, and on which day it is payable to the participant; else to whom it is credited."""
    assert result.lines is not None, "cases need lines"
    parts = due(result.lines, plans, result.progress).filter(pl.col("amount_minor") != 0)
    yield from _told(_of(parts, None), plans, participant_id, component, by_period=False)


def _of(lines: pl.DataFrame, deal: str | None) -> list[dict[str, object]]:
    rows = lines.filter(pl.col("external_id").is_not_null()).select(_PLACE)
    rows = rows.with_columns(pl.col(pl.Categorical).cast(pl.String)).unique().sort(_PLACE)
    return [row for row in rows.iter_rows(named=True) if deal in (None, row["external_id"])]


def _told(
    rows: Sequence[dict[str, object]],
    plans: Sequence[Plan],
    participant_id: str,
    component: str | None,
    *,
    by_period: bool,
) -> Iterator[tuple[str, str]]:
    """Of each deal what is nearest to what was expected: the same person and component, then the person, then any."""
    for deal in dict.fromkeys(str(row["external_id"]) for row in rows):
        own = [row for row in rows if row["external_id"] == deal]
        theirs = [row for row in own if row["participant_id"] == participant_id]
        same = [row for row in theirs if component in (None, row["component"])]
        if same:
            told = [_in_period(row, plans) if by_period else _on_day(row) for row in same]
        elif theirs:
            told = [f"counts by `{row['component']}`" for row in theirs]
        else:
            told = [f"is credited to {row['participant_id']}" for row in own]
        yield deal, ", ".join(dict.fromkeys(told))


def _in_period(row: dict[str, object], plans: Sequence[Plan]) -> str:
    starts = next(plan.fiscal_year_starts for plan in plans if plan.plan == row["plan"])
    span = period_of(str(row["period"]), fiscal_year_starts=starts)
    days = "" if span is None else f", {span.start_date} to {span.end_date - timedelta(days=1)}"
    return f"counts in {row['period']}{days}"


def _on_day(row: dict[str, object]) -> str:
    return (
        "has no day yet on which it is payable"
        if row["payable_date"] is None
        else f"is payable on {row['payable_date']}"
    )
