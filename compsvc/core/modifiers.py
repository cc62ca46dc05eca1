"""Gates and multipliers: one value per measurement period selects the curve on which the whole period is paid (M6).
Of several gates all must be reached.

The value is what the period's row of earnings shows of the component that is asked: its position at the end, and its
quota. Another component may have another `per`: then its period in which the last day of ours lies is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

import polars as pl

from compsvc.core.columns import repeated
from compsvc.core.currencies import EXPONENTS
from compsvc.core.curves import NOTHING, Curve, Multiple, Piece, Template
from compsvc.core.measures import Clause
from compsvc.core.periods import period_index, period_name, period_span
from compsvc.core.plan import COUNTED, Component
from compsvc.core.plan_modifiers import OWN_MEASURE, Gate, Multiplier, MultiplierTier

MILLIONTHS = 10**6
PAYS_NOTHING = Template((Piece(start=NOTHING, slope=NOTHING),))
UNSCALED = 0  # the variant of a curve as the plan writes it; then one per tier of the multiplier, then the shut gate
_KEY = ["participant_ix", "period"]

CHOSEN = {  # why a period stands on the curve it does; one row per participant, period, word and number
    "participant_ix": pl.UInt32,
    "period": pl.Int32,
    "word": pl.String,  # gate, multiplier
    "number": pl.Int64,  # of a gate: its place among the component's gates, from 0
    "of_component": pl.String,
    "of_period": pl.String,
    "position": pl.Int64,
    "quota_minor": pl.Int64,
    "open": pl.Boolean,  # of a gate
    "times_num": pl.Int64,  # of a multiplier
    "times_den": pl.Int64,
}
Standing = Callable[[str], pl.DataFrame]  # participant_ix, period, position, quota_minor of a component by its name


def asked(component: Component) -> set[str]:
    """The components whose measure its gates and its multiplier look at; `own` for itself."""
    gates = {gate.measure for _, gate in selecting(component)}
    return gates | ({component.multiplier.of} if component.multiplier is not None else set())


def selecting(component: Component) -> Sequence[tuple[int, Gate]]:
    """The gates that decide once per period, with their numbers; `above: only` is part of the curve itself."""
    return [(number, gate) for number, gate in enumerate(component.gates) if gate.above is None]


def template(component: Component, times: Fraction = Fraction(1), *, shut: bool = False) -> Template:
    """The component's curve: only what is above its gate where it says so, each slope and jump `times` as high."""
    if shut:
        return PAYS_NOTHING
    made = component.pays.template()
    for gate in component.gates:
        if gate.above is not None:
            made = _only_above(made, gate.at_least)
    return made if times == 1 else scaled(made, times)


def scaled(made: Template, times: Fraction) -> Template:
    def more(multiple: Multiple) -> Multiple:
        return replace(multiple, ratio=multiple.ratio * times)

    pieces = tuple(replace(piece, slope=more(piece.slope), jump=more(piece.jump)) for piece in made.pieces)
    return replace(made, pieces=pieces, every=made.every and replace(made.every, jump=more(made.every.jump)))


def _only_above(made: Template, at_least: Fraction | int) -> Template:
    """Marginal pieces, of which what lies below the gate pays nothing."""
    gate = Multiple(Fraction(at_least), "quota" if isinstance(at_least, Fraction) else "one")
    begun = [piece for piece in made.pieces if piece.start.ratio <= gate.ratio]
    later = [piece for piece in made.pieces if piece.start.ratio > gate.ratio]
    return replace(made, pieces=(PAYS_NOTHING.pieces[0], Piece(start=gate, slope=begun[-1].slope), *later))


def curves(clause: Clause, *, apart: bool) -> list[Curve]:
    """All variants of one revision's curve, the plain one first."""
    component = clause.component
    name = f"{component.at.file}:{component.at.line} {clause.name}"
    templates = [template(component), *(template(component, tier.times) for tier in _tiers(component))]
    templates += [PAYS_NOTHING] if selecting(component) else []
    return [Curve(name=name, template=each, rounding=clause.plan.rounding, pays_apart=apart) for each in templates]


def _tiers(component: Component) -> Sequence[MultiplierTier]:
    return component.multiplier.tiers if component.multiplier is not None else ()


def is_shut(component: Component, variant: pl.Series) -> pl.Series:
    return (variant == 1 + len(_tiers(component))) & bool(selecting(component))


