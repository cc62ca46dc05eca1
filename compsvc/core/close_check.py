"""What finance has to mend or to answer for before a pay period closes (B5)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import polars as pl

from compsvc.core.currencies import EXPONENTS
from compsvc.core.facts import Facts
from compsvc.core.money import format_minor
from compsvc.core.results import Result
from compsvc.core.statement_values import Span

UNUSUAL_TIMES = 3  # so many times the participant's mean of the months before, or less than a third of it
MONTHS_OF_MEAN = 3  # without so many months there is no mean


class Finding(NamedTuple):
    code: str
    subject: str
    message: str  # what is found, and what would be right


def finding_id(finding: Finding) -> str:
    """Of all that it says: where a figure changes, it is another finding, to be signed off anew."""
    return hashlib.sha256("\0".join(finding).encode()).hexdigest()[:12]


class Paid(NamedTuple):
    """What the sealed runs of a month come to for a participant and currency."""

    pay_period: str
    participant_id: str
    currency_code: str
    minor: int


def of_facts(result: Result, facts: Facts, month: Span) -> Iterator[Finding]:
    """Deals that nobody is credited for or that wait since an earlier month, and people without a plan."""
    yield from _uncredited(result, facts, month)
    waiting = facts.deals.filter(pl.col("accepted_time").is_null(), pl.col("closed_date") < month.start_date)
    columns = ("source", "external_id", "closed_date", "pending_reason")
    for source, external_id, closed, reason in _sorted(waiting, *columns):
        why = f" ({reason})" if reason else ""
        message = f"Closed on {closed} and not accepted yet{why}. Accept it, or withdraw it in the source."
        yield Finding("DEAL_PENDING", f"{source}/{external_id}", message)
    under = facts.assignments.select("participant_id")
    gone = facts.exits.filter(~pl.col("withdrawn").fill_null(value=False)).select("participant_id")
    alone = facts.participants.join(under, on="participant_id", how="anti").join(gone, on="participant_id", how="anti")
    for (participant_id,) in _sorted(alone, "participant_id"):
        yield Finding("NO_PLAN", participant_id, "Is under no plan. Load an assignment, or record the exit.")


def _uncredited(result: Result, facts: Facts, month: Span) -> Iterator[Finding]:
    rows = result.uncredited.join(
        facts.deals.filter(pl.col("closed_date") < month.end_date).select("source", "external_id"),
        on=["source", "external_id"],
        how="semi",
    ).unique(["source", "external_id", "code", "plan", "reason"])
    for source, external_id, code, plan, reason in _sorted(rows, "source", "external_id", "code", "plan", "reason"):
        of = f" under {plan}" if plan else ""
        message = f"{code}{of}: {reason} Mend the deal or the plan, so that somebody is credited."
        yield Finding("DEAL_UNCREDITED", f"{source}/{external_id}", message)


def of_changes(then: Facts, now: Facts, run_month: str) -> Iterator[Finding]:
    """Accepted deals that have another close date or other splits than when an earlier month was run."""
    key = ["source", "external_id"]
    ran = then.deals.filter(pl.col("accepted_time").is_not_null()).select(*key, was="closed_date")
    both = ran.join(now.deals.select(*key, "closed_date"), on=key)
    moved = both.filter(pl.col("was") != pl.col("closed_date"))
    for source, external_id, was, closed in _sorted(moved, *key, "was", "closed_date"):
        message = f"Closed on {closed}; when {run_month} was run it was {was}. See that both months are right."
        yield Finding("DEAL_MOVED", f"{source}/{external_id}", message)
    differ = pl.concat(
        [one.join(other, on=one.columns, how="anti", nulls_equal=True).select(key)
         for one, other in ((then.splits, now.splits), (now.splits, then.splits))]
    ).unique()  # fmt: skip
    for source, external_id in _sorted(differ.join(both, on=key, how="semi"), *key):
        was, shares = (_shares(splits, source, external_id) for splits in (then.splits, now.splits))
        message = f"Split as {shares}; when {run_month} was run it was {was}. See that all who share it have agreed."
        yield Finding("SPLIT_CHANGED", f"{source}/{external_id}", message)


def _shares(splits: pl.DataFrame, source: str, external_id: str) -> str:
    own = splits.filter(pl.col("source") == source, pl.col("external_id") == external_id).sort("position")
    rows = own.select("participant_id", "share_num", "share_den").iter_rows()
    return ", ".join(f"{who} {num}/{den}" for who, num, den in rows) or "nothing"


def of_pay(paid: Sequence[Paid], owed: Sequence[tuple[str, str, int]], month: Span) -> Iterator[Finding]:
    """Payouts below zero, at zero or far from what the participant had, and balances that are still owed; `owed` is by
    participant and currency."""
    now = {(each.participant_id, each.currency_code): each.minor for each in paid if each.pay_period == month.name}
    before: dict[tuple[str, str], dict[str, int]] = {}
    for each in paid:
        if each.pay_period < month.name:
            before.setdefault((each.participant_id, each.currency_code), {})[each.pay_period] = each.minor
    for who, currency in sorted({*now, *before}):
        minor, earlier = now.get((who, currency), 0), list(before.get((who, currency), {}).values())
        shown = _shown(minor, currency)
        if minor < 0:
            yield Finding("PAYOUT_NEGATIVE", who, f"{shown} is below zero. See that a later month takes it up.")
        elif len(earlier) >= MONTHS_OF_MEAN and _is_unusual(minor, earlier):
            mean = _shown(sum(earlier) // len(earlier), currency)
            message = f"{shown}, where the mean of {len(earlier)} months before is {mean}. Look at the lines behind it."
            yield Finding("PAYOUT_UNUSUAL", who, message)
    for who, currency, minor in sorted(owed):
        message = f"Owes {_shown(minor, currency)} of draws and take-backs. See that it can be recovered."
        yield Finding("BALANCE_NEGATIVE", who, message)


def of_totals(result: Result, facts: Facts, month: Span, run: Collection[str]) -> Iterator[Finding]:
    """Control totals of the month that are far from those of the months before that were run: a file that came half, or
    twice."""
    assert result.lines is not None, "a book's calculation has its lines"
    accepted = facts.deals.filter(pl.col("accepted_time").is_not_null())
    deals = accepted.group_by("currency_code", day=pl.col("closed_date")).agg(minor=pl.len().cast(pl.Int128))
    lines = result.lines.filter(pl.col("counting_date").is_not_null())
    of_days = lines.group_by(pl.col("currency_code").cast(pl.String), day=pl.col("counting_date"))
    credits = of_days.agg(minor=(pl.col("step_kind") == "own").sum().cast(pl.Int128))
    earned = of_days.agg(minor=pl.col("amount_minor").cast(pl.Int128).sum())
    for what, days in (("deals", deals), ("credits", credits), ("earnings", earned)):
        for currency, minor, earlier in _by_month(days, month, run):
            if len(earlier) >= MONTHS_OF_MEAN and _is_unusual(minor, earlier):
                now, mean = (
                    _shown(each, currency) if what == "earnings" else f"{each:,} in {currency}"
                    for each in (minor, sum(earlier) // len(earlier))
                )
                message = f"{now}, where the mean of {len(earlier)} months before is {mean}. Compare with the source."
                yield Finding("TOTAL_UNUSUAL", what, message)


def _by_month(days: pl.DataFrame, month: Span, run: Collection[str]) -> Iterator[tuple[str, int, list[int]]]:
    """By currency the month's sum, and those of the months before that were run and have any."""
    known = days.filter(pl.col("day") < month.end_date).with_columns(name=pl.col("day").dt.to_string("%Y-%m"))
    sums = known.group_by("currency_code", "name").agg(pl.col("minor").sum()).sort("currency_code", "name")
    for (currency,), rows in sums.partition_by("currency_code", as_dict=True, maintain_order=True).items():
        by_name = {name: int(minor) for name, minor in rows.select("name", "minor").iter_rows()}
        before = [minor for name, minor in by_name.items() if name < month.name and name in run]
        yield str(currency), by_name.get(month.name, 0), before


def _is_unusual(minor: int, earlier: Sequence[int]) -> bool:
    """Beside the mean, compared in whole numbers."""
    total, count = sum(earlier), len(earlier)
    return total > 0 and (minor * count > UNUSUAL_TIMES * total or minor * count * UNUSUAL_TIMES < total)


def _shown(minor: int, currency: str) -> str:
    return f"{format_minor(minor, EXPONENTS.get(currency, 2))} {currency}"


def _sorted(rows: pl.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    return rows.select(columns).sort(columns, nulls_last=True).rows()
