"""Small facts by hand: only what a case is about is written; the rest has the plainest value."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl

from compsvc.core.facts import SCHEMAS, Facts
from compsvc.core.plan import Plan

from .company_plans import parsed

HEADER = """\
plan: {name}
title: An example
provisioning: differs
effective: 2020-01-01
currency: EUR
fiscal_year_starts: january
rounding: half_up
counts_on: accepted
new_logo_by: account
earned: {{on: accepted}}
payable: {{on: accepted}}
"""
OWN = """\
credits:
  own: {when: {type: [new_logo, upsell, cross_sell]}, to: seller}
"""
RAMP = "{term_at_least: 36 months, last_stage_at_least: 12 months, below_limits: first_stage}"


def plan(body: str, name: str = "rep", **header: str) -> Plan:
    """A plan with the header above; `header` replaces or adds lines."""
    lines = dict(line.split(": ", 1) for line in HEADER.format(name=name).splitlines())
    lines.update(header)
    return parsed("\n".join(f"{key}: {value}" for key, value in lines.items()) + "\n" + body)


def day(text: str) -> date:
    return date.fromisoformat(text)


class Case:
    """Rows as they are added; participants and accounts come with the first word of them."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {kind: [] for kind in SCHEMAS}

    def add(self, kind: str, /, **values: object) -> Case:
        self.rows[kind].append({**dict.fromkeys(SCHEMAS[kind]), **values})
        return self

    def person(
        self, name: str, plan: str = "rep", start: str = "2020-01-01", end: str | None = None, **more: Any
    ) -> Case:
        """An assignment; `quota=(amount in cents, per)`."""
        quota = more.pop("quota", None)
        dates = {"start_date": day(start), "end_date": day(end) if end else None}
        if name not in {row["participant_id"] for row in self.rows["participants"]}:
            self.add("participants", participant_id=name)
        self.add("assignments", participant_id=name, plan=plan, currency_code="EUR", **dates, **more)
        if quota:
            self.add(
                "quotas", participant_id=name, plan=plan, start_date=day(start), amount_minor=quota[0], per=quota[1]
            )
        return self

    def deal(self, name: str, closed: str, annual: int | None = None, accepted: str | None = "", **more: Any) -> Case:
        """`accepted` is the close date unless given; None is pending. Amounts in cents."""
        account = more.setdefault("account_id", "acme")
        if account not in {row["account_id"] for row in self.rows["accounts"]}:
            self.add("accounts", account_id=account, name=account)
        instant = None if accepted is None else datetime.fromisoformat(accepted or closed)
        values = {"source": "crm", "external_id": name, "revision": 1, "currency_code": "EUR", "seller_id": "ann"}
        values |= {"closed_date": day(closed), "accepted_time": instant, "annual_value_minor": annual}
        return self.add("deals", **{**values, **more})

    def stages(
        self, name: str, *stages: tuple[str, str, int], exercised: dict[int, str] | None = None, line: int = 1
    ) -> Case:
        """Each (start, end, level): committed, unless `exercised` has its number, with the date or nothing."""
        options = exercised or {}
        for number, (start, end, level) in enumerate(stages, 1):
            taken = options.get(number)
            self.add(
                "stages",
                source="crm",
                external_id=name,
                line=line,
                stage=number,
                start_date=day(start),
                end_date=day(end),
                annual_value_minor=level,
                committed=number not in options,
                exercised_time=datetime.fromisoformat(taken) if taken else None,
            )
        return self

    def split(self, name: str, **shares: tuple[int, int]) -> Case:
        for position, (person, (num, den)) in enumerate(shares.items()):
            row = {"participant_id": person, "share_num": num, "share_den": den}
            self.add("splits", source="crm", external_id=name, position=position, **row)
        return self

    @property
    def facts(self) -> Facts:
        frames = {k: pl.DataFrame(rows, schema=dict(SCHEMAS[k]), orient="row") for k, rows in self.rows.items()}
        return Facts(**frames)
