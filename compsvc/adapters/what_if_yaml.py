"""What-if files: what to add, drop and move, read strictly and with places.

currency: EUR
add:
  - {opportunity: X-1, account: morgenrot, stage: negotiate, amount: 48_000, expected: 2026-12-15}
  - {deal: X-2, amount: 30_000, closed: 2026-12-10}     # no account: a new customer
drop:
  - {deal: D-1011}
move:
  - {opportunity: O-5003, to: 2027-01-15}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from compsvc.adapters.yaml_tree import read_tree
from compsvc.core.currencies import EXPONENTS
from compsvc.core.money import parse_minor
from compsvc.core.node import Listed, Mapped, Position, Text, place_of
from compsvc.core.plan_values import kind_of
from compsvc.core.problems import Problem, did_you_mean, in_order
from compsvc.core.what_if_values import Add, Change, Drop, Move, Sale

SALES: tuple[Sale, ...] = ("deal", "opportunity")
CLOSES: Mapping[Sale, str] = {"deal": "closed", "opportunity": "expected"}
TEXTS = {"account": "account_id", "product": "product", "type": "type"}
TERM = {"start": "start_date", "end": "end_date"}
_MAKE: Mapping[str, Callable[..., Change]] = {"add": Add, "drop": Drop, "move": Move}
_ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_FIELD = re.compile(r"what_if\[(\d+)\](?:\.\w+\.(\w+))?")


@dataclass(frozen=True, slots=True)
class WhatIfFile:
    """`places` runs along the changes: by field where it stands, and by "" where the change does."""

    changes: tuple[Change, ...]
    places: tuple[Mapping[str, Position], ...]
    problems: tuple[Problem, ...]
    start: Position

    def at(self, path: str) -> Position:
        """Where `what_if[2].move.to_date` stands in the file."""
        found = _FIELD.fullmatch(path)
        if found is None or int(found[1]) >= len(self.places):
            return self.start
        of_change = self.places[int(found[1])]
        return of_change.get(found[2] or "", of_change[""])


def read_what_if(source: bytes, name: str) -> WhatIfFile:
    start = Position(name, 1, 1)
    tree = read_tree(source, name)
    if tree.problems or not isinstance(tree.root, Mapped):
        wrong = Problem("WRONG_TYPE", start, "a what-if is a mapping with `add`, `drop` or `move`.")
        return WhatIfFile((), (), tuple(tree.problems) or (wrong,), start)
    reader = _Reader()
    reader.read(tree.root)
    return WhatIfFile(tuple(reader.changes), tuple(reader.places), tuple(in_order(reader.problems)), start)


@dataclass
class _Reader:
    """Everything that is wrong is collected; with problems the changes are not to be used."""

    changes: list[Change] = field(default_factory=list)
    places: list[Mapping[str, Position]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    currency: str | None = None

    def read(self, root: Mapped) -> None:
        self.known(root, ("currency", "add", "drop", "move"))
        self.currency = self.text(root, "currency")
        for verb in root:
            if verb in ("add", "drop", "move"):
                for entry in self.entries(root, verb):
                    self.change(verb, entry)
        if not self.changes and not self.problems:
            self.problem(
                "MISSING_KEY", root.at, "nothing is tried. Write `add`, `drop` or `move` with a list below it."
            )

    def change(self, verb: str, entry: Mapped) -> None:
        named = [sale for sale in SALES if sale in entry]
        if len(named) != 1:
            self.problem("MISSING_KEY", entry.at, "one of `deal` and `opportunity` is needed, with the id.")
            return
        sale, before = named[0], len(self.problems)
        values: dict[str, Any] = {"sale": sale, "id": self.needed(entry, sale)}
        {"add": self.add, "drop": self.drop, "move": self.move}[verb](entry, sale, values)
        if len(self.problems) == before:
            self.changes.append(_MAKE[verb](**values))
            self.places.append(_places(entry, sale))

    def add(self, entry: Mapped, sale: Sale, values: dict[str, Any]) -> None:
        only = ("stage",) if sale == "opportunity" else ()
        self.known(entry, (sale, *TEXTS, *TERM, "amount", "currency", CLOSES[sale], *only))
        values |= {to: self.text(entry, word) for word, to in TEXTS.items()}
        values |= {to: self.date(entry, word) for word, to in TERM.items() if word in entry}
        values["close_date"] = self.date(entry, CLOSES[sale])
        values["stage"] = self.needed(entry, "stage") if only else None
        values["currency_code"] = code = self.text(entry, "currency") or self.currency
        values["amount_minor"] = self.amount(entry, code)

    def drop(self, entry: Mapped, sale: Sale, values: dict[str, Any]) -> None:
        self.known(entry, (sale, "source"))
        values["source"] = self.text(entry, "source")

    def move(self, entry: Mapped, sale: Sale, values: dict[str, Any]) -> None:
        self.known(entry, (sale, "source", "to"))
        values |= {"source": self.text(entry, "source"), "to_date": self.date(entry, "to")}

    # --- values

    def amount(self, entry: Mapped, code: str | None) -> int | None:
        if code is None or code not in EXPONENTS:
            said = f"`{code}` is no currency of ISO 4217." if code else "an amount needs a currency: `currency: EUR`."
            self.problem("UNKNOWN_CURRENCY", entry.value_at("currency"), said)
            return None
        text = self.needed(entry, "amount")
        minor = None if text is None else parse_minor(text, EXPONENTS[code])
        if text is not None and minor is None:
            self.problem("BAD_AMOUNT", text.at, f"`{text}` is no amount in {code}. Write it as `4999.50` or `5_000`.")
        return minor

    def date(self, entry: Mapped, key: str) -> date | None:
        text = self.needed(entry, key)
        found = _day(text) if text is not None else None
        if text is not None and found is None:
            self.problem("BAD_DATE", text.at, f"`{text}` is no date. Write year-month-day, as `2026-01-31`.")
        return found

    def needed(self, entry: Mapped, key: str) -> Text | None:
        found = self.text(entry, key)
        if found is None and key not in entry:
            self.problem("MISSING_KEY", entry.at, f"`{key}` is missing.")
        return found

    def text(self, entry: Mapped, key: str) -> Text | None:
        value = entry.get(key)
        if value is None or (isinstance(value, Text) and value):
            return value
        self.problem("WRONG_TYPE", entry.value_at(key), f"`{key}` has {kind_of(value)}; wanted: text.")
        return None

    def entries(self, root: Mapped, key: str) -> list[Mapped]:
        value = root[key]
        if not isinstance(value, Listed):
            self.problem("WRONG_TYPE", root.value_at(key), f"`{key}` has {kind_of(value)}; wanted: a list.")
            return []
        for entry in value:
            if not isinstance(entry, Mapped):
                self.problem("WRONG_TYPE", place_of(entry, root.at), f"{kind_of(entry)} is no entry of `{key}`.")
        return [entry for entry in value if isinstance(entry, Mapped)]

    def known(self, entry: Mapped, keys: Sequence[str]) -> None:
        for key in entry:
            if key not in keys:
                self.problem("UNKNOWN_KEY", entry.key_at(key), f"`{key}` is not known here.{did_you_mean(key, keys)}")

    def problem(self, code: str, at: Position, message: str) -> None:
        self.problems.append(Problem(code, at, message))


def _day(text: str) -> date | None:
    if not _ISO.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _places(entry: Mapped, sale: Sale) -> dict[str, Position]:
    """By the names that the fields have in a request."""
    names = {sale: "id", CLOSES[sale]: "close_date", "to": "to_date", **TEXTS, **TERM}
    return {"": entry.at} | {names.get(key, key): entry.value_at(key) for key in entry}
