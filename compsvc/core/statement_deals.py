"""The facts behind the lines of one participant: deals, found by their keys, and the terms of the assignments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

import polars as pl

from compsvc.core.facts import ATTRIBUTES, Facts
from compsvc.core.periods import PER_YEAR
from compsvc.core.quota_parts import QuotaPart, quota_parts
from compsvc.core.statement_mine import Mine
from compsvc.core.statement_step import Value
from compsvc.core.statement_values import Row


class Terms(NamedTuple):
    """What `base` is made of, for the full year."""

    target_minor: int
    quota_minor: int
    weight: Fraction

    @property
    def base(self) -> Fraction:
        return Fraction(self.target_minor, self.quota_minor) * self.weight


class Deals:
    """The facts of one participant's lines: the deals, found by their keys, and the terms of the assignments."""

    def __init__(self, facts: Facts, mine: Mine, participant_id: str) -> None:
        keys = pl.DataFrame(
            [(line["source"], line["external_id"]) for line in mine.lines if line["line"] is not None],
            schema={"source": pl.String, "external_id": pl.String},
            orient="row",
        ).unique()
        headers, lines, stages = (
            frame.join(keys, on=["source", "external_id"], how="semi")
            for frame in (facts.deals, facts.deal_lines, facts.stages)
        )
        self._mine, self._facts = mine, facts
        self._quota_parts: dict[tuple[str, str, str], list[QuotaPart]] = {}
        done = facts.of("activities", "participant_id", participant_id)
        self._activities = {(row["source"], row["external_id"]): row for row in done.iter_rows(named=True)}
        stated = facts.of("stated_credits", "participant_id", participant_id)
        self._stated = {(row["kind"], row["credit_id"]): row for row in stated.iter_rows(named=True)}
        self._accounts = {list_key(item): item for item in mine.earnings}
        self._re_rated: dict[tuple[object, ...], list[Row]] = {}
        for line in mine.lines:
            if line["step_kind"] == "re_rating":
                self._re_rated.setdefault((*crossing(line), line["cause_external_id"]), []).append(line)
        self._assignments = (
            facts.of("assignments", "participant_id", participant_id).sort("start_date").rows(named=True)
        )
        self._quotas = facts.of("quotas", "participant_id", participant_id).rows(named=True)
        self._headers = {(row["source"], row["external_id"]): row for row in headers.iter_rows(named=True)}
        self._lines = {line_key(row): row for row in lines.iter_rows(named=True)}
        self._stages: dict[tuple[str, str, int], list[Row]] = {}
        for row in stages.sort("source", "external_id", "line", "stage").iter_rows(named=True):
            self._stages.setdefault(line_key(row), []).append(row)

        self._attributes: dict[str, list[Row]] = {}
        if facts.account_attributes.height:
            dated = facts.of("account_attributes", "account_id", *{line["account_id"] for line in mine.lines})
            for row in dated.sort("start_date").iter_rows(named=True):
                self._attributes.setdefault(row["account_id"], []).append(row)

    def quota_parts(self, row: Row) -> Sequence[QuotaPart]:
        """What the quota of the line's period was made of."""
        key, account = list_key(row), self.account(row)
        if row["quota_minor"] is None or account is None or self._mine.component(row).quota is None:
            return ()
        if key not in self._quota_parts:
            self._quota_parts[key] = quota_parts(
                self._facts,
                list(self._mine.plans.values()),
                plan=row["plan"],
                name=row["component"],
                participant_id=row["participant_id"],
                period=(account["period_start_date"], account["period_end_date"]),
            )
        return self._quota_parts[key]

    def days_under(self, plan: str, first: date, end: date) -> int:
        """On how many days from the first to before the end the participant is assigned to the plan, in force."""
        effective = min(known.effective for known in self._mine.plans.values() if known.plan == plan)
        own = [row for row in self._assignments if row["plan"] == plan]
        spans = [(max(first, effective, row["start_date"]), min(end, row["end_date"] or end)) for row in own]
        return sum(max(0, (until - since).days) for since, until in spans)

    def account(self, row: Row) -> Row | None:
        """The row of EARNINGS that the line is a part of."""
        return self._accounts.get(list_key(row))

    def re_rated_by(self, row: Row) -> Sequence[Row]:
        """The lines of earlier deals that this line's crossing caused."""
        return self._re_rated.get((*crossing(row), row["external_id"]), [])

    def activity(self, row: Row) -> Row:
        return self._activities[row["source"], row["external_id"]]

    def stated(self, row: Row) -> Row:
        return self._stated[row["stated"], row["external_id"]]

    def header(self, row: Row) -> Row | None:
        if row["line"] is None:
            return None
        return self._headers.get((row["source"], row["external_id"]))

    def attributes(self, row: Row) -> Iterator[tuple[str, str | None, date | None]]:
        """What the account was on the close date, of that of it which has dates, each with the day from which on."""
        dated = self._attributes.get(row["account_id"], [])
        for name in (name for name in ATTRIBUTES if any(each["attribute"] == name for each in dated)):
            begun = [each for each in dated if each["attribute"] == name and each["start_date"] <= row["closed_date"]]
            if begun:
                yield name, begun[-1]["value"], begun[-1]["start_date"]
            else:
                yield name, self._facts.of("accounts", "account_id", row["account_id"])[name][0], None

    def line(self, row: Row) -> Row | None:
        """The deal line with its deal's currency; a deal without lines is its own."""
        header = self.header(row)
        line = self._lines.get(line_key(row), header)
        return None if header is None or line is None else {**line, "currency_code": header["currency_code"]}

    def stages(self, row: Row) -> Sequence[Row]:
        return self._stages.get(line_key(row), [])

    def starts(self, row: Row) -> date | None:
        """Of a line for a committed stage that counts by itself: its day."""
        own = [stage for stage in self.stages(row) if stage["stage"] == row["stage"] and stage["committed"]]
        return own[0]["start_date"] if own else None

    def committed_before(self, row: Row, line: Row) -> int | None:
        """What the latest ramp of the customer and product before this line committed to; None where it goes beyond."""
        if row["measure"] != "final_stage_acv" or row["stage"] or row["deal_type"] not in ("upsell", "cross_sell"):
            return None
        deals, lines, stages = self._facts.deals, self._facts.deal_lines, self._facts.stages
        keys = ["source", "external_id"]
        before = deals.filter(
            pl.col("account_id") == row["account_id"], pl.col("accepted_time") < row["accepted_time"]
        ).select(*keys, "accepted_time")
        alone = deals.join(lines, on=keys, how="anti").with_columns(line=pl.lit(1))  # a deal without lines is its own
        every = pl.concat([frame.select(*keys, pl.col("line").cast(pl.Int64), "product") for frame in (lines, alone)])
        same = every.filter(pl.col("product").eq_missing(pl.lit(row["product"], dtype=pl.String))).drop("product")
        ramps = stages.filter("committed").with_columns(pl.col("line").cast(pl.Int64)).join(same, on=[*keys, "line"])
        found = ramps.join(before, on=keys).sort("accepted_time", *keys, "line", "stage")
        if found.is_empty() or (line["annual_value_minor"] or 0) > found["annual_value_minor"][-1]:
            return None
        return int(found["annual_value_minor"][-1])

    def terms(self, row: Row) -> Terms | None:
        """Of the assignment that covers the counting date, else of the latest that started before it."""
        started = [
            item
            for item in self._assignments
            if item["plan"] == row["plan"] and row["counting_date"] and item["start_date"] <= row["counting_date"]
        ]
        quota = self._quota(started[-1], row) if started else None
        if quota is None or not quota["amount_minor"] or started[-1]["target_incentive_minor"] is None:
            return None
        year_quota = quota["amount_minor"] * PER_YEAR[quota["per"]]
        return Terms(started[-1]["target_incentive_minor"], year_quota, self._mine.component(row).weight)

    def _quota(self, assignment: Row, row: Row) -> Row | None:
        """The component's own, else the one for every component."""
        same = ("plan", "start_date")
        rows = [item for item in self._quotas if all(item[of] == assignment[of] for of in same)]
        own = (item for item in rows if item["component"] == row["component"])
        return next(own, next((item for item in rows if not item["component"]), None))


def crossing(row: Row) -> tuple[object, ...]:
    return *list_key(row), row["tier_before"], row["tier_after"]


def list_key(row: Row) -> tuple[str, str, str]:
    return row["plan"], row["component"], row["period"]


def line_key(row: Row) -> tuple[str, str, int]:
    return row["source"], row["external_id"], row["line"]


def unit_of(mine: Mine, row: Row) -> dict[str, Value]:
    """What figures without a currency are numbers of: part of every step that has some."""
    return {"unit": row["measure"]} if mine.quantity(row, 0).currency_code is None else {}
