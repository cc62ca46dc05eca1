"""Whether losses can be taken back: of a deal that is there, not before it, and of no more than it is worth (T1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args

import polars as pl

from compsvc.core.checks_law import kept_losses
from compsvc.core.checks_rules import NOTHING, ROW, Frames, Rule, faults_of, matching, one_of, refuse, say
from compsvc.core.facts import DEAL
from compsvc.core.losses import LossKind, Side, line_sizes, lost_parts

if TYPE_CHECKING:
    from compsvc.core.plan import Plan


def check_losses(frames: Frames, found: list[pl.DataFrame], plans: Sequence[Plan]) -> None:
    if frames["losses"].is_empty():
        return
    refuse("losses", frames, found, faults_of("losses", frames["losses"], _own_rules()))
    lines = line_sizes(*(frames[kind] for kind in ("deals", "deal_lines", "stages")), only=frames["losses"])
    refuse("losses", frames, found, [_of_no_deal(frames["losses"], lines)])
    dealt = frames["losses"].join(_deals(lines), on=DEAL, how="left", maintain_order="left")
    refuse("losses", frames, found, faults_of("losses", dealt, _deal_rules()))
    losses, people = frames["losses"], _people(frames, lines)
    faults = [_too_much(losses, lines), _silent(losses, people, plans), kept_losses(losses, people, plans)]
    refuse("losses", frames, found, faults)


def _own_rules() -> list[Rule]:
    amount, share = pl.col("amount_minor"), pl.col("share_num")
    once = say("a loss says what is lost once: by `amount`, or by `share`, of which 100% is everything.")
    below = say("amount_minor {} is below zero. What is lost is written as it is, without a sign.", "amount_minor")
    return [
        one_of("kind", get_args(LossKind), "UNKNOWN_LOSS_KIND"),
        one_of("attributable_to", get_args(Side), "UNKNOWN_SIDE"),
        Rule("LOSS_AMOUNT_OR_SHARE", "amount", amount.is_null() == share.is_null(), once),
        Rule("NEGATIVE_AMOUNT", "amount_minor", amount < 0, below),
    ]


def _of_no_deal(losses: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    unknown = losses.join(lines, on=DEAL, how="anti", maintain_order="left")
    deal = say("no deal `{}` of source `{}` was taken. Mend the id, or load the deal first.", *reversed(DEAL))
    of_line = losses.filter(pl.col("line").is_not_null()).join(lines, on=[*DEAL, "line"], how="anti")
    of_line = of_line.join(unknown, on=ROW, how="anti")
    line = say("deal `{}` has no line {}. Leave `line` empty for all of its lines.", "external_id", "line")
    always = pl.lit(value=True)
    return pl.concat(
        [
            matching("losses", unknown, Rule("UNKNOWN_DEAL", "external_id", always, deal)),
            matching("losses", of_line, Rule("UNKNOWN_LINE", "line", always, line)),
        ]
    )


def _deals(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.group_by(DEAL).agg(
        _closed=pl.col("closed_date").first(), _currency=pl.col("currency_code").first(),
    )  # fmt: skip


def _deal_rules() -> list[Rule]:
    early = say("the loss is of {}, and the deal was closed on {}. Mend a date.", "loss_date", "_closed")
    other = say("the loss is in `{}`, the deal in `{}`. Give the amount in the deal's currency.",
                "currency_code", "_currency")  # fmt: skip
    differs = pl.col("currency_code") != pl.col("_currency")
    return [
        Rule("LOSS_BEFORE_DEAL", "loss_date", pl.col("loss_date") < pl.col("_closed"), early),
        Rule("CURRENCY_NOT_OF_DEAL", "currency_code", differs, other),
    ]


def _too_much(losses: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """All losses of a line together, each as parts of a common whole."""
    if losses.is_empty():
        return NOTHING
    real = losses.filter(~pl.col("withdrawn").fill_null(value=False))
    parts = lost_parts(real, lines).filter(pl.col("lost_so_far") > pl.col("whole"))
    above = losses.join(parts, on=ROW, how="semi", maintain_order="left")
    told = say(
        "what is lost of deal `{}` comes to more than the deal, this and earlier losses together. Lower one, or say of "
        "the one that does not hold that it is withdrawn.",
        "external_id",
    )
    return matching("losses", above, Rule("LOSS_ABOVE_DEAL", "amount", pl.lit(value=True), told))


def _people(frames: Frames, lines: pl.DataFrame) -> pl.DataFrame:
    """By deal, the assignments in force on its close date of all whom it or its account names."""
    dates = lines.select(*DEAL, "closed_date").unique()
    sellers = frames["deals"].select(*DEAL, participant_id="seller_id")
    named = [sellers, *(frames[kind].select(*DEAL, "participant_id") for kind in ("splits", "deal_roles"))]
    people = pl.concat([frame.join(dates, on=DEAL) for frame in named])
    owned = frames["deals"].join(dates, on=DEAL, how="semi").select(*DEAL, "account_id", "closed_date")
    owners = owned.join(frames["ownerships"], on="account_id").filter(_covers("closed_date"))
    people = pl.concat([people, owners.select(*DEAL, "participant_id", "closed_date")])
    return people.join(frames["assignments"], on="participant_id").filter(_covers("closed_date"))


def _silent(losses: pl.DataFrame, people: pl.DataFrame, plans: Sequence[Plan]) -> pl.DataFrame:
    """A loss of a deal on which somebody is named whose plan does not say what losses take back."""
    silent = sorted({plan.plan for plan in plans if not plan.says_clawback})
    if not silent or losses.is_empty():
        return NOTHING
    bound = people.filter(pl.col("plan").is_in(silent)).group_by(DEAL).agg(pl.col("plan").min())
    told = say(
        "plan `{}` does not say what a loss takes back, and deal `{}` is paid under it. Write `clawback` there, or "
        "`clawback: no`.",
        *("plan", "external_id"),
    )
    concerned = losses.join(bound, on=DEAL, maintain_order="left")
    return matching("losses", concerned, Rule("CLAWBACK_MISSING", "loss_id", pl.lit(value=True), told))


def _covers(day: str) -> pl.Expr:
    return (pl.col("start_date") <= pl.col(day)) & (pl.col("end_date").is_null() | (pl.col(day) < pl.col("end_date")))
