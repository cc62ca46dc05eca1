"""What changed terms would change in months that are paid: found by a run, kept by its seal, decided on later (T5)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from compsvc.core import ledger, proposals
from compsvc.core.cutover import chooses, happened_before
from compsvc.core.facts import Facts
from compsvc.core.ledger import EVENT, OF_SUBJECTS
from compsvc.core.money import to_minor
from compsvc.core.payroll_run import RunContent
from compsvc.core.plan import Plan
from compsvc.core.proposals import KEPT, Before, Terms
from compsvc.core.results import Result
from compsvc.service.calculation import Calculation, Calculations, calculated
from compsvc.service.payroll_ports import PARTS, Adjustment, PayrollStore, Renewed, Run

Changed = Mapping[str, frozenset[str] | None]


def last_run(store: PayrollStore, *, before: str = "") -> Run | None:
    """The run whose terms today's are compared with: of everybody, the last one that was sealed of the last month, or
    of the last month before another; of those off the cycle where there are no others."""
    sealed = [run for run in store.runs() if run.state == "sealed" and (not before or run.pay_period < before)]
    everybody = [run for run in sealed if not run.participant_ids]
    return max(everybody or sealed, key=lambda run: (run.pay_period, run.book_position), default=None)


def before(store: PayrollStore, calculations: Calculations, calculation: Calculation) -> Before | None:
    """Today's deals under the terms that go for what earlier pay periods owed; None before the first run."""
    last = last_run(store)
    if last is None:
        return None
    kept = pl.concat([store.kept(), _booked_since(store, last)]).unique(EVENT, keep="first", maintain_order=True)
    under: dict[int, Terms] = {}
    changed: dict[str, frozenset[str] | None] = {}
    for position in sorted({last.book_position, *kept["terms_position"]}):
        terms, since = _under(store, calculations, calculation, position)
        if terms is not None:
            under[position] = terms
        for cause, names in since.items():
            had = changed.get(cause, frozenset())
            changed[cause] = None if names is None or had is None else had | names
    return Before(last.book_position, kept, under, changed)


def _under(
    store: PayrollStore, calculations: Calculations, calculation: Calculation, position: int
) -> tuple[Terms | None, Changed]:
    """Today's deals under the terms at a position; None where those are today's."""

    def made() -> tuple[Terms | None, Changed]:
        plans, old = calculations.terms_at(position)
        changed = proposals.changed_terms(old, calculation.facts, plans, calculation.plans)
        if not changed:
            return None, changed
        facts = proposals.under_terms_of(old, calculation.facts)
        result = calculated(calculations.calculate, plans, facts)
        return Terms(result, plans, facts, _then(store, calculations, plans, facts)), changed

    return calculations.answer(calculation, ("terms", position), made)


def then(store: PayrollStore, calculations: Calculations, calculation: Calculation) -> Result | None:
    """What follows from what had happened before the cut-over, by today's terms; None where that does not matter."""
    plans, facts = calculation.plans, calculation.facts
    cutover = ledger.cutover_of(store.cutover_entries())
    return calculations.answer(calculation, ("then", cutover), lambda: _then(store, calculations, plans, facts))


def _then(store: PayrollStore, calculations: Calculations, plans: Sequence[Plan], facts: Facts) -> Result | None:
    cutover = ledger.cutover_of(store.cutover_entries())
    if cutover == date.min or not chooses(plans):
        return None
    return calculated(calculations.calculate, plans, happened_before(facts, cutover))


def _booked_since(store: PayrollStore, last: Run) -> pl.DataFrame:
    """KEPT: events that a run after the last one, or off the cycle where there are no others, has booked in the pay
    period to which they belong. They go by the terms of that run."""
    after = -1 if last.participant_ids else last.book_position
    sealed = {run.run_id: run.book_position for run in store.runs() if run.state == "sealed"}
    positions = {run_id: position for run_id, position in sealed.items() if position > after}
    if not positions:
        return pl.DataFrame(schema=KEPT)
    position = pl.col("run_id").replace_strict(positions, default=None, return_dtype=pl.Int64)
    first = pl.coalesce("corrects_pay_period", "pay_period").min().over(EVENT)
    rows = store.ledger().filter(pl.col("kind").is_in(OF_SUBJECTS)).filter(pl.col("pay_period") == first)
    found = rows.group_by(EVENT, maintain_order=True).agg(terms_position=position.max())
    found = found.filter(pl.col("terms_position").is_not_null())
    return found.with_columns(state=pl.lit(None, dtype=pl.String)).select(*KEPT)


