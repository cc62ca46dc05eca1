"""Deals on a participant's accounts that are credited to others or to nobody, and why (B7). Nobody's pay is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import date

import polars as pl

from compsvc.core.facts import DEAL, Facts
from compsvc.core.results import Result
from compsvc.core.statement_values import Elsewhere, Row, Span

Deal = tuple[str, str]  # source, external id
WHOLE_ROUTES = ("split", "window", "seller", "owner", "territory")  # routes to the 100% of a deal


def elsewhere(
    result: Result, facts: Facts, *, participant_id: str, period: Span, credited: Set[Deal]
) -> tuple[Elsewhere, ...]:
    """Deals closed in the period while the participant owned the account and not credited to them, by close date."""
    closed = {deal: row for deal, row in _closed_on_accounts_of(facts, participant_id, period) if deal not in credited}
    if not closed:
        return ()
    to_others = _to_others(result, closed)
    to_nobody = _to_nobody(result, closed)
    people = _names(facts, to_others)
    found = sorted(closed.items(), key=lambda item: (item[1]["closed_date"], *item[0]))
    return tuple(_found(row, to_others, to_nobody, people) for deal, row in found if deal in {*to_others, *to_nobody})


def _closed_on_accounts_of(facts: Facts, participant_id: str, period: Span) -> Iterator[tuple[Deal, Row]]:
    owned = facts.of("ownerships", "participant_id", participant_id, columns=["account_id", "start_date", "end_date"])
    spans: dict[str, list[tuple[date, date]]] = {}
    for account, start, end in owned.rows():
        spans.setdefault(account, []).append((start, end or date.max))
    names = dict(facts.of("accounts", "account_id", *spans, columns=["account_id", "name"]).rows())
    deals = facts.of("deals", "account_id", *spans, columns=[*DEAL, "account_id", "closed_date", "accepted_time"])
    accepted = deals.filter(pl.col("accepted_time").is_not_null(), _within(pl.col("closed_date"), period))
    for row in accepted.rows(named=True):
        if any(start <= row["closed_date"] < end for start, end in spans[row["account_id"]]):
            yield _key(row), {**row, "name": names.get(row["account_id"])}


def _within(day: pl.Expr, period: Span) -> pl.Expr:
    return (day >= period.start_date) & (day < period.end_date)


def _to_others(result: Result, closed: Mapping[Deal, Row]) -> dict[Deal, list[Row]]:
    """Who is credited with which by a route to the whole deal, each way once."""
    said = ["participant_id", "route", "route_note"]
    accounts = {row["account_id"] for row in closed.values()}
    lines = result.of("lines", "account_id", *accounts, columns=[*DEAL, *said, "step_kind"])
    rows = lines.with_columns(pl.col(*said, "step_kind").cast(pl.String)).rows(named=True)
    own = (row for row in rows if row["step_kind"] == "own" and row["route"] in WHOLE_ROUTES)
    return _each_way(((_key(row), {name: row[name] for name in said}) for row in own), closed)


def _to_nobody(result: Result, closed: Mapping[Deal, Row]) -> dict[Deal, list[Row]]:
    ids = {deal[1] for deal in closed}
    rows = result.of("uncredited", "external_id", *ids, columns=[*DEAL, "reason"]).rows(named=True)
    return _each_way(((_key(row), {"reason": row["reason"]}) for row in rows), closed)


def _each_way(rows: Iterable[tuple[Deal, Row]], closed: Mapping[Deal, Row]) -> dict[Deal, list[Row]]:
    found: dict[Deal, dict[tuple[str, ...], Row]] = {}
    for deal, row in rows:
        if deal in closed:
            found.setdefault(deal, {})[tuple(value or "" for value in row.values())] = row
    return {deal: [row for _, row in sorted(ways.items())] for deal, ways in found.items()}


def _names(facts: Facts, to_others: Mapping[Deal, list[Row]]) -> dict[str, str | None]:
    holders = {row["participant_id"] for rows in to_others.values() for row in rows}
    return dict(facts.of("participants", "participant_id", *holders, columns=["participant_id", "display_name"]).rows())


def _key(row: Row) -> Deal:
    return row["source"], row["external_id"]


def _found(
    row: Row,
    to_others: Mapping[Deal, list[Row]],
    to_nobody: Mapping[Deal, list[Row]],
    people: Mapping[str, str | None],
) -> Elsewhere:
    holders = to_others.get(_key(row), [])
    reasons: Iterable[str | None] = [line["route_note"] for line in holders] or [
        each["reason"] for each in to_nobody[_key(row)]
    ]
    who = tuple(dict.fromkeys(line["participant_id"] for line in holders))
    return Elsewhere(
        source=row["source"],
        external_id=row["external_id"],
        account_id=row["account_id"],
        account_name=row["name"] or row["account_id"],
        closed_date=row["closed_date"],
        holder_ids=who,
        holders=tuple(people.get(each) or each for each in who),
        route=holders[0]["route"] if holders else "",
        reason="; ".join(_each_once(reasons)),
    )


def _each_once(texts: Iterable[str | None]) -> Iterator[str]:
    return iter(dict.fromkeys(text for text in texts if text))
