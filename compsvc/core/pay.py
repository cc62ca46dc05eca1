"""The sequential half: what each pay period pays, once the earnings stand (T3, T4).

Payable now, after reserves in and out, is A. It may be negative, and then joins the negative balance. Recovery is taken
from max(A, 0) within `negative`; a draw or guarantee tops up what is below it; payout = max(A, 0) - recovery + top-up.
One *account* a participant and currency: balances of several plans stand together, currencies never do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from compsvc.core import payable, reserve
from compsvc.core.adjustments import ADJUSTED, adjusted
from compsvc.core.advances import advances, may_advance
from compsvc.core.facts import Facts, Schema
from compsvc.core.holds import HOLD_RELEASED, ON_HOLD, is_of_deals, on_hold
from compsvc.core.leavers import at_most_paid, forfeits, kept, with_exits
from compsvc.core.pay_terms import BALANCE, keeps_account, terms_by_month
from compsvc.core.plan import Plan
from compsvc.core.plan_revisions import latest
from compsvc.core.results import Result

ACCOUNT = ["participant_id", "currency_code"]
PAYABLE = "payable"
HOLDABLE = {
    PAYABLE: 1,
    reserve.FORFEITED: -1,
    reserve.HELD: -1,
    reserve.USED: 1,
    reserve.RELEASED: 1,
}  # to A, by kind of move of a line
COMES_IN = {**HOLDABLE, ADJUSTED: 1, ON_HOLD: -1, HOLD_RELEASED: 1}  # to A, by kind of move

ACCOUNTS: Schema = {  # one row an account and pay period, from its first one on
    "participant_id": pl.String,
    "currency_code": pl.String,
    "month": pl.Date,  # the first day of the pay period
    "plan": pl.String,  # whose words decide
    "revision": pl.String,
    "available_minor": pl.Int64,  # A: payable now, after reserves in and out
    "opening_draw_minor": pl.Int64,
    "opening_negative_minor": pl.Int64,
    "carried_minor": pl.Int64,  # what A lacks
    "forgiven_minor": pl.Int64,  # of it, or of the balances of a leaver
    "recovered_draw_minor": pl.Int64,
    "recovered_negative_minor": pl.Int64,
    "top_up_minor": pl.Int64,
    "top_up_kind": pl.String,  # draw or guarantee; null without
    "lent_minor": pl.Int64,  # of the top-up, what is recoverable
    "payout_minor": pl.Int64,
    "draw_minor": pl.Int64,  # closing balances
    "negative_minor": pl.Int64,
}

OPENINGS: Schema = {  # what closed pay periods have left; empty for a run on files
    "participant_id": pl.String,
    "currency_code": pl.String,
    "first_date": pl.Date,  # of the first open pay period: everything before it is paid
    "draw_minor": pl.Int64,
    "negative_minor": pl.Int64,
    "draw_since": pl.Date,  # the pay period since which it stands open without a break; null where it does not
    "negative_since": pl.Date,
}


RUNS = {  # of an account in a pay period that is paid in runs; terms without them are of one run that nobody rejected
    "returned_minor": pl.Int64,  # payouts that were rejected, and are paid again in it
    "run_minor": pl.Int64,  # what its earlier runs have paid, those that were rejected included
}


@dataclass(frozen=True)
class Pay:
    """`moves` are parts of lines (LINES with `part`, `whole_minor`, `kind`): payable, held, used, released, ...

    `advances` are such rows too: what of the payable ones is not earned yet. They change no payout.
    """

    moves: pl.DataFrame
    accounts: pl.DataFrame
    advances: pl.DataFrame


def pay(
    result: Result,
    plans: Sequence[Plan],
    facts: Facts,
    *,
    until: date,
    participant_id: str | None = None,
    openings: pl.DataFrame | None = None,
    holds: bool = True,
) -> Pay:
    """Everything that becomes payable before `until`, and the accounts of those whose plans keep one. `holds`: beside
    a ledger they go by what is booked instead (holds_booked.py)."""
    lines, parts = _parts(result, plans, facts, until, participant_id)
    held = _reserved(parts, plans, facts)
    parts = at_most_paid(parts, held)
    moves = _moves(parts, held).filter(pl.col("payable_date") < until).rechunk()
    if holds and is_of_deals(facts.holds).height:
        moves = pl.concat([moves, on_hold(moves, HOLDABLE, facts.holds, until)]).rechunk()
    if facts.adjustments.height:
        moves = pl.concat([moves, adjusted(facts, until, participant_id)], how="diagonal").rechunk()
    ahead = advances(lines, kept(parts), plans, result.progress)
    terms = terms_by_month(plans, facts, _first(moves), until, participant_id)
    accounts = _accounts(moves, terms, openings if openings is not None else pl.DataFrame(schema=OPENINGS))
    return Pay(moves, accounts, ahead.filter(pl.col("payable_date") < until))


def has_pay_words(plans: Sequence[Plan]) -> bool:
    """Whether any plan says more than that each line is paid by itself, at once."""
    return any(
        plan.reserve or plan.leaver or keeps_account(plan) or not payable.is_plain(plan) or may_advance(plan)
        for plan in plans
    )


def _parts(
    result: Result, plans: Sequence[Plan], facts: Facts, until: date, participant_id: str | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lines, and the parts in which they are due."""
    assert result.lines is not None, "pay is made of lines"
    lines = result.lines if participant_id is None else result.of("lines", "participant_id", participant_id)
    lines = lines.filter(pl.col("payable_date") < until)
    return lines, with_exits(payable.due(lines, plans, result.progress), plans, facts, result.earnings)


