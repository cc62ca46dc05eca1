"""What changed terms would change in months that are paid: found by a run, kept by its seal, decided on later (T5)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import polars as pl

from compsvc.core import proposals
from compsvc.core.proposals import Before
from compsvc.service.calculation import Calculation, Calculations, calculated
from compsvc.service.payroll_ports import PARTS, Adjustment, PayrollStore, Run


def last_run(store: PayrollStore, *, before: str = "") -> Run | None:
    """The run whose terms today's are compared with: of everybody, the last one that was sealed of the last month, or
    of the last month before another; of those off the cycle where there are no others."""
    sealed = [run for run in store.runs() if run.state == "sealed" and (not before or run.pay_period < before)]
    everybody = [run for run in sealed if not run.participant_ids]
    return max(everybody or sealed, key=lambda run: (run.pay_period, run.book_position), default=None)


def before(store: PayrollStore, calculations: Calculations, calculation: Calculation) -> Before | None:
    """Today's deals under the terms of the last run; None where there was none, or all terms are the same."""
    last = last_run(store)
    if last is None:
        return None
    return calculations.answer(
        calculation, ("before", last.book_position), lambda: _before(calculations, calculation, last.book_position)
    )


def _before(calculations: Calculations, calculation: Calculation, position: int) -> Before | None:
    plans, old = calculations.terms_at(position)
    changed = proposals.changed_terms(old, calculation.facts, plans, calculation.plans)
    if not changed:
        return None
    facts = proposals.under_terms_of(old, calculation.facts)
    return Before(calculated(calculations.calculate, plans, facts), plans, facts, changed)


def adjustments_of(run: Run, found: pl.DataFrame, terms: Before | None) -> tuple[Sequence[Adjustment], pl.DataFrame]:
    """PROPOSED as adjustments to decide on, and their PARTS."""
    if found.is_empty() or terms is None:
        return (), pl.DataFrame(schema=dict(PARTS))
    named = [(_named(run, head, terms), head) for head in proposals.heads(found).iter_rows(named=True)]
    ids = pl.DataFrame(
        [
            {"adjustment_id": each.adjustment_id, **{name: head[name] for name in proposals.HEAD}}
            for each, head in named
        ],
        schema={"adjustment_id": pl.String, **dict.fromkeys(proposals.HEAD, pl.String)},
    )
    parts = found.join(ids, on=proposals.HEAD, nulls_equal=True, maintain_order="left")
    place = pl.int_range(pl.len(), dtype=pl.Int64).over("adjustment_id")
    return [each for each, _ in named], parts.with_columns(place=place).select(*PARTS)


def _named(run: Run, head: dict[str, object], terms: Before) -> Adjustment:
    what = [run.run_id, *(head[name] for name in proposals.HEAD)]
    text = json.dumps(what, ensure_ascii=False, separators=(",", ":"))
    deals = sorted(head["deals"])  # type: ignore[call-overload]
    about = f" in {', '.join(deals[:3])}{' and others' if len(deals) > 3 else ''}" if deals else ""
    kinds = ", ".join(proposals.causes(head, terms.changed))
    words = {name: str(head[name] or "") for name in ("participant_id", "plan", "component", "currency_code")}
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
        **words,
    )
