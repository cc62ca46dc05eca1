"""Differences in what earlier pay periods owed that come of changed terms: proposed, and posted once accepted (T5).

An event that an earlier pay period owed goes on under the terms that were accepted for it: those of the last run, or
those that a proposal which nobody has accepted has left it with. A run posts what today's deals come to under these
terms, so that losses and other changes of a deal count whatever is proposed, and proposes what today's terms make of
them less that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from compsvc.core.facts import ATTRIBUTES, DEAL, Facts, Schema
from compsvc.core.ledger import AMOUNTS, EVENT, SUBJECT
from compsvc.core.money import to_minor
from compsvc.core.pay import COMES_IN
from compsvc.core.plan import Plan
from compsvc.core.results import Result

KEPT: Schema = {  # events that do not go by the terms of the last run
    **{name: AMOUNTS[name] for name in EVENT},
    "terms_position": pl.Int64,  # where the book stood when it had the terms that they go by
    "state": pl.String,  # of the proposal that left them so: written or declined; null where there was none
}
PROPOSED: Schema = {
    **AMOUNTS,
    "terms_position": pl.Int64,  # of the terms that the event goes by until it is accepted
    "corrects_pay_period": pl.String,
}
CODES = ("wrong_terms", "agreed_change", "reassignment", "other")  # why one that takes back is accepted (T5)
HEAD = ["participant_id", "plan", "component", "currency_code", "corrects_pay_period"]  # what is accepted as one
_TERMS = {"assignments": "assignment", "quotas": "quota", "ownerships": "ownership", "territories": "ownership"}
_OF_DEALS = ("splits", "deal_roles")
ACCOUNT = "account_id"
_WHOLE = [name for name in SUBJECT if name != "step"]


@dataclass(frozen=True)
class Terms:
    """Today's deals under the terms that the book had at a time."""

    result: Result
    plans: Sequence[Plan]
    facts: Facts
    then: Result | None = None  # by what had happened before a cut-over, where gates or multipliers may ask for it


@dataclass(frozen=True)
class Before:
    """What is calculated under earlier terms beside today's. `under`: by position of the terms, where they are not
    today's. `changed`: which terms are others now, and of whom: names of participants, plans, or ids of deals; None
    where that is nobody's alone."""

    position: int  # of the last run, whose terms go for every event that is not kept
    kept: pl.DataFrame  # KEPT
    under: Mapping[int, Terms]
    changed: Mapping[str, frozenset[str] | None]


@dataclass(frozen=True)
class Told:
    """`true` is what is to be posted, `proposed` are PROPOSED, `held` are the events that go by earlier terms: EVENT
    and `terms_position`."""

    true: pl.DataFrame
    proposed: pl.DataFrame
    held: pl.DataFrame


def untouched(now: pl.DataFrame) -> Told:
    """Where no terms have changed."""
    return Told(now, pl.DataFrame(schema=PROPOSED), pl.DataFrame(schema=KEPT).drop("state"))


def under_terms_of(old: Facts, now: Facts) -> Facts:
    """Today's facts with earlier terms: assignments, quotas, ownerships, territories, sellers and splits of known
    deals, and attributes of known accounts."""
    sold = old.deals.select(*DEAL, _was="seller_id", _known=pl.lit(value=True))
    seller = pl.when("_known").then("_was").otherwise("seller_id").alias("seller_id")
    sold = now.deals.join(sold, on=DEAL, how="left", maintain_order="left").with_columns(seller)
    deals, accounts = old.deals.select(DEAL), old.accounts.select(ACCOUNT, *ATTRIBUTES)
    of_deals = {
        name: pl.concat([getattr(old, name), getattr(now, name).join(deals, on=DEAL, how="anti")]) for name in _OF_DEALS
    }
    dated = now.account_attributes.join(accounts, on=ACCOUNT, how="anti")
    said = now.accounts.drop(ATTRIBUTES).join(accounts, on=ACCOUNT, maintain_order="left").select(now.accounts.columns)
    new = now.accounts.join(accounts, on=ACCOUNT, how="anti", maintain_order="left")
    return replace(
        now,
        **{name: getattr(old, name) for name in _TERMS},
        **of_deals,
        deals=sold.select(now.deals.columns),
        accounts=pl.concat([said, new]),
        account_attributes=pl.concat([old.account_attributes, dated]),
    )


