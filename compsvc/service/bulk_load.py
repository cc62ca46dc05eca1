"""Files into a book: plans first, then facts in batches of the size that a request may have.

A row that the book refuses is left out with its deal and told; the rest of its batch is stored. Loading the same files
again stores nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields

import polars as pl

from compsvc.core.checks_rules import KEYS, Refusal
from compsvc.core.facts import Facts
from compsvc.core.limits import MAX_BATCH_ROWS
from compsvc.core.plan import Plan
from compsvc.service.access import require
from compsvc.service.loading import PARTS, load_facts
from compsvc.service.plans import Plans, create_plan, parsed
from compsvc.service.ports import (
    AlreadyExists,
    Caller,
    FailedPrecondition,
    InvalidArgument,
    Kind,
    Mutation,
    ParsePlan,
    PlanRecord,
    PlanText,
    Store,
    Violation,
)

ORDER: tuple[Kind, ...] = (
    *("participants", "accounts", "account_attributes", "assignments", "ownerships", "territories", "leaves", "exits"),
    *("fx_rates", "pipeline_stages", "opportunities", "activities", "deals", "losses", "deal_payments"),
)  # fmt: skip
OWNERS = {"deals": ("source", "external_id"), "assignments": ("participant_id", "plan", "start_date")}
ROW = "_row"
SHORT_REVISION = 12  # digits, as a revision is shown where short
_PLACE = re.compile(r"([a-z_]+)\[([0-9]+)\](?:\.(.*))?")


@dataclass
class Stored:
    """What a load did, over all its requests."""

    created: int = 0
    unchanged: int = 0
    revised: int = 0
    refusals: list[Refusal] = field(default_factory=list)


def load_plan_texts(
    store: Store, plans: Plans, parse: ParsePlan, caller: Caller, texts: Sequence[PlanText], *,
    corrects: Sequence[str] = (),
) -> list[str]:  # fmt: skip
    """The plans of which a revision was new, one for each. ServiceError where one is refused; those before it are
    stored. A text with the plan and date of a revision that `corrects` names, in full or by its first twelve digits or
    more, replaces it (D4)."""
    records = store.plans_at()
    known = {record.revision for record in records}
    replaced = _corrected(records, corrects, [parsed(parse, text)[0] for text in texts] if corrects else [])
    stored = []
    for number, text in enumerate(texts):
        parts = [text.file_name, text.source, *(f"{name}\n{terms}" for name, terms in sorted(text.terms.items()))]
        mutation = _mutation("plan", caller, "\n".join(parts))
        stored.append(create_plan(store, plans, parse, caller, text, mutation, corrects=replaced.get(number)))
    return [record.plan for record in stored if record.revision not in known]


def _corrected(records: Sequence[PlanRecord], corrects: Sequence[str], texts: Sequence[Plan | None]) -> dict[int, str]:
    """By the number of the text, the revision that it replaces."""
    found: dict[int, str] = {}
    for name in corrects:
        named = [record for record in records if len(name) >= SHORT_REVISION and record.revision.startswith(name)]
        if len(named) != 1:
            message = (
                f"`{name}` names no stored revision. Give its first {SHORT_REVISION} digits, as messages show them."
            )
            raise FailedPrecondition("CORRECTS_NOT_IN_FORCE", message, corrects_revision=name)
        (record,) = named
        of = record.plan, record.effective_date
        same = [
            number
            for number, text in enumerate(texts)
            if text is not None and (text.plan, text.effective) == of and text.revision != record.revision
        ]
        if not same:
            message = (
                f"Nothing corrects revision {name} of `{record.plan}`: no other text of that plan is effective on "
                f"{record.effective_date}. Give the corrected file the same `effective`."
            )
            raise FailedPrecondition("CORRECTS_NOT_IN_FORCE", message, plan=record.plan, corrects_revision=name)
        found[same[0]] = record.revision
    return found


def load_all(store: Store, plans: Plans, caller: Caller, facts: Facts) -> Stored:
    """Rows are refused one by one, with their places in these facts."""
    stored = Stored()
    numbered = {item.name: getattr(facts, item.name).with_row_index(ROW) for item in fields(facts)}
    for kind in ORDER:
        for batch in _batches(kind, numbered):
            _store(store, plans, caller, kind, batch, stored)
    return stored


def absent_deals(store: Store, caller: Caller, told: pl.DataFrame) -> Mapping[str, Sequence[str]]:
    """By source the deals of the book that a file which has others of that source does not have, sorted. They stay as
    they are: that a deal is missing says nothing of what became of it (L4). `told`: source and id of every row."""
    require(caller, "read_deals")
    found = {}
    for (source,), rows in told.drop_nulls().partition_by("source", as_dict=True).items():
        if absent := store.deals_of(str(source)) - set(rows["external_id"]):
            found[str(source)] = sorted(absent)
    return dict(sorted(found.items()))


def _batches(kind: Kind, frames: dict[str, pl.DataFrame]) -> Iterator[dict[str, pl.DataFrame]]:
    """Rows that others name come before them: parents before their daughters, what is replaced before what replaces."""
    rows = _in_order(kind, frames[kind])
    for start in range(0, rows.height, MAX_BATCH_ROWS):
        batch = rows[start : start + MAX_BATCH_ROWS]
        parts = {name: frames[name].join(batch, on=OWNERS[kind], how="semi") for name in PARTS.get(kind, ())}
        yield {kind: batch, **parts}


def _in_order(kind: Kind, rows: pl.DataFrame) -> pl.DataFrame:
    if kind == "deals":
        return rows.sort("closed_date", pl.col("replaces").is_not_null(), ROW)
    if kind != "accounts":
        return rows
    placed, rest = rows.filter(pl.col("parent_id").is_null()), rows.filter(pl.col("parent_id").is_not_null())
    while rest.height:
        level = rest.join(placed, left_on="parent_id", right_on="account_id", how="semi")
        if level.is_empty():
            break
        placed, rest = pl.concat([placed, level]), rest.join(level, on=ROW, how="anti")
    return pl.concat([placed, rest])


def _store(
    store: Store, plans: Plans, caller: Caller, kind: Kind, batch: dict[str, pl.DataFrame], stored: Stored
) -> None:
    """Tries until nothing more is refused: what is left out may be what other rows of the batch name."""
    while batch[kind].height:
        facts = Facts(**{name: frame.drop(ROW) for name, frame in batch.items()})
        # Of the position as well: content that was overtaken meanwhile and comes again is another request.
        content = (frame.write_ndjson() for frame in batch.values())
        mutation = _mutation(kind, caller, "\n".join((str(store.position()), *content)))
        if store.answered(mutation) is not None:
            stored.unchanged += batch[kind].height
            return
        try:
            loaded = load_facts(store, plans, caller, kind, facts, mutation)
        except (InvalidArgument, AlreadyExists) as error:
            refused = [_refusal(batch, violation) for violation in error.violations if _names(batch, violation)]
            if not refused:
                raise
            stored.refusals += refused
            batch = _without(kind, batch, refused)
        else:
            stored.created += loaded.created
            stored.unchanged += loaded.unchanged
            stored.revised += loaded.revised
            return


def _names(batch: dict[str, pl.DataFrame], violation: Violation) -> bool:
    place = _PLACE.fullmatch(violation.field)
    return place is not None and place[1] in batch and int(place[2]) < batch[place[1]].height


def _refusal(batch: dict[str, pl.DataFrame], violation: Violation) -> Refusal:
    place = _PLACE.fullmatch(violation.field)
    assert place is not None
    row = batch[place[1]].row(int(place[2]), named=True)
    key = "/".join(str(row[name]) for name in KEYS[place[1]])
    return Refusal(place[1], row[ROW], key, place[3] or "", violation.code, violation.message)


def _without(kind: Kind, batch: dict[str, pl.DataFrame], refused: Sequence[Refusal]) -> dict[str, pl.DataFrame]:
    rows = {name: {one.row for one in refused if one.kind == name} for name in batch}
    on = OWNERS.get(kind)
    if on is None:
        return {name: frame.filter(~pl.col(ROW).is_in(list(rows[name]))) for name, frame in batch.items()}
    bad = [frame.filter(pl.col(ROW).is_in(list(rows[name]))).select(on) for name, frame in batch.items()]
    gone = pl.concat(bad).unique()
    return {name: frame.join(gone, on=on, how="anti", nulls_equal=True) for name, frame in batch.items()}


def _mutation(what: str, caller: Caller, content: str) -> Mutation:
    """The id is made from the content, so that the same content is the same request."""
    digest = hashlib.sha256(f"{what}\n{content}".encode())
    return Mutation(f"load-{what}-{digest.hexdigest()}", caller.subject, digest.digest())
