"""A company to measure with: `python -m bench.company --deals N --out DIR` writes DIR/facts/*.parquet and DIR/plans/.

Same number of deals and same seed, same bytes: every figure is drawn from the row's number by splitmix64, column by
column, so a million deals take a few seconds. Per 1,000,000 deals of 2026: 10,000 people (50 directors, 1,000
managers, the rest reps), 250,000 accounts, 10% split deals, 5% ramps, 4% renewals, 1% still waiting for acceptance.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

import polars as pl

from bench.plans import TEXTS

YEAR_START, LEAVING = date(2026, 1, 1), date(2026, 10, 1)
DAYS = 355  # closed dates; what is accepted up to nine days later still lies in the year
PRODUCTS = ("desk-unit", "rack-unit", "storage", "network", "support")
SEGMENTS = ("small", "middle", "large", "public")
REGIONS = ("north", "east", "south", "west", "overseas")
INDUSTRIES = ("retail", "software", "medical", "finance", "energy", "transport")
CHANNELS = ("direct", "direct", "partner", "web")
QUOTA_MINOR = 100_000_00  # a quarter


@dataclass(frozen=True)
class Size:
    """How many of everything, in proportion to the deals."""

    deals: int
    seed: int = 2026

    @property
    def people(self) -> int:
        return max(self.deals // 100, 60)

    @property
    def managers(self) -> int:
        return self.people // 10

    @property
    def directors(self) -> int:
        return max(self.people // 200, 1)

    @property
    def reps(self) -> int:
        return self.people - self.managers - self.directors

    @property
    def accounts(self) -> int:
        return max(self.deals // 4, 1)

    def below(self, what: str, limit: int, of: str = "ix") -> pl.Expr:
        """A number in 0 .. limit - 1 for each row, drawn for `what` from the number in column `of`."""
        key = int.from_bytes(sha256(f"{self.seed}/{what}".encode()).digest()[:8], "big")
        return (_mixed(pl.col(of), key) % limit).cast(pl.Int64)

    def one_of(self, what: str, words: Sequence[str], of: str = "ix") -> pl.Expr:
        return _word(self.below(what, len(words), of), words)


def facts(size: Size) -> dict[str, pl.DataFrame]:
    """The frames by kind. Columns that would hold nothing are left out."""
    deals = _drawn_deals(size)
    return {
        "participants": _participants(size),
        "assignments": _assignments(size),
        "quotas": _quotas(size),
        "accounts": _accounts(size),
        "ownerships": _ownerships(size),
        "deals": _deals(size, deals),
        "stages": _stages(size, deals),
        "splits": _splits(size, deals),
    }


def write(size: Size, folder: Path) -> None:
    """DIR/facts/KIND.parquet and DIR/plans/*.yaml."""
    for name, frame in facts(size).items():
        (folder / "facts").mkdir(parents=True, exist_ok=True)
        frame.write_parquet(folder / "facts" / f"{name}.parquet")
    (folder / "plans").mkdir(parents=True, exist_ok=True)
    for name, text in TEXTS.items():
        (folder / "plans" / name).write_text(text, encoding="utf-8")


# --- who there is


def _participants(size: Size) -> pl.DataFrame:
    everyone = (("R", size.reps), ("M", size.managers), ("V", size.directors))
    frame = pl.concat([_numbered(count).select(participant_id=_id(letter, pl.col("ix"))) for letter, count in everyone])
    return frame.with_columns(display_name=pl.lit("Person ") + pl.col("participant_id"))


def _assignments(size: Size) -> pl.DataFrame:
    """Reps below managers below directors; the last two are on one plan. One rep in forty leaves on 1 October."""
    ix, nobody = pl.col("ix"), pl.lit(None, dtype=pl.String)
    groups = (
        (size.reps, "R", "rep", _id("M", ix * size.managers // size.reps)),
        (size.managers, "M", "manager", _id("V", ix * size.directors // size.managers)),
        (size.directors, "V", "manager", nobody),
    )
    frames = [
        _numbered(count).select(
            participant_id=_id(letter, ix),
            plan=pl.lit(plan),
            start_date=pl.lit(YEAR_START),
            end_date=pl.when(_leaver(ix) & (pl.lit(plan) == "rep")).then(pl.lit(LEAVING)),
            currency_code=pl.lit("USD"),
            manager_id=above,
        )
        for count, letter, plan, above in groups
    ]
    return pl.concat(frames)


def _quotas(size: Size) -> pl.DataFrame:
    return _numbered(size.reps).select(
        participant_id=_id("R", pl.col("ix")),
        plan=pl.lit("rep"),
        start_date=pl.lit(YEAR_START),
        component=pl.lit("commission"),
        amount_minor=pl.lit(QUOTA_MINOR, dtype=pl.Int64),
        per=pl.lit("quarter"),
    )


def _accounts(size: Size) -> pl.DataFrame:
    """Three in ten were customers before the year began: they bring no new logo and open no window."""
    known = pl.when(size.below("known", 10) < 3).then(pl.lit(date(2024, 5, 1)))
    return _numbered(size.accounts).select(
        account_id=_id("A", pl.col("ix")),
        name=pl.lit("Account ") + pl.col("ix").cast(pl.String),
        industry=size.one_of("industry", INDUSTRIES),
        region=size.one_of("region", REGIONS),
        segment=size.one_of("segment", SEGMENTS),
        known_since=known,
    )


def _ownerships(size: Size) -> pl.DataFrame:
    owner = _staying(size.below("owner", size.reps), size)
    return _numbered(size.accounts).select(
        account_id=_id("A", pl.col("ix")), participant_id=_id("R", owner), start_date=pl.lit(YEAR_START)
    )


# --- what is sold


def _drawn_deals(size: Size) -> pl.DataFrame:
    """Numbers only. `holders` is 1, 2 or 3; `last_stage_months` is null where the deal is no ramp."""
    drawn = _numbered(size.deals).with_columns(
        account=size.below("account", size.accounts), pick=size.below("pick", 100), day=size.below("day", DAYS)
    )
    drawn = drawn.with_columns(
        hunter=size.below("hunter", size.reps, of="account"),
        owner=_staying(size.below("owner", size.reps, of="account"), size),
        somebody=size.below("somebody", size.reps),
        closed_date=_day(pl.col("day")),
        start_date=_day(pl.col("day") + 10).dt.month_start().dt.offset_by("1mo"),
    )
    split, ramp = size.below("split", 30), size.below("ramp", 200)
    return drawn.with_columns(
        seller=_seller(),
        annual_minor=_amount_minor(size),
        holders=pl.when(split < 2).then(2).when(split < 3).then(3).otherwise(1),
        last_stage_months=pl.when(ramp < 9).then(12).when(ramp < 10).then(6),  # 6: below the plan's limits
    )


def _seller() -> pl.Expr:
    """Mostly who won the account, then its owner, at times nobody or anybody; none who has left."""
    seller = pl.when(pl.col("pick") < 60).then("hunter").when(pl.col("pick") < 90).then("owner")
    seller = seller.when(pl.col("pick") >= 95).then("somebody")
    gone = _leaver(seller) & (pl.col("closed_date") >= LEAVING)
    return pl.when(~gone).then(seller)


def _amount_minor(size: Size) -> pl.Expr:
    """Odd cents, 500 to 8,500, times 0.4 to 1.6 by who won the account: some reps stay below quota, some pass 150%."""
    return (50_000 + size.below("amount", 800_000)) * (40 + size.below("strength", 121, of="hunter")) // 100


def _deals(size: Size, drawn: pl.DataFrame) -> pl.DataFrame:
    accepted = _day(pl.col("day") + size.below("delay", 10)).cast(pl.Datetime("us"))
    accepted = accepted + pl.duration(minutes=8 * 60 + size.below("minute", 600))
    waits, plain = size.below("waits", 100) == 0, pl.col("last_stage_months").is_null()
    return drawn.select(
        source=pl.lit("crm"),
        external_id=_id("D", pl.col("ix")),
        revision=pl.lit(1, dtype=pl.Int64),
        account_id=_id("A", pl.col("account")),
        seller_id=_id("R", pl.col("seller")),
        closed_date="closed_date",
        accepted_time=pl.when(~waits).then(accepted),
        pending_reason=pl.when(waits).then(pl.lit("no signed order form")),
        currency_code=pl.lit("USD"),
        channel=size.one_of("channel", CHANNELS),
        split_reason=pl.when(pl.col("holders") > 1).then(pl.lit("sold together")),
        product=size.one_of("product", PRODUCTS),
        type=pl.when((size.below("renews", 25) == 0) & plain).then(pl.lit("renewal")),
        start_date=pl.when(plain).then("start_date"),
        end_date=pl.when(plain).then(pl.col("start_date").dt.offset_by("1y")),
        annual_value_minor=pl.when(plain).then("annual_minor"),
        one_time_value_minor=pl.when(size.below("fee", 10) == 0).then(pl.col("annual_minor") // 7),
    )


def _stages(size: Size, drawn: pl.DataFrame) -> pl.DataFrame:
    """Three committed years, the third at twice the first; in one ramp of ten the last is half a year."""
    ramps = drawn.filter(pl.col("last_stage_months").is_not_null()).sort("ix")
    stage = pl.col("stage")
    months = pl.when(stage == 3).then("last_stage_months").otherwise(12)
    start = pl.col("start_date").dt.offset_by(pl.format("{}mo", (stage - 1) * 12))
    return ramps.join(pl.DataFrame({"stage": [1, 2, 3]}), how="cross", maintain_order="left_right").select(
        source=pl.lit("crm"),
        external_id=_id("D", pl.col("ix")),
        line=pl.lit(1, dtype=pl.Int64),
        stage=stage,
        start_date=start,
        end_date=start.dt.offset_by(pl.format("{}mo", months)),
        annual_value_minor=pl.col("annual_minor") * (stage + 1) // 2,
        committed=pl.lit(value=True),
    )


def _splits(size: Size, drawn: pl.DataFrame) -> pl.DataFrame:
    """Two holders share 60:40, three a third each; all of them stay all year."""
    shared = drawn.filter(pl.col("holders") > 1).sort("ix")
    position, thirds = pl.col("position"), pl.col("holders") == 3
    rows = shared.join(pl.DataFrame({"position": [1, 2, 3]}), how="cross", maintain_order="left_right")
    return rows.filter(position <= pl.col("holders")).select(
        source=pl.lit("crm"),
        external_id=_id("D", pl.col("ix")),
        position=position,
        participant_id=_id("R", _staying((pl.col("hunter") + (position - 1) * 7) % size.reps, size)),
        share_num=pl.when(thirds).then(1).when(position == 1).then(3).otherwise(2).cast(pl.Int64),
        share_den=pl.when(thirds).then(3).otherwise(5).cast(pl.Int64),
    )


# --- numbers and names


def _numbered(height: int) -> pl.DataFrame:
    return pl.DataFrame({"ix": pl.int_range(height, dtype=pl.Int64, eager=True)})


def _id(letter: str, number: pl.Expr) -> pl.Expr:
    return pl.lit(letter) + number.cast(pl.String).str.zfill(7)


def _day(number: pl.Expr) -> pl.Expr:
    return pl.lit(YEAR_START) + pl.duration(days=number)


def _word(number: pl.Expr, words: Sequence[str]) -> pl.Expr:
    return number.replace_strict(list(range(len(words))), list(words), return_dtype=pl.String)


def _leaver(rep: pl.Expr) -> pl.Expr:
    return rep % 40 == 7


def _staying(rep: pl.Expr, size: Size) -> pl.Expr:
    """The rep, or the next one where this one leaves."""
    return (rep + _leaver(rep).cast(pl.Int64)) % size.reps


def _mixed(number: pl.Expr, key: int) -> pl.Expr:
    """splitmix64 of key + number: unsigned 64-bit arithmetic, which wraps; a division by 2**k is its shift."""
    mixed = (number.cast(pl.UInt64) + 1) * _u64(0x9E3779B97F4A7C15) + _u64(key)
    mixed = (mixed ^ (mixed // _u64(2**30))) * _u64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed // _u64(2**27))) * _u64(0x94D049BB133111EB)
    return mixed ^ (mixed // _u64(2**31))


def _u64(value: int) -> pl.Expr:
    return pl.lit(value, dtype=pl.UInt64)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.company", description="Write a company to measure with.")
    parser.add_argument("--deals", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    write(Size(given.deals, given.seed), given.out)


if __name__ == "__main__":
    main()
