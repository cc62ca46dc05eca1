"""Whether opportunities can be forecast: their stages are there, and what they hope for makes sense."""

from __future__ import annotations

from typing import get_args

import polars as pl

from compsvc.core.checks_rules import (
    Frames,
    Known,
    Rule,
    faults_of,
    matching,
    negative_term,
    one_of,
    refuse,
    say,
    unknown_id,
)
from compsvc.core.currencies import EXPONENTS
from compsvc.core.limits import MAX_DAYS
from compsvc.core.pipeline_stages import CATEGORIES, DEFAULT, OPEN_CATEGORIES, PPM
from compsvc.core.plan_credits import DealType


def check_pipeline(frames: Frames, found: list[pl.DataFrame], known: Known) -> None:
    """The company's stages first: an opportunity that stands in a refused one is refused as well."""
    stages = frames["pipeline_stages"]
    if not stages.height and not frames["opportunities"].height:
        return
    refuse(
        "pipeline_stages", frames, found, [*faults_of("pipeline_stages", stages, _stage_rules()), _same_place(stages)]
    )
    given = frames["pipeline_stages"].sort("position", "stage")["stage"].to_list()
    there = given if stages.height else DEFAULT["stage"].to_list()
    rules = _opportunity_rules(known, there)
    refuse("opportunities", frames, found, faults_of("opportunities", frames["opportunities"], rules))


def _stage_rules() -> list[Rule]:
    limit = pl.col("limit_days")
    told = say(f"limit_days {{}} is not between 1 and {MAX_DAYS:,}. Leave it out where there is none.", "limit_days")
    return [
        _probability(),
        one_of("category", CATEGORIES, "UNKNOWN_CATEGORY"),
        Rule("LIMIT_OUT_OF_RANGE", "limit_days", (limit < 1) | (limit > MAX_DAYS), told),
    ]


def _same_place(stages: pl.DataFrame) -> pl.DataFrame:
    """Stages have an order; two at one place would leave open which is the further one."""
    twice = pl.col("position").is_duplicated() & pl.col("position").is_not_null()
    told = say("position {} is that of another stage as well. Give each its own.", "position")
    return matching("pipeline_stages", stages, Rule("POSITION_TWICE", "position", twice, told))


def _opportunity_rules(known: Known, stages: list[str]) -> list[Rule]:
    amount, code = "amount_minor", pl.col("currency_code")
    missing = code.is_null() & pl.col(amount).is_not_null()
    unknown = say("currency_code `{}` is no currency of ISO 4217. Write it as `EUR`.", "currency_code")
    return [
        unknown_id("account_id", known.accounts, "UNKNOWN_ACCOUNT"),
        unknown_id("seller_id", known.participants, "UNKNOWN_PARTICIPANT"),
        _stage_unknown(stages),
        one_of("category", OPEN_CATEGORIES, "UNKNOWN_CATEGORY"),
        one_of("type", get_args(DealType), "UNKNOWN_TYPE"),
        _probability(),
        Rule("REQUIRED", "currency_code", missing, say("an amount needs its currency_code.")),
        Rule("UNKNOWN_CURRENCY", "currency_code", ~code.is_in(list(EXPONENTS)), unknown),
        Rule("NEGATIVE_AMOUNT", amount, pl.col(amount) < 0, say("amount_minor {} is below zero.", amount)),
        _before_opened("expected_close_date", "CLOSE_BEFORE_OPENED"),
        negative_term(),
    ]


def _stage_unknown(stages: list[str]) -> Rule:
    bad = pl.col("stage").is_not_null() & ~pl.col("stage").is_in(stages)
    there = ", ".join(stages) or "none"
    told = say(f"there is no stage `{{}}`. Stages: {there}. Mend it, or add it to pipeline_stages.", "stage")
    return Rule("STAGE_UNKNOWN", "stage", bad, told)


def _probability() -> Rule:
    ppm = pl.col("probability_ppm")
    told = say("a probability of {} parts per million is not between 0% and 100%.", "probability_ppm")
    return Rule("PROBABILITY_OUT_OF_RANGE", "probability_ppm", (ppm < 0) | (ppm > PPM), told)


def _before_opened(field: str, code: str) -> Rule:
    told = say(f"{field} {{}} is before opened_date {{}}. Mend one of them.", field, "opened_date")
    return Rule(code, field, pl.col(field) < pl.col("opened_date"), told)
