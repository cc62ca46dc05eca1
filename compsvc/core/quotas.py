"""The effective quotas of the parts of periods: what is there of the assignment, weighed and rounded once (M2, M4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import polars as pl

from compsvc.core.book import Book
from compsvc.core.measures import Clause
from compsvc.core.money import Rounding, round_ratio, rounded, to_minor
from compsvc.core.plan import Plan
from compsvc.core.proration import QuotaTerms, Situation, quota_share, target_share

if TYPE_CHECKING:
    from compsvc.core.quota_parts import Revised

Sides = Mapping[str, Sequence[QuotaTerms]]  # `own` and `edge`: the terms of each curve of the component
FIGURES = {"own": "own_quota_minor", "edge": "quota_minor"}
_GROUP = ["participant_ix", "period"]
_REASONS = ("entry", "exit", "leave", "part_time")
_KEY = ["curve", "period_start", "period_end", "window_start", "window_end", "leaves", "workload_ppm"]
_KEY += ["ramp_start", "ramp_given"]
_FOUND = dict.fromkeys(("num", "den", "target_num", "target_den"), pl.Int128)
PPM = 1_000_000


def sides(clauses: Sequence[Clause | Revised], position: str) -> Sides:
    """Of the component, and of the one whose quota its tiers are shares of (M1)."""
    own = [QuotaTerms.of(clause.plan, clause.component) for clause in clauses]
    if position == clauses[-1].name:
        return {"own": own, "edge": own}
    edge = [QuotaTerms.of(clause.plan, clause.plan.components.get(position, clause.component)) for clause in clauses]
    return {"own": own, "edge": edge}


def reduces(of: Sides) -> bool:
    """Whether any quota may be other than the whole of its period."""
    return any(_reduced(each) for each in of.values())


def _reduced(terms: Sequence[QuotaTerms]) -> bool:
    return any(each.prorate is not None or each.ramp_up is not None for each in terms)


def with_shares(book: Book, parts: pl.DataFrame, of: Sides, *, carry: str | None) -> pl.DataFrame:
    """Adds the shares that count of each part: own_num and own_den, edge_num and edge_den, target_num and target_den;
    and window_days, the days that a part answers for. A part of no day of its assignment is whole."""
    parts = parts.with_row_index("row")
    real = parts.filter(pl.col("part_start") < pl.col("part_end"))
    own = detailed(book, real, of["own"], carry=carry)
    edge = own if of["edge"] is of["own"] else detailed(book, real, of["edge"], carry=carry)
    own = own.select(
        "row", "window_days", "target_num", "target_den", own_num="num", own_den="den", edge_num=edge["num"],
        edge_den=edge["den"],
    )  # fmt: skip
    whole = [pl.col(name).fill_null(0 if name == "window_days" else 1) for name in own.columns if name != "row"]
    parts = parts.join(own, on="row", how="left", maintain_order="left").with_columns(whole).drop("row")
    if carry != "blend":
        return parts
    parts = _with_target_shared_out(parts if _reduced(of["own"]) else _by_own_days(parts), of["own"])
    return parts.with_columns(
        blend_days=pl.col("window_days").sum().over(_GROUP) if _reduced(of["own"]) else _days_of("period")
    )


def _by_own_days(parts: pl.DataFrame) -> pl.DataFrame:
    """Where only the component whose quota the tiers are shares of takes something off: the own figures are weighed as
    they are where neither does, each part by its days of the period's (M2)."""
    parts = parts.with_columns(window_days=_days_of("part").clip(0))
    several = (pl.col("window_days") > 0).sum().over(_GROUP) > 1
    return parts.with_columns(
        own_num=pl.when(several).then("window_days").otherwise(1).cast(pl.Int128),
        own_den=pl.when(several).then(_days_of("period")).otherwise(1).cast(pl.Int128),
    )


def _days_of(span: str) -> pl.Expr:
    return (pl.col(f"{span}_end") - pl.col(f"{span}_start")).dt.total_days()


def _with_target_shared_out(parts: pl.DataFrame, terms: Sequence[QuotaTerms]) -> pl.DataFrame:
    """Where nothing is taken off the target, the parts of a blended period share it out by the days they answer for."""
    curves = [curve for curve, of in enumerate(terms) if of.prorate is None or of.prorate.of != "quota and target"]
    days = pl.col("window_days").sum().over(_GROUP)
    shares = pl.col("curve").is_in(curves) & (days > 0)
    return parts.with_columns(
        target_num=pl.col("target_num") * pl.when(shares).then("window_days").otherwise(1),
        target_den=pl.col("target_den") * pl.when(shares).then(days).otherwise(1),
    )


