"""Whether a deal's revision may have the cause that it gives (L4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import polars as pl

from compsvc.core.changes import CUSTOMER_CHANGE, PLACE, VALUES, Cause, dropped, sizes_lost, with_earlier
from compsvc.core.checks_rules import Frames, Rule, Said, faults_of, matching, one_of, say
from compsvc.core.facts import DEAL


def change_faults(deals: pl.DataFrame, parts: Frames, earlier: pl.DataFrame) -> list[pl.DataFrame]:
    said = pl.any_horizontal(pl.col("cause", "changed_date", "change_evidence").is_not_null())
    named = deals.filter(said) if deals.height else deals
    if named.is_empty():
        return []
    return [*faults_of("deals", named, _rules()), *_of_changes(named, parts, earlier)]


def _rules() -> list[Rule]:
    change = pl.col("cause").eq_missing(CUSTOMER_CHANGE)
    dated, shown = pl.col("changed_date").is_not_null(), pl.col("change_evidence").is_not_null()
    undated = say("a customer change has a day, from which on the customer has less. Give `changed_date`.")
    idle = say("changed_date and change_evidence are those of a `cause` customer_change. Leave them out, or say it.")
    pending = say("the deal is pending, and nothing of it is credited that could be lost. Say data_correction.")
    accepted = say(
        "the acceptance is withdrawn, and yet the deal has accepted_time {}. Leave it empty; whoever accepts the deal "
        "again says so in a later revision.",
        "accepted_time",
    )
    withdrawn = pl.col("cause").eq_missing("acceptance_withdrawn") & pl.col("accepted_time").is_not_null()
    return [
        one_of("cause", get_args(Cause), "UNKNOWN_CAUSE"),
        Rule("CHANGE_UNDATED", "changed_date", change & ~dated, undated),
        Rule("CHANGE_NOT_SAID", "cause", ~change & (dated | shown), idle),
        Rule("CHANGE_OF_PENDING", "cause", change & pl.col("accepted_time").is_null(), pending),
        Rule("WITHDRAWN_AND_ACCEPTED", "accepted_time", withdrawn, accepted),
    ]


def _of_changes(deals: pl.DataFrame, parts: Frames, earlier: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """What a customer change tells, beside what the revision before it told."""
    changed = deals.filter(pl.col("cause") == CUSTOMER_CHANGE)
    if changed.is_empty():
        return
    told = with_earlier(changed, parts["deal_lines"], parts["stages"], earlier)
    here, on = changed.select(*DEAL, "revision"), [*DEAL, "revision"]
    steps, sizes = (frame.join(here, on=on, how="semi") for frame in (dropped(told), sizes_lost(told)))
    known, less = steps.select(DEAL).unique(), sizes.filter(pl.col("lost_minor") > 0)
    of_nothing = say(
        "no revision of deal `{}` before {} is known, so that nothing says what the customer had. Load the deal as it "
        "was first; a run on files states what is lost in losses.csv.",
        *("external_id", "revision"),
    )
    yield matching("deals", changed.join(known, on=DEAL, how="anti"), _always("CHANGE_OF_NOTHING", of_nothing))
    more = steps.filter(pl.any_horizontal(pl.col(*VALUES) < 0)).sort(PLACE).unique(DEAL, keep="first")
    raised = changed.join(more.select(*DEAL, place="line"), on=DEAL)
    raises = say(
        "line {} is worth more than before. What a customer takes more is an order of its own, an upsell; what was "
        "told too low is a data_correction.",
        "place",
    )
    yield matching("deals", raised, _always("CHANGE_RAISES", raises))
    idle = changed.join(known, on=DEAL, how="semi").join(less, on=DEAL, how="anti").join(more, on=DEAL, how="anti")
    nothing = say(
        "no line is worth less than before: its annual value, of a ramp the last committed level, and its one-time "
        "value. State what else the customer has lost, such as a shorter term, as a loss."
    )
    yield matching("deals", idle, _always("CHANGE_LOWERS_NOTHING", nothing))


def _always(code: str, message: Said) -> Rule:
    return Rule(code, "cause", pl.lit(value=True), message)
