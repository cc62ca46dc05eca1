"""What one thing that may be wrong with a row is, how it is looked for, and how it is told.

A `Rule` is asked of a whole frame at once; what it finds are rows of FOUND, and those become refusals at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import polars as pl

from compsvc.core.facts import SCHEMAS
from compsvc.core.plan import Plan
from compsvc.core.problems import nearest


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one row is not taken. `row` counts from 0 in the frame of `kind`; `key` is the row's ids as text."""

    kind: str
    row: int
    key: str
    field: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind} {self.key}: {self.code} {self.message}"


UNIQUE: Mapping[str, tuple[str, ...]] = {  # the columns that name a row; `()`: the whole row
    "participants": ("participant_id",),
    "assignments": (),
    "quotas": ("participant_id", "plan", "start_date", "component"),
    "accounts": ("account_id",),
    "account_attributes": ("account_id", "attribute", "start_date"),
    "ownerships": (),
    "territories": (),
    "deals": ("source", "external_id"),
    "deal_lines": ("source", "external_id", "line"),
    "stages": ("source", "external_id", "line", "stage"),
    "splits": ("source", "external_id", "position"),
    "deal_roles": ("source", "external_id", "role", "position"),
    "opportunities": ("source", "opportunity_id", "snapshot_time"),
    "pipeline_stages": ("stage",),
    "activities": ("source", "external_id"),
    "deal_payments": ("source", "external_id", "payment_id"),
    "fx_rates": ("fx_table", "from_currency_code", "to_currency_code", "start_date"),
    "leaves": ("participant_id", "start_date"),
    "losses": ("source", "external_id", "loss_id"),
    "exits": ("participant_id", "last_date"),
    "stated_credits": ("kind", "credit_id"),
    "holds": ("hold_id",),
}

KEYS: Mapping[str, tuple[str, ...]] = {  # the columns that a message shows
    **{kind: columns for kind, columns in UNIQUE.items() if columns},
    "assignments": ("participant_id", "plan", "start_date"),
    "ownerships": ("account_id", "participant_id", "start_date"),
    "territories": ("participant_id", "start_date"),
    "opportunities": ("source", "opportunity_id"),
    "holds": ("source", "external_id"),
}

PARTS = ("deal_lines", "stages", "splits", "deal_roles")
ROW = "_row"
FOUND = {
    "kind": pl.String,
    "row": pl.Int64,
    "key": pl.String,
    "field": pl.String,
    "code": pl.String,
    "message": pl.String,
}


class Said(NamedTuple):
    """A sentence about a row, `{}` by the values in turn; made into an expression only where a row is at fault."""

    template: str
    values: tuple[pl.Expr | Said, ...] = ()

    def expr(self) -> pl.Expr:
        """A null is shown as such, where it would make the whole sentence null. pl.format would do it, but panics on
        a frame whose first chunk a filter has emptied (Polars 2.1)."""
        pieces = self.template.split("{}")
        assert len(pieces) == len(self.values) + 1, self.template
        values = (value.expr() if isinstance(value, Said) else value for value in self.values)
        texts = [value.cast(pl.String).fill_null("(none)") for value in values]
        parts = [part for pair in zip(map(pl.lit, pieces), [*texts, pl.lit("")], strict=True) for part in pair]
        return pl.concat_str(parts) if self.values else pl.lit(self.template)


class Rule(NamedTuple):
    """One thing that may be wrong with a row, seen from the row alone."""

    code: str
    field: str
    bad: pl.Expr
    message: Said


Frames = dict[str, pl.DataFrame]


class Known(NamedTuple):
    accounts: pl.Series
    participants: pl.Series
    plans: tuple[str, ...]
    currencies: tuple[str, ...]
    exchanged: bool  # whether a plan converts other currencies

    @classmethod
    def of(cls, frames: Mapping[str, pl.DataFrame], plans: Sequence[Plan]) -> Known:
        names, currencies = {plan.plan for plan in plans}, {plan.currency for plan in plans}
        accounts, participants = frames["accounts"]["account_id"], frames["participants"]["participant_id"]
        exchanged = any(plan.fx is not None for plan in plans)
        return cls(accounts, participants, tuple(sorted(names)), tuple(sorted(currencies)), exchanged)


# --- rules that several kinds share