def detailed(book: Book, parts: pl.DataFrame, terms: Sequence[QuotaTerms], *, carry: str | None) -> pl.DataFrame:
    """By row: the share of the quota and of the target, the days that it is for, and what it follows from."""
    reasons = pl.DataFrame(
        [(curve, *(of.prorates(reason) for reason in _REASONS)) for curve, of in enumerate(terms)],
        schema={"curve": pl.UInt32, **dict.fromkeys(_REASONS, pl.Boolean)},
        orient="row",
    )
    rows = _with_exits(book, parts.join(reasons, on="curve", how="left", maintain_order="left"))
    rows = _with_ramp(book, _with_leaves(book, _with_workload(book, _windows(rows, carry=carry))), terms)
    given = rows.filter(pl.col("window_days") > 0).select(_KEY).unique(maintain_order=True)
    figures = [_figures(terms, row) for row in given.iter_rows(named=True)]
    given = given.hstack(pl.DataFrame(figures, schema=_FOUND, orient="row"))
    return rows.join(given, on=_KEY, how="left", maintain_order="left", nulls_equal=True)


def _figures(terms: Sequence[QuotaTerms], row: Mapping[str, Any]) -> tuple[int, int, int, int]:
    of, situation = terms[row["curve"]], situation_of(row)
    quota = quota_share(of, situation)
    target = target_share(of, situation) if of.on_target else Fraction(1)
    return quota.numerator, quota.denominator, target.numerator, target.denominator


def situation_of(row: Mapping[str, Any]) -> Situation:
    spans = [span.split("/") for span in row["leaves"].split()]
    return Situation(
        period=(row["period_start"], row["period_end"]),
        window=(row["window_start"], row["window_end"]),
        leaves=tuple((date.fromisoformat(start), date.fromisoformat(end)) for start, end in spans),
        workload=Fraction(row["workload_ppm"], PPM),
        ramp_start=row["ramp_start"],
        ramp_given=row["ramp_given"],
    )


def _windows(rows: pl.DataFrame, *, carry: str | None) -> pl.DataFrame:
    """The days of the period that a part answers for: its own, and beyond them where nothing is taken off for entry or
    exit. `continue` is one span for all parts, `reset` one for each; `blend` shares the period out among them (M2)."""
    first, last = pl.col("part_start"), pl.min_horizontal("part_end", "gone")
    start, end = pl.col("period_start"), pl.col("period_end")
    if carry == "continue":
        first, last = first.min().over(_GROUP), last.max().over(_GROUP)
    if carry == "blend":
        following = pl.col("part_start").shift(-1).over(_GROUP)
        start = pl.when(first == first.min().over(_GROUP)).then("period_start").otherwise(first)
        end = pl.coalesce(following, "period_end")
    window = {
        "window_start": pl.when("entry").then(first).otherwise(start),
        "window_end": pl.when("exit").then(last).otherwise(end),
    }
    rows = rows.with_columns(**window)
    return rows.with_columns(window_days=(pl.col("window_end") - pl.col("window_start")).dt.total_days().clip(0))


def _with_exits(book: Book, rows: pl.DataFrame) -> pl.DataFrame:
    """`gone`: the day after the participant's first exit since the assignment began."""
    left = book.exits.sort("last_date")
    if left.is_empty():
        return rows.with_columns(gone=pl.lit(None, dtype=pl.Date))
    began = book.assignments["start_date"][rows["assignment_ix"]].alias("began")
    keyed = rows.select("row", "participant_ix", began).sort("began")
    found = keyed.join_asof(
        left.select("participant_ix", "last_date"), left_on="began", right_on="last_date", by="participant_ix",
        strategy="forward", check_sortedness=False,
    ).sort("row")  # fmt: skip
    return rows.with_columns((found["last_date"].dt.offset_by("1d")).alias("gone"))


def _with_workload(book: Book, rows: pl.DataFrame) -> pl.DataFrame:
    """How much of full time counts, in millionths."""
    workload = book.assignments["workload_ppm"][rows["assignment_ix"]].fill_null(PPM)
    return rows.with_columns(workload_ppm=pl.when("part_time").then(workload).otherwise(PPM))


def _with_leaves(book: Book, rows: pl.DataFrame) -> pl.DataFrame:
    """`leaves`: those within the window, as text: `2026-03-01/2026-06-01 ...`."""
    away = rows.filter("leave").select("row", "participant_ix", "window_start", "window_end")
    away = away.join(book.leaves, on="participant_ix").with_columns(
        one=pl.max_horizontal("start_date", "window_start"), two=pl.min_horizontal("end_date", "window_end")
    )
    spans = away.filter(pl.col("one") < pl.col("two")).sort("row", "one")
    span = pl.concat_str([pl.col("one").cast(pl.String), pl.col("two").cast(pl.String)], separator="/")
    told = spans.group_by("row", maintain_order=True).agg(leaves=span.str.join(" "))
    return rows.join(told, on="row", how="left", maintain_order="left").with_columns(pl.col("leaves").fill_null(""))


