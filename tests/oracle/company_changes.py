"""Customers of a drawn company change some of their deals, and some of these are corrected afterwards (L4)."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any

import polars as pl

from compsvc.core.changes import revisions
from compsvc.core.facts import LINE, Facts
from compsvc.core.plan import Plan

Row = dict[str, Any]
KINDS = ("deals", "deal_lines", "stages")


@dataclass
class Told:
    """A deal as one revision tells it."""

    deals: list[Row]
    deal_lines: list[Row]
    stages: list[Row]


def with_changes(plans: list[Plan], facts: Facts, rng: Random) -> Facts:
    """Of accepted deals of which nothing was lost otherwise."""
    if not all(plan.says_clawback for plan in plans):
        return facts
    lost = set(facts.losses.select("source", "external_id").rows())
    rows = {kind: getattr(facts, kind).to_dicts() for kind in KINDS}
    own = {key: Told(*([row for row in rows[kind] if _key(row) == key] for kind in KINDS)) for key in _keys(rows)}
    earlier = [facts.deal_revisions]
    for key, told in own.items():
        if told.deals[0]["accepted_time"] is None or key in lost or rng.random() > 0.5:
            continue
        for _ in range(rng.choice((1, 1, 2, 3))):
            before = deepcopy(told)
            if _changed(told, rng):
                earlier.append(revisions(*(_frame(facts, kind, getattr(before, kind)) for kind in KINDS)))
    now = {kind: [row for told in own.values() for row in getattr(told, kind)] for kind in KINDS}
    frames = {kind: _frame(facts, kind, found) for kind, found in now.items()}
    return replace(facts, **frames, deal_revisions=pl.concat(earlier))


def _frame(facts: Facts, kind: str, rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=getattr(facts, kind).schema, orient="row")


def _keys(rows: dict[str, list[Row]]) -> list[tuple[str, str]]:
    return [_key(row) for row in rows["deals"]]


def _key(row: Row) -> tuple[str, str]:
    return row["source"], row["external_id"]


def _changed(told: Told, rng: Random) -> bool:
    """A further revision, and whether there is one: the customer has less, or somebody corrects what was told."""
    deal, lines = told.deals[0], told.deal_lines or told.deals
    if rng.random() < 0.25:
        deal.update(cause=rng.choice((None, "data_correction")), changed_date=None, change_evidence=None)
        row = rng.choice(lines)
        annual = row["annual_value_minor"]
        row["annual_value_minor"] = rng.choice((annual, 10_000, annual and annual * 2))
        row["quantity"] = rng.choice((row["quantity"], 7))
    elif not _lowered(told, lines, rng):
        return False
    else:
        day = deal["changed_date"] or deal["closed_date"]
        days = timedelta(days=rng.choice((0, 1, 31, 150, 366)))
        deal.update(cause="customer_change", changed_date=day + days, change_evidence="a letter")
    deal["revision"] += 1
    return True


def _lowered(told: Told, lines: list[Row], rng: Random) -> bool:
    """Of one line its value, what is paid once, its last level, or all of it."""
    worth = [row for row in lines if row["type"] not in ("churn", "downsell")]
    if not worth:
        return False
    row = rng.choice(worth)
    stages = [each for each in told.stages if each["line"] == row.get("line", 1)]
    committed = sorted((each for each in stages if each["committed"]), key=lambda each: each["stage"])
    if len(lines) > 1 and _size(row, committed) > 0 and rng.random() < 0.3:
        told.deal_lines.remove(row)
        for each in stages:
            told.stages.remove(each)
        return True
    at = (committed[-1] if committed else row), "annual_value_minor"
    if row["one_time_value_minor"] and rng.random() < 0.5:
        at = row, "one_time_value_minor"
    if not at[0][at[1]] or at[0][at[1]] < 0 or (at[1] == "annual_value_minor" and stages and not committed):
        return False
    at[0][at[1]] = at[0][at[1]] * rng.choice((0, 1, 2, 2)) // 3
    if row["quantity"] and rng.random() < 0.5:
        row["quantity"] -= 1
    if row["cost_minor"] and rng.random() < 0.5:
        row["cost_minor"] //= 2
    return True


def _size(row: Row, committed: list[Row]) -> int:
    assert set(LINE) <= set(row)
    return (committed[-1] if committed else row)["annual_value_minor"] or row["one_time_value_minor"] or 0
