"""Case files: facts in few words, and what the plans are expected to pay for them.

A file holds one case, several between lines of `---`, or a list of them. What a case gives is written with the columns
of the CSV files or with the shorter words of `SHORT`; people and accounts that deals name need not be listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from compsvc.adapters.importer_columns import exponents, file_columns, typed
from compsvc.adapters.plan_yaml import load_plans
from compsvc.adapters.yaml_tree import read_tree
from compsvc.core.case import (
    Attained,
    Balance,
    Case,
    Earned,
    Expectation,
    Foreseen,
    LinePay,
    Paid,
    PaidIn,
    Payable,
    Placed,
    QuotaOf,
    Uncredited,
)
from compsvc.core.currencies import EXPONENTS
from compsvc.core.facts import SCHEMAS, Facts
from compsvc.core.forecast import SCENARIOS
from compsvc.core.money import format_minor, parse_minor
from compsvc.core.node import Listed, Mapped, Position, Text, kind_of, place_of
from compsvc.core.plan import Plan
from compsvc.core.problems import Problem, did_you_mean, in_order

SOURCE = "case"
ROW = "_row"  # as the columns of files want it
SHORT: Mapping[str, str] = {
    "id": "external_id",
    "participant": "participant_id",
    "owner": "participant_id",
    "account": "account_id",
    "parent": "parent_id",
    "seller": "seller_id",
    "manager": "manager_id",
    "cover": "cover_id",
    "currency": "currency_code",
    "paid_in": "pay_currency_code",
    "opened": "opened_date",
    "closed": "closed_date",
    "accepted": "accepted_time",
    "exercised": "exercised_time",
    "pending": "pending_reason",
    "deal": "external_id",
    "on": "payment_date",
    "table": "fx_table",
    "one": "from_currency_code",
    "from": "start_date",
    "start": "start_date",
    "to": "end_date",
    "end": "end_date",
    "activity": "kind",
    "date": "activity_date",
    "acv": "annual_value",
    "one_time": "one_time_value",
    "lost": "loss_date",
    "expected": "expected_close_date",
}
CASE_KEYS = ("case", "plan", "given", "expect", "canary")
GIVEN = {  # what a case may give, and the kind of fact each is
    "participants": "participants",
    "assignments": "assignments",
    "accounts": "accounts",
    "ownerships": "ownerships",
    "owners": "ownerships",
    "territories": "territories",
    "fx_rates": "fx_rates",
    "deals": "deals",
    "activities": "activities",
    "payments": "deal_payments",
    "opportunities": "opportunities",
    "pipeline_stages": "pipeline_stages",
    "exits": "exits",
    "losses": "losses",
    "leaves": "leaves",
}
FORESEEN = ("now", *SCENARIOS, "weighted")
FIGURES = ("measure", "earned")
DEAL_PARTS = ("lines", "stages", "options", "splits", "roles", "attributes")
PEOPLE = ("participant_id", "seller_id", "manager_id", "cover_id")
_BETWEEN = re.compile(r"^---[ \t]*(?:#.*)?$", re.MULTILINE)
_DEAL = re.compile(r"([^/]+)(?:/([0-9]{1,9}))?(?:/([0-9]{1,9}))?")
PLACED = {"places": "place", "prizes": "prize"}
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]{1,9})?) ?%")
Row = dict[str, Text]


def load_cases(paths: Iterable[Path]) -> tuple[list[Case], list[Problem]]:
    """The cases of plan folders, of folders of them, or of single files; and what is wrong with their plans."""
    cases: list[Case] = []
    problems: list[Problem] = []
    for folder, files in sorted(_by_plan_folder(paths).items()):
        plans, found = load_plans([folder])
        errors = [problem for problem in found if problem.severity == "error"]
        problems += errors
        for file in sorted(files):
            cases += read_cases(file.read_bytes(), str(file), plans, errors)
    return cases, in_order(problems)


def read_cases(source: bytes, name: str, plans: Sequence[Plan], errors: Sequence[Problem] = ()) -> list[Case]:
    """The cases of one file; one that cannot be read is a case with problems. `errors`: those of the folder's plans."""
    found: list[Case] = []
    for document in _documents(source):
        tree = read_tree(document, name)
        roots = tree.root if isinstance(tree.root, Listed) else [tree.root]
        start = Position(name, 1 + len(document) - len(document.lstrip(b"\n")), 1)
        if tree.problems:
            found.append(Case(name, start, (), Facts(), (), tuple(tree.problems)))
        else:
            found += [_Reader(plans, errors).case(root, start) for root in roots]
    return found


