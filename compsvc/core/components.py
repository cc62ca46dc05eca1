"""One component of a plan, over all its revisions: from moves to earnings and lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from compsvc.core import earnings
from compsvc.core.bindings import blended, full_year_terms, period_quotas, with_base
from compsvc.core.book import Book
from compsvc.core.columns import repeated
from compsvc.core.counting import counts_stages, last_known, periods_of, subject_dates
from compsvc.core.curves import BINDINGS, Curve
from compsvc.core.lists import ordered, shared_position, spans, with_fixed
from compsvc.core.measures import Clause, Given, Measured
from compsvc.core.modifiers import choose
from compsvc.core.modifiers import curves as modified
from compsvc.core.money import Rounding
from compsvc.core.period_pay import OF_PERIOD, paid_periods, with_period_pay
from compsvc.core.periods import PER_YEAR, period_span
from compsvc.core.plan import OPENED, Component
from compsvc.core.plan_modifiers import OWN_MEASURE
from compsvc.core.quotas import reduced, reduces, shared_out, sides, target_reduced, with_shares
from compsvc.core.retention import quotas as opening_quotas
from compsvc.core.stated_credits import paid_apart

_BIND = ["participant_ix", "period", "assignment_ix", "curve"]


@dataclass(frozen=True, slots=True)
class Paid:
    """`binds` has one row per participant, period, assignment and curve; `entries` and `lines` only where asked for."""

    clauses: Sequence[Clause]
    binds: pl.DataFrame
    earned: pl.DataFrame  # participant_ix, period, position, earned_minor; one row per participant and period
    entries: pl.DataFrame | None
    lines: pl.DataFrame | None
    given: Given = ()  # per clause: what the events count before they are converted
    chosen: pl.DataFrame | None = None  # modifiers.CHOSEN, where a gate or a multiplier chooses the curve
    takes: pl.DataFrame | None = None  # what losses take back (takebacks.TAKES)
    standings: pl.DataFrame | None = None  # contests.STANDINGS, where it depends on the others
    settles: pl.DataFrame | None = None  # when what a share is paid of has settled (overrides.py)

    @property
    def standing(self) -> pl.DataFrame:
        """participant_ix, period, position, quota_minor: what a gate or a multiplier of another component looks at."""
        quotas = self.binds.group_by("participant_ix", "period", maintain_order=True).agg(pl.col("quota_minor").last())
        rows = self.earned.select("participant_ix", "period", "position")
        return rows.join(quotas, on=["participant_ix", "period"], how="left", maintain_order="left")


def pay(
    book: Book, quotas: pl.DataFrame, fixed: pl.DataFrame, clauses: Sequence[Clause],
    measured: Measured, position: Measured | None, others: Mapping[str, Paid], *, lines: bool,
) -> Paid:  # fmt: skip
    """`position` holds the moves of the component whose position this one shares, if any (M1); `others` the components
    that its gate or multiplier asks (M6)."""
    moves = measured.moves if position is None else shared_position(position.moves, measured.moves)
    counting = subject_dates(book, clauses[-1].plan, clauses[-1].component)
    rows = with_fixed(book, moves, fixed, counting, per=clauses[-1].component.per)
    if clauses[-1].component.counts in OPENED:
        rows = _on_first_day(rows, clauses[-1])
    rows = rows.with_columns(_deciding(clauses, rows)).with_columns(_assignment(book, clauses[0].plan.plan, rows))
    sums = rows.group_by(_BIND).agg(total=pl.col(adds_up(clauses)).cast(pl.Int128).sum())
    parts = _parts(book, quotas, clauses, sums, rows["period"].filter(rows["loss"].is_not_null()))
    if clauses[-1].component.quota_opens:
        parts = _with_openings(book, parts, moves)
    binds = _binds(parts, clauses)
    several = _keyed(binds)
    binds, chosen = choose(binds, clauses, lambda name: _standing(name, others, binds, sums, several=several))
    curves, binds = _curves(clauses, binds, paid_apart(book, rows), apart=position is not None)
    span = clauses[-1].component.pays.span
    if not lines and measured.takes is None and _sums_suffice(rows, curves, binds, by_period=span == "period"):
        return Paid(clauses, binds, _earned_from_totals(curves, binds, sums, several), None, None, chosen=chosen)
    listed = ordered(book, _bound(rows, binds, several))
    if span != "period":
        listed = spans(book, listed, span)
    rated = listed if any(curve.pays_apart for curve in curves) else listed.with_columns(pays="counts")
    paid = _without_superseded(earnings.lines(curves, _figures(binds), rated.select(*earnings.EVENTS)), binds)
    if measured.takes is not None:
        modes = {clause.curve: clause.plan.rounding for clause in clauses}
        paid = earnings.with_basis(curves, _figures(binds), rated, paid, measured.takes, modes)
    earned = earned_from_lines(binds, listed, paid, adds_up(clauses))
    return Paid(clauses, binds, earned, listed, paid, measured.given, chosen, measured.takes, settles=measured.settles)


def _on_first_day(rows: pl.DataFrame, clause: Clause) -> pl.DataFrame:
    """What a sealed run opened with and is nobody's any more counts on the first day as well."""
    if not rows["counting_date"].null_count():
        return rows
    starts = _periods(rows["period"].unique().to_list(), clause).select("period", "period_start")
    days = rows.join(starts, on="period", how="left", maintain_order="left")["period_start"]
    return rows.with_columns(pl.coalesce("counting_date", days.alias("first_day")))


