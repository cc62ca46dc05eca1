"""Whether the shares of a deal are whole: those of its splits, and those of each of its roles."""

from __future__ import annotations

from fractions import Fraction
from math import lcm

import polars as pl

from compsvc.core.checks_rules import NOTHING, ROW, Frames, Rule, Said, matching, say
from compsvc.core.facts import DEAL
from compsvc.core.limits import MAX_SHARE_DENOMINATOR

ROLE = [*DEAL, "role"]


def share_zero() -> Rule:
    return Rule("SHARE_ZERO", "share", pl.col("share_num") == 0, say("a share of 0% is none. Leave the person out."))


def unwhole_shares(deals: pl.DataFrame, parts: Frames, given: Frames, found: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """What is wrong with the shares of a deal together, told at the deal; not where one of them is refused already."""
    splits, roles = (_without_refused(kind, parts[kind], given[kind], found) for kind in ("splits", "deal_roles"))
    if splits.is_empty() and roles.is_empty():
        return []
    of_role = "the shares of role `{}`"
    faults = [
        _told(
            deals, _sums(splits, DEAL), "SPLIT_NOT_WHOLE", "splits", say("the splits sum to {}, not to 100%.", "_sum")
        ),
        _told(
            deals,
            _sums(roles, ROLE),
            "ROLE_NOT_WHOLE",
            "roles",
            say(
                f"{of_role} sum to {{}}, not to 100%. Mend them, or leave the share of all of them out.", "role", "_sum"
            ),
        ),
        _told(
            deals,
            _half_given(roles),
            "ROLE_NOT_WHOLE",
            "roles",
            say("role `{}` has persons with a share and persons without. Give each a share, 100% in all.", "role"),
        ),
    ]
    for shares, whole, field, what in (
        (splits, DEAL, "splits", say("the splits")),
        (roles, ROLE, "roles", say(of_role, "role")),
    ):
        message = Said(
            f"{{}} have a common denominator above {MAX_SHARE_DENOMINATOR:,}, too fine to be added up. "
            "Write them with fewer decimals, or as fractions of one denominator.",
            (what,),
        )
        faults.append(_told(deals, _too_fine(shares, whole), "SHARES_TOO_FINE", field, message))
    return faults


def _without_refused(kind: str, shares: pl.DataFrame, given: pl.DataFrame, found: list[pl.DataFrame]) -> pl.DataFrame:
    """Without the deals one of whose rows of this kind is refused: the others would not sum to 100% for that alone."""
    if shares.is_empty() or not found:
        return shares
    rows = pl.concat(found).filter(pl.col("kind") == kind)["row"].cast(pl.UInt32)
    lost = given.filter(pl.col(ROW).is_in(rows.implode())).select(DEAL).unique()
    return shares.join(lost, on=DEAL, how="anti", maintain_order="left") if lost.height else shares


def _told(deals: pl.DataFrame, wrong: pl.DataFrame, code: str, field: str, message: Said) -> pl.DataFrame:
    if wrong.is_empty():
        return NOTHING
    told = deals.join(wrong, on=DEAL, maintain_order="left_right")
    return matching("deals", told, Rule(code, field, pl.lit(value=True), message))


def _sums(shares: pl.DataFrame, whole: list[str]) -> pl.DataFrame:
    """The wholes that do not sum to 1, exactly: in parts of one common denominator where that fits, else as fractions.
    One that leaves a share unsaid is none of them."""
    fit = shares.filter((pl.col("share_den") > 0) & pl.col("share_num").is_not_null())
    if fit.height < shares.height:
        fit = fit.join(shares.filter(pl.col("share_num").is_null()), on=whole, how="anti", maintain_order="left")
    unit = lcm(*fit["share_den"].unique().to_list())
    if unit < 2**62:
        parts = pl.col("share_num").cast(pl.Int128) * (pl.lit(unit, dtype=pl.Int64) // pl.col("share_den"))
        fit = fit.filter((parts.sum() != unit).over(whole))
    sums: dict[tuple[str, ...], Fraction] = {}
    for *names, num, den in fit.select(*whole, "share_num", "share_den").iter_rows():
        sums[tuple(names)] = sums.get(tuple(names), Fraction(0)) + Fraction(num, den)
    rows = [(*names, _percent(total)) for names, total in sums.items() if total != 1]
    return pl.DataFrame(rows, schema=dict.fromkeys([*whole, "_sum"], pl.String), orient="row")


def _half_given(roles: pl.DataFrame) -> pl.DataFrame:
    unsaid = pl.col("share_num").is_null()
    mixed = roles.group_by(ROLE, maintain_order=True).agg(_mixed=unsaid.any() & ~unsaid.all())
    return mixed.filter("_mixed").select(ROLE)


def _too_fine(shares: pl.DataFrame, whole: list[str]) -> pl.DataFrame:
    """Amounts are shared out in whole parts of one denominator, so that one has to stay computable."""
    if shares.is_empty():
        return shares.select(whole)
    dens = pl.col("share_den").drop_nulls().unique().sort()
    sets = shares.group_by(whole, maintain_order=True).agg(_dens=dens)
    several = sets.filter(pl.col("_dens").list.len() > 1)
    distinct = several.select(pl.col("_dens").unique(maintain_order=True))
    fine = [lcm(*dens) > MAX_SHARE_DENOMINATOR for dens in distinct["_dens"]]
    if not any(fine):
        return several.select(whole).clear()
    return several.join(distinct.filter(pl.Series(fine)), on="_dens", maintain_order="left").select(whole)


def _percent(share: Fraction) -> str:
    """`99%`, `33.5%`; a share that is no decimal stays a fraction, `2/3`."""
    percent = share * 100
    if 10**9 % percent.denominator:
        return str(share)
    whole, rest = divmod(percent, 1)
    return f"{whole}.{int(rest * 10**9):09}".rstrip("0").rstrip(".") + "%"