def changed_terms(
    old: Facts, now: Facts, old_plans: Sequence[Plan], plans: Sequence[Plan]
) -> Mapping[str, frozenset[str] | None]:
    """By cause: plan, assignment, quota, ownership, attribute, seller, split. Empty where all terms are the same."""
    found: dict[str, frozenset[str] | None] = {}
    named = [{(plan.plan, plan.revision) for plan in some} for some in (old_plans, plans)]
    if named[0] != named[1]:
        found["plan"] = frozenset(name for name, _ in named[0] ^ named[1])
    for name, cause in _TERMS.items():
        rows = _other(getattr(old, name), getattr(now, name))
        if rows.height:
            found[cause] = None if cause == "ownership" else frozenset(rows["participant_id"])
    moved = _other_attributes(old, now)
    if moved.height:
        found["attribute"] = frozenset(now.deals.join(moved, on=ACCOUNT, how="semi")["external_id"])
    both = old.deals.select(*DEAL, _was="seller_id").join(now.deals.select(*DEAL, "seller_id"), on=DEAL)
    resold = both.filter(pl.col("_was").ne_missing(pl.col("seller_id")))
    if resold.height:
        found["seller"] = frozenset(resold["external_id"])
    frames = [[getattr(facts, name).join(both, on=DEAL, how="semi") for facts in (old, now)] for name in _OF_DEALS]
    deals = [external_id for before, after in frames for external_id in _other(before, after)["external_id"]]
    return {**found, "split": frozenset(deals)} if deals else found


def _other_attributes(old: Facts, now: Facts) -> pl.DataFrame:
    """The known accounts of which another value goes from some day on, or for all time."""
    both = old.accounts.select(ACCOUNT).join(now.accounts.select(ACCOUNT), on=ACCOUNT, how="semi")
    own = [facts.accounts.select(ACCOUNT, *ATTRIBUTES) for facts in (old, now)]
    dated = [facts.account_attributes for facts in (old, now)]
    moved = pl.concat([_other(*own).select(ACCOUNT), _other(*dated).select(ACCOUNT)])
    return moved.unique().join(both, on=ACCOUNT, how="semi")


def _other(old: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Rows that only one of both has."""
    on = old.columns
    sides = [(old, now), (now, old)]
    return pl.concat([one.join(other, on=on, how="anti", nulls_equal=True) for one, other in sides])


def told(
    now: pl.DataFrame, under: Mapping[int, pl.DataFrame], before: Before, posted: pl.DataFrame, open_start: date
) -> Told:
    """Of what is true by subject now and under earlier terms: what is to be posted, and what is to be proposed of what
    earlier pay periods owed, posted in one of them or due before the open one. Of what is declined nothing is, until
    the terms are others than those of the last run."""
    marked = _marked(now, before)
    accepted = pl.concat(
        [
            marked.filter(~pl.col("terms_position").is_in(list(under))),
            *(_marked(rows, before).filter(pl.col("terms_position") == at) for at, rows in under.items()),
        ]
    )
    rows = _difference(marked, accepted)
    owed = _owed_first(rows, marked, accepted, posted)
    rows = rows.join(owed, on=EVENT, how="left", nulls_equal=True)
    earlier = pl.col("corrects_pay_period") < f"{open_start:%Y-%m}"
    rows = rows.filter(pl.col("state").is_not_null() | earlier)
    held = rows.select(*EVENT, "terms_position").unique()
    again = _but_declined(rows, now, under.get(before.position, now))
    true = [
        now.join(held, on=EVENT, how="anti", nulls_equal=True),
        accepted.join(held, on=EVENT, how="semi", nulls_equal=True).select(now.columns),
    ]
    return Told(pl.concat(true), again.select(*PROPOSED).sort(*HEAD, *SUBJECT, nulls_last=True), held)


def _marked(rows: pl.DataFrame, before: Before) -> pl.DataFrame:
    """With the terms that each goes by."""
    found = rows.join(before.kept, on=EVENT, how="left", nulls_equal=True, maintain_order="left")
    return found.with_columns(pl.col("terms_position").fill_null(before.position))


def _difference(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """By subject, of the events that do not come to the same."""
    both = pl.concat([now, before.with_columns(-pl.col("amount_minor"))], how="diagonal")
    marks = [pl.col(name).first() for name in ("terms_position", "state") if name in both.columns]
    amount = to_minor(pl.col("amount_minor").cast(pl.Int128).sum())
    summed = both.group_by(SUBJECT, maintain_order=True).agg(amount, *marks)
    differ = both.group_by(_WHOLE).agg(amount).filter(pl.col("amount_minor") != 0)
    return summed.filter(pl.col("amount_minor") != 0).join(differ, on=_WHOLE, how="semi", nulls_equal=True)


def _owed_first(rows: pl.DataFrame, now: pl.DataFrame, accepted: pl.DataFrame, posted: pl.DataFrame) -> pl.DataFrame:
    """The pay period to which each event of the rows belongs: the first one that owed or posted any of it."""
    due = pl.concat([now, accepted]).select(*EVENT, month=pl.col("effective_date").dt.to_string("%Y-%m"))
    had = posted.select(*EVENT, month="first_pay_period")
    of_rows = pl.concat([due, had]).join(rows, on=EVENT, how="semi", nulls_equal=True)
    return of_rows.group_by(EVENT).agg(corrects_pay_period=pl.col("month").min())


def _but_declined(rows: pl.DataFrame, now: pl.DataFrame, last: pl.DataFrame) -> pl.DataFrame:
    changed = _difference(now, last)
    declined = rows.filter(pl.col("state") == "declined")
    settled = declined.join(changed, on=EVENT, how="anti", nulls_equal=True)
    return rows.join(settled, on=EVENT, how="anti", nulls_equal=True)


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