def _with_openings(book: Book, parts: pl.DataFrame, moves: pl.DataFrame) -> pl.DataFrame:
    """The quota is what the period opens with, 0 where nothing is owned that day (M6)."""
    found = opening_quotas(moves, book.accounts_from)
    opening = parts.join(found, on=["participant_ix", "period"], how="left", maintain_order="left")["opening"]
    return parts.with_columns(quota_minor=opening.fill_null(0), own_quota_minor=opening.fill_null(0))


def adds_up(clauses: Sequence[Clause]) -> str:
    """What a period's position is the sum of; where each deal has its own, that of what is paid on."""
    return "counts" if clauses[-1].component.pays.span == "period" else "pays"


def _curves(
    clauses: Sequence[Clause], binds: pl.DataFrame, some: pl.DataFrame | None, *, apart: bool
) -> tuple[list[Curve], pl.DataFrame]:
    """Every revision's curves, and the binds with the number of the one that `serves` them. `some`: of whose periods
    what counts and what is paid on are apart where they are not for the others."""
    each = [modified(clause, apart=_pays_apart(clause.component, apart=apart)) for clause in clauses]
    firsts = pl.Series([sum(map(len, each[:number])) for number in range(len(each))], dtype=pl.UInt32)
    serves = firsts[binds["curve"]] + binds["variant"]
    curves = [curve for found in each for curve in found]
    if some is not None and not any(curve.pays_apart for curve in curves):
        keys = ["participant_ix", "period"]
        own = binds.join(some.with_columns(_own=True), on=keys, how="left", maintain_order="left")["_own"]
        serves += own.fill_null(value=False).cast(pl.UInt32) * len(curves)
        for clause in clauses:
            curves += modified(clause, apart=_pays_apart(clause.component, apart=True))
    return curves, binds.with_columns(serves=serves)


def _pays_apart(component: Component, *, apart: bool) -> bool:
    """Only rates are paid of an amount; what points and units pay follows from the position alone (M1)."""
    other = component.pays_on not in (None, component.counts) or component.pays.counts_whole
    return component.pays.has_rates and (apart or other)


def _standing(
    name: str, others: Mapping[str, Paid], binds: pl.DataFrame, sums: pl.DataFrame, *, several: bool
) -> pl.DataFrame:
    """Of another component, or the own: what all events of the period count, before anything is paid."""
    if name != OWN_MEASURE:
        return others[name].standing
    counted = _bound(sums, binds, several).group_by("bind").agg(pl.col("total").sum())
    rows = binds.select("participant_ix", "period", "list", "quota_minor", "bind")
    rows = rows.join(counted, on="bind", how="left", maintain_order="left").with_columns(pl.col("total").fill_null(0))
    return rows.group_by("participant_ix", "period", maintain_order=True).agg(
        pl.col("quota_minor").last(),
        position=pl.col("total").filter(pl.col("list") == pl.col("list").last()).sum().cast(pl.Int64, strict=True),
    )


