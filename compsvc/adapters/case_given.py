"""What a case gives: facts in few words, under the columns of the CSV files or the shorter words of `SHORT`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import polars as pl

from compsvc.adapters.case_reading import CaseReading
from compsvc.adapters.importer_columns import exponents, file_columns, typed
from compsvc.core.changes import revisions
from compsvc.core.facts import ATTRIBUTES, SCHEMAS, Facts, empty
from compsvc.core.money import parse_minor
from compsvc.core.node import Listed, Mapped, Position, Text, place_of
from compsvc.core.plan_values import kind_of
from compsvc.core.problems import did_you_mean
from compsvc.core.stated_credits import ADJUSTMENT, OPENING

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
    "changed": "changed_date",
    "evidence": "change_evidence",
}
GIVEN = {  # what a case may give, and the kind of fact each is
    "participants": "participants",
    "assignments": "assignments",
    "accounts": "accounts",
    "account_attributes": "account_attributes",
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
    "opening_positions": "stated_credits",
    "credit_adjustments": "stated_credits",
    "holds": "holds",
    "reviews": "holds",
}
DEAL_PARTS = ("lines", "stages", "options", "splits", "roles", "attributes")
PEOPLE = ("participant_id", "seller_id", "manager_id", "cover_id")
OF_REVISION = ("cause", "changed", "changed_date", "evidence", "change_evidence")  # that no later one takes over
Row = dict[str, Text]
Rows = dict[str, list[tuple[Row, Position]]]


@dataclass
class GivenReader(CaseReading):
    """Reads the facts of one case into rows, and these into frames."""

    plan: str = ""
    rows: Rows = field(default_factory=lambda: _no_rows())
    earlier: list[Rows] = field(default_factory=list)  # what earlier revisions of deals told, one each

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
                elif kind == "account_attributes":
                    self.account_attributes(entry)
                elif kind == "fx_rates":
                    self.fx_rate(entry)
                elif kind == "losses":
                    self.loss(entry)
                elif kind == "opportunities":
                    self.opportunity(entry)
                elif kind == "stated_credits":
                    self.stated(key, entry)
                elif kind == "holds":
                    self.hold(key, entry)
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

    def account_attributes(self, entry: Mapped) -> None:
        """`{account: acme, from: 2026-07-01, region: south}` as well as `attribute: region, value: south`."""
        named = [name for name in ATTRIBUTES if name in entry]
        for name in named:
            self.row("account_attributes", entry, but=ATTRIBUTES, attribute=name, value=self.text(entry, name) or "")
        if not named:
            self.row("account_attributes", entry)

    def fx_rate(self, entry: Mapped) -> None:
        """`{table: budget, one: USD, is: 0.92 EUR, from: 2026-01-01}`."""
        number, _, code = str(entry.get("is", "")).partition(" ")
        if not number or not re.fullmatch("[A-Z]{3}", code):
            at = entry.value_at("is") if "is" in entry else entry.at
            self.problem("BAD_RATE", at, "write a rate as `one: USD, is: 0.92 EUR`.")
            return
        self.row("fx_rates", entry, but=("is",), rate=number, to_currency_code=code)

    def deal(self, entry: Mapped) -> None:
        """With its later `revisions`, each of which says what differs from the one before."""
        told, number = entry, 1
        for later in self.entries(entry, "revisions"):
            kept, self.rows = self.rows, _no_rows()
            self.told(told, number)
            self.earlier.append(self.rows)
            self.rows = kept
            unsaid = {key: value for key, value in told.items() if key not in (*OF_REVISION, "revisions")}
            keys = {**told.keys_at, **later.keys_at}
            told, number = Mapped({**unsaid, **later}, at=later.at, keys=keys), number + 1
        self.told(told, number)

    def told(self, entry: Mapped, revision: int) -> None:
        """As one revision tells it."""
        numbered = {"source": SOURCE, "revision": str(revision), "currency_code": self.currency}
        row = self.row("deals", entry, but=(*DEAL_PARTS, "revisions"), **numbered)
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

    def stated(self, key: str, entry: Mapped) -> None:
        """Positions are brought along to the cut-over, the `date`; adjustments count on theirs."""
        number = str(len(self.rows["stated_credits"]) + 1)
        is_opening = key == "opening_positions"
        of = {"kind": OPENING, "counts": "yes", "pays": "yes"} if is_opening else {"kind": ADJUSTMENT}
        of |= {"credit_id": str(entry.get("id", number)), "plan": self.plan, "currency_code": self.currency}
        of |= {"source": SOURCE} if {"deal", "external_id"} & set(entry) else {}
        for name, value in (("credit_date", self.counted_on(entry, is_opening)), ("count_millionths", _number(entry))):
            of |= {} if value is None else {name: value}
        self.row("stated_credits", entry, but=("id", "date", "count"), **of)

    def hold(self, key: str, entry: Mapped) -> None:
        """`{deal: d1, from: 2026-02-01, released: 2026-04-01}`; a review is released or `refused: yes`."""
        is_review, end = key == "reviews", str(entry.get("released", ""))
        refused = "refused" in entry and self.flag(entry, "refused")
        start = end if is_review else self.text(entry, "from") or ""
        of = {"hold_id": str(len(self.rows["holds"]) + 1), "origin": "review" if is_review else "deal"}
        of |= {"state": "refused" if refused else "released" if end else "held", "held_date": start, "free_date": end}
        of |= {"plan": self.plan} if {"plan", "component"} & set(entry) else {}
        of |= {"reason_code": "hold", "reason": "-", "author": "one", "decider": "another", "ledger_position": "0"}
        self.row("holds", entry, but=("from", "released", "refused"), source=SOURCE, **of)

    def counted_on(self, entry: Mapped, is_opening: bool) -> str | None:
        """The day itself, and of a cut-over the one before; as it stands where it is no date."""
        if "date" not in entry:
            return None
        text = str(entry["date"])
        try:
            return str(date.fromisoformat(text) - timedelta(days=int(is_opening)))
        except ValueError:
            return text

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
        """Whoever is assigned is a participant, and what is bought from is an account, without being listed."""
        self.missing("participants", "participant_id", self.named("assignments", "participant_id"))
        self.strangers()
        bought = [name for kind in ("deals", "activities", "opportunities") for name in self.named(kind, "account_id")]
        self.missing("accounts", "account_id", bought)

    def named(self, kind: str, key: str) -> list[Text]:
        return [row[key] for row, _ in self.rows[kind] if key in row]

    def strangers(self) -> None:
        """A slip in a name would be credited nothing, and a case that expects nothing of it would pass."""
        known = {str(name) for name in self.named("participants", "participant_id")}
        for name in dict.fromkeys(name for kind in self.rows for key in PEOPLE for name in self.named(kind, key)):
            if name not in known:
                hint = did_you_mean(name, known)
                message = f"`{name}` is no participant of this case.{hint} Assign them, or list them in `participants`."
                self.problem("UNKNOWN_PARTICIPANT", name.at, message)

    def missing(self, kind: str, key: str, named: Iterable[Text]) -> None:
        there = {str(row[key]) for row, _ in self.rows[kind] if key in row}
        for name in dict.fromkeys(str(name) for name in named):
            if name not in there:
                self.put(kind, {key: name}, Position("", 1, 1))

    def plans(self) -> set[str]:
        """By name: the case's own, and those that somebody is assigned to."""
        return {str(row["plan"]) for row, _ in self.rows["assignments"] if "plan" in row} | {self.plan}

    def places(self) -> dict[str, tuple[Position, ...]]:
        """Where each row of the facts stands."""
        return {kind: tuple(at for _, at in rows) for kind, rows in self.rows.items() if rows}

    def facts(self) -> Facts:
        facts = Facts(**{kind: self.frame(kind, self.rows) for kind in SCHEMAS if self.rows[kind]})
        told = [[self.frame(kind, rows) for kind in ("deals", "deal_lines", "stages")] for rows in self.earlier]
        return replace(facts, deal_revisions=pl.concat([facts.deal_revisions, *(revisions(*each) for each in told)]))

    def frame(self, kind: str, given: Rows) -> pl.DataFrame:
        if not given[kind]:
            return empty(kind)
        rows = [{name: str(value) for name, value in row.items()} for row, _ in given[kind]]
        names = list(dict.fromkeys(name for row in rows for name in row))
        raw = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String))
        currency = pl.col("currency_code") if "currency_code" in names else pl.lit(self.currency)
        frame, found = typed(kind, raw.with_row_index(ROW).with_columns(exponents(currency)))
        for fault in found.iter_rows(named=True):
            row, at = given[kind][fault["row"]]
            self.problem(fault["code"], place_of(row.get(fault["field"]), at), fault["message"])
        return frame


def _number(entry: Mapped) -> str | None:
    """What is counted, in millionths; as it stands where it is no number."""
    if "count" not in entry:
        return None
    found = parse_minor(str(entry["count"]), 6)
    return str(entry["count"]) if found is None else str(found)


def _no_rows() -> Rows:
    return {kind: [] for kind in SCHEMAS}


def _joined(value: object) -> object:
    """A list of names as the CSV files write it."""
    if isinstance(value, Listed) and all(isinstance(item, Text) for item in value):
        return Text.placed(";".join(value), value.at)
    return value
