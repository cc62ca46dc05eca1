"""Deals on a participant's accounts that are credited to others or to nobody, and why (B7). Nobody's pay is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

import polars as pl

from compsvc.core.facts import Facts
from compsvc.core.results import Result
from compsvc.core.statement_values import Elsewhere, Row, Span

DEAL = ["source", "external_id"]
WHOLE_ROUTES = ("split", "window", "seller", "owner", "territory")  # routes to the 100% of a deal


def elsewhere(result: Result, facts: Facts, *, participant_id: str, period: Span) -> tuple[Elsewhere, ...]:
    """Deals closed in the period while the participant owned the account, by close date."""
    assert result.lines is not None, "a statement needs the lines"
    mine = result.of("lines", "participant_id", participant_id)
    closed = _closed_on_accounts_of(facts, participant_id, period).join(mine, on=DEAL, how="anti")
    if closed.is_empty():
        return ()
    others = result.of("lines", "account_id", *closed["account_id"]).filter(
        (pl.col("step_kind") == "own") & pl.col("route").is_in(WHOLE_ROUTES)
    )
    to_others = _by_deal(others.join(closed, on=DEAL, how="semi"), "participant_id", "route", "route_note")
    to_nobody = _by_deal(_uncredited(result, closed), "reason")
    holders = {line["participant_id"] for lines in to_others.values() for line in lines}
    people = dict(
        facts.of("participants", "participant_id", *sorted(holders)).select("participant_id", "display_name").rows()
    )
    return tuple(_found(row, to_others, to_nobody, people) for row in closed.rows(named=True) if _key(row) in
                 {*to_others, *to_nobody})  # fmt: skip


def _uncredited(result: Result, closed: pl.DataFrame) -> pl.DataFrame:
    return result.of("uncredited", "external_id", *closed["external_id"]).join(closed, on=DEAL, how="semi")


def _closed_on_accounts_of(facts: Facts, participant_id: str, period: Span) -> pl.DataFrame:
    owned = facts.of("ownerships", "participant_id", participant_id)
    owned = owned.select("account_id", owned_from="start_date", owned_to="end_date")
    within = (pl.col("closed_date") >= period.start_date) & (pl.col("closed_date") < period.end_date)
    held = (pl.col("owned_from") <= pl.col("closed_date")) & (
        pl.col("owned_to").is_null() | (pl.col("closed_date") < pl.col("owned_to"))
    )
    deals = facts.of("deals", "account_id", *owned["account_id"]).filter(within & pl.col("accepted_time").is_not_null())
    named = facts.of("accounts", "account_id", *owned["account_id"]).select("account_id", "name")
    found = deals.select(*DEAL, "account_id", "closed_date").join(owned, on="account_id").filter(held)
    return found.unique(DEAL).join(named, on="account_id", how="left").sort("closed_date", *DEAL)


def _by_deal(frame: pl.DataFrame, *columns: str) -> dict[tuple[str, str], list[Row]]:
    rows = (
        frame.select(*DEAL, pl.col(columns).cast(pl.String))
        .unique()
        .sort(*DEAL, *columns, nulls_last=True)
        .rows(named=True)
    )
    return {key: list(same) for key, same in groupby(rows, key=_key)}


def _key(row: Row) -> tuple[str, str]:
    return row["source"], row["external_id"]


def _found(
    row: Row,
    to_others: Mapping[tuple[str, str], list[Row]],
    to_nobody: Mapping[tuple[str, str], list[Row]],
    people: Mapping[str, str | None],
) -> Elsewhere:
    holders = to_others.get(_key(row), [])
    reasons: Iterable[str | None] = [line["route_note"] for line in holders] or [
        each["reason"] for each in to_nobody[_key(row)]
    ]
    return Elsewhere(
        source=row["source"],
        external_id=row["external_id"],
        account_id=row["account_id"],
        account_name=row["name"] or row["account_id"],
        closed_date=row["closed_date"],
        holders=tuple(dict.fromkeys(people.get(line["participant_id"]) or line["participant_id"] for line in holders)),
        route=holders[0]["route"] if holders else "",
        reason="; ".join(_each_once(reasons)),
    )


def _each_once(texts: Iterable[str | None]) -> Iterator[str]:
    return iter(dict.fromkeys(text for text in texts if text))