def _deciding(clauses: Sequence[Clause], rows: pl.DataFrame) -> pl.Series:
    """The revision that decides each entry; a fixed event that is nobody's any more has lost its own (D4)."""
    curve = rows["curve"]
    gone = rows["whole"].is_null()
    for clause in clauses[1:] if gone.any() else ():
        later = (gone & (rows["counting_date"] >= clause.plan.effective)).fill_null(False)
        curve = curve.set(later, clause.curve)
    return curve


def _assignment(book: Book, plan: str, rows: pl.DataFrame) -> pl.Series:
    """Whose terms apply: of the assignment that covers the counting date, else of the latest that started before."""
    assigned = book.assignments.filter(pl.col("plan") == plan).sort("start_date")
    firsts = assigned.unique("participant_ix", keep="first", maintain_order=True)
    of_participant = repeated(None, book.participants.height, pl.UInt32)
    of_participant = of_participant.scatter(firsts["participant_ix"], firsts["assignment_ix"])
    first = of_participant[rows["participant_ix"]].alias("assignment_ix")
    if firsts.height == assigned.height:
        return first
    keyed = rows.select("participant_ix", "counting_date").with_row_index("row").sort("counting_date")
    dated = keyed.join_asof(
        assigned.select("participant_ix", "assignment_ix", "start_date"),
        left_on="counting_date", right_on="start_date", by="participant_ix", check_sortedness=False,
    ).sort("row")  # fmt: skip
    return pl.select(pl.coalesce(dated["assignment_ix"], first).alias("assignment_ix")).to_series()


def _parts(
    book: Book, quotas: pl.DataFrame, clauses: Sequence[Clause], used: pl.DataFrame, lost: pl.Series
) -> pl.DataFrame:
    """Every part of a period under one assignment and one revision, and every one that an entry needs, with quotas."""
    clause = clauses[-1]
    position = clause.component.pays.position_of or clause.name
    terms = full_year_terms(book, quotas, clause.plan, clause.name, position)
    grid = _grid(terms, clauses, _span(book, clauses, lost))
    needed = used.select(_BIND).join(grid, on=_BIND, how="anti")
    if needed.height:
        extra = _periods(needed["period"].unique().sort().to_list(), clause)
        outside = needed.join(extra, on="period").with_columns(part_start="period_start", part_end="period_start")
        grid = pl.concat([grid, outside.select(grid.columns)])
    every = grid.join(terms.drop("participant_ix", "start_date", "end_date"), on="assignment_ix")
    every = _with_amounts(every, clauses)
    of = sides(clauses, position)
    quoted = period_quotas(every, of, per=clause.component.per, fiscal_year_starts=clause.plan.fiscal_year_starts)
    inside = pl.col("part_start") < pl.col("part_end")  # what is in force at the period's end stands last
    quoted = quoted.sort("participant_ix", "period", "part_start", inside, "curve", "assignment_ix")
    return with_shares(book, quoted, of, carry=clause.component.carry) if reduces(of) else quoted


def _with_amounts(parts: pl.DataFrame, clauses: Sequence[Clause]) -> pl.DataFrame:
    """Where the plan names an amount, a period's target is that: of the full year so many of them (M4)."""
    amounts = {clause.curve: clause.component.pays.amount_minor for clause in clauses}
    if not any(amounts.values()):
        return parts
    year = {curve: amount * PER_YEAR[clauses[-1].component.per] for curve, amount in amounts.items() if amount}
    own = pl.col("curve").replace_strict(year, default=None, return_dtype=pl.Int64)
    return parts.with_columns(target_incentive_minor=pl.coalesce(own, "target_incentive_minor"))


