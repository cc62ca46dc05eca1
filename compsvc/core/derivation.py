"""From numbers back to names: the frames of a result, each amount with everything it was derived from."""

from __future__ import annotations

import polars as pl

from compsvc.core.book import Book, one_value
from compsvc.core.caps import STEPS
from compsvc.core.columns import repeated
from compsvc.core.components import Paid
from compsvc.core.contests import is_shared_out
from compsvc.core.credits import Credits
from compsvc.core.derivation_frames import Key, joined, per_curve, period_names, shaped, text_of, word_of
from compsvc.core.holds import released, reviewed
from compsvc.core.lists import ACCOUNTS, DIFFERENCE, OWN, TAKE_BACK
from compsvc.core.losses import lowest_terms
from compsvc.core.measures import Clause
from compsvc.core.plan import OPENED, OWN_EARNINGS
from compsvc.core.results import LINES, WORD
from compsvc.core.stated_credits import SOURCES
from compsvc.core.windows import NEAR_DAYS

# --- earnings -----------------------------------------------------------------------------------------------------


# --- lines --------------------------------------------------------------------------------------------------------


def lines_frame(ledger: Book, credits: Credits, paid: dict[Key, Paid], holds: pl.DataFrame) -> pl.DataFrame:
    """LINES, by plan, component, participant, period, place and step. `paid` is empty afterwards: what a component's
    lines were made of is let go of as soon as they are there, since of a large company both do not fit. `holds` are
    facts.HOLDS: what was left for a review is payable once it is released."""
    return joined([_component_lines(ledger, credits, paid.pop(key), released(holds)) for key in list(paid)], LINES)


def _component_lines(ledger: Book, credits: Credits, paid: Paid, released: pl.DataFrame) -> pl.DataFrame:
    assert paid.entries is not None
    assert paid.lines is not None
    rows = _with_entries(paid.entries, paid.lines)
    rows = rows.with_columns(ledger.of_deals(rows["subject"]).alias("event"))
    columns = [
        *_terms(ledger, paid, rows), *_deal(ledger, rows), *_types(paid, rows), *_credit(ledger, credits, paid, rows),
        *_conversion(ledger, paid, rows),
        *_loss(ledger, paid, rows),
    ]  # fmt: skip
    rows = rows.with_columns(columns).with_columns(_activity(ledger, rows))
    rows = rows.with_columns(_stated(ledger, rows))
    rows = rows.with_columns(_account(ledger, rows)).with_columns(_payable(paid.clauses[-1]))
    rows = _settled(rows, paid)
    return shaped(reviewed(rows, released), LINES)


