"""What can be asked of facts and deals: load them, all or nothing, and read them again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, fields, replace
from datetime import datetime

import polars as pl

from compsvc.core.changes import CUSTOMER_CHANGE, revisions
from compsvc.core.checks import check_facts
from compsvc.core.checks_rules import Refusal
from compsvc.core.facts import Facts
from compsvc.core.limits import MAX_BATCH_ROWS
from compsvc.service import pages
from compsvc.service.access import require
from compsvc.service.plans import Plans
from compsvc.service.ports import (
    Caller,
    InvalidArgument,
    Kind,
    Loaded,
    Mutation,
    NotFound,
    Store,
    Violation,
)

KEYS: Mapping[
    Kind, tuple[str, ...]
] = {  # what names a row in the book: a later row with the same key is its new version
    "participants": ("participant_id",),
    "assignments": ("participant_id", "plan", "start_date"),
    "accounts": ("account_id",),
    "account_attributes": ("account_id", "attribute", "start_date"),
    "ownerships": ("account_id", "start_date"),
    "territories": ("participant_id", "industry", "region", "segment", "start_date"),
    "leaves": ("participant_id", "start_date"),
    "exits": ("participant_id", "last_date"),
    "fx_rates": ("fx_table", "from_currency_code", "to_currency_code", "start_date"),
    "pipeline_stages": ("stage",),
    "opportunities": ("source", "opportunity_id", "snapshot_time"),
    "activities": ("source", "external_id"),
    "deal_payments": ("source", "external_id", "payment_id"),
    "deals": ("source", "external_id"),
    "losses": ("source", "external_id", "loss_id"),
}
PARTS: Mapping[str, tuple[str, ...]] = {
    "assignments": ("quotas",),
    "deals": ("deal_lines", "stages", "splits", "deal_roles"),
}
NAMED: Mapping[Kind, tuple[Kind, ...]] = {  # what the checks of a kind look at besides the rows of the request
    "participants": ("participants",),
    "assignments": ("participants", "assignments"),
    "accounts": ("accounts",),
    "account_attributes": ("accounts",),
    "ownerships": ("participants", "accounts"),
    "territories": ("participants",),
    "leaves": ("participants", "leaves"),
    "exits": ("participants", "assignments", "exits"),
    "fx_rates": (),
    "pipeline_stages": ("pipeline_stages",),
    "opportunities": ("participants", "accounts", "pipeline_stages"),
    "activities": ("participants", "accounts"),
    "deal_payments": (),
    "deals": ("participants", "accounts"),
    "losses": ("participants", "accounts", "assignments", "ownerships", "losses"),
}


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of one kind: `times` runs along the rows, and the token is empty on the last page."""

    facts: Facts
    times: Sequence[datetime]
    next_page_token: str


def load_facts(
    store: Store,
    plans: Plans,
    caller: Caller,
    kind: Kind,
    facts: Facts,
    mutation: Mutation,
    *,
    faults: Sequence[Violation] = (),
) -> Loaded:
    """Stores rows of one kind with their parts. `faults` were found where the rows were read; all are told at once."""
    require(caller, "load_facts")
    return load_alone(store, plans, kind, facts, mutation, faults)


@dataclass(frozen=True, slots=True)
class Which:
    """The rows asked for: those that fit `where`, as they were known at `as_of` (None: now)."""

    where: pages.Where
    latest: bool = False  # of the snapshots of an opportunity the latest alone
    as_of: datetime | None = None

    @property
    def filters(self) -> pages.Where:
        """What a page token is bound to."""
        as_of = None if self.as_of is None else self.as_of.isoformat()
        return {**self.where, "(latest)": int(self.latest), "(as_of)": as_of}


def list_rows(store: Store, caller: Caller, kind: Kind, which: Which, *, page_size: int, page_token: str) -> Rows:
    require(caller, "read_deals" if kind == "deals" else "read_facts")
    asked = pages.asked(page_size, page_token, of=kind, where=which.filters)
    position = _position(store, which) if asked.position is None else asked.position
    found = store.page(kind, which.where, after=asked.after, limit=asked.limit, position=position, latest=which.latest)
    after = found.next_key
    token = "" if after is None else pages.token(of=kind, where=which.filters, position=position, after=after)
    return Rows(found.facts, found.times, token)


def _position(store: Store, which: Which) -> int:
    return store.position() if which.as_of is None else store.position_at(which.as_of)


def get_row(store: Store, caller: Caller, kind: Kind, which: Which, *, resource_type: str, name: str) -> Rows:
    require(caller, "read_deals" if kind == "deals" else "read_facts")
    position = _position(store, which)
    found = store.page(kind, which.where, after=None, limit=1, position=position, latest=which.latest)
    if not found.times:
        raise NotFound(resource_type, name)
    return Rows(found.facts, found.times, "")


def load_alone(
    store: Store, plans: Plans, kind: Kind, facts: Facts, mutation: Mutation, faults: Sequence[Violation]
) -> Loaded:
    """One request's rows, checked and stored. Whoever calls this has asked whether the caller may."""
    rows = getattr(facts, kind).height
    _check_size(kind, rows)
    first = store.answered(mutation)
    if first is not None:
        return first
    mutation.proceed()
    violations = [*faults, *_told(refusals(store, plans, kind, facts), kind, facts)]
    if violations:
        things = "1 thing is" if len(violations) == 1 else f"{len(violations):,} things are"
        message = f"{things} wrong with these {kind}; nothing of this request was stored."
        raise InvalidArgument("FACTS_REFUSED", message, violations, kind=kind, count=str(len(violations)))
    return store.append(facts, mutation)


