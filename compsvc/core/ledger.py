"""The ledger: what was posted, what is true now, and the entries that make up the difference (B1, B2, T3).

Posted and true are compared per subject: a part of a line of a participant's component and measurement period, and what
is done with it (payable, held, used, released, forfeited). What differs is posted in the open pay period, whatever pay
period it belongs to by itself; a closed one is never edited. Each transaction has two legs of opposite sign, so that
the accounts of a participant always sum to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from compsvc.core.adjustments import ADJUSTED
from compsvc.core.advances import ADVANCE_EARNED
from compsvc.core.advances import ADVANCED as PAID_AHEAD
from compsvc.core.facts import Schema
from compsvc.core.holds import HOLD_RELEASED, ON_HOLD
from compsvc.core.money import to_minor
from compsvc.core.pay import ACCOUNT, COMES_IN, OPENINGS, PAYABLE, SINCE, account_month
from compsvc.core.reserve import FORFEITED, HELD, RELEASED, USED

EARNED, ADVANCED, HELD_BACK, OWED, PAID, RECOVERABLE = "earned", "advanced", "held", "payable", "paid", "recoverable"
LEDGER_ACCOUNTS = (EARNED, ADVANCED, HELD_BACK, OWED, PAID, RECOVERABLE)

EVENT = ["participant_id", "plan", "component", "period", "source", "external_id", "line", "stage", "activity"]
SUBJECT = [*EVENT, "step", "part", "kind", "currency_code"]

POSTED: Schema = {  # what all sealed runs have posted of each subject
    **dict.fromkeys(("participant_id", "plan", "component", "period", "source", "external_id"), pl.String),
    **dict.fromkeys(("line", "stage"), pl.Int64),
    "activity": pl.String,
    **dict.fromkeys(("step", "part"), pl.Int64),
    **dict.fromkeys(("kind", "currency_code"), pl.String),
    "amount_minor": pl.Int64,
    "first_pay_period": pl.String,  # in which it was posted first
}

AMOUNTS: Schema = {name: dtype for name, dtype in POSTED.items() if name != "first_pay_period"}  # one row a subject

DIFFERENCES: Schema = {  # one row a subject that differs; what is to be posted
    **AMOUNTS,
    "effective_date": pl.Date,  # when it became payable by itself; of what is no more true, null
    "revision": pl.String,  # of the plan that says so; null where none does any more
    "corrects_pay_period": pl.String,  # of what was posted before, the first one; of what comes late, its own one
}

ENTRIES: Schema = {  # the legs; `transaction` numbers those that belong together, from 1
    "transaction": pl.Int64,
    "account": pl.String,
    **DIFFERENCES,
}

LEGS: Mapping[str, tuple[str, str]] = {  # by kind: the account that is debited, and the one that is credited
    PAYABLE: (EARNED, OWED),
    HELD: (OWED, HELD_BACK),
    USED: (HELD_BACK, OWED),
    RELEASED: (HELD_BACK, OWED),
    FORFEITED: (OWED, EARNED),
    ADJUSTED: (EARNED, OWED),
    ON_HOLD: (OWED, HELD_BACK),
    HOLD_RELEASED: (HELD_BACK, OWED),
    PAID_AHEAD: (ADVANCED, EARNED),
    ADVANCE_EARNED: (EARNED, ADVANCED),
    "carried": (RECOVERABLE, OWED),
    "lent": (RECOVERABLE, OWED),
    "topped_up": (EARNED, OWED),
    "recovered_draw": (OWED, RECOVERABLE),
    "recovered_negative": (OWED, RECOVERABLE),
    "forgiven_draw": (EARNED, RECOVERABLE),
    "forgiven_negative": (EARNED, RECOVERABLE),
    "paid": (OWED, PAID),
    "opening_earned": (EARNED, PAID),
    "opening_advanced": (ADVANCED, PAID),
    "opening_held": (PAID, HELD_BACK),
    "opening_draw": (RECOVERABLE, PAID),
    "opening_negative": (RECOVERABLE, PAID),
}
OPENING = ("opening_earned", "opening_advanced", "opening_held", "opening_draw", "opening_negative")
OF_SUBJECTS = (*COMES_IN, PAID_AHEAD, ADVANCE_EARNED)  # kinds that belong to a line
OF_STEPS = (
    *("carried", "lent", "topped_up", "recovered_draw", "recovered_negative", "forgiven_draw", "forgiven_negative"),
)  # kinds that belong to an account
OF_BALANCES: Mapping[str, Mapping[str, int]] = {  # what each balance grows and shrinks by
    "draw_minor": {"opening_draw": 1, "lent": 1, "recovered_draw": -1, "forgiven_draw": -1},
    "negative_minor": {"opening_negative": 1, "carried": 1, "recovered_negative": -1, "forgiven_negative": -1},
}


def true_subjects(moves: pl.DataFrame, before: date) -> pl.DataFrame:
    """Pay.moves and advances that are due before a day, by subject; two moves of one subject are one amount."""
    due = moves.filter(pl.col("payable_date") < before)
    due = due.with_columns(pl.col(pl.Categorical).cast(pl.String))
    summed = due.group_by(SUBJECT, maintain_order=True).agg(
        pl.col("amount_minor").cast(pl.Int128).sum(),
        effective_date=pl.col("payable_date").max(),
        revision=pl.col("revision").last(),
    )
    return summed.with_columns(to_minor(pl.col("amount_minor")))


def differences(true: pl.DataFrame, posted: pl.DataFrame, open_start: date) -> pl.DataFrame:
    """What has to be posted so that what is posted is true. Equal sides leave nothing: a second run posts nothing."""
    both = true.join(
        posted.rename({"amount_minor": "_posted"}), on=SUBJECT, how="full", nulls_equal=True, coalesce=True
    )
    owed = pl.col("amount_minor").fill_null(0).cast(pl.Int128) - pl.col("_posted").fill_null(0)
    late = pl.when(pl.col("effective_date") < open_start).then(pl.col("effective_date").dt.to_string("%Y-%m"))
    more = (
        pl.col("kind").is_in([RELEASED, HOLD_RELEASED]) & (pl.col("effective_date") >= open_start) & (owed > 0)
    )  # of a further stage
    found = both.with_columns(
        to_minor(owed).alias("amount_minor"),
        corrects_pay_period=pl.when(~more.fill_null(value=False)).then(pl.coalesce("first_pay_period", late)),
    )
    return found.filter(pl.col("amount_minor") != 0).select(*DIFFERENCES).sort(SUBJECT, nulls_last=True)


def account_steps(
    found: pl.DataFrame, openings: pl.DataFrame, terms: pl.DataFrame, month: date, runs: pl.DataFrame | None = None,
    unsigned: Sequence[str] = (),
) -> pl.DataFrame:  # fmt: skip
    """The sequential step of one pay period over what is posted in it: rows of pay.ACCOUNTS, one an account. Who stands
    under no words of pay carries a negative amount on until it is recovered (T3). `runs`: pay.RUNS, by account.
    `unsigned`: from whom nothing is recovered (J3)."""
    return account_month(found.with_columns(payable_date=pl.lit(month)), terms, openings, month, runs, unsigned)


def entries(found: pl.DataFrame, accounts: pl.DataFrame, before: pl.DataFrame | None = None) -> pl.DataFrame:
    """ENTRIES of DIFFERENCES, and of the steps of accounts after them: two legs each, debit above zero. `before`: what
    earlier runs of the pay period have booked; of its steps only the rest is."""
    own = pl.concat(_of_accounts(accounts))
    steps = pl.concat([found, own if before is None else _rest(own, before)], how="diagonal").select(*DIFFERENCES)
    numbered = steps.with_row_index("transaction", offset=1).with_columns(pl.col("transaction").cast(pl.Int64))
    debits = numbered.with_columns(account=_account(0))
    legs = [debits, numbered.with_columns(account=_account(1), amount_minor=-pl.col("amount_minor"))]
    return pl.concat(legs).sort("transaction", maintain_order=True).select(*ENTRIES)


def _account(side: int) -> pl.Expr:
    """Of a kind the account that is debited (0) or credited (1)."""
    return pl.col("kind").replace_strict({kind: legs[side] for kind, legs in LEGS.items()}, return_dtype=pl.String)


def _of_accounts(accounts: pl.DataFrame) -> list[pl.DataFrame]:
    let_go = pl.col("opening_draw_minor") + pl.col("lent_minor") - pl.col("recovered_draw_minor") - pl.col("draw_minor")
    amounts = {
        "carried": pl.col("carried_minor"),
        "recovered_draw": pl.col("recovered_draw_minor"),
        "recovered_negative": pl.col("recovered_negative_minor"),
        "lent": pl.col("lent_minor"),
        "topped_up": pl.col("top_up_minor") - pl.col("lent_minor"),
        "forgiven_draw": let_go,
        "forgiven_negative": pl.col("forgiven_minor") - let_go,
    }
    return [
        accounts.select(
            *("participant_id", "currency_code", "plan", "revision"), kind=pl.lit(kind), amount_minor=amount,
            effective_date=pl.col("month"),
        ).filter(pl.col("amount_minor") != 0)
        for kind, amount in amounts.items()
    ]  # fmt: skip


def _rest(steps: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """What of the steps of a pay period is not booked yet; a step that is no more true is booked back."""
    key = [*ACCOUNT, "kind"]
    had = debits(before).filter(pl.col("kind").is_in(list(OF_STEPS)), pl.col("amount_minor") != 0)
    summed = had.group_by(key).agg(
        pl.col("plan", "revision", "effective_date").last(), _had=to_minor(pl.col("amount_minor").cast(pl.Int128).sum())
    )
    both = steps.join(summed, on=key, how="full", coalesce=True).with_columns(
        pl.coalesce(name, f"{name}_right") for name in ("plan", "revision", "effective_date")
    )
    rest = both.with_columns(pl.col("amount_minor").fill_null(0) - pl.col("_had").fill_null(0))
    return rest.filter(pl.col("amount_minor") != 0).select(steps.columns).sort("kind", *ACCOUNT)


def debits(ledger: pl.DataFrame) -> pl.DataFrame:
    """Of each transaction the leg that says by how much."""
    of_kind = pl.col("kind").replace_strict({kind: legs[0] for kind, legs in LEGS.items()}, return_dtype=pl.String)
    return ledger.filter(pl.col("account") == of_kind)


def posted_of(ledger: pl.DataFrame) -> pl.DataFrame:
    """POSTED of all entries: ENTRIES with `pay_period`."""
    of_lines = ledger.filter(pl.col("kind").is_in(OF_SUBJECTS), pl.col("amount_minor") != 0)
    summed = (
        debits(of_lines)
        .group_by(SUBJECT, maintain_order=True)
        .agg(pl.col("amount_minor").cast(pl.Int128).sum(), first_pay_period=pl.col("pay_period").min())
    )
    return summed.with_columns(to_minor(pl.col("amount_minor"))).select(*POSTED)


def cutover_of(ledger: pl.DataFrame) -> date:
    """The first day that the ledger pays for: what became payable before it stands in the opening balances (B3)."""
    last = ledger.filter(pl.col("kind").is_in(list(OPENING)))["effective_date"].max()
    assert last is None or isinstance(last, date)
    return date.min if last is None else last + timedelta(days=1)


def openings_of(ledger: pl.DataFrame, month: date) -> pl.DataFrame:
    """pay.OPENINGS: what every account still owes before a pay period."""
    rows = ledger.filter(pl.col("account") == RECOVERABLE)
    balances = {
        name: (pl.col("amount_minor").cast(pl.Int128) * pl.col("kind").is_in(list(kinds)).cast(pl.Int128)).sum()
        for name, kinds in OF_BALANCES.items()
    }
    of_periods = rows.group_by(*ACCOUNT, "pay_period").agg(**balances).sort(*ACCOUNT, "pay_period")
    closing = of_periods.with_columns(pl.col(name).cum_sum().over(ACCOUNT) for name in OF_BALANCES)
    found = closing.group_by(ACCOUNT).agg(
        *(to_minor(pl.col(name).last()) for name in OF_BALANCES),
        *(_open_since(name).alias(since) for name, since in SINCE.items()),
        first_date=pl.lit(month, dtype=pl.Date),
    )
    return found.select(*OPENINGS)


def _open_since(balance: str) -> pl.Expr:
    """The first pay period after the last one that closed without the balance; null where it is not open."""
    settled = pl.col("pay_period").filter(pl.col(balance) <= 0).max()
    after = pl.col("pay_period").filter((pl.col("pay_period") > settled).fill_null(value=True))
    return after.min().str.to_date("%Y-%m")


def balances(ledger: pl.DataFrame) -> pl.DataFrame:
    """One row a participant and currency: each account in its own sign, and `unexplained_minor`, which is zero (B2)."""
    signs = {**dict.fromkeys((EARNED, ADVANCED, RECOVERABLE), 1), **dict.fromkeys((HELD_BACK, OWED, PAID), -1)}
    wide = pl.col("amount_minor").cast(pl.Int128)
    sums = {
        f"{account}_minor": (wide * (pl.col("account") == account).cast(pl.Int128)).sum() * sign
        for account, sign in signs.items()
    }
    found = ledger.group_by(ACCOUNT).agg(**sums, unexplained_minor=wide.sum()).sort(ACCOUNT)
    return found.with_columns(to_minor(pl.col(name)) for name in (*sums, "unexplained_minor"))
