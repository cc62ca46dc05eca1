"""Contests and pools: everybody of a period against everybody else, one by one (M7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from compsvc.core.plan import Plan
from compsvc.core.rules.pool import Pool
from compsvc.core.rules.rank import Place, Rank

from .exact import rounded
from .lists import Entry


@dataclass(frozen=True)
class Rival:
    """Somebody who is assigned in the period."""

    name: str
    manager: str | None  # of the assignment in force last
    stays: bool  # until the period's last day
    is_shut: bool
    position: int
    quota: int | None
    target: int
    came_there: tuple[Any, ...]  # when the position came to where it stands


def came_there(entries: Iterable[Entry]) -> tuple[Any, ...]:
    return max(((entry.counting, *entry.order[1:]) for entry in entries if entry.counts), default=())


def won(pays: Rank | Pool, rivals: list[Rival], plan: Plan) -> dict[str, int]:
    """By name, what each who wins anything is paid: 0 for a prize that is not paid in money."""
    present = sorted((one for one in rivals if one.stays or pays.assigned == "any day"), key=lambda one: one.name)
    teams = [present]
    if pays.among == "team":
        managers = sorted({one.manager for one in present if one.manager is not None})
        teams = [[one for one in present if one.manager == manager] for manager in managers]
    found: dict[str, int] = {}
    for team in teams:
        found |= _ranked(pays, team) if isinstance(pays, Rank) else _pooled(pays, team, plan)
    return found


def _ranked(pays: Rank, team: list[Rival]) -> dict[str, int]:
    racing = [one for one in team if not one.is_shut and one.position > 0]
    if pays.by == "attainment":
        racing = [one for one in racing if one.quota]
    whole = len(team) if pays.of == "assigned" else sum(not one.is_shut for one in team)
    found = {}
    for one in racing:
        better = sum(_value(pays, other) > _value(pays, one) for other in racing)
        same = [other for other in racing if _value(pays, other) == _value(pays, one)]
        if pays.ties == "earliest":
            same.sort(key=lambda other: (other.came_there, other.name))
            place = _of(pays, better + 1 + same.index(one), whole)
            found |= _given(one, place, place.award if place else 0)
        elif pays.ties == "all":
            place = _of(pays, better + 1, whole)
            found |= _given(one, place, place.award if place else 0)
        else:
            places = [_of(pays, better + 1 + number, whole) for number in range(len(same))]
            each, left = divmod(sum(place.award for place in places if place), len(same))
            found |= _given(one, places[0], each + (same.index(one) < left))
    return found


def _given(one: Rival, place: Place | None, worth: int) -> dict[str, int]:
    if place is None:
        return {}
    return {one.name: 0 if place.prize is not None and not place.paid else worth}


def _value(pays: Rank, one: Rival) -> Fraction:
    return Fraction(one.position, one.quota) if pays.by == "attainment" else Fraction(one.position)


def _of(pays: Rank, number: int, whole: int) -> Place | None:
    for place in pays.places:
        last = place.top
        if isinstance(last, Fraction):
            exact = last * whole
            up, down, near = ceil(exact), floor(exact), floor(exact + Fraction(1, 2))
            last = {"round up": up, "round down": down, "round half up": near}[pays.winners]
        if number <= last:
            return place
    return None


def _pooled(pays: Pool, team: list[Rival], plan: Plan) -> dict[str, int]:
    members = [one for one in team if not one.is_shut]
    if isinstance(pays.weights, dict):
        named = list(pays.weights)
        members.sort(key=lambda one: (named.index(one.name) if one.name in named else len(named), one.name))
    together = sum(one.position for one in members)
    weights = {one.name: _weight(pays, one) for one in members}
    total = sum(weights.values())
    if together <= 0 or total == 0:
        return {}
    pool = pays.of if isinstance(pays.of, int) else rounded(pays.of * together, plan.rounding)
    found, before = {}, 0
    for one in members:
        after = before + weights[one.name]
        if weights[one.name]:
            found[one.name] = floor(Fraction(pool * after, total)) - floor(Fraction(pool * before, total))
        before = after
    return found


def _weight(pays: Pool, one: Rival) -> int:
    if isinstance(pays.weights, dict):
        return pays.weights.get(one.name, 0)
    return {"equal": 1, "target incentive": one.target}.get(pays.weights, max(0, one.position))
