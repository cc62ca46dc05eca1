"""What if a deal came, went, or came later: the facts with a few changes that nobody stores.

A change may only name what stands on the participant's own statements, and what is added is sold by the participant, so
that nobody learns by trying what they may not see. A customer that is not named is a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any, NamedTuple

import polars as pl

from compsvc.core.checks import check_facts
from compsvc.core.facts import DEAL, SCHEMAS, Facts
from compsvc.core.forecast import Runs, own_prospects
from compsvc.core.plan import Plan
from compsvc.core.results import Result
from compsvc.core.what_if_values import Add, Change, Drop, Move, Sale

SOURCE = "what-if"  # of what is added
ID_OF = {"deal": "external_id", "opportunity": "opportunity_id"}
PARTS_OF = {"deal": ("deals", "deal_lines", "stages", "splits", "deal_roles"), "opportunity": ("opportunities",)}


class Fault(NamedTuple):
    """What is wrong with one of the changes, counted from 0; `field` is `add.account_id`, say."""

    change: int
    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Sight:
    """What a participant's statements name: (source, id) of deals and opportunities, and ids of accounts."""

    deal: frozenset[tuple[str, str]]
    opportunity: frozenset[tuple[str, str]]
    accounts: frozenset[str]


def sight(result: Result, runs: Runs, facts: Facts, participant_id: str) -> Sight:
    mine = [result.of(frame, "participant_id", participant_id) for frame in ("lines", "pending")]
    deals = pl.concat(rows.select(*DEAL, "account_id") for rows in mine).drop_nulls("external_id")
    opportunities = own_prospects(runs, participant_id)
    owned = facts.of("ownerships", "participant_id", participant_id)["account_id"]
    accounts = pl.concat([deals["account_id"], opportunities["account_id"], owned]).drop_nulls()
    return Sight(
        deal=frozenset(deals.select(DEAL).iter_rows()),
        opportunity=frozenset(opportunities.select("source", "opportunity_id").iter_rows()),
        accounts=frozenset(accounts),
    )


def what_if(
    facts: Facts, plans: Sequence[Plan], changes: Sequence[Change], seen: Sight, *, participant_id: str
) -> tuple[Facts, list[Fault]]:
    """The facts with all changes, in their order; with any fault they are not to be used."""
    changed, faults = facts, list[Fault]()
    for index, change in enumerate(changes):
        if isinstance(change, Add):
            unseen = change.account_id is not None and change.account_id not in seen.accounts
            faults += [_unknown_account(index, change)] if unseen else []
            changed = _added(changed, change, participant_id)
            continue
        keys = [
            key for key in sorted(getattr(seen, change.sale)) if key[1] == change.id and change.source in (None, key[0])
        ]
        if len(keys) != 1:
            faults.append(_not_one(index, change, len(keys)))
        else:
            changed = (
                _dropped(changed, change, keys[0]) if isinstance(change, Drop) else _moved(changed, change, keys[0])
            )
    return changed, faults or _refused(changed, plans, changes)


def _unknown_account(index: int, change: Add) -> Fault:
    message = (
        f"`{change.account_id}` is no account of this participant's deals, opportunities or ownerships. Leave it out "
        "for a new customer."
    )
    return Fault(index, "add.account_id", "UNKNOWN_ACCOUNT", message)


def _not_one(index: int, change: Drop | Move, found: int) -> Fault:
    verb = "drop" if isinstance(change, Drop) else "move"
    if found:
        message = f"{found} sources have {_a(change.sale)} `{change.id}` here. Name one as `source`."
        return Fault(index, f"{verb}.source", "SOURCE_MISSING", message)
    message = f"{_a(change.sale).capitalize()} `{change.id}` does not stand on this participant's statements."
    code = "UNKNOWN_DEAL" if change.sale == "deal" else "UNKNOWN_OPPORTUNITY"
    return Fault(index, f"{verb}.id", code, message)


def _a(sale: Sale) -> str:
    return "a deal" if sale == "deal" else "an opportunity"


# --- the changes


def _added(facts: Facts, change: Add, participant_id: str) -> Facts:
    if change.account_id is None:
        facts = _with(facts, "accounts", account_id=f"{SOURCE}/{change.id}", name=change.id)
    what: dict[str, Any] = {
        "source": SOURCE,
        ID_OF[change.sale]: change.id,
        "account_id": change.account_id or f"{SOURCE}/{change.id}",
        "seller_id": participant_id,
        "currency_code": change.currency_code,
        "product": change.product,
        "type": change.type,
        "start_date": change.start_date,
        "end_date": change.end_date,
    }
    if change.sale == "deal":
        what |= {"revision": 1, "closed_date": change.close_date, "annual_value_minor": change.amount_minor}
        facts = _with(facts, "deals", **what, accepted_time=datetime.combine(change.close_date, time()))
    else:
        what |= {"stage": change.stage, "amount_minor": change.amount_minor}
        facts = _with(facts, "opportunities", **what, expected_close_date=change.close_date)
    return facts


def _with(facts: Facts, kind: str, **values: Any) -> Facts:
    row = {**dict.fromkeys(SCHEMAS[kind]), **values}
    added = pl.DataFrame([[row[name]] for name in row], schema=dict(SCHEMAS[kind]), orient="col")
    return replace(facts, **{kind: pl.concat([getattr(facts, kind), added], how="diagonal")})


def _is(change: Drop | Move, key: tuple[str, str]) -> pl.Expr:
    return (pl.col("source") == key[0]) & (pl.col(ID_OF[change.sale]) == key[1])


def _dropped(facts: Facts, change: Drop, key: tuple[str, str]) -> Facts:
    kept = {kind: getattr(facts, kind).filter(~_is(change, key)) for kind in PARTS_OF[change.sale]}
    return replace(facts, **kept)


def _moved(facts: Facts, change: Move, key: tuple[str, str]) -> Facts:
    own, to = _is(change, key), pl.lit(change.to_date)
    if change.sale == "opportunity":
        expected = pl.when(own).then(to).otherwise("expected_close_date")
        return replace(facts, opportunities=facts.opportunities.with_columns(expected_close_date=expected))
    accepted = own & pl.col("accepted_time").is_not_null()
    deals = facts.deals.with_columns(
        closed_date=pl.when(own).then(to).otherwise("closed_date"),
        accepted_time=pl.when(accepted).then(to.cast(pl.Datetime("us"))).otherwise("accepted_time"),
    )
    return replace(facts, deals=deals)


def _refused(facts: Facts, plans: Sequence[Plan], changes: Sequence[Change]) -> list[Fault]:
    """What the checks say now. The facts had passed them before, so whatever they find follows from a change."""
    faults = []
    for refusal in check_facts(facts, plans).refusals:
        own = [index for index, change in enumerate(changes) if change.id in refusal.key.split("/")]
        message = refusal.message if own else "What is left could not be calculated: something else builds on it."
        index = own[0] if own else 0
        faults.append(Fault(index, _field(changes[index], refusal.field), refusal.code, message))
    return faults


def _field(change: Change, column: str) -> str:
    """As the change names it."""
    if isinstance(change, Drop):
        return "drop.id"
    if isinstance(change, Move):
        return "move.to_date"
    return f"add.{_WORDS.get(column, column)}"


_WORDS = {
    **dict.fromkeys(("closed_date", "accepted_time", "expected_close_date"), "close_date"),
    **dict.fromkeys(("annual_value_minor", "amount_minor"), "amount"),
    **dict.fromkeys(("external_id", "opportunity_id"), "id"),
}