def _moves(parts: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    due = parts.filter(pl.col("payable_date").is_not_null()).with_columns(kind=pl.lit(PAYABLE))
    return pl.concat([due, forfeits(parts), held], how="diagonal")


def _reserved(parts: pl.DataFrame, plans: Sequence[Plan], facts: Facts) -> pl.DataFrame:
    """What reserves hold, use, release and lose."""
    holding = {plan.plan: plan for plan in latest(plans) if plan.reserve is not None}
    frames = [parts.clear().with_columns(kind=pl.lit(None, dtype=pl.String))]
    liable = reserve.starts(facts) if holding else None
    for name, plan in sorted(holding.items()):
        assert liable is not None
        own = kept(parts.filter(pl.col("plan") == name))
        frames.append(reserve.reserved(own, plan, liable, reserve.increments(facts, plan)))
    return pl.concat(frames, how="diagonal")


def _first(moves: pl.DataFrame) -> date | None:
    found = moves["payable_date"].min()
    assert found is None or isinstance(found, date)
    return found


def account_month(
    moves: pl.DataFrame, terms: pl.DataFrame, openings: pl.DataFrame, month: date, runs: pl.DataFrame | None = None,
    unsigned: Sequence[str] = (),
) -> pl.DataFrame:  # fmt: skip
    """One pay period of every account that something comes to or that owes something, as ACCOUNTS. From those who have
    not signed their terms nothing is recovered (J3)."""
    runs = pl.DataFrame(schema={**dict.fromkeys(ACCOUNT, pl.String), **RUNS}) if runs is None else runs
    those = [frame.select(pl.col(ACCOUNT).cast(pl.String)) for frame in (moves, openings, runs)]
    own = (
        terms.filter(pl.col("month") == month)
        if terms.height
        else pl.DataFrame(schema=dict.fromkeys(ACCOUNT, pl.String))
    )
    bare = pl.concat(those).unique().join(own, on=ACCOUNT, how="anti").sort(ACCOUNT)
    plain = bare.with_columns(month=pl.lit(month, dtype=pl.Date), **PLAIN)
    rows = pl.concat([own, plain], how="diagonal_relaxed").join(runs, on=ACCOUNT, how="left", maintain_order="left")
    rows = rows.with_columns(pl.col(*RUNS).fill_null(0))
    if unsigned:
        blocked = pl.col("participant_id").is_in(list(unsigned))
        rows = rows.with_columns(recover_num=pl.when(~blocked).then("recover_num").otherwise(ZERO))
    return _accounts(moves, rows, openings)


PLAIN = {  # the words of who stands under none: what is owed is recovered whole, as soon as there is pay
    **{name: pl.lit(0, dtype=pl.Int64) for name in ("floor_minor", "floor_below_zero_minor", "never_below_minor")},
    **{name: pl.lit(1, dtype=pl.Int64) for name in ("recover_num", "recover_den", "draw_num", "draw_den")},
    **{name: pl.lit(value=True) for name in ("draw_recovers", "carries")},
    **{name: pl.lit(value=False) for name in ("recoverable", "forgives_draw", "forgives_negative")},
    "owes_at_most_minor": pl.lit(None, dtype=pl.Int64),
    "floor_kind": pl.lit(None, dtype=pl.String),
    "order": pl.lit("oldest first"),
    **{name: pl.lit(None, dtype=pl.String) for name in ("plan", "revision")},
}


# --- one account after the other month


def _accounts(moves: pl.DataFrame, terms: pl.DataFrame, openings: pl.DataFrame) -> pl.DataFrame:
    if terms.is_empty():
        return pl.DataFrame(schema=dict(ACCOUNTS))
    sign = pl.col("kind").replace_strict(COMES_IN, default=0, return_dtype=pl.Int64)
    arrived = (
        moves.group_by(*ACCOUNT, month=pl.col("payable_date").dt.truncate("1mo"))
        .agg(available_minor=(pl.col("amount_minor").cast(pl.Int128) * sign).sum())
        .with_columns(pl.col("available_minor").cast(pl.Int64, strict=True), pl.col("currency_code").cast(pl.String))
    )
    rows = terms.join(arrived, on=[*ACCOUNT, "month"], how="left").with_columns(pl.col("available_minor").fill_null(0))
    rows = rows.join(openings.rename({"draw_minor": "_draw", "negative_minor": "_negative"}), on=ACCOUNT, how="left")
    rows = rows.filter(pl.col("first_date").is_null() | (pl.col("month") >= pl.col("first_date")))
    state = rows.select(
        *ACCOUNT,
        *SINCE.values(),
        draw_minor=pl.col("_draw").fill_null(0),
        negative_minor=pl.col("_negative").fill_null(0),
    ).unique()
    rows = rows.drop(*SINCE.values())
    found = []
    for (_,), of_month in sorted(rows.partition_by("month", as_dict=True).items()):
        stepped = _month(of_month.join(state, on=ACCOUNT, how="left"))
        found.append(stepped.select(*ACCOUNTS))
        after = stepped.select(*ACCOUNT, *BALANCE, *SINCE.values())
        state = pl.concat([state.join(after, on=ACCOUNT, how="anti"), after.select(state.columns)])
    return pl.concat(found).sort(*ACCOUNT, "month") if found else pl.DataFrame(schema=dict(ACCOUNTS))


SINCE = {"draw_minor": "draw_since", "negative_minor": "negative_since"}  # since when each balance stands open
ZERO = pl.lit(0, dtype=pl.Int64)


def _month(rows: pl.DataFrame) -> pl.DataFrame:
    """One pay period of every account, from the balances before it to those after it (T3)."""
    rows = rows.with_columns(
        opening_draw_minor="draw_minor",
        opening_negative_minor="negative_minor",
        positive=pl.max_horizontal("available_minor", ZERO),
        carried_minor=pl.max_horizontal(-pl.col("available_minor"), ZERO),
        **{name: pl.lit(0, dtype=pl.Int64) for name in RUNS if name not in rows.columns},
    )
    rows = rows.with_columns(most_minor=_at_most())
    rows = _recovered(rows)
    below_zero = pl.min_horizontal("floor_minor", "floor_below_zero_minor")
    floor = pl.when(pl.col("available_minor") < 0).then(below_zero).otherwise("floor_minor")
    top_up = pl.max_horizontal(floor - pl.col("positive"), ZERO)
    rows = rows.with_columns(top_up_minor=pl.when("recoverable").then(_lent(top_up)).otherwise(top_up))
    rows = rows.with_columns(
        top_up_kind=pl.when(pl.col("top_up_minor") > 0).then("floor_kind"),
        lent_minor=pl.when("recoverable").then("top_up_minor").otherwise(ZERO),
        payout_minor=pl.col("positive")
        - pl.col("recovered_draw_minor")
        - pl.col("recovered_negative_minor")
        + pl.col("top_up_minor"),
    )
    return _closed(_beside_runs(rows))


def _lent(top_up: pl.Expr) -> pl.Expr:
    """As much of a top-up as the balance, after what is recovered of it, may still grow by."""
    room = pl.col("owes_at_most_minor") - (pl.col("opening_draw_minor") - pl.col("recovered_draw_minor"))
    return pl.when(room.is_null()).then(top_up).otherwise(pl.min_horizontal(top_up, pl.max_horizontal(room, ZERO)))


def _beside_runs(rows: pl.DataFrame) -> pl.DataFrame:
    """What came back unpaid makes up for what the pay period lacks, before anything is carried; what its earlier runs
    have paid above what it comes to now is carried as well."""
    used = pl.min_horizontal("returned_minor", "carried_minor")
    payout = pl.col("payout_minor") + pl.col("returned_minor") - used
    above = pl.max_horizontal(pl.col("run_minor") - payout, ZERO)
    return rows.with_columns(payout_minor=payout + above, carried_minor=pl.col("carried_minor") - used + above)


def _at_most() -> pl.Expr:
    """What all recoveries of the pay period may take together: within the share, and beside what is to be left."""
    wide = pl.col("positive").cast(pl.Int128) * pl.col("recover_num") // pl.col("recover_den")
    left = pl.max_horizontal(pl.col("positive") - pl.col("never_below_minor"), ZERO)
    return pl.min_horizontal(wide.cast(pl.Int64, strict=True), left)


def _recovered(rows: pl.DataFrame) -> pl.DataFrame:
    """From both balances in the plan's order, each within its own limit."""
    own = (pl.col("positive").cast(pl.Int128) * pl.col("draw_num") // pl.col("draw_den")).cast(pl.Int64, strict=True)
    draw = pl.when("draw_recovers").then(pl.min_horizontal("opening_draw_minor", own)).otherwise(ZERO)
    rows = rows.with_columns(_draw=draw, _negative=pl.col("opening_negative_minor"))
    older = (pl.col("draw_since") < pl.col("negative_since")).fill_null(value=False)
    draw_first = (pl.col("order") == "draw first") | ((pl.col("order") == "oldest first") & older)
    first = pl.when(draw_first).then("_draw").otherwise("_negative")
    second = pl.when(draw_first).then("_negative").otherwise("_draw")
    rows = rows.with_columns(_first=pl.min_horizontal(first, "most_minor"), _draw_first=draw_first)
    rows = rows.with_columns(_second=pl.min_horizontal(second, pl.col("most_minor") - pl.col("_first")))
    return rows.with_columns(
        recovered_draw_minor=pl.when("_draw_first").then("_first").otherwise("_second"),
        recovered_negative_minor=pl.when("_draw_first").then("_second").otherwise("_first"),
    )


def _closed(rows: pl.DataFrame) -> pl.DataFrame:
    """The balances after the pay period, and since when each stands."""
    joins = pl.when("carries").then("carried_minor").otherwise(ZERO)
    rows = rows.with_columns(
        draw_minor=pl.col("opening_draw_minor") - pl.col("recovered_draw_minor") + pl.col("lent_minor"),
        negative_minor=pl.col("opening_negative_minor") - pl.col("recovered_negative_minor") + joins,
        forgiven_minor=pl.col("carried_minor") - joins,
    )
    let_go = [pl.when(f"forgives_{name}").then(f"{name}_minor").otherwise(ZERO) for name in ("draw", "negative")]
    rows = rows.with_columns(forgiven_minor=pl.col("forgiven_minor") + let_go[0] + let_go[1])
    rows = rows.with_columns(
        pl.when(f"forgives_{name}").then(ZERO).otherwise(f"{name}_minor").alias(f"{name}_minor")
        for name in ("draw", "negative")
    )
    return rows.with_columns(
        pl.when(pl.col(balance) > 0).then(pl.coalesce(since, "month")).alias(since) for balance, since in SINCE.items()
    )


OF_ACCOUNTS = ("carried", "recovery", "draw", "guarantee")


def account_moves(accounts: pl.DataFrame) -> Mapping[str, pl.Expr]:
    """What each nature of an account adds to the lines' own money, so that all together are the payout."""
    assert "payout_minor" in accounts.columns
    return {
        "carried": pl.col("carried_minor"),
        "recovery": -(pl.col("recovered_draw_minor") + pl.col("recovered_negative_minor")),
        "draw": pl.when(pl.col("top_up_kind") == "draw").then("top_up_minor").otherwise(ZERO),
        "guarantee": pl.when(pl.col("top_up_kind") == "guarantee").then("top_up_minor").otherwise(ZERO),
    }
