"""What a share of others' pay is a share of: what each report earned with the deal line (M7).

Named is whoever stands below the participant on the close date, which decides what is passed up, and in the period of
the pay, which decides whose statements are the participant's to read; what is left is one sum without names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from compsvc.core.facts import Facts
from compsvc.core.limits import MAX_LEVELS
from compsvc.core.plan import EARNINGS, OF_EARNINGS, span_of_levels
from compsvc.core.results import Result
from compsvc.core.statement_mine import Mine, place
from compsvc.core.statement_scope import level_above, manages, period_of
from compsvc.core.statement_step import Step, Value, money, present
from compsvc.core.statement_values import Row

Event = tuple[str, str, int, int]
_OWN = ("own", "difference")
_LATER = frozenset({"plan_cap", "plan_floor"})  # bound what all components pay, after it was read


@dataclass(frozen=True)
class Reports:
    """Everybody's lines of what the participant's shares of others' pay are for, with who they are."""

    facts: Facts
    lines: Mapping[Event, Sequence[Row]]
    names: Mapping[str, str | None]

    @classmethod
    def of(cls, result: Result, facts: Facts, mine: Mine) -> Reports:
        """Without rows where nothing of the participant's counts the pay of others."""
        ids = {row["external_id"] for row in mine.lines if row["measure"] == EARNINGS} - {None}
        lines: dict[Event, list[Row]] = {}
        if ids:
            for row in result.of("lines", "external_id", *ids).iter_rows(named=True):
                lines.setdefault(_event(row), []).append(row)
        who = {row["participant_id"] for rows in lines.values() for row in rows}
        names = facts.of("participants", "participant_id", *who, columns=["participant_id", "display_name"])
        return cls(facts, lines, dict(names.rows()))


def of_reports(mine: Mine, reports: Reports, row: Row) -> list[Step]:
    """They come to what is counted, with what an earlier line of the same event counted; else nothing is shown."""
    if mine.component(row).counts not in OF_EARNINGS or row["step_kind"] not in _OWN:
        return []
    lines = [line for line in mine.lines if line["step_kind"] in _OWN and _same(line, row)]
    of_others = mine.component(row).counts == EARNINGS
    shown, hidden = _of_others(mine, reports, row) if of_others else (_own(mine, row), False)
    alike = [line for line in shown if (line["step_kind"] == "difference") == (row["step_kind"] == "difference")]
    if len(lines) > 1 and sum(line["amount_minor"] for line in alike) == row["counts"]:
        return [_earned(mine, reports, line, named=of_others) for line in alike]
    if row["step"] < max(line["step"] for line in lines):
        return []
    total = sum(line["counts"] for line in lines)
    rest = total - sum(line["amount_minor"] for line in shown)
    if rest and not hidden:
        return []
    steps = [_earned(mine, reports, line, named=of_others) for line in shown]
    if rest:
        steps.append(Step("OTHERS_EARNED", {"amount": money(row, rest)}))
    if before := total - row["counts"]:
        steps.append(Step("COUNTED_BEFORE", {"amount": money(row, before)}))
    return steps


def _same(line: Row, row: Row) -> bool:
    return all(line[name] == row[name] for name in ("plan", "component")) and _event(line) == _event(row)


def _event(row: Row) -> Event:
    return row["source"], row["external_id"], row["line"], row["stage"]


def _own(mine: Mine, row: Row) -> Sequence[Row]:
    of = mine.component(row).of or ()
    lines = [line for line in mine.lines if _event(line) == _event(row)]
    return [line for line in lines if line["plan"] == row["plan"] and line["component"] in of and _read(line)]


def _of_others(mine: Mine, reports: Reports, row: Row) -> tuple[Sequence[Row], bool]:
    """The lines that are shown, and whether there are others that may count."""
    component, shown, hidden = mine.component(row), [], False
    low, high = (1, MAX_LEVELS) if component.levels is None else span_of_levels(component.levels)
    for line in reports.lines.get(_event(row), ()):
        if line["currency_code"] != row["currency_code"] or not _read(line):
            continue
        if mine.component(line).counts in OF_EARNINGS:
            continue
        who, mine_id = line["participant_id"], row["participant_id"]
        if who == mine_id:
            shown += [line] if component.own_deals == "in" else []
            continue
        level = level_above(reports.facts, manager_id=mine_id, participant_id=who, day=row["closed_date"])
        if level is not None and low <= level <= high and _sees(mine, reports, line, mine_id):
            shown.append(line)
        else:
            hidden = True
    return shown, hidden


def _read(line: Row) -> bool:
    """What waits for a review is no part of what is read."""
    waits = line["step_kind"] == "review" and line["payable_date"] is None
    return line["step_kind"] not in _LATER and not waits and bool(line["amount_minor"])


def _sees(mine: Mine, reports: Reports, line: Row, manager_id: str) -> bool:
    period = period_of(line["period"], fiscal_year_starts=mine.plan(line).fiscal_year_starts)
    return period is not None and manages(
        reports.facts, manager_id=manager_id, participant_id=line["participant_id"], period=period
    )


def _earned(mine: Mine, reports: Reports, line: Row, *, named: bool) -> Step:
    values: dict[str, Value] = {
        "amount": money(line, line["amount_minor"]),
        "component": line["component"],
        "period": line["period"],
    }
    values |= present(step=None if line["step_kind"] == "own" else line["step_kind"], lost=line["loss_date"])
    if named:
        values["participant"] = reports.names.get(line["participant_id"]) or line["participant_id"]
    return Step("EARNED_BY" if named else "EARNED_IN", values, place(mine.component(line)))
