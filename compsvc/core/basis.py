"""The gap between what a plan takes back and what its curve loses: lines = round(F) + basis differences (T1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate
from operator import add

import polars as pl

from compsvc.core.curves import Curve, amounts_above, at_least, columns, sloped_on, tier, unit_den
from compsvc.core.figures import FiguresTooLarge
from compsvc.core.limits import MAX_DENOMINATOR
from compsvc.core.lines import part_in_tier, served
from compsvc.core.lists import TAKE_BACK_STEPS
from compsvc.core.money import Rounding, proportion, to_minor

RECOMPUTE, AS_PAID, ORIGINAL_RATE = "recompute", "as_paid", "original_rate"
_CREDIT = ["participant_ix", "event_ix"]
_TAKE = [*_CREDIT, "loss"]
_SIDES = ("up_to", "before")


def basis_lines(
    curves: Sequence[Curve], bindings: pl.DataFrame, listed: pl.DataFrame, lines: pl.DataFrame, takes: pl.DataFrame,
    modes: Mapping[int, Rounding],
) -> pl.DataFrame:  # fmt: skip
    """Rows of LINES, one for each take whose basis is not what the curve comes to. `listed` are the entries, of which
    `lines` has the own ones first; `takes` knows what was lost."""
    takes = takes.filter(pl.col("basis") != RECOMPUTE)
    if takes.is_empty():
        return lines.clear()
    entries = listed.hstack(lines.head(listed.height).select("position_before", "position_after", own="amount_minor"))
    ends = entries.filter(pl.col("loss").is_not_null()).join(takes.select(_TAKE), on=_TAKE, how="semi")
    moved = _moved(ends, lines.slice(listed.height))
    due = _due(curves, bindings, entries, lines.slice(listed.height), takes, modes)
    gaps = moved.join(due, on=_TAKE, how="left").with_columns(
        amount_minor=to_minor(0 - pl.col("due").fill_null(0).cast(pl.Int128) - pl.col("moved"))
    )
    shown = gaps.filter(pl.col("amount_minor") != 0).sort("list", "place")
    kind = pl.lit(pl.Series(["basis_difference"], dtype=pl.Categorical)).first()
    shown = shown.select(
        "bind", "list", "place", "amount_minor", step=pl.col("number") + TAKE_BACK_STEPS, step_kind=kind
    )
    missing = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in lines.schema.items() if name not in shown]
    return shown.with_columns(missing).select(pl.col(name).cast(dtype) for name, dtype in lines.schema.items())


def _due(
    curves: Sequence[Curve], bindings: pl.DataFrame, entries: pl.DataFrame, more: pl.DataFrame, takes: pl.DataFrame,
    modes: Mapping[int, Rounding],
) -> pl.DataFrame:  # fmt: skip
    """Per take what the plan takes back, above zero."""
    credited = entries.filter(pl.col("loss").is_null() & pl.col("lost_by").is_null())
    found = []
    if (paid := takes.filter(pl.col("basis") == AS_PAID)).height:
        posted = _posted(entries, credited, more, paid)
        found.append(_lost(paid.join(posted, on=_CREDIT), "posted", modes))
    if (rated := takes.filter(pl.col("basis") == ORIGINAL_RATE)).height:
        rates = _rates(curves, bindings, credited, rated)
        found.append(_of_rates(rated.join(rates, on=_CREDIT), modes))
    return pl.concat([frame.select(*_TAKE, "due") for frame in found]).group_by(_TAKE).agg(pl.col("due").sum())


def _moved(ends: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    """Per take what its entries move the curve by, on their own lines and on those that they re-rate; and the place of
    the last of them, where the gap is shown."""
    re_rated = more.filter(pl.col("cause_place").is_not_null())
    amount = pl.col("amount_minor").cast(pl.Int128).sum()
    caused = re_rated.group_by("list", pl.col("cause_place").alias("place")).agg(caused=amount)
    rows = ends.join(caused, on=["list", "place"], how="left").sort("list", "place")
    effect = pl.col("own").cast(pl.Int128) + pl.col("caused").fill_null(0)
    return rows.group_by(_TAKE, maintain_order=True).agg(
        pl.col("bind", "list", "place", "number").last(), moved=effect.sum()
    )


def _by_mode(modes: Mapping[int, Rounding], make: Callable[[Rounding], pl.Expr]) -> pl.Expr:
    """`make(rounding)` by the plan revision under which the credit was counted."""
    first = next(iter(modes.values()))
    chosen = make(first)
    for number, mode in modes.items():
        if mode != first:
            chosen = pl.when(pl.col("curve") == number).then(make(mode)).otherwise(chosen)
    return chosen


def _lost(rows: pl.DataFrame, name: str, modes: Mapping[int, Rounding]) -> pl.DataFrame:
    """Adds `due`, what of a column is lost: its part up to this loss, less the part of all losses before it."""
    parts = _shares(rows, modes, {side: (pl.col(name), pl.col(side), pl.col("of")) for side in _SIDES})
    return rows.with_columns(due=parts["up_to"] - parts["before"])


def _shares(
    rows: pl.DataFrame, modes: Mapping[int, Rounding], wanted: Mapping[str, tuple[pl.Expr, pl.Expr, pl.Expr]]
) -> pl.DataFrame:
    """Amount x numerator / denominator of each, rounded; a step of its own, since expressions in one another grow."""
    return rows.select(**{name: _by_mode(modes, partial(proportion, *each)) for name, each in wanted.items()})


def _posted(entries: pl.DataFrame, credited: pl.DataFrame, more: pl.DataFrame, takes: pl.DataFrame) -> pl.DataFrame:
    """All that is posted for each credit that has a take: its own lines and its re-ratings, take-backs left out."""
    wanted = credited.join(takes.select(_CREDIT).unique(), on=_CREDIT, how="semi")
    backs = entries.filter(pl.col("loss").is_not_null()).select("list", cause_place="place")
    re_rated = more.filter(pl.col("step_kind") == "re_rating").join(backs, on=["list", "cause_place"], how="anti")
    summed = re_rated.group_by("list", "place").agg(further=pl.col("amount_minor").cast(pl.Int128).sum())
    rows = wanted.join(summed, on=["list", "place"], how="left")
    amount = pl.col("own").cast(pl.Int128) + pl.col("further").fill_null(0)
    return rows.group_by(_CREDIT).agg(posted=to_minor(amount.sum()))


# --- original_rate ------------------------------------------------------------------------------------------------


def _of_rates(rows: pl.DataFrame, modes: Mapping[int, Rounding]) -> pl.DataFrame:
    """Adds `due`: lost credit times what the credit's rates come to, over the credit; each rounded once."""
    credit = _shares(rows, modes, {side: (pl.col("pays_then"), pl.col(side), pl.col("of")) for side in _SIDES})
    rated = rows.select("curve", "worth", "worth_of").hstack(credit)
    paid = _shares(rated, modes, {side: (pl.col(side), pl.col("worth"), pl.col("worth_of")) for side in _SIDES})
    return rows.with_columns(due=paid["up_to"] - paid["before"])


