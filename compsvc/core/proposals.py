"""Differences in what earlier pay periods owed that come of changed terms: proposed, and posted once accepted (T5).

What terms have changed is told by calculating today's deals under the terms of the last run: what that does not explain
is theirs. Late and changed facts of deals are in both calculations, and are posted as they come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from compsvc.core.facts import DEAL, Facts
from compsvc.core.ledger import SUBJECT, WITHHELD
from compsvc.core.money import to_minor
from compsvc.core.pay import COMES_IN
from compsvc.core.plan import Plan
from compsvc.core.results import Result

PROPOSED = {**WITHHELD, "corrects_pay_period": pl.String}
HEAD = ["participant_id", "plan", "component", "currency_code", "corrects_pay_period"]  # what is accepted as one
_TERMS = {"assignments": "assignment", "quotas": "quota", "ownerships": "ownership", "territories": "ownership"}
_OF_DEALS = ("splits", "deal_roles")
_EVENT = [name for name in SUBJECT if name != "step"]


@dataclass(frozen=True)
class Before:
    """Today's deals under the terms of the last run. `changed`: which terms are others now, and of whom: names of
    participants, plans, or ids of deals; None where that is nobody's alone."""

    result: Result
    plans: Sequence[Plan]
    facts: Facts
    changed: Mapping[str, frozenset[str] | None]


def nothing() -> pl.DataFrame:
    return pl.DataFrame(schema=PROPOSED)


def under_terms_of(old: Facts, now: Facts) -> Facts:
    """Today's facts with earlier terms: assignments, quotas, ownerships, territories, and splits of known deals."""
    known = old.deals.select(DEAL)
    of_deals = {
        name: pl.concat([getattr(old, name), getattr(now, name).join(known, on=DEAL, how="anti")]) for name in _OF_DEALS
    }
    return replace(now, **{name: getattr(old, name) for name in _TERMS}, **of_deals)


def changed_terms(
    old: Facts, now: Facts, old_plans: Sequence[Plan], plans: Sequence[Plan]
) -> Mapping[str, frozenset[str] | None]:
    """By cause: plan, assignment, quota, ownership, split. Empty where all terms are the same."""
    found: dict[str, frozenset[str] | None] = {}
    named = [{(plan.plan, plan.revision) for plan in some} for some in (old_plans, plans)]
    if named[0] != named[1]:
        found["plan"] = frozenset(name for name, _ in named[0] ^ named[1])
    for name, cause in _TERMS.items():
        rows = _other(getattr(old, name), getattr(now, name))
        if rows.height:
            found[cause] = None if cause == "ownership" else frozenset(rows["participant_id"])
    both = old.deals.select(DEAL).join(now.deals.select(DEAL), on=DEAL, how="semi")
    frames = [[getattr(facts, name).join(both, on=DEAL, how="semi") for facts in (old, now)] for name in _OF_DEALS]
    deals = [external_id for before, after in frames for external_id in _other(before, after)["external_id"]]
    return {**found, "split": frozenset(deals)} if deals else found


def _other(old: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Rows that only one of both has."""
    on = old.columns
    sides = [(old, now), (now, old)]
    return pl.concat([one.join(other, on=on, how="anti", nulls_equal=True) for one, other in sides])


def proposed(now: pl.DataFrame, before: pl.DataFrame, posted: pl.DataFrame, open_start: date) -> pl.DataFrame:
    """PROPOSED: what is true now less what would be under the terms before, of what earlier pay periods owed: posted in
    one of them, or due before the open one."""
    both = pl.concat([now, before.with_columns(-pl.col("amount_minor"))], how="diagonal")
    summed = both.group_by(SUBJECT, maintain_order=True).agg(
        to_minor(pl.col("amount_minor").cast(pl.Int128).sum()), _due=pl.col("effective_date").max()
    )
    rows = summed.filter(pl.col("amount_minor") != 0).join(
        posted.select(*SUBJECT, "first_pay_period"), on=SUBJECT, how="left", nulls_equal=True
    )
    rows = rows.join(_open(now, posted), on=_EVENT, how="semi", nulls_equal=True)
    corrects = pl.coalesce("first_pay_period", pl.col("_due").dt.to_string("%Y-%m"))
    rows = rows.with_columns(corrects_pay_period=corrects)
    earlier = rows.filter(pl.col("corrects_pay_period") < f"{open_start:%Y-%m}")
    return earlier.select(*PROPOSED).sort(*HEAD, *SUBJECT, nulls_last=True)


def _open(true: pl.DataFrame, posted: pl.DataFrame) -> pl.DataFrame:
    """The events of which what is true is not what is posted, all steps together: of others nothing is to decide."""
    sides = [true.select(*_EVENT, "amount_minor"), posted.select(*_EVENT, -pl.col("amount_minor"))]
    left = pl.concat(sides).group_by(_EVENT).agg(to_minor(pl.col("amount_minor").cast(pl.Int128).sum()))
    return left.filter(pl.col("amount_minor") != 0).select(_EVENT)


def without(true: pl.DataFrame, withheld: pl.DataFrame, posted: pl.DataFrame) -> pl.DataFrame:
    """What is true, less what nobody has accepted. Where what is true is posted, nothing is withheld any more: a change
    that was declined and then taken back has nothing left to take (T5)."""
    if withheld.is_empty():
        return true
    withheld = withheld.join(_open(true, posted), on=_EVENT, how="semi", nulls_equal=True)
    less = withheld.select(*SUBJECT, -pl.col("amount_minor"))
    return (
        pl.concat([true, less], how="diagonal")
        .group_by(SUBJECT, maintain_order=True)
        .agg(
            to_minor(pl.col("amount_minor").cast(pl.Int128).sum()),
            pl.col("effective_date").max(),
            pl.col("revision").drop_nulls().last(),
        )
    )


def heads(found: pl.DataFrame) -> pl.DataFrame:
    """One row a proposal: what it comes to in pay, and the deals that it is about."""
    sign = pl.col("kind").replace_strict(COMES_IN, default=0, return_dtype=pl.Int64)
    return found.group_by(HEAD, maintain_order=True).agg(
        to_minor((pl.col("amount_minor").cast(pl.Int128) * sign).sum()),
        deals=pl.col("external_id").drop_nulls().unique(),
    )


def causes(head: Mapping[str, object], changed: Mapping[str, frozenset[str] | None]) -> Sequence[str]:
    """Which changed terms concern a proposal; all of them where none does by name."""
    deals = head["deals"]
    assert isinstance(deals, list)
    about = {head["participant_id"], head["plan"], *deals}
    own = [cause for cause, names in changed.items() if names is not None and names & about]
    return sorted(own or changed)
