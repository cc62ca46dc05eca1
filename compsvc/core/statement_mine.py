"""What of a calculation belongs to one participant, as plain rows, and each line of it as a value."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import polars as pl

from compsvc.core.changes import CUSTOMER_CHANGE, is_change
from compsvc.core.facts import DEAL, Facts
from compsvc.core.node import Node
from compsvc.core.plan import Component, Plan
from compsvc.core.results import Result
from compsvc.core.statement_values import (
    Line,
    Money,
    Quantity,
    Row,
    key_of,
)


def place(node: Node) -> str:
    """`hunter.yaml:24`, as derivations cite it."""
    return node.at.in_folder


@dataclass(frozen=True)
class Mine:
    """One participant's rows as plain mappings, in the order in which a statement shows them."""

    plans: Mapping[str, Plan]  # by revision
    earnings: Sequence[Row]
    lines: Sequence[Row]
    pending: Sequence[Row]
    account_names: Mapping[str, str]
    chosen: Mapping[tuple[str, str, str], Sequence[Row]]  # rows of CHOSEN by plan, component and period
    standings: Mapping[tuple[str, str, str], Row]  # rows of STANDINGS likewise
    causes: Mapping[tuple[str, str], str]  # why deals were told anew, by source and external id, where that is said

    @classmethod
    def of(cls, result: Result, plans: Sequence[Plan], facts: Facts, participant_id: str) -> Mine:
        assert result.lines is not None, "a statement needs the lines"
        by_revision = {plan.revision: plan for plan in plans}
        lines = result.of("lines", "participant_id", participant_id)
        pending = result.of("pending", "participant_id", participant_id)
        seen = pl.concat([lines["account_id"], pending["account_id"]]).unique()
        accounts = facts.of("accounts", "account_id", *seen, columns=["account_id", "name"])
        chosen = chosen_of(result, participant_id)
        rows = [
            {**row, **modification(chosen.get((row["plan"], row["component"], row["period"]), ()))}
            for row in result.of("earnings", "participant_id", participant_id).iter_rows(named=True)
        ]
        standings = result.of("standings", "participant_id", participant_id).iter_rows(named=True)
        return cls(
            plans=by_revision,
            earnings=sorted(rows, key=lambda row: (*order_of(by_revision, row), row["period_start_date"])),
            lines=lines.rows(named=True),
            pending=sorted(pending.rows(named=True), key=pending_order),
            account_names={account: name or account for account, name in accounts.iter_rows()},
            chosen=chosen,
            standings={(row["plan"], row["component"], row["period"]): row for row in standings},
            causes=causes_of(facts, lines["external_id"].unique().to_list()),
        )

    @property
    def deals(self) -> frozenset[tuple[str, str]]:
        """Source and external id of each that a line is for."""
        return frozenset((row["source"], row["external_id"]) for row in self.lines if row["line"] is not None)

    def plan_names(self, facts: Facts, participant_id: str) -> frozenset[str]:
        """Of the plans that the participant is or was under, or has lines of."""
        assigned = facts.of("assignments", "participant_id", participant_id)["plan"]
        return frozenset(assigned) | {row["plan"] for row in self.lines}

    @property
    def currencies(self) -> tuple[str, ...]:
        return tuple(sorted({row["currency_code"] for row in self.earnings}))

    def plan(self, row: Row) -> Plan:
        return self.plans[row["revision"]]

    def component(self, row: Row) -> Component:
        return self.plan(row).components[row["component"]]

    def quantity(self, row: Row, amount: int) -> Quantity:
        """Of what the row's component counts."""
        counted = self.component(row).pays.moved_by == "count"
        return Quantity(amount, None if counted else row["currency_code"])

    def account_name(self, account_id: str | None) -> str:
        return self.account_names.get(account_id or "", account_id or "")


def chosen_of(result: Result, participant_id: str) -> Mapping[tuple[str, str, str], Sequence[Row]]:
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in result.of("chosen", "participant_id", participant_id).iter_rows(named=True):
        found.setdefault((row["plan"], row["component"], row["period"]), []).append(row)
    return found


def modification(chosen: Sequence[Row]) -> Row:
    """What gate and multiplier make of a period's curve: `shut`, or `times` as high (M6)."""
    times = (Fraction(row["times_num"], row["times_den"]) for row in chosen if row["word"] == "multiplier")
    return {"shut": any(row["open"] is False for row in chosen), "times": next(times, Fraction(1))}


def in_order(mine: Mine, rows: Iterable[Row]) -> list[Row]:
    """Rows of EARNINGS as a statement shows them."""
    return sorted(rows, key=lambda row: (*order_of(mine.plans, row), row["period_start_date"]))


def order_of(plans: Mapping[str, Plan], row: Row) -> tuple[str, int, str]:
    """By plan, and within it as the plan's components stand."""
    names = list(plans[row["revision"]].components)
    return row["plan"], names.index(row["component"]), row["component"]


def pending_order(row: Row) -> tuple[date, str, str, str, str, int]:
    return row["closed_date"], row["source"], row["external_id"], row["plan"], row["component"], row["line"]


def line_of(mine: Mine, row: Row) -> Line:
    return Line(
        key=key_of(row),
        revision=row["revision"],
        rule_kind=row["rule_kind"],
        step_kind=row["step_kind"],
        cause_external_id=row["cause_external_id"] or "",
        account_id=row["account_id"] or "",
        account_name=mine.account_name(row["account_id"]),
        product=row["product"] or "",
        deal_type=row["deal_type"] or "",
        activity=row["activity"] or "",
        counting_date=row["counting_date"],
        payable_date=row["payable_date"],
        counts=mine.quantity(row, row["counts"]),
        amount=Money(row["amount_minor"], row["currency_code"]),
        part=row.get("part"),
        whole=None if row.get("part") is None else Money(row["whole_minor"], row["currency_code"]),
        corrected=_corrected(mine, row) if row["step_kind"] == "difference" else None,
        deal_cause=_deal_cause(mine, row),
    )


def causes_of(facts: Facts, external_ids: Collection[str | None]) -> Mapping[tuple[str, str], str]:
    """Why the latest revisions of deals differ from those before, by source and external id, where that is said."""
    if facts.deals["cause"].null_count() == facts.deals.height:
        return {}
    wanted = sorted({each for each in external_ids if each is not None})
    rows = facts.of("deals", "external_id", *wanted, columns=[*DEAL, "cause"])
    return {(source, external_id): cause for source, external_id, cause in rows.iter_rows() if cause is not None}


def _deal_cause(mine: Mine, row: Row) -> str:
    """Of what a loss takes back only where that loss is the change."""
    if row["loss_id"] is not None:
        return CUSTOMER_CHANGE if is_change(row["loss_id"]) else ""
    cause = mine.causes.get((row["source"], row["external_id"]), "")
    return "" if cause == CUSTOMER_CHANGE else cause


def _corrected(mine: Mine, row: Row) -> tuple[Quantity, Quantity]:
    """What the event of a difference counted before it, and with it (D2)."""
    event = ("plan", "component", "period", "source", "external_id", "line", "stage")
    before = sum(
        line["counts"]
        for line in mine.lines
        if line["step_kind"] in ("own", "difference")
        and line["step"] < row["step"]
        and all(line[of] == row[of] for of in event)
    )
    return mine.quantity(row, before), mine.quantity(row, before + row["counts"])