def refusals(store: Store, plans: Plans, kind: Kind, facts: Facts) -> Sequence[Refusal]:
    """What the checks refuse of these rows; in each frame they stand before those of the book. Deals are checked beside
    the people and accounts that they name; only where something is refused then beside all, since messages count and
    compare what there is."""
    terms = plans.in_force()
    if kind == "deals" and not check_facts(_with_context(store, kind, facts, named_alone=True), terms).refusals:
        return ()
    return check_facts(_with_context(store, kind, facts), terms).refusals


def _check_size(kind: str, rows: int) -> None:
    if 0 < rows <= MAX_BATCH_ROWS:
        return
    code = "BATCH_EMPTY" if rows == 0 else "BATCH_TOO_LARGE"
    message = f"This request has {rows:,} {kind}; send 1 to {MAX_BATCH_ROWS:,} at a time."
    raise InvalidArgument.of(kind, code, message, rows=str(rows), limit=str(MAX_BATCH_ROWS))


def _told(refused: Iterable[Refusal], kind: Kind, facts: Facts) -> Iterable[Violation]:
    """What is wrong with the rows of this request: in each frame they stand before those of the book."""
    for refusal in refused:
        of_request = refusal.kind in (kind, *PARTS.get(kind, ())) and refusal.row < getattr(facts, refusal.kind).height
        if of_request:
            yield Violation(f"{refusal.kind}[{refusal.row}].{refusal.field}", refusal.code, refusal.message)


def _with_context(store: Store, kind: Kind, facts: Facts, *, named_alone: bool = False) -> Facts:
    """The rows of the request, then those of the book that they can name; or of people and accounts those that these
    deals do name."""
    changed = facts.deals.filter(pl.col("cause") == CUSTOMER_CHANGE)
    kinds = (*NAMED[kind], "deals") if changed.height or _named(facts).height else NAMED[kind]
    stored = store.facts_at(kinds=kinds)
    if named_alone:
        stored = replace(stored, participants=_people_of(stored, facts), accounts=_accounts_of(stored, facts))
    frames = {item.name: getattr(facts, item.name) for item in fields(facts)}
    for other in NAMED[kind]:
        for name in (other, *PARTS.get(other, ())):
            frames[name] = _after(frames[name], getattr(stored, name), getattr(facts, other), KEYS[other])
    if "deals" in kinds:
        replaced = _replaced(stored, facts)
        for name in ("deals", *PARTS["deals"]):
            rows = getattr(stored, name).join(replaced, on=KEYS["deals"], how="semi")
            frames[name] = _after(frames[name], rows, facts.deals, KEYS["deals"])
        frames["deal_revisions"] = _revisions(stored, changed)
    return Facts(**frames)


def _people_of(stored: Facts, facts: Facts) -> pl.DataFrame:
    """The participants that these deals name."""
    parts = (facts.splits, facts.deal_roles)
    named = {*facts.deals["seller_id"], *(name for part in parts for name in part["participant_id"])}
    return _of(stored.participants, "participant_id", named)


def _accounts_of(stored: Facts, facts: Facts) -> pl.DataFrame:
    """The accounts of these deals, with all above them."""
    wanted, known, found = set[str | None](facts.deals["account_id"]), set[str | None](), [stored.accounts.clear()]
    while wanted:
        found.append(_of(stored.accounts, "account_id", wanted))
        known |= wanted
        wanted = set(found[-1]["parent_id"]) - known - {None}
    return pl.concat(found)


def _of(rows: pl.DataFrame, name: str, wanted: Set[str | None]) -> pl.DataFrame:
    return rows.filter(pl.col(name).is_in([each for each in wanted if each is not None]))


def _revisions(stored: Facts, changed: pl.DataFrame) -> pl.DataFrame:
    """What the book knows of the deals that customers have changed, and what it has of those that they change now."""
    key = list(KEYS["deals"])
    own = [getattr(stored, name).join(changed, on=key, how="semi") for name in ("deals", "deal_lines", "stages")]
    known = stored.deal_revisions.join(own[0], on=[*key, "revision"], how="anti")
    return pl.concat([known, revisions(*own)])


def _after(request: pl.DataFrame, stored: pl.DataFrame, main: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """The request's rows, then the stored ones that it does not replace."""
    if main.height:
        stored = stored.join(main, on=list(key), how="anti", nulls_equal=True)
    return pl.concat([request, stored], how="diagonal")


def _replaced(stored: Facts, facts: Facts) -> pl.DataFrame:
    """Stored deals that these losses are of, or whose lines are replaced by these, by those in turn, and so on."""
    found = facts.deals.select(KEYS["deals"]).clear()
    new = _named(facts)
    while new.height:
        found = pl.concat([found, new])
        deals = {
            name: getattr(stored, name).join(new, on=KEYS["deals"], how="semi") for name in ("deals", "deal_lines")
        }
        new = _named(Facts(**deals)).join(found, on=KEYS["deals"], how="anti")
    return found


def _named(facts: Facts) -> pl.DataFrame:
    frames = (facts.deals, facts.deal_lines)
    lost = facts.losses.select(KEYS["deals"])
    if all(frame["replaces"].null_count() == frame.height for frame in frames):
        return lost.unique() if lost.height else lost
    names = pl.concat([frame.select("source", "replaces").drop_nulls().explode("replaces") for frame in frames])
    deal = pl.col("replaces").str.replace(r"/[^/]*$", "").alias("external_id")
    return pl.concat([names.select("source", deal).drop_nulls(), lost]).unique()