def renewed(store: PayrollStore, run: Run, content: RunContent, terms: Before | None) -> Renewed:
    """A proposal on which nobody has decided stays as long as it comes to the same."""
    if content.leaves is None or terms is None:
        return Renewed((), pl.DataFrame(schema=PARTS), ())
    found = [_named(run, head, terms) for head in proposals.heads(content.proposed).iter_rows(named=True)]
    parts = _parts_of(found, content.proposed)
    waiting = [each for each in store.adjustments() if (each.origin, each.state) == ("proposed", "written")]
    waiting = [each for each in waiting if each.participant_id not in content.leaves]
    new, old = _contents(found, parts), _contents(waiting, store.parts([each.adjustment_id for each in waiting]))
    fresh = [each for each, what in zip(found, new, strict=True) if what not in old]
    gone = [replace(each, state="superseded") for each, what in zip(waiting, old, strict=True) if what not in new]
    own = pl.col("adjustment_id").is_in([each.adjustment_id for each in fresh])
    return Renewed(fresh, parts.filter(own), gone)


def _parts_of(found: Sequence[Adjustment], proposed: pl.DataFrame) -> pl.DataFrame:
    ids = pl.DataFrame(
        [(each.adjustment_id, *(getattr(each, name) or None for name in proposals.HEAD)) for each in found],
        schema={"adjustment_id": pl.String, **dict.fromkeys(proposals.HEAD, pl.String)},
        orient="row",
    )
    parts = proposed.join(ids, on=proposals.HEAD, nulls_equal=True, maintain_order="left")
    return parts.with_columns(place=pl.int_range(pl.len(), dtype=pl.Int64).over("adjustment_id")).select(*PARTS)


def _contents(found: Sequence[Adjustment], parts: pl.DataFrame) -> list[tuple[object, ...]]:
    """What makes a proposal the same one; in which step of its event an amount stands does not matter."""
    key = [name for name in PARTS if name not in ("place", "step", "amount_minor")]
    amount = to_minor(pl.col("amount_minor").cast(pl.Int128).sum())
    rows = parts.group_by(key).agg(amount).rows(named=True)
    by_id: dict[str, set[object]] = {}
    for row in rows:
        by_id.setdefault(row.pop("adjustment_id"), set()).add(tuple(row.items()))
    return [(each.corrects_pay_period, frozenset(by_id[each.adjustment_id])) for each in found]


def _named(run: Run, head: dict[str, object], terms: Before) -> Adjustment:
    what = [run.run_id, *(head[name] for name in proposals.HEAD)]
    text = json.dumps(what, ensure_ascii=False, separators=(",", ":"))
    deals = sorted(head["deals"])  # type: ignore[call-overload]
    about = f" in {', '.join(deals[:3])}{' and others' if len(deals) > 3 else ''}" if deals else ""
    kinds = ", ".join(proposals.causes(head, terms.changed))
    return Adjustment(
        adjustment_id=hashlib.sha256(text.encode()).hexdigest()[:12],
        state="written",
        origin="proposed",
        amount_minor=int(head["amount_minor"]),  # type: ignore[call-overload]
        pay_period=run.pay_period,
        corrects_pay_period=str(head["corrects_pay_period"]),
        kind=kinds,
        reason=f"changed after {head['corrects_pay_period']}: {kinds}{about}",
        evidence="",
        author=run.created_by,
        decider="",
        decision_reason="",
        participant_id=str(head["participant_id"]),
        plan=str(head["plan"] or ""),
        component=str(head["component"] or ""),
        currency_code=str(head["currency_code"]),
    )