def unknown_id(field: str, known: pl.Series, code: str) -> Rule:
    """A null names nothing and is no fault here; REQUIRED says where a name has to stand."""
    what = code.removeprefix("UNKNOWN_").lower()
    bad = pl.col(field).is_not_null() & ~pl.col(field).is_in(pl.lit(known).implode())
    told = f"{field} `{{}}` is none of the {known.len():,} {what}s taken. Add the {what}, or mend the id.{{}}"
    message = Said(told, (pl.col(field), pl.col(field).map_batches(partial(_meant, known), return_dtype=pl.String)))
    return Rule(code, field, bad, message)


MOST_MEANT, MOST_KNOWN = 20, 5_000  # names for which a near one is looked for, and among how many


def _meant(known: pl.Series, names: pl.Series) -> pl.Series:
    """` Did you mean `acme`?` for each name that has a near one."""
    asked = names.drop_nulls().unique(maintain_order=True).head(MOST_MEANT if known.len() <= MOST_KNOWN else 0)
    hints = {name: hint for name in asked if (hint := nearest(name, known.drop_nulls()))}
    return pl.Series(names.name, [hints.get(name, "") for name in names], dtype=pl.String)


def one_of(field: str, words: Sequence[str], code: str) -> Rule:
    bad = pl.col(field).is_not_null() & ~pl.col(field).is_in(list(words))
    return Rule(code, field, bad, say(f"{field} `{{}}` is not known. Known: {', '.join(words) or 'none'}.", field))


def negative_term() -> Rule:
    message = say(
        "end_date {} is before start_date {}. The end is the first day that no longer counts.", "end_date", "start_date"
    )
    return Rule("NEGATIVE_TERM", "end_date", pl.col("end_date") < pl.col("start_date"), message)


# --- from a rule to what is said


def faults_of(kind: str, frame: pl.DataFrame, rules: Sequence[Rule]) -> list[pl.DataFrame]:
    """All rules are asked at once whether anything is wrong at all; only then rows are looked for."""
    if frame.is_empty() or not rules:
        return []
    asked = frame.select(rule.bad.any().alias(str(i)) for i, rule in enumerate(rules)).row(0)
    return [matching(kind, frame, rule) for rule, wrong in zip(rules, asked, strict=True) if wrong]


def matching(kind: str, frame: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    wrong = frame.filter(rule.bad) if frame.height else frame
    if wrong.is_empty():
        return NOTHING
    return wrong.select(
        kind=pl.lit(kind),
        row=pl.col(ROW).cast(pl.Int64),
        key=key_of(kind),
        field=pl.lit(rule.field),
        code=pl.lit(rule.code),
        message=rule.message.expr(),
    )


def found_singly(kind: str, rows: Sequence[tuple[int, str, str, str, str]]) -> pl.DataFrame:
    """Findings that were made one by one: row, key, field, code, message."""
    return pl.DataFrame([(kind, *row) for row in rows], schema=FOUND, orient="row")


def key_of(kind: str) -> pl.Expr:
    return pl.concat_str([pl.col(name).cast(pl.String).fill_null("?") for name in KEYS[kind]], separator="/")


def say(template: str, *columns: str) -> Said:
    return Said(template, tuple(pl.col(name) for name in columns))


def said(template: str, *values: pl.Expr) -> pl.Expr:
    return Said(template, values).expr()


def refusals_of(found: Iterable[pl.DataFrame]) -> tuple[Refusal, ...]:
    rows = pl.concat([NOTHING, *found])
    rows = rows.unique(maintain_order=True) if rows.height else rows
    order = {kind: place for place, kind in enumerate(SCHEMAS)}
    told = (Refusal(*row) for row in rows.iter_rows())
    return tuple(sorted(told, key=lambda r: (order[r.kind], r.row, r.field, r.code, r.message)))


# --- what is found is taken out


def refuse(kind: str, frames: Frames, found: list[pl.DataFrame], faults: list[pl.DataFrame]) -> None:
    """What was found is told, and taken out before anything else looks at the rows."""
    faults = [fault for fault in faults if fault.height]
    found += faults
    for fault in faults:
        frames[kind] = without(frames[kind], fault)


def without(frame: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    if faults.is_empty():
        return frame
    return frame.join(
        faults.select(pl.col("row").cast(frame.schema[ROW])).unique(),
        left_on=ROW,
        right_on="row",
        how="anti",
        maintain_order="left",
    )


NOTHING = pl.DataFrame(schema=FOUND)
