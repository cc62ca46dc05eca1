"""Whether anything runs in a circle: the parents of accounts, the managers of participants."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from compsvc.core.checks_rules import (
    ROW,
    Frames,
    Rule,
    Said,
    found_singly,
    key_of,
    matching,
    refuse,
    unknown_id,
)


def check_accounts(frames: Frames, found: list[pl.DataFrame]) -> None:
    if frames["accounts"]["parent_id"].null_count() == frames["accounts"].height:
        return
    refuse("accounts", frames, found, [_parent_cycles(frames["accounts"])])
    while (orphans := _unknown_parents(frames["accounts"])).height:
        refuse("accounts", frames, found, [orphans])


def _unknown_parents(accounts: pl.DataFrame) -> pl.DataFrame:
    return matching("accounts", accounts, unknown_id("parent_id", accounts["account_id"], "UNKNOWN_ACCOUNT"))


def _parent_cycles(accounts: pl.DataFrame) -> pl.DataFrame:
    edges = accounts.filter(pl.col("parent_id").is_not_null()).select(child="account_id", parent="parent_id")
    text = {name: _ring(circle) for circle in _circles(edges) for name in circle}
    circle = pl.col("account_id").replace_strict(text, default=None, return_dtype=pl.String)
    message = Said("the parents run in a circle: {}. One of them has no parent.", (circle,))
    return matching("accounts", accounts, Rule("PARENT_CYCLE", "parent_id", circle.is_not_null(), message))


def _ring(circle: tuple[str, ...]) -> str:
    shown = circle if len(circle) <= 6 else (*circle[:5], f"({len(circle) - 5:,} more)")
    return " -> ".join((*shown, circle[0]))


def _circles(edges: pl.DataFrame) -> list[tuple[str, ...]]:
    """Circles of `child`, `parent` that together touch every circle, each from its smallest name on."""
    circles: list[tuple[str, ...]] = []
    edges = _peeled(edges)
    while edges.height:
        up = edges.sort("child", "parent", descending=[False, True])
        found = _walks(dict(zip(up["child"].to_list(), up["parent"].to_list(), strict=True)))
        circles += found
        steps = [(name, circle[(i + 1) % len(circle)]) for circle in found for i, name in enumerate(circle)]
        done = pl.DataFrame(steps, schema={"child": pl.String, "parent": pl.String}, orient="row")
        edges = _peeled(edges.join(done, on=["child", "parent"], how="anti"))
    return sorted(circles)


def _peeled(edges: pl.DataFrame) -> pl.DataFrame:
    """What is left when all that ends somewhere is taken off again and again: circles, and what hangs on them."""
    while edges.height:
        inner = edges.join(edges.select(parent="child").unique(), on="parent", how="semi")
        if inner.height == edges.height:
            break
        edges = inner
    return edges


def _walks(up: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The circles of a map in which every name leads on to another."""
    circles: list[tuple[str, ...]] = []
    seen: dict[str, str] = {}
    for start in up:
        path: list[str] = []
        name = start
        while name not in seen:
            seen[name] = start
            path.append(name)
            name = up[name]
        if seen[name] == start:
            circle = path[path.index(name) :]
            turn = circle.index(min(circle))
            circles.append((*circle[turn:], *circle[:turn]))
    return circles


def manager_cycles(assignments: pl.DataFrame) -> pl.DataFrame:
    """On any day: the manager line, with the cover in place of a manager whose assignments have ended (C4)."""
    lines = _manager_lines(assignments)
    inside = _peeled(lines.select("child", "parent"))
    dates = lines.join(inside, on=["child", "parent"], how="semi")["from"].unique().sort().to_list()
    found = [found_singly("assignments", [])]
    for day in dates:
        today = lines.filter((pl.col("from") <= day) & (pl.col("until").is_null() | (pl.col("until") > day)))
        for circle in _circles(today.select("child", "parent")):
            steps = {(name, circle[(i + 1) % len(circle)]) for i, name in enumerate(circle)}
            for row in today.filter(pl.col("child").is_in(list(circle))).iter_rows(named=True):
                if (row["child"], row["parent"]) in steps:
                    message = f"on {day} the managers run in a circle: {_ring(circle)}. One of them has no manager."
                    found.append(
                        found_singly("assignments", [(row[ROW], row["key"], "manager_id", "MANAGER_CYCLE", message)])
                    )
    return pl.concat(found).unique(["row", "field", "code"], keep="first", maintain_order=True)


def _manager_lines(assignments: pl.DataFrame) -> pl.DataFrame:
    """Who reports to whom from when until when; a cover steps in on the day that the last assignment ends."""
    keyed = assignments.with_columns(key=key_of("assignments"))
    reports = keyed.filter(pl.col("manager_id").is_not_null())
    ended = keyed.sort("start_date", ROW).group_by("participant_id", maintain_order=True).last()
    covers = ended.filter(pl.col("end_date").is_not_null() & pl.col("cover_id").is_not_null())
    until = pl.lit(None, dtype=pl.Date)
    return pl.concat(
        [
            reports.select(
                ROW, "key", child="participant_id", parent="manager_id", **{"from": "start_date"}, until="end_date"
            ),
            covers.select(ROW, "key", child="participant_id", parent="cover_id", **{"from": "end_date"}, until=until),
        ]
    )