def _rates(
    curves: Sequence[Curve], bindings: pl.DataFrame, credited: pl.DataFrame, rated: pl.DataFrame
) -> pl.DataFrame:
    """Per credit entry that has a take `worth` / `worth_of`: what one unit of it was paid over the tiers it lies in,
    bonuses left out; under retroactive tiers, in the one that the credits of its list come to."""
    wanted = credited.join(rated.select(_CREDIT).unique(), on=_CREDIT, how="semi").filter(pl.col("pays") != 0)
    lists = credited.join(wanted.select("list").unique(), on="list", how="semi")
    frame = wanted.join(lists.group_by("list").agg(stood=pl.col("counts").sum()), on="list", maintain_order="left")
    figures = ("position_before", "position_after", "stood", "pays")
    most = int(frame.select(pl.max_horizontal(pl.col(figures).cast(pl.Int128).abs().max())).item() or 0)
    serving = served(curves, bindings, most)
    serving = replace(serving, wide=(True,) * len(curves))
    frame = frame.drop("curve").hstack(serving.bound(frame["bind"]))
    worth, under = serving.each(_worth) * pl.col("pays").sign(), serving.each(_under) * pl.col("pays").abs()
    frame = frame.select(*_CREDIT, pays_then="pays", worth=worth, worth_of=under)
    if (frame["worth_of"].max() or 0) >= MAX_DENOMINATOR:  # type: ignore[operator]
        raise FiguresTooLarge(f"{curves[-1].name}: the rate of a lost credit is too fine to be computed exactly.")
    return frame


def _worth(curve: Curve, *, wide: bool) -> pl.Expr:
    """What a credit's rates come to, times `_under`."""
    return sloped_on(curve.template, columns(wide=wide), _rated(curve, wide=wide))


def _rated(curve: Curve, *, wide: bool) -> list[pl.Expr]:
    """Per piece what of the credit its slope, less that of the piece before, is paid on; times `edge_den`."""
    template, figures = curve.template, columns(wide=wide)
    pays = pl.col("pays").cast(pl.Int128) * template.edge_den
    above = _parts_above(curve) if curve.pays_apart else _moved_above(curve)
    if not template.re_rates:
        return above
    stands = tier(template, figures, pl.col("stood").cast(pl.Int128))
    re_rated = pays if template.mode == "retroactive" else above[1] if len(above) > 1 else pays
    first = 0 if template.mode == "retroactive" else 1
    reached = [re_rated * at_least(stands, number).cast(pl.Int128) for number in range(len(template.pieces))]
    return [pays, *(above[1:2] if first else []), *reached[first + 1 :]]


def _moved_above(curve: Curve) -> list[pl.Expr]:
    template, figures = curve.template.as_marginal, columns(wide=True)
    sides = [pl.col(f"position_{side}").cast(pl.Int128) for side in ("before", "after")]
    before, after = (amounts_above(template, figures, side) for side in sides)
    return [high - low for high, low in zip(after, before, strict=True)]


def _parts_above(curve: Curve) -> list[pl.Expr]:
    numbers = range(len(curve.template.pieces))
    parts = [part_in_tier(curve, number=number, wide=True) * curve.template.edge_den for number in numbers]
    return list(accumulate(reversed(parts), add))[::-1]


def _under(curve: Curve, *, wide: bool) -> pl.Expr:
    template = curve.template
    factor = pl.lit(template.edge_den * template.slope_den, dtype=pl.Int128)
    return factor * unit_den(template, columns(wide=wide))
