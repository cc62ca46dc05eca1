"""Lists of a result: deals that wait, deals that nobody is credited for, and deals that cost much (C1, C6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from compsvc.core.book import Book
from compsvc.core.components import Paid
from compsvc.core.credits import Credits, shareless, void
from compsvc.core.derivation import _words
from compsvc.core.derivation_frames import Key, joined, shaped, text_of
from compsvc.core.measures import Measured
from compsvc.core.results import DEAL_PAY, PENDING, UNCREDITED

WARNING_SHARE = (30, 100)  # C6: above this share of a deal's size its pay is listed


def pending_frame(ledger: Book, credits: Credits, measured: Mapping[Key, Measured]) -> pl.DataFrame:
    """PENDING: what each participant would be credited, and the deals that nobody would be."""
    frames = []
    for (plan, component), found in measured.items():
        frames.append(
            found.pending.select("participant_ix", "event_ix", "counts").with_columns(
                text_of(plan).alias("plan"), text_of(component).alias("component")
            )
        )
    waiting = ledger.events.filter(pl.col("accepted_time").is_null()).select("event_ix")
    rows = pl.concat(frames) if frames else pl.DataFrame(schema={"event_ix": pl.UInt32})
    nobody = waiting.join(rows, on="event_ix", how="anti")
    rows = pl.concat([rows, nobody], how="diagonal") if frames else nobody
    return _pending_rows(ledger, credits, rows) if rows.height else pl.DataFrame(schema=dict(PENDING))


def _pending_rows(ledger: Book, credits: Credits, rows: pl.DataFrame) -> pl.DataFrame:
    missing = [name for name in ("participant_ix", "counts", "plan", "component") if name not in rows.columns]
    rows = rows.with_columns(pl.lit(None).alias(name) for name in missing)
    rows = rows.with_columns(pl.col("participant_ix").cast(pl.UInt32))
    event = ledger.events[rows["event_ix"]]
    deal = ledger.deals[event["deal_ix"]]
    types = {credited.reading.plan.plan: credited.reading.types["deal_type"] for credited in credits.by_plan}
    any_type = next(iter(types.values())) if types else ledger.events["type"]
    kinds = any_type[rows["event_ix"]]
    for plan, of_plan in types.items():
        kinds = of_plan[rows["event_ix"]].zip_with((rows["plan"] == plan).fill_null(False), kinds)
    columns = [
        *[deal[name] for name in ("source", "external_id", "account_id", "pending_reason")],
        pl.coalesce(_currency_of(credits, rows["plan"]), deal["currency_code"]).alias("currency_code"),
        event["line"], event["closed_date"], kinds.alias("deal_type"),
        ledger.participants["participant_id"][rows["participant_ix"]],
    ]  # fmt: skip
    keys = ["source", "external_id", "line", "participant_id", "plan", "component"]
    return shaped(rows.with_columns(columns), PENDING).sort(keys, nulls_last=True)


def _currency_of(credits: Credits, plans: pl.Series) -> pl.Series:
    """The plans' currencies, null where no plan is named."""
    known = {credited.reading.plan.plan: credited.reading.plan.currency for credited in credits.by_plan}
    return plans.cast(pl.String).replace_strict(known, default=None, return_dtype=pl.String)


_REASONS = {
    "NO_HOLDER": "no split, open window, seller, owner or territory names anybody; name a seller or an owner",
    "OWNER_AMBIGUOUS": "the account has several owners on the close date; end one of them",
    "TERRITORY_AMBIGUOUS": "several territories fit the account equally well; make one more precise",
    "SPLIT_WITHOUT_REASON": "a manual split stands inside a handover window; give it a split_reason",
    "ROLE_WITHOUT_SHARES": "several persons are named in the role; give each a share",
    "NO_RULE": "no credit rule of any plan fits the line",
    "NOT_ASSIGNED": "a rule fits, but the holder is not assigned to its plan on the close date",
    "CURRENCY_WITHOUT_RATE": "the deal's currency is not the plan's, and there is no exchange rate",
    "BEFORE_PLAN": "the deal counts before the plan takes effect",
    "COST_MISSING": "the line says nothing of its cost, so its margin is not known",
    "QUANTITY_MISSING": "the line says no quantity, so its units are not known",
    "TERM_MISSING": "the line has an annual value but no start and end, so it has no full-term value",
}