def _grid(terms: pl.DataFrame, clauses: Sequence[Clause], periods: Sequence[int]) -> pl.DataFrame:
    revisions = pl.DataFrame(
        [(clause.curve, clause.plan.effective, clause.credited.reading.until) for clause in clauses],
        schema={"curve": pl.UInt32, "effective": pl.Date, "until": pl.Date},
        orient="row",
    )
    spans = terms.select("participant_ix", "assignment_ix", "start_date", "end_date").join(
        _periods(periods, clauses[-1]), how="cross"
    )
    parts = spans.join(revisions, how="cross").with_columns(
        part_start=pl.max_horizontal("start_date", "effective", "period_start"),
        part_end=pl.min_horizontal("end_date", "until", "period_end"),
    )
    names = [*_BIND, "period_start", "period_end", "part_start", "part_end"]
    return parts.filter(pl.col("part_start") < pl.col("part_end")).select(names)


def _span(book: Book, clauses: Sequence[Clause], lost: pl.Series) -> Sequence[int]:
    """The periods between the first and the last counting date of the run, those of take-backs (`lost`) too."""
    if clauses[-1].component.pays.pays_without_measure:
        return paid_periods(book, clauses)
    found: list[int] = lost.unique().to_list()
    for clause in clauses:
        days = subject_dates(book, clause.plan, clause.component)
        if clause.component.counts in OPENED:
            days = pl.concat([days.rename("day"), last_known(book, clause.plan)])
        if book.signed is not None and not counts_stages(clause.plan, clause.component):
            stages = book.events["event_ix"].filter(book.events["begins"].is_not_null())
            days = days.scatter(stages, None)
        begun = days >= clause.plan.effective if clause.curve else days.is_not_null()
        days = days.filter(begun & (days < clause.credited.reading.until))
        if len(days):
            ends = pl.Series([days.min(), days.max()], dtype=pl.Date)
            found += periods_of(ends, clause.plan, clause.component.per).to_list()
    return range(min(found), max(found) + 1) if found else ()