def plan_folders(paths: Iterable[Path]) -> list[Path]:
    """Where the plans of these cases are: the folders themselves, and of a case file the one that it stands below."""
    return list(dict.fromkeys(_folder_of(path) if path.is_file() else path for path in paths))


def _by_plan_folder(paths: Iterable[Path]) -> dict[Path, set[Path]]:
    files = (file for path in paths for file in _case_files(path))
    folders: dict[Path, set[Path]] = {}
    for file in files:
        folders.setdefault(_folder_of(file), set()).add(file)
    return folders


def _folder_of(file: Path) -> Path:
    return file.parent.parent if file.parent.name == "cases" else file.parent


def _case_files(path: Path) -> list[Path]:
    """Those of a plan folder stand in `cases/` below it."""
    if path.is_file():
        return [path]
    below = (file.relative_to(path) for file in path.glob("**/cases/*.yaml"))
    return [path / file for file in below if not any(part.startswith(".") for part in file.parts)]


def _documents(source: bytes) -> Iterator[bytes]:
    """Each with empty lines before it for those that it does not have: places in it are places in the file."""
    text = source.decode("utf-8", "surrogateescape")
    start = 0
    for found in [*_BETWEEN.finditer(text), None]:
        end = len(text) if found is None else found.start()
        body = text[start:end]
        if re.search(r"^[ \t]*[^\s#]", body, re.MULTILINE):
            yield ("\n" * text.count("\n", 0, start) + body).encode("utf-8", "surrogateescape")
        start = end if found is None else found.end()