def uncredited_frame(
    ledger: Book, credits: Credits, missed: pl.DataFrame, measured: Mapping[Key, Measured]
) -> pl.DataFrame:
    """UNCREDITED, by deal and line."""
    nowhere = [text_of(None).alias("plan"), text_of(None).alias("component")]
    frames = [missed.with_columns(nowhere).select("event_ix", "code", "plan", "component")]
    for credited in credits.by_plan:
        plan = text_of(credited.reading.plan.plan).alias("plan")
        found = pl.concat([shareless(ledger, credits, credited), void(ledger, credited)])
        frames.append(found.select("event_ix", "code", plan, nowhere[1]))
    for (plan_name, component), of_component in measured.items():
        names = [text_of(plan_name).alias("plan"), text_of(component).alias("component")]
        frames.append(of_component.without_value.select("event_ix", "code", *names))
        foreign = [text_of("CURRENCY_WITHOUT_RATE").alias("code"), text_of(plan_name).alias("plan"), nowhere[1]]
        frames.append(of_component.in_other_currency.select("event_ix", *foreign))
    rows = pl.concat(frames).unique()
    if ledger.signed is not None:  # a stage that begins by itself is listed with its line
        rows = rows.filter(ledger.events["begins"].is_null()[rows["event_ix"]])
    event = ledger.events[rows["event_ix"]]
    deal = ledger.deals[event["deal_ix"]]
    rows = rows.with_columns(
        deal["source"], deal["external_id"], event["line"], event["stage"],
        reason=pl.col("code").replace_strict(_REASONS, return_dtype=pl.String),
    ).with_columns(_without_rate(ledger, credits, rows))  # fmt: skip
    keys = ["source", "external_id", "line", "stage", "code", "plan", "component"]
    return shaped(rows, UNCREDITED).sort(keys, nulls_last=True)


def _without_rate(ledger: Book, credits: Credits, rows: pl.DataFrame) -> pl.Expr:
    """The reason, which names table, pair and date where a plan has a table and the table no rate."""
    reason = pl.col("reason")
    for credited in credits.by_plan:
        plan, fx = credited.reading.plan, credited.reading.plan.fx
        if fx is None:
            continue
        missing = credited.reading.exchange.unrated & credited.reading.in_force
        here = (rows["code"] == "CURRENCY_WITHOUT_RATE") & (rows["plan"] == plan.plan) & missing[rows["event_ix"]]
        event = ledger.events.select("currency_code", "closed_date")[rows["event_ix"]]
        day = text_of(str(plan.effective)) if fx.rate == "plan_rate" else event["closed_date"].cast(pl.String)
        into = f" to {plan.currency} on "
        told = _words(f"the table `{fx.table}` has no rate from ", event["currency_code"], into, day, "; load one")
        reason = pl.when(here).then(told).otherwise(reason)
    return reason.alias("reason")


def deal_pay(ledger: Book, paid: Mapping[Key, Paid]) -> pl.DataFrame:
    """DEAL_PAY: the deals whose pay over all participants and plans is above the warning share of their size (C6)."""
    currencies = {found.clauses[-1].plan.currency for found in paid.values()}
    found = [_dear_deals(ledger, paid.values(), currency) for currency in sorted(currencies)]
    return joined(found, DEAL_PAY).sort("source", "external_id")


def _dear_deals(ledger: Book, paid: Iterable[Paid], currency: str) -> pl.DataFrame:
    """What the plans in one currency pay for each deal, against its size in that currency: at the rates of the first
    plan that converts, and without the deals for which it has none."""
    paid = [found for found in paid if found.clauses[-1].plan.currency == currency]
    exchanges = [found.clauses[-1].credited.reading.exchange for found in paid]
    exchange = next((found for found in exchanges if found.rate_ix is not None), exchanges[0])
    rows = pl.concat([_amounts(found) for found in paid])
    rows = rows.filter(pl.col("subject") < ledger.events.height)
    if rows.is_empty():
        return pl.DataFrame(schema=dict(DEAL_PAY))
    deal_ix = ledger.events["deal_ix"][rows["subject"]]
    summed = rows.with_columns(deal_ix).group_by("deal_ix").agg(pay_minor=pl.col("amount_minor").sum())
    size = exchange.sizes(ledger).sort("deal_ix")["size_minor"]
    sized = summed.with_columns(size[summed["deal_ix"]])
    part, whole = WARNING_SHARE
    dear = pl.col("pay_minor").cast(pl.Int128) * whole > pl.col("size_minor").cast(pl.Int128) * part
    unrated = ledger.events["deal_ix"].filter(exchange.unrated).unique()
    sized = sized.filter(dear, ~pl.col("deal_ix").is_in(unrated.implode()))
    deal = ledger.deals[sized["deal_ix"]].select("source", "external_id")
    return shaped(sized.hstack(deal).with_columns(text_of(currency).alias("currency_code")), DEAL_PAY)


def _amounts(paid: Paid) -> pl.DataFrame:
    """The event and the amount of every line of one component that pays for a deal."""
    if paid.entries is None or paid.lines is None:
        return pl.DataFrame(schema={"subject": pl.UInt32, "amount_minor": pl.Int64})
    own = paid.lines.head(paid.entries.height).select("amount_minor").with_columns(paid.entries["subject"])
    more = paid.lines.slice(paid.entries.height).select("list", "place", "amount_minor").drop_nulls("list")
    more = (
        more.join(paid.entries.select("list", "place", "subject"), on=["list", "place"]) if more.height else own.clear()
    )
    rows = pl.concat([frame.select("subject", "amount_minor") for frame in (own, more)])
    return rows.filter(pl.col("amount_minor") != 0, pl.col("subject").is_not_null())
