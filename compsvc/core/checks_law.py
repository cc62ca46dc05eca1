"""Whether assignments keep the law of their place: by their plans, and by what losses may take back (J1, J2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from compsvc.core.checks_rules import NOTHING, ROW, Rule, matching, say
from compsvc.core.jurisdiction import EMPLOYEE, Terms, broken, profile_of

if TYPE_CHECKING:
    from compsvc.core.plan import Plan

_WHOSE = ["plan", "jurisdiction", "payee_class"]
_BROKEN = {**dict.fromkeys([*_WHOSE, "_code", "_said"], pl.String), "_effective": pl.Date, "_until": pl.Date}


def law_broken(assignments: pl.DataFrame, plans: Sequence[Plan]) -> pl.DataFrame:
    """Assignments under a revision that their profile does not allow, or that is made for others."""
    if assignments["jurisdiction"].null_count() == assignments.height:
        return NOTHING
    told = [
        (*whose, problem.code, problem.message, revision.plan.effective, revision.until)
        for whose in assignments.select(_WHOSE).unique().drop_nulls("jurisdiction").sort(_WHOSE).iter_rows()
        for revision in _revisions(plans)
        if revision.plan.plan == whose[0]
        for problem in _problems(revision.plan, *whose[1:])
    ]
    rows = pl.DataFrame(told, schema=_BROKEN, orient="row")
    found = assignments.join(rows, on=_WHOSE, nulls_equal=True).filter(
        pl.col("_effective") < pl.col("end_date").fill_null(date.max), pl.col("start_date") < pl.col("_until")
    )
    found = found.unique([ROW, "_code", "_said"], maintain_order=True).sort(ROW, maintain_order=True)
    other = pl.col("_code") == _OTHER
    both = (
        Rule(_OTHER, "jurisdiction", other, say("{}", "_said")),
        Rule("JURISDICTION_BROKEN", "jurisdiction", ~other, say("plan `{}`: {} {}", "plan", "_code", "_said")),
    )
    return pl.concat([matching("assignments", found, rule) for rule in both])


_OTHER = "JURISDICTION_NOT_OF_PLAN"


@dataclass(frozen=True, slots=True)
class _Revision:
    plan: Plan
    until: date


def _revisions(plans: Sequence[Plan]) -> Iterator[_Revision]:
    for plan in plans:
        later = [other.effective for other in plans if other.plan == plan.plan and other.effective > plan.effective]
        yield _Revision(plan, min(later, default=date.max))


@dataclass(frozen=True, slots=True)
class _Said:
    code: str
    message: str


def _problems(plan: Plan, jurisdiction: str, payee_class: str | None) -> Iterator[_Said]:
    made_for, payee = plan.made_for, payee_class or EMPLOYEE
    if made_for is not None and not (jurisdiction in made_for.jurisdictions and payee in made_for.payees):
        allowed = f"{', '.join(made_for.payees)} in {', '.join(made_for.jurisdictions)}"
        message = (
            f"plan `{plan.plan}` is made for {allowed}, not for {payee} in {jurisdiction}. Assign another plan, or "
            f"mend `made_for` at {made_for.at}."
        )
        yield _Said(_OTHER, message)
    words = {name: getattr(plan, name) for name in type(plan).model_fields}
    for problem in broken(Terms(words, plan.components, plan.at), jurisdiction, payee_class):
        yield _Said(problem.code, f"{problem.message} ({problem.at})")


def kept_losses(losses: pl.DataFrame, people: pl.DataFrame, plans: Sequence[Plan]) -> pl.DataFrame:
    """Losses that may take nothing back of somebody on the deal: the company caused them, or nobody shows what was done
    to keep the contract. `people`: assignments by deal, in force when it was closed."""
    taking = [plan.plan for plan in plans if any(map(plan.clawback_of, plan.components))]
    whose = people.filter(pl.col("plan").is_in(taking)).drop_nulls("jurisdiction")
    classes = whose.select("jurisdiction", "payee_class").unique()
    kept = [row for row in classes.iter_rows() if profile_of(*row).company_losses_kept]
    schema = dict.fromkeys(("jurisdiction", "payee_class"), pl.String)
    bound = whose.join(pl.DataFrame(kept, schema=schema, orient="row"), on=list(schema), nulls_equal=True)
    if bound.is_empty():
        return NOTHING
    deal = ["source", "external_id"]
    bound = bound.group_by(deal).agg(pl.col("jurisdiction", "participant_id").sort_by("participant_id").first())
    rows = losses.filter(~pl.col("withdrawn").fill_null(value=False)).join(bound, on=deal, maintain_order="left")
    company = pl.col("attributable_to") == "company"
    caused = say(
        "`{}` is paid under the law of {}, where nothing is taken back for what the company caused (J2). Say of the "
        "loss that it is withdrawn, or mend `attributable_to`.",
        *("participant_id", "jurisdiction"),
    )
    unshown = say(
        "`{}` is paid under the law of {}, where nothing is taken back without evidence of what was done to keep the "
        "contract (J2). Write it in `evidence`.",
        *("participant_id", "jurisdiction"),
    )
    rules = (
        Rule("LOSS_OF_THE_COMPANY", "attributable_to", company, caused),
        Rule("LOSS_WITHOUT_EVIDENCE", "evidence", ~company & pl.col("evidence").is_null(), unshown),
    )
    return pl.concat([matching("losses", rows, rule) for rule in rules])