@dataclass
class _Reader:
    """Reads one case; everything that is wrong with it is collected."""

    plans: Sequence[Plan]
    errors: Sequence[Problem] = ()  # for which plans of the folder are missing
    problems: list[Problem] = field(default_factory=list)
    rows: dict[str, list[tuple[Row, Position]]] = field(default_factory=lambda: {kind: [] for kind in SCHEMAS})
    plan: str = ""
    currency: str = "EUR"

    def case(self, root: object, start: Position) -> Case:
        if not isinstance(root, Mapped):
            self.problem("WRONG_TYPE", place_of(root, start), f"here stands {kind_of(root)}; a case is a mapping.")
            return Case("?", start, (), Facts(), (), tuple(self.problems))
        self.known(root, CASE_KEYS)
        name = self.text(root, "case") or Text("?")
        self.use_plan(self.text(root, "plan"), root)
        self.given(self.mapping(root, "given"))
        expects = tuple(self.expectations(self.mapping(root, "expect")))
        if not expects and not self.problems:
            self.problem(
                "NOTHING_EXPECTED", root.key_at("expect"), "the case expects nothing, so it would always pass."
            )
        facts = Facts() if self.problems else self.facts()
        named = {str(row["plan"]) for row, _ in self.rows["assignments"] if "plan" in row} | {self.plan}
        plans = tuple(plan for plan in self.plans if plan.plan in named)
        canary = "canary" in root and self.flag(root, "canary")
        return Case(str(name), root.at, plans, facts, expects, tuple(in_order(self.problems)), canary)

    def use_plan(self, name: Text | None, root: Mapped) -> None:
        known = {plan.plan: plan for plan in self.plans}
        if name is not None and name not in known and self.errors:
            self.problems.append(self.errors[0])
        elif name is not None and name not in known:
            message = f"`{name}` is no plan of this folder.{did_you_mean(name, known)}"
            self.problem("UNKNOWN_PLAN", name.at, message)
        elif name is not None:
            self.plan, self.currency = str(name), known[name].currency

    # --- given

    def given(self, given: Mapped) -> None:
        self.known(given, (*GIVEN, "quotas"))
        for key, kind in GIVEN.items():
            for entry in self.entries(given, key):
                if kind == "deals":
                    self.deal(entry)
                elif kind == "deal_payments":
                    self.payment(entry)
                elif kind == "activities":
                    self.row(kind, entry, source=SOURCE)
                elif kind == "assignments":
                    self.assignment(entry)
                elif kind == "fx_rates":
                    self.fx_rate(entry)
                elif kind == "losses":
                    self.loss(entry)
                elif kind == "opportunities":
                    self.opportunity(entry)
                else:
                    self.row(kind, entry)
        self.everybody()

    def payment(self, entry: Mapped) -> None:
        """The customer's money unless it says `kind: invoiced`."""
        number = str(len(self.rows["deal_payments"]) + 1)
        row = self.row("deal_payments", entry, source=SOURCE, payment_id=number, kind="paid")
        if {"amount", "amount_minor"} & set(row):
            row.setdefault("currency_code", Text(self.currency))

    def assignment(self, entry: Mapped) -> None:
        row = self.row("assignments", entry, but=("quota",), plan=self.plan, currency_code=self.currency)
        key = {name: row[name] for name in ("participant_id", "plan", "start_date") if name in row}
        quota = entry.get("quota")
        for item in quota if isinstance(quota, Listed) else [] if quota is None else [quota]:
            if isinstance(item, Mapped):
                self.row("quotas", item, **{name: str(value) for name, value in key.items()})
            else:
                self.problem("WRONG_TYPE", place_of(item, entry.at), "write a quota as `{amount: 100_000, per: year}`.")

    def fx_rate(self, entry: Mapped) -> None:
        """`{table: budget, one: USD, is: 0.92 EUR, from: 2026-01-01}`."""
        number, _, code = str(entry.get("is", "")).partition(" ")
        if not number or not re.fullmatch("[A-Z]{3}", code):
            at = entry.value_at("is") if "is" in entry else entry.at
            self.problem("BAD_RATE", at, "write a rate as `one: USD, is: 0.92 EUR`.")
            return
        self.row("fx_rates", entry, but=("is",), rate=number, to_currency_code=code)

    def deal(self, entry: Mapped) -> None:
        row = self.row("deals", entry, but=DEAL_PARTS, source=SOURCE, revision="1", currency_code=self.currency)
        deal = {"source": str(row["source"]), "external_id": str(row.get("external_id", ""))}
        attributes = self.mapping(entry, "attributes") if "attributes" in entry else Mapped()
        row.update({f"attributes.{name}": value for name, value in attributes.items()})
        self.stages(entry, deal, 1)
        for number, line in enumerate(self.entries(entry, "lines"), 1):
            written = self.row("deal_lines", line, but=("stages", "options"), **deal, line=str(number))
            self.stages(line, deal, int(str(written["line"])))
        self.splits(entry, deal)
        self.roles(entry, deal)

    def loss(self, entry: Mapped) -> None:
        """The customer's doing and a cancellation unless it says otherwise: a case is about what is paid."""
        number = str(len(self.rows["losses"]) + 1)
        row = self.row("losses", entry, source=SOURCE, loss_id=number, kind="cancellation", attributable_to="customer")
        if {"amount", "amount_minor"} & set(row):
            row.setdefault("currency_code", Text(self.currency))

    def opportunity(self, entry: Mapped) -> None:
        """Its `id` is its own, since it is no deal yet."""
        short = "id" in entry and "opportunity_id" not in entry
        own = {"opportunity_id": str(entry["id"])} if short else {}
        but = ("id",) if short else ()
        self.row("opportunities", entry, but=but, source=SOURCE, currency_code=self.currency, **own)

    def stages(self, entry: Mapped, deal: Mapping[str, str], line: int) -> None:
        number = 0
        for key, committed in (("stages", "yes"), ("options", "no")):
            for stage in self.entries(entry, key):
                number += 1
                self.row("stages", stage, **deal, line=str(line), stage=str(number), committed=committed)

    def splits(self, entry: Mapped, deal: Mapping[str, str]) -> None:
        for number, (who, share) in enumerate(self.shares(entry, "splits"), 1):
            self.put("splits", {**deal, "position": str(number), "participant_id": who, "share": share}, entry.at)

    def roles(self, entry: Mapped, deal: Mapping[str, str]) -> None:
        roles = self.mapping(entry, "roles") if "roles" in entry else Mapped()
        for role, named in roles.items():
            people = list(self.shares(roles, role)) if isinstance(named, Mapped) else [(named, None)]
            for number, (who, share) in enumerate(people, 1):
                row = {**deal, "role": role, "position": str(number), "participant_id": who}
                self.put("deal_roles", {**row, **({"share": share} if share else {})}, entry.at)

    def shares(self, entry: Mapped, key: str) -> Iterator[tuple[str, str]]:
        """`{hanna: 50%, ben: 50%}`, in the order written."""
        for who, share in (self.mapping(entry, key) if key in entry else Mapped()).items():
            if isinstance(share, Text):
                yield who, share
            else:
                self.problem("WRONG_TYPE", place_of(share, entry.at), "write a share as `50%` or `1/3`.")

    def row(self, kind: str, entry: Mapped, /, *, but: Sequence[str] = (), **otherwise: str) -> Row:
        """The entry under the columns of its kind; `otherwise` where it says nothing itself."""
        columns, words = file_columns(kind), {}
        for key, value in entry.items():
            name = key if key in columns else SHORT.get(key, key)
            if key in but:
                continue
            if name not in columns:
                known = [*columns, *(short for short, full in SHORT.items() if full in columns), *but]
                self.problem("UNKNOWN_KEY", entry.key_at(key), f"`{key}` is not known here.{did_you_mean(key, known)}")
            elif name in words:
                self.problem("KEY_TWICE", entry.key_at(key), f"`{key}` says again what `{name}` says.")
            elif isinstance(text := _joined(value), Text):
                words[name] = text
            else:
                self.problem(
                    "WRONG_TYPE", place_of(value, entry.at), f"`{key}` has {kind_of(value)}; wanted: one value."
                )
        return self.put(kind, {**otherwise, **words}, entry.at)

    def put(self, kind: str, words: Mapping[str, str], at: Position) -> Row:
        row = {name: word if isinstance(word, Text) else Text.placed(word, at) for name, word in words.items() if word}
        self.rows[kind].append((row, at))
        return row

    def everybody(self) -> None:
        """The people and accounts that are named somewhere and were not given."""
        named = [row[name] for rows in self.rows.values() for row, _ in rows for name in PEOPLE if name in row]
        self.missing("participants", "participant_id", named)
        bought = [*self.rows["deals"], *self.rows["activities"], *self.rows["opportunities"]]
        accounts = [row["account_id"] for row, _ in bought if "account_id" in row]
        self.missing("accounts", "account_id", accounts)

    def missing(self, kind: str, key: str, named: Iterable[Text]) -> None:
        there = {str(row[key]) for row, _ in self.rows[kind] if key in row}
        for name in dict.fromkeys(str(name) for name in named):
            if name not in there:
                self.put(kind, {key: name}, Position("", 1, 1))

    def facts(self) -> Facts:
        return Facts(**{kind: self.frame(kind) for kind in SCHEMAS if self.rows[kind]})

    def frame(self, kind: str) -> pl.DataFrame:
        rows = [{name: str(value) for name, value in row.items()} for row, _ in self.rows[kind]]
        names = list(dict.fromkeys(name for row in rows for name in row))
        raw = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String))
        currency = pl.col("currency_code") if "currency_code" in names else pl.lit(self.currency)
        frame, found = typed(kind, raw.with_row_index(ROW).with_columns(exponents(currency)))
        for fault in found.iter_rows(named=True):
            row, at = self.rows[kind][fault["row"]]
            self.problem(fault["code"], place_of(row.get(fault["field"]), at), fault["message"])
        return frame

    # --- expect

    def expectations(self, expect: Mapped) -> Iterator[Expectation]:
        for key in expect:
            below = self.mapping(expect, key)
            if key == "lines":
                yield from self.line_pays(below)
            elif key == "payable":
                yield from (Payable(*found) for found in self.of_people(below))
            elif key == "payouts":
                yield from (Paid(*found) for found in self.of_people(below))
            elif key == "paid_in":
                yield from self.paid_in(below)
            elif key == "balances":
                yield from self.balances(below)
            elif key == "quota":
                yield from self.quotas(below)
            elif key == "attainment":
                yield from self.attained(below)
            elif key in PLACED:
                yield from self.placed(below, PLACED[key])
            elif key == "forecast":
                yield from self.foreseen(below)
            elif key == "uncredited":
                yield from (Uncredited(place_of(code), deal, str(code)) for deal, code in below.items())
            else:
                yield from self.earned(key, below)

    def quotas(self, people: Mapped) -> Iterator[QuotaOf]:
        for who in people:
            periods = self.mapping(people, who)
            for period in periods:
                for component, amount, at in self.amounts(periods, period):
                    yield QuotaOf(at, who, period, component, amount)

    def attained(self, people: Mapped) -> Iterator[Attained]:
        for who in people:
            periods = self.mapping(people, who)
            for period in periods:
                for component, value in self.mapping(periods, period).items():
                    found = _PERCENT.fullmatch(value) if isinstance(value, Text) else None
                    if found is None:
                        message = f"{kind_of(value)} is no attainment. Write it as `99.5%`."
                        self.problem("BAD_SHARE", place_of(value), message)
                    else:
                        yield Attained(place_of(value), who, period, component, found[1])

    def placed(self, people: Mapped, word: str) -> Iterator[Placed]:
        for who in people:
            periods = self.mapping(people, who)
            for period in periods:
                for component, value in self.mapping(periods, period).items():
                    yield Placed(place_of(value), who, period, component, word, str(value))

    def foreseen(self, days: Mapped) -> Iterator[Foreseen]:
        """By the day of the forecast, participant, period, component and scenario: what it will count or earn."""
        for day in days:
            try:
                as_of = date.fromisoformat(day)
            except ValueError:
                self.problem("BAD_DATE", days.key_at(day), f"`{day}` is no date. Write it as `2026-01-31`.")
                continue
            for at, who, period, component, scenario, figure, amount in self._outlooks(self.mapping(days, day)):
                yield Foreseen(at, who, period, component, as_of, scenario, figure, amount)

    def _outlooks(self, people: Mapped) -> Iterator[tuple[Position, str, str, str, str, str, int]]:
        for who in people:
            periods = self.mapping(people, who)
            for period in periods:
                components = self.mapping(periods, period)
                for component in components:
                    scenarios = self.mapping(components, component)
                    self.known(scenarios, FORESEEN)
                    for scenario in scenarios:
                        self.known(self.mapping(scenarios, scenario), FIGURES)
                        for figure, amount, at in self.amounts(scenarios, scenario):
                            yield at, who, period, component, scenario, figure, amount

    def earned(self, who: str, periods: Mapped) -> Iterator[Earned]:
        for period in periods:
            for component, amount, at in self.amounts(periods, period):
                yield Earned(at, who, period, component, amount)

    def of_people(self, people: Mapped) -> Iterator[tuple[Position, str, str, str | None, int]]:
        """By participant and period, an amount in all, or several by name."""
        for who in people:
            periods = self.mapping(people, who)
            for period, value in periods.items():
                if isinstance(value, Mapped):
                    for name, amount, at in self.amounts(periods, period):
                        yield at, who, period, name, amount
                elif (in_all := self.amount(value)) is not None:
                    yield place_of(value), who, period, None, in_all

    def paid_in(self, people: Mapped) -> Iterator[PaidIn]:
        """By participant and period an amount with its currency: `851.20 GBP`."""
        for who in people:
            for period, value in self.mapping(people, who).items():
                number, _, code = str(value).partition(" ")
                minor = parse_minor(number, EXPONENTS[code]) if code in EXPONENTS else None
                if minor is None:
                    message = f"{kind_of(value)} is no amount with its currency. Write it as `4999.50 GBP`."
                    self.problem("BAD_AMOUNT", place_of(value), message)
                else:
                    yield PaidIn(place_of(value), who, period, f"{format_minor(minor, EXPONENTS[code])} {code}")

    def balances(self, people: Mapped) -> Iterator[Balance]:
        """Each is named: what is owed and what is held are no sum."""
        for at, who, period, name, amount in self.of_people(people):
            if name is None:
                self.problem("WRONG_TYPE", at, "write balances by name: `{draw: 500.00}`; draw, negative or held.")
            else:
                yield Balance(at, who, period, name, amount)

    def line_pays(self, deals: Mapped) -> Iterator[LinePay]:
        for key in deals:
            found = _DEAL.fullmatch(key)
            deal, line, stage = found.groups() if found else (key, None, None)
            place = (deal, None if line is None else int(line), None if stage is None else int(stage))
            below = self.mapping(deals, key)
            for name, value in below.items():
                if isinstance(value, Mapped):
                    for component, amount, at in self.amounts(below, name):
                        yield LinePay(at, *place, name, component, amount)
                elif (of_all := self.amount(value)) is not None:
                    yield LinePay(place_of(value), *place, None, name, of_all)

    def amounts(self, parent: Mapped, key: str) -> Iterator[tuple[str, int, Position]]:
        for component, value in self.mapping(parent, key).items():
            if (amount := self.amount(value)) is not None:
                yield component, amount, place_of(value)

    def amount(self, value: object) -> int | None:
        """Minor units of the plan's currency."""
        minor = parse_minor(value, EXPONENTS.get(self.currency, 2)) if isinstance(value, Text) else None
        if minor is None:
            message = f"{kind_of(value)} is no amount in {self.currency}. Write it as `4999.50` or `5_000`."
            self.problem("BAD_AMOUNT", place_of(value), message)
        return minor

    # --- reading

    def problem(self, code: str, at: Position, message: str) -> None:
        self.problems.append(Problem(code, at, message))

    def known(self, mapping: Mapped, keys: Sequence[str]) -> None:
        for key in mapping:
            if key not in keys:
                self.problem("UNKNOWN_KEY", mapping.key_at(key), f"`{key}` is not known here.{did_you_mean(key, keys)}")

    def text(self, mapping: Mapped, key: str) -> Text | None:
        value = mapping.get(key)
        if isinstance(value, Text):
            return value
        message = f"`{key}` has {kind_of(value)}; wanted: text." if key in mapping else f"`{key}` is missing."
        self.problem("WRONG_TYPE" if key in mapping else "MISSING_KEY", mapping.value_at(key), message)
        return None

    def flag(self, mapping: Mapped, key: str) -> bool:
        value = mapping[key]
        if value not in ("yes", "no"):
            self.problem("NOT_YES_OR_NO", mapping.value_at(key), f"{kind_of(value)} is neither `yes` nor `no`.")
        return bool(value == "yes")

    def mapping(self, mapping: Mapped, key: str) -> Mapped:
        value = mapping.get(key)
        if isinstance(value, Mapped):
            return value
        if key not in mapping:
            self.problem("MISSING_KEY", mapping.at, f"`{key}` is missing.")
        else:
            self.problem("WRONG_TYPE", place_of(value, mapping.at), f"`{key}` has {kind_of(value)}; wanted: a mapping.")
        return Mapped(at=mapping.at)

    def entries(self, mapping: Mapped, key: str) -> Iterator[Mapped]:
        value = mapping.get(key, Listed())
        if not isinstance(value, Listed):
            self.problem("WRONG_TYPE", place_of(value, mapping.at), f"`{key}` has {kind_of(value)}; wanted: a list.")
            return
        for entry in value:
            if isinstance(entry, Mapped):
                yield entry
            else:
                self.problem("WRONG_TYPE", place_of(entry, mapping.at), f"{kind_of(entry)} is no entry of `{key}`.")


def _joined(value: object) -> object:
    """A list of names as the CSV files write it."""
    if isinstance(value, Listed) and all(isinstance(item, Text) for item in value):
        return Text.placed(";".join(value), value.at)
    return value