def _with_ramp(book: Book, rows: pl.DataFrame, terms: Sequence[QuotaTerms]) -> pl.DataFrame:
    """`ramp_start`, only where the ramp-up touches the period; `ramp_given` where the assignment says it."""
    nothing = {"ramp_start": pl.lit(None, dtype=pl.Date), "ramp_given": pl.lit(value=False)}
    if not any(of.ramp_up for of in terms):
        return rows.with_columns(**nothing)
    ramps = [(curve, of.ramp_up.months, of.ramp_up.start) for curve, of in enumerate(terms) if of.ramp_up]
    schema = {"curve": pl.UInt32, "ramp_months": pl.Int64, "ramp_from": pl.String}
    told = pl.DataFrame([(curve, len(months), start) for curve, months, start in ramps], schema=schema, orient="row")
    assigned = book.assignments.select(
        "assignment_ix",
        pl.col("ramp_up_date").alias("given"),
        pl.col("start_date").min().over("participant_ix").alias("first assignment"),
        pl.col("start_date").min().over("participant_ix", "plan").alias("first assignment to this plan"),
    )
    rows = rows.join(told, on="curve", how="left", maintain_order="left")
    rows = rows.join(assigned, on="assignment_ix", how="left", maintain_order="left")
    counted = pl.when(pl.col("ramp_from") == "first assignment").then("first assignment")
    start = pl.coalesce("given", counted.otherwise("first assignment to this plan"))
    rows = rows.with_columns(ramp_start=start, ramp_given=pl.col("given").is_not_null())
    over = pl.col("ramp_start").dt.offset_by(pl.concat_str([pl.col("ramp_months").cast(pl.String), pl.lit("mo")]))
    touches = ((pl.col("ramp_start") < pl.col("period_end")) & (over > pl.col("period_start"))).fill_null(value=False)
    return rows.with_columns(ramp_start=pl.when(touches).then("ramp_start"), ramp_given=touches & pl.col("ramp_given"))


# --- what the shares make of the figures ---------------------------------------------------------------------------


def reduced(parts: pl.DataFrame, clauses: Sequence[Clause]) -> pl.DataFrame:
    """Each part's quotas times their shares, each rounded once by its own revision."""
    return parts.with_columns(
        _times(pl.col(name), pl.col(f"{side}_num"), pl.col(f"{side}_den"), clauses).alias(name)
        for side, name in FIGURES.items()
    )


def target_reduced(binds: pl.DataFrame, clauses: Sequence[Clause]) -> pl.DataFrame:
    """The period's target times its share."""
    share = _times(pl.col("target_minor"), pl.col("target_num"), pl.col("target_den"), clauses)
    return binds.with_columns(target_minor=share)


def _times(amount: pl.Expr, num: pl.Expr, den: pl.Expr, clauses: Sequence[Clause]) -> pl.Expr:
    product = amount.cast(pl.Int128) * num
    of_mode: dict[Rounding, list[int]] = {}
    for clause in clauses:
        of_mode.setdefault(clause.plan.rounding, []).append(clause.curve)
    (first, _), *others = of_mode.items()
    found = rounded(product, den, first)
    for mode, curves in others:
        found = pl.when(pl.col("curve").is_in(curves)).then(rounded(product, den, mode)).otherwise(found)
    return to_minor(found)


def shared_out(parts: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """`carry: blend`: one row per participant and period. Quotas are each part's times its share; figures of the full
    year are weighed by the days that each part answers for. All are rounded once; the rest is the latest part's."""
    rows = []
    for _, group in parts.sort(*_GROUP, "part_start").group_by(_GROUP, maintain_order=True):
        rows.append(_blend(group.rows(named=True), plan.rounding))
    return pl.DataFrame(rows, schema=parts.schema, orient="row")


def _blend(parts: Sequence[dict[str, Any]], rounding: Rounding) -> dict[str, Any]:
    there = [part for part in parts if part["window_days"]] or parts[-1:]
    found = {**there[-1]}
    for side, name in FIGURES.items():
        found[name] = _weighed(there, name, f"{side}_num", f"{side}_den", rounding)
    for name in ("quota_year_minor", "target_incentive_minor") if len(there) > 1 else ():
        found[name] = _weighed(there, name, "window_days", "blend_days", rounding)
    target = sum((Fraction(part["target_num"], part["target_den"]) for part in there), Fraction(0))
    found["target_num"], found["target_den"] = target.numerator, target.denominator
    return found


def _weighed(parts: Sequence[Mapping[str, Any]], name: str, num: str, den: str, rounding: Rounding) -> int | None:
    if any(part[name] is None for part in parts):
        return None
    whole = sum((Fraction(part[name] * part[num], part[den]) for part in parts), Fraction(0))
    return round_ratio(whole.numerator, whole.denominator, rounding)