def _periods(indexes: Sequence[int], clause: Clause) -> pl.DataFrame:
    per, starts = clause.component.per, clause.plan.fiscal_year_starts
    rows = [(ix, *period_span(ix, per=per, fiscal_year_starts=starts)) for ix in indexes]
    schema = {"period": pl.Int32, "period_start": pl.Date, "period_end": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _binds(parts: pl.DataFrame, clauses: Sequence[Clause]) -> pl.DataFrame:
    """Numbered parts with what the curves need; `list` numbers the running positions (M2). A part that is `superseded`
    has a zero quota, and a later part of its period, or none, decides what the period pays."""
    component, plan = clauses[-1].component, clauses[-1].plan
    shares = "own_num" in parts.columns
    if shares:
        parts = shared_out(parts, plan) if component.carry == "blend" else reduced(parts, clauses)
    elif component.carry == "blend":
        days = {
            "part_days": (pl.col("part_end") - pl.col("part_start")).dt.total_days(),
            "period_days": (pl.col("period_end") - pl.col("period_start")).dt.total_days(),
        }
        parts = blended(parts.with_columns(**days), rounding=plan.rounding).sort("participant_ix", "period")
    based = _based(parts, clauses)
    based = target_reduced(based, clauses) if shares else based
    by_part = component.carry == "reset" and component.pays.span == "period"
    keys = ["bind"] if by_part else ["participant_ix", "period"]
    pays_target = component.quota is not None and component.zero_quota == "pay_target"
    binds = based.with_row_index("bind").with_columns(
        list=pl.struct(keys).rank("dense").cast(pl.UInt32) - 1,
        pay_target=(pl.col("own_quota_minor") == 0).fill_null(False) if pays_target else pl.lit(False),
        first_tier_only=(pl.col("quota_minor") == 0).fill_null(False),
    )
    binds = binds.with_columns(superseded=_superseded() if pays_target else pl.lit(False))
    if component.pays.pays_without_measure:
        return with_period_pay(binds, clauses)
    if not pays_target:
        return binds
    return binds.with_columns(target_minor=pl.when("superseded").then(0).otherwise("target_minor"))


def _superseded() -> pl.Expr:
    """A later part of its period decides what the period pays."""
    whole = pl.struct("participant_ix", "period")
    later = whole.is_duplicated() & ~whole.is_last_distinct()
    outside = pl.col("part_start") >= pl.col("part_end")  # nobody is assigned
    return pl.col("pay_target") & (later | outside)


def _based(parts: pl.DataFrame, clauses: Sequence[Clause]) -> pl.DataFrame:
    """With `base` and the period's target, each rounded by the part's own revision."""

    def of(rows: pl.DataFrame, mode: Rounding) -> pl.DataFrame:
        component, starts = clauses[-1].component, clauses[-1].plan.fiscal_year_starts
        return with_base(rows, component.weight, mode, per=component.per, fiscal_year_starts=starts)

    modes = {each.plan.rounding for each in clauses}
    if len(modes) == 1:
        return of(parts, clauses[-1].plan.rounding)
    numbered, found = parts.with_row_index("row"), []
    for mode in sorted(modes):
        own = [each.curve for each in clauses if each.plan.rounding == mode]
        found.append(of(numbered.filter(pl.col("curve").is_in(own)), mode))
    return pl.concat(found).sort("row").drop("row")


def _without_superseded(lines: pl.DataFrame, binds: pl.DataFrame) -> pl.DataFrame:
    """A period's target is one line: that of the part in force at its end (M4)."""
    parts = binds["bind"].filter(binds["superseded"])
    if parts.is_empty():
        return lines
    return lines.filter(pl.col("list").is_not_null() | ~pl.col("bind").is_in(parts.implode()))


def _keyed(binds: pl.DataFrame) -> bool:
    """Whether a participant has several binds in a period."""
    return bool(binds.select(pl.struct("participant_ix", "period").is_duplicated().any()).item())


def _bound(rows: pl.DataFrame, binds: pl.DataFrame, several: bool) -> pl.DataFrame:
    keys = _BIND if several else ["participant_ix", "period"]
    return rows.join(binds.select(*keys, "bind", "list"), on=keys, how="inner", maintain_order="left")


def _figures(binds: pl.DataFrame) -> pl.DataFrame:
    served = binds.with_columns(curve="serves")
    if OF_PERIOD in binds.columns:
        served = served.with_columns(target_minor=OF_PERIOD)
    return served.select(pl.col(name).cast(dtype) for name, dtype in BINDINGS.items())


def _sums_suffice(rows: pl.DataFrame, curves: Sequence[Curve], binds: pl.DataFrame, *, by_period: bool) -> bool:
    """Whether round(F(total)) is what the lines would sum to: one curve serves each list, and pays what it counts."""
    plain = not any(curve.pays_apart for curve in curves) and rows["fixed_place"].null_count() == rows.height
    plain = plain and by_period
    return plain and bool(binds["list"].is_unique().all())


def _earned_from_totals(
    curves: Sequence[Curve], binds: pl.DataFrame, sums: pl.DataFrame, several: bool
) -> pl.DataFrame:
    whole = _bound(sums, binds, several).group_by("bind").agg(pl.col("total").sum())
    keyed = whole.select("bind", pl.col("total").cast(pl.Int64, strict=True))
    totals = earnings.totals(curves, _figures(binds), keyed)
    found = binds.select("participant_ix", "period", "bind").join(totals, on="bind")
    return found.group_by("participant_ix", "period", maintain_order=True).agg(
        position=pl.col("total").last(), earned_minor=pl.col("earned_minor").sum()
    )


def earned_from_lines(binds: pl.DataFrame, listed: pl.DataFrame, paid: pl.DataFrame, adds: str) -> pl.DataFrame:
    """What the lines of each participant and period sum to, and the position at its end."""
    amounts = paid.group_by("bind").agg(earned=pl.col("amount_minor").cast(pl.Int128).sum())
    counted = listed.group_by("bind").agg(moved=pl.col(adds).cast(pl.Int128).sum())
    rows = binds.select("participant_ix", "period", "list", "bind").join(amounts, on="bind", how="left")
    rows = rows.join(counted, on="bind", how="left").sort("bind").fill_null(0)
    position = pl.col("moved").filter(pl.col("list") == pl.col("list").last()).sum()
    return rows.group_by("participant_ix", "period", maintain_order=True).agg(
        position=position.cast(pl.Int64), earned_minor=pl.col("earned").sum().cast(pl.Int64)
    )