def _with_entries(entries: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Lines with the entry each belongs to, by list, place and step; `cause` is the event that made a further step."""
    by_deal = "list_place" in entries.columns  # positions of their own: the place in the period's list is another
    own = lines.head(entries.height).hstack(entries.drop("bind", "list", "place"))
    own = own.with_columns(
        cause=_churn(),
        cause_date=_lost_on(),
        step=pl.col("number"),
        step_kind=pl.when(pl.col("kind") == OWN)
        .then("step_kind")
        .otherwise(pl.col("kind").replace_strict(_KINDS, return_dtype=WORD)),
    )
    more = lines.slice(entries.height)
    if more.is_empty():
        return _in_periods(own) if by_deal else own
    causes = entries.select("list", cause_place="place", cause="subject", cause_date="counting_date")
    more = more.join(entries.drop("bind"), on=["list", "place"], how="left", maintain_order="left")
    more = more.join(causes, on=["list", "cause_place"], how="left", maintain_order="left")
    numbered = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(
        "list", "subject", "step_kind", order_by=["cause_place", "place"]
    )
    first = pl.col("step_kind").cast(pl.String).replace_strict(STEPS, default=0, return_dtype=pl.Int64)
    first = pl.when((pl.col("step_kind") == "re_rating") & (pl.col("number") == 1)).then(1).otherwise(first)
    counted = pl.col("list").is_null() | (pl.col("step_kind") == "basis_difference")
    more = more.with_columns(
        cause=pl.coalesce(pl.when(pl.col("cause_place") != pl.col("place")).then("cause"), _churn()),
        step=pl.when(counted).then("step").otherwise(first + numbered),
        cause_date=pl.max_horizontal("cause_date", _lost_on()),
    ).select(own.columns)
    rows = pl.concat([own, more])
    return _in_periods(rows) if by_deal else rows.sort("bind", "place", "step", nulls_last=True, maintain_order=True)


def _in_periods(rows: pl.DataFrame) -> pl.DataFrame:
    """Lines of positions that each deal has by itself, in the order of the period's list."""
    return rows.with_columns(place="list_place").sort("bind", "place", "step", nulls_last=True, maintain_order=True)


def _churn() -> pl.Expr:
    """What took a logo back."""
    return pl.when((pl.col("kind") == TAKE_BACK) & pl.col("lost_by").is_not_null()).then("subject")


def _lost_on() -> pl.Expr:
    """What a loss takes back is due from the day of the loss on."""
    return pl.when(pl.col("loss").is_not_null()).then("counting_date")


_KINDS = {OWN: "own", DIFFERENCE: "difference", TAKE_BACK: "take_back"}


def _terms(ledger: Book, paid: Paid, rows: pl.DataFrame) -> list[pl.Expr | pl.Series]:
    """Whose line it is, and under what."""
    clause, binds = paid.clauses[-1], paid.binds
    names = period_names(clause, binds["period"])
    period = names["period"][names["period_ix"].search_sorted(binds["period"])]
    curve = binds["curve"][rows["bind"]]
    kinds = [c.component.pays.kind for c in paid.clauses]
    places = [c.component.at.in_folder for c in paid.clauses]
    return [
        ledger.participants["participant_id"][binds["participant_ix"]][rows["bind"]],
        text_of(clause.plan.plan).alias("plan"),
        per_curve([c.plan.revision for c in paid.clauses], curve).alias("revision"),
        text_of(clause.name).alias("component"),
        per_curve(kinds, curve).alias("rule_kind"),
        per_curve(places, curve).alias("component_at"),
        period[rows["bind"]].alias("period"),
        binds["period_end"][rows["bind"]].alias("period_end"),
        binds["quota_minor"][rows["bind"]],
        _target(paid)[rows["bind"]],
        word_of(clause.component.counts).alias("measure"),
        pl.col("whole").alias("deal_value_minor"),
        pl.col("counts", "pays").fill_null(0),
        pl.col("amount_minor"),
        word_of(clause.plan.currency).alias("currency_code"),
    ]


def _target(paid: Paid) -> pl.Series:
    """Of each bind, where its revision's curve pays a share of the target."""
    uses = [clause.component.pays.template().uses_target for clause in paid.clauses]
    target = pl.when(pl.Series(uses, dtype=pl.Boolean)[paid.binds["curve"]]).then("target_minor")
    return paid.binds.select(target.alias("target_incentive_minor")).to_series()


def _deal(ledger: Book, rows: pl.DataFrame) -> list[pl.Series]:
    """The deal's own fields, as they decided."""
    events, deals = ledger.events, ledger.deals
    deal_ix = events["deal_ix"][rows["event"]]
    cause = events["deal_ix"][ledger.of_deals(rows["cause"])]
    of_deal = [deals[name] for name in ("source", "external_id", "account_id")]
    of_event = [events[name] for name in ("line", "stage", "closed_date", "accepted_time")]
    return [
        *[_looked_up(column, deal_ix) for column in (*of_deal, deals["revision"].alias("deal_revision"))],
        *[_looked_up(column, rows["event"]) for column in (*of_event, events["product"].cast(WORD))],
        _looked_up(deals["external_id"].alias("cause_external_id"), cause),
    ]


def _activity(ledger: Book, rows: pl.DataFrame) -> list[pl.Series | pl.Expr]:
    """What stands in the deal's place where an activity is the subject."""
    found = ledger.activities
    at = ledger.of_activities(rows["subject"])
    if at.null_count() == len(at):
        return [pl.lit(None, dtype=WORD).alias("activity")]
    own = found.select("source", "external_id", "account_id", activity=pl.col("kind").cast(WORD))
    cause = found["external_id"][ledger.of_activities(rows["cause"])]
    return [
        own["activity"][at],
        *(pl.coalesce(name, own[name][at]).alias(name) for name in own.columns[:3]),
        pl.coalesce("cause_external_id", cause).alias("cause_external_id"),
    ]


def _stated(ledger: Book, rows: pl.DataFrame) -> list[pl.Series | pl.Expr]:
    """What stands there where a stated credit is the subject (B3, B4)."""
    found, at = ledger.stated, ledger.of_stated(rows["subject"])
    if at.null_count() == len(at):
        return [pl.lit(None, dtype=WORD).alias("stated")]
    kind, id_ = found["kind"][at], found["credit_id"]
    source = kind.replace_strict(SOURCES, return_dtype=pl.String)
    cause = id_[ledger.of_stated(rows["cause"])]
    return [
        kind.cast(WORD).alias("stated"),
        pl.coalesce("source", source).alias("source"),
        pl.coalesce("external_id", id_[at]).alias("external_id"),
        pl.coalesce("cause_external_id", cause).alias("cause_external_id"),
    ]


def _account(ledger: Book, rows: pl.DataFrame) -> list[pl.Expr]:
    """What stands there where an account is the subject: a period opens with it (M6)."""
    known = ledger.accounts["account_id"]
    ids = known[ledger.of_accounts(rows["subject"])]
    if ids.null_count() == len(ids):
        return []
    own, cause = pl.lit(ids), pl.lit(known[ledger.of_accounts(rows["cause"])])
    return [
        pl.when(own.is_not_null()).then(pl.lit(ACCOUNTS)).otherwise("source").alias("source"),
        *(pl.coalesce(name, own).alias(name) for name in ("external_id", "account_id")),
        pl.coalesce("cause_external_id", cause).alias("cause_external_id"),
    ]


_OF_LOSS = {"loss_id": "loss_id", "loss_date": "loss_date", "kind": "loss_kind", "reason": "loss_reason"}
_OF_LOSS |= {"attributable_to": "attributable_to", "evidence": "evidence"}


def _loss(ledger: Book, paid: Paid, rows: pl.DataFrame) -> list[pl.Series | pl.Expr]:
    """Which loss a take-back answers, and the share that it takes."""
    shares = ("lost_num", "lost_den", "months_kept")
    losses = ledger.losses.rename(_OF_LOSS).with_columns(pl.col(pl.String).cast(WORD))
    told = [_looked_up(losses[name], rows["loss"]) for name in _OF_LOSS.values()]
    if paid.takes is None or rows["loss"].null_count() == rows.height:
        return [*told, *(pl.lit(None, dtype=pl.Int64).alias(name) for name in shares)]
    own = paid.takes.with_columns(lost=pl.col("up_to") - pl.col("before"), whole="of")
    own = own.with_columns(lowest_terms(own))
    taken = own.select(
        *("participant_ix", "event_ix", "loss", "months_kept"),
        *(
            pl.col(one).cast(pl.Int64, strict=False).alias(name)
            for one, name in zip(("lost", "whole"), shares[:2], strict=True)
        ),
    )
    keyed = rows.select("participant_ix", "event_ix", "loss")
    found = keyed.join(taken, on=keyed.columns, how="left", maintain_order="left")
    return [*told, *(found[name] for name in shares)]


def _looked_up(column: pl.Series, rows: pl.Series) -> pl.Series:
    """`column.gather(rows)`, at once where there is nothing to look up."""
    nowhere = rows.null_count() == len(rows)
    if nowhere or (not rows.null_count() and one_value(column)):
        value = None if nowhere else column[0]
        return repeated(value, len(rows), column.dtype).alias(column.name)
    return column[rows]


def _types(paid: Paid, rows: pl.DataFrame) -> list[pl.Series]:
    """The deal type as the revision derived it."""
    first = paid.clauses[0].credited.reading.types.with_columns(pl.col("deal_type").cast(WORD))
    if all(clause.credited.reading.types is paid.clauses[0].credited.reading.types for clause in paid.clauses):
        return [first[name][rows["event"]] for name in ("deal_type", "type_derived")]
    found = []
    for name in ("deal_type", "type_derived"):
        chosen = first[name][rows["event"]]
        for clause in paid.clauses[1:]:
            own = clause.credited.reading.types[name].cast(first[name].dtype)[rows["event"]]
            chosen = own.zip_with((rows["curve"] == clause.curve).fill_null(False), chosen)
        found.append(chosen.alias(name))
    return found


def _credit(ledger: Book, credits: Credits, paid: Paid, rows: pl.DataFrame) -> list[pl.Series]:
    """Which rule credited the participant, by which route, with which share."""
    rule = _rules(paid, rows)
    parts = {name: _of_part(credits, rows, name) for name in ("route", "share_num", "share_den")}
    is_team = (
        rows["whole"].is_not_null() & rows["part"].is_null() & rows["rule"].is_null() & rows["event"].is_not_null()
    )
    component = paid.clauses[-1].component
    of = ", ".join(component.of or ())
    word = "owner" if component.counts in OPENED else OWN_EARNINGS if of else "team"
    team = repeated(word, rows.height, pl.String).cast(WORD)
    by_rule = repeated(of, rows.height, pl.String).cast(WORD) if of else team
    passed = repeated("team_overlay", rows.height, pl.String).cast(WORD)
    of_team = passed.zip_with(rows["overlay"].fill_null(value=False), team)
    route = of_team.zip_with(is_team, parts["route"].cast(pl.String).cast(WORD)).alias("route")
    return [
        by_rule.zip_with(is_team, rule["name"]).alias("credit_rule"),
        rule["place"].alias("credit_rule_at"),
        route,
        _notes(ledger, credits, rows, route),
        parts["share_num"],
        parts["share_den"],
    ]


def _of_part(credits: Credits, rows: pl.DataFrame, name: str) -> pl.Series:
    """A column of the holder's part, or of the role's."""
    if credits.role_parts.frame.is_empty():
        return credits.holders[name][rows["part"]]
    overlay = rows["overlay"].fill_null(False)
    own = credits.holders[name][rows["part"].set(overlay, None)]
    return credits.role_parts.frame[name][rows["part"].set(~overlay, None)].zip_with(overlay, own)


def _rules(paid: Paid, rows: pl.DataFrame) -> pl.DataFrame:
    """Name and place of the credit rule of each row."""
    table: list[tuple[str, str]] = []
    offsets: list[int] = []
    for clause in paid.clauses:
        offsets.append(len(table))
        for name, rule in clause.plan.credits.items():
            table.append((name, rule.at.in_folder))
    names = pl.DataFrame(table, schema={"name": WORD, "place": WORD}, orient="row")
    offset = pl.Series(offsets, dtype=pl.UInt32)[rows["curve"]]
    index = offset + rows["rule"].cast(pl.UInt32)
    return pl.DataFrame([names["name"][index], names["place"][index]])


def _notes(ledger: Book, credits: Credits, rows: pl.DataFrame, route: pl.Series) -> pl.Series:
    """Why this route, in words, where the route alone does not say it."""
    reasons = ledger.deals["split_reason"][ledger.events["deal_ix"][rows["event"]]]
    notes = repeated(None, rows.height, pl.String)
    notes = reasons.zip_with((route == "split").fill_null(False), notes)
    lost = ((rows["kind"] == TAKE_BACK) & rows["lost_by"].is_not_null()).fill_null(False).arg_true()
    if len(lost):
        deal = ledger.deals["external_id"][ledger.events["deal_ix"][rows["event_ix"][lost]]]
        notes = notes.scatter(lost, pl.select(_words("the logo won with ", deal, " is lost")).to_series())
    end = _of_part(credits, rows, "window_end")
    near = end.is_not_null().arg_true()
    if near.is_empty():
        return notes.alias("route_note")
    opening = _of_part(credits, rows, "opening")[near]
    facts = pl.DataFrame(
        {
            "deal": ledger.deals["external_id"][ledger.events["deal_ix"][opening]],
            "won": ledger.events["closed_date"][opening],
            "end": end[near],
            "closed": ledger.events["closed_date"][rows["event"][near]],
        }
    )
    return notes.scatter(near, facts.select(_window_note()).to_series()).alias("route_note")


def _words(*parts: str | pl.Expr | pl.Series) -> pl.Expr:
    """A sentence from text and columns; null where a column is. (`pl.format` panics on frames with empty chunks.)"""
    return pl.concat_str([pl.lit(part) if isinstance(part, str | pl.Series) else part for part in parts])


def _window_note() -> pl.Expr:
    """The window and how near its end is; for the successor, which window has just ended."""
    days = (pl.col("end") - pl.col("closed")).dt.total_days()
    unit = pl.when(days.abs() == 1).then(pl.lit(" day")).otherwise(pl.lit(" days"))
    left, since = _words(days.cast(pl.String), unit), _words((-days).cast(pl.String), unit)
    end = pl.col("end").cast(pl.String)
    window = _words(
        "first order ", pl.col("deal"), " closed on ", pl.col("won").cast(pl.String), "; window until ", end
    )
    near = pl.when((days > 0) & (days <= NEAR_DAYS)).then(_words(", ", left, " before its end"))
    after = pl.when(days <= 0).then(_words(", ", since, " after its end (protected pipeline)"))
    inside = _words(window, pl.coalesce(near, after, pl.lit("")))
    missed = _words("the hunter's window ended on ", end, ", ", since, " before this close")
    return pl.when(pl.col("deal").is_null()).then(missed).otherwise(inside)


_CONVERSION = ("deal_currency_code", "given_value_minor", "fx_table", "fx_start_date", "fx_rate_num", "fx_rate_den")


def _conversion(ledger: Book, paid: Paid, rows: pl.DataFrame) -> list[pl.Series | pl.Expr]:
    """What the line's deal was worth in its own currency, and the rate by which it was converted (C5)."""
    nothing = [pl.lit(None, dtype=LINES[name]).alias(name) for name in _CONVERSION]
    if all(given is None for given in paid.given):
        return list(nothing)
    events = ledger.of_deals(rows["event_ix"])
    found = [
        _converted(
            clause, given, events.set((rows["curve"] != clause.curve).fill_null(value=True), None), rows["whole"]
        )
        for clause, given in zip(paid.clauses, paid.given, strict=True)
        if given is not None
    ]
    return [pl.coalesce(frame[name] for frame in found).alias(name) for name in _CONVERSION]


def _converted(clause: Clause, given: pl.Series, events: pl.Series, whole: pl.Series) -> pl.DataFrame:
    """Of the lines whose value this is: at a shared position (M1) some have that of the other component."""
    changed, fx = clause.credited.reading.exchange, clause.plan.fx
    assert changed.rate_ix is not None
    assert fx is not None
    of_line = changed.converted(given)[events] == whole
    rate_ix = changed.rate_ix[events.set(~of_line.fill_null(value=False), None)]
    rates = changed.rates.select(
        pl.col("from_currency_code").cast(WORD).alias("deal_currency_code"),
        word_of(fx.table).alias("fx_table"),
        fx_start_date="start_date",
        fx_rate_num="rate_num",
        fx_rate_den="rate_den",
    )[rate_ix]
    value = given[events].set(rate_ix.is_null(), None)
    return rates.with_columns(value.alias("given_value_minor"))


def _payable(clause: Clause) -> pl.Expr:
    """When the line may be paid: never before the acceptance, a re-rating never before its cause (M5), and nothing
    that settles with the period before its last day (M8). Of pay in several parts, or with the customer's money,
    `payable.py` says when each part is due."""
    plan, last_day = clause.plan, pl.col("period_end").dt.offset_by("-1d")
    no_deal = pl.col("activity").is_not_null() | (pl.col("line").is_null() & pl.col("external_id").is_not_null())
    accepted = pl.coalesce(pl.col("accepted_time").dt.date(), pl.when(no_deal).then("counting_date"))
    first = plan.instalments[0]
    on_close = first.is_plain and first.on == "closed"
    day = pl.max_horizontal(accepted, "closed_date") if on_close else accepted
    of_period = pl.coalesce("due_date", last_day)
    due = pl.when(pl.col("place").is_null()).then(of_period).otherwise(pl.max_horizontal(day, "cause_date"))
    if clause.component.settle == "period_end":
        due = pl.when(due.is_not_null()).then(pl.max_horizontal(due, last_day))
    return due.alias("payable_date")


def _settled(rows: pl.DataFrame, paid: Paid) -> pl.DataFrame:
    """Nothing is payable before the pay has settled that it is a share of, its own or that of its cause (M8)."""
    if paid.settles is None:
        return rows
    for of in ("subject", "cause"):
        days = paid.settles.rename({"event_ix": of})
        rows = rows.join(days, on=["participant_ix", of], how="left", maintain_order="left")
        rows = _not_before_settled(rows).drop("settles")
    return _with_all(rows, paid) if is_shared_out(paid.clauses) else rows


def _with_all(rows: pl.DataFrame, paid: Paid) -> pl.DataFrame:
    """What a contest or a pool pays by the period follows from what counts for all who take part."""
    assert paid.entries is not None
    assert paid.settles is not None
    counted = paid.entries.join(
        paid.settles, left_on=["participant_ix", "subject"], right_on=["participant_ix", "event_ix"]
    )
    last = counted.group_by(pl.col("period").alias("of_period")).agg(pl.col("settles").max())
    rows = rows.with_columns(of_period=pl.when(pl.col("place").is_null()).then(paid.binds["period"][rows["bind"]]))
    rows = rows.join(last, on="of_period", how="left", maintain_order="left")
    return _not_before_settled(rows).drop("settles", "of_period")


def _not_before_settled(rows: pl.DataFrame) -> pl.DataFrame:
    later = pl.when(pl.col("payable_date").is_not_null()).then(pl.max_horizontal("payable_date", "settles"))
    return rows.with_columns(payable_date=later)


# --- what waits, what nobody gets, what a deal costs ---------------------------------------------------------------