def choose(
    binds: pl.DataFrame, clauses: Sequence[Clause], standing: Standing
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """`binds` with `variant`, and CHOSEN where there is anything to choose."""
    if not any(asked(clause.component) for clause in clauses):
        return binds.with_columns(variant=pl.lit(UNSCALED, dtype=pl.UInt32)), None
    last = binds.group_by(_KEY, maintain_order=True).agg(pl.col("curve").last(), pl.col("pay_target").last())
    variants, reasons = [], []
    for clause in clauses:
        rows = binds.filter(pl.col("curve") == clause.curve).select(_KEY).unique(maintain_order=True)
        told, variant = _of_clause(rows, clause, standing)
        variants.append(rows.with_columns(variant.alias("variant"), pl.lit(clause.curve, pl.UInt32).alias("curve")))
        decides = last.filter(pl.col("curve") == clause.curve, ~pl.col("pay_target")).select(_KEY)
        reasons += [each.join(decides, on=_KEY, how="semi", maintain_order="left") for each in told]
    keyed = binds.join(pl.concat(variants), on=[*_KEY, "curve"], how="left", maintain_order="left")
    return keyed, pl.concat(reasons) if reasons else None


def _of_clause(rows: pl.DataFrame, clause: Clause, standing: Standing) -> tuple[list[pl.DataFrame], pl.Series]:
    """Why, and which variant, for each row."""
    component, told = clause.component, []
    variant = repeated(UNSCALED, rows.height, pl.UInt32)
    if component.multiplier is not None:
        looked = _looked_up(rows, clause, component.multiplier.of, standing)
        variant = looked.select(_tier(component.multiplier)).to_series().cast(pl.UInt32)
        times = [Fraction(1), *(tier.times for tier in component.multiplier.tiers)]
        nums, dens = (pl.Series([getattr(each, of) for each in times]) for of in ("numerator", "denominator"))
        shown = {"word": pl.lit("multiplier"), "times_num": nums[variant], "times_den": dens[variant]}
        told.append(_shaped(looked.with_columns(**shown)))
    shut = repeated(1 + len(_tiers(component)), rows.height, pl.UInt32)
    for number, gate in selecting(component):
        looked = _looked_up(rows, clause, gate.measure, standing)
        asked_of = clause.plan.components.get(_named(clause, gate.measure), component)
        met = _met(gate.at_least, asked_of, clause.plan.currency)
        is_open = looked.select(met.fill_null(value=False).alias("open")).to_series()
        variant = variant.zip_with(is_open, shut)
        told.append(_shaped(looked.with_columns(is_open, word=pl.lit("gate"), number=pl.lit(number))))
    return told, variant


def _named(clause: Clause, measure: str) -> str:
    return clause.name if measure == OWN_MEASURE else measure


def _looked_up(rows: pl.DataFrame, clause: Clause, measure: str, standing: Standing) -> pl.DataFrame:
    """Rows with the other's period by name, its position (0 where nothing has counted) and its quota."""
    name = _named(clause, measure)
    other = clause.plan.components.get(name, clause.component)
    per, starts = clause.component.per, clause.plan.fiscal_year_starts
    ours = rows["period"].unique().sort()
    ends = [period_span(index, per=per, fiscal_year_starts=starts)[1] for index in ours]
    theirs = pl.DataFrame({"period": ours, "day": pl.Series(ends, dtype=pl.Date)}).select(
        "period",
        theirs=period_index(pl.col("day").dt.offset_by("-1d"), per=other.per, fiscal_year_starts=starts).cast(pl.Int32),
    )
    texts = [period_name(index, per=other.per) for index in theirs["theirs"]]
    theirs = theirs.with_columns(pl.Series("of_period", texts, dtype=pl.String), of_component=pl.lit(name))
    found = standing(measure).rename({"period": "theirs"})
    keyed = rows.join(theirs, on="period", how="left", maintain_order="left")
    keyed = keyed.join(found, on=["participant_ix", "theirs"], how="left", maintain_order="left")
    return keyed.with_columns(pl.col("position").fill_null(0))


def _met(at_least: Fraction | int, asked_of: Component, currency: str) -> pl.Expr:
    position = pl.col("position").cast(pl.Int128)
    if isinstance(at_least, Fraction):
        return position * at_least.denominator >= pl.col("quota_minor").cast(pl.Int128) * at_least.numerator
    return position >= threshold(at_least, asked_of, currency)


def threshold(at_least: int, asked_of: Component, currency: str) -> int:
    """An amount in minor units; of a count in millionths. Both are read as amounts."""
    counted = asked_of.counts in COUNTED
    return at_least * MILLIONTHS // 10 ** EXPONENTS[currency] if counted else at_least


def _tier(multiplier: Multiplier) -> pl.Expr:
    """1 for the first tier and so on; 0, which is times 1, where a quota of zero leaves no attainment."""
    position, quota = pl.col("position").cast(pl.Int128), pl.col("quota_minor").cast(pl.Int128)
    number = pl.lit(1, dtype=pl.Int64)
    for tier in multiplier.tiers[:-1]:
        assert tier.to is not None, "checked when the plan was read"
        reached, edge = position * tier.to.denominator, quota * tier.to.numerator
        passed = reached >= edge if multiplier.boundary == "at" else reached > edge
        number = number + passed.fill_null(value=False).cast(pl.Int64)
    return pl.when((quota == 0).fill_null(value=False)).then(UNSCALED).otherwise(number).alias("variant")


def _shaped(rows: pl.DataFrame) -> pl.DataFrame:
    nothing = [pl.lit(None).alias(name) for name in CHOSEN if name not in rows.columns]
    return rows.with_columns(nothing).select(pl.col(name).cast(dtype) for name, dtype in CHOSEN.items())
