"""What has to fit together among the words of pay: instalments, reserve, balances, draw, leavers (T2 to T6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from compsvc.core.node import Mapped, choices_of, name_in_file
from compsvc.core.plan_pay import CASH, Draw, Instalment, Negative
from compsvc.core.plan_values import percent
from compsvc.core.problems import Problem

if TYPE_CHECKING:
    from compsvc.core.plan import Plan
    from compsvc.core.plan_check_parts import Parts

RECOVERY = ("recover_at_most", "never_below", "order")  # words of `negative` that say how a balance is recovered


def check_pay(parts: Parts) -> Iterator[Problem]:
    yield from _instalments(parts)
    draw, negative = parts.pay.get("draw"), parts.pay.get("negative")
    if isinstance(draw, Draw):
        yield from _draw(parts, draw)
    yield from _negative_needed(parts, draw if isinstance(draw, Draw) else None)
    if isinstance(negative, Negative):
        yield from _negative(parts, negative, draw if isinstance(draw, Draw) else None)


def changed_pay(one: Plan, two: Plan) -> Iterator[Problem]:
    """Between two revisions: what has been paid in parts goes on as it began."""
    for word, before, after in (
        ("payable", [_said(item) for item in one.instalments], [_said(item) for item in two.instalments]),
        ("earned", one.earned.on, two.earned.on),
        ("reserve", _held(one), _held(two)),
    ):
        if before != after:
            at = two.instalments[0].at if word == "payable" else getattr(getattr(two, word), "at", two.at)
            what = f" is on `{one.payable.on}`" if _simple(one, two, word) else " differs"  # type: ignore[union-attr]
            here = f", and on `{two.payable.on}` here" if _simple(one, two, word) else ""  # type: ignore[union-attr]
            message = (
                f"`{word}`{what} in the revision of {one.effective} at {one.at}{here}. "
                "It holds for the whole life of a plan; give it a new plan name."
            )
            yield Problem("REVISION_CHANGES_TERMS", at, message)


def _simple(one: Plan, two: Plan, word: str) -> bool:
    return word == "payable" and isinstance(one.payable, Instalment) and isinstance(two.payable, Instalment)


def _said(item: Instalment) -> tuple[object, ...]:
    return item.share, item.on, item.after, item.over, item.held_until


def _held(plan: Plan) -> tuple[object, ...] | None:
    return None if plan.reserve is None else (plan.reserve.share, plan.reserve.months)


def _instalments(parts: Parts) -> Iterator[Problem]:
    read: Mapping[str, object] = parts.pay
    found = read.get("payable")
    items = found if isinstance(found, tuple) else (found,) if isinstance(found, Instalment) else ()
    if not items:
        if isinstance(found, tuple):
            yield Problem("EMPTY_LIST", parts.at("payable"), "`payable` names no part, so nothing would ever be paid.")
        return
    total = sum((item.share for item in items), Fraction(0))
    if total != 1:
        message = f"the parts of `payable` are {percent(total)} together; it must be 100%."
        yield Problem("SHARES_NOT_WHOLE", parts.at("payable"), message)
    for item in items:
        if item.on in CASH and item.over is not None:
            message = f"`over` stands with `on: {item.on}`, and the customer's own instalments decide there. Remove it."
            yield Problem("USELESS_KEY", item.at, message)


def _draw(parts: Parts, draw: Draw) -> Iterator[Problem]:
    for word in ("recovery_from", "recover_at_most", "owes_at_most") if not draw.recoverable else ():
        if word in parts.root["draw"]:
            message = f"`{word}` does nothing here: the draw is not recoverable. Remove it."
            yield Problem("USELESS_KEY", parts.at("draw", word), message)
    if draw.owes_at_most_minor == 0:
        message = "a draw that may come to owe nothing lends nothing. Write an amount above 0, or leave `draw` out."
        yield Problem("OUT_OF_RANGE", parts.at("draw", "owes_at_most"), message)
    if draw.periods is not None and draw.until is not None:
        message = "`periods` and `until` both say when the draw ends. Keep one of them."
        yield Problem("TWO_ENDS", parts.at("draw", "until"), message)
    effective = parts.pay.get("effective")
    if draw.until is not None and isinstance(effective, date) and draw.until <= effective:
        message = f"`until` is the first day without the draw, and the plan begins on {effective}. Write a later day."
        yield Problem("DRAW_OVER", parts.at("draw", "until"), message, "notice")  # a revision may still have its words


def _negative_needed(parts: Parts, draw: Draw | None) -> Iterator[Problem]:
    because = "a recoverable draw" if draw is not None and draw.recoverable else None
    taking_back = _taking_back(parts)
    because = "a clawback" if because is None and taking_back is not None else because
    if because is not None and "negative" not in parts.root and parts.root.complete:
        message = (
            f"`negative` is missing: {because} can leave a balance, and it has to be said how it is recovered (T4)."
        )
        at = parts.at("draw") if because == "a recoverable draw" else parts.at(*(taking_back or ()))
        yield Problem("MISSING_KEY", at, message)


def _taking_back(parts: Parts) -> tuple[str, ...] | None:
    """Where terms of a clawback stand: the plan's, or a component's own."""
    if isinstance(parts.root.get("clawback"), Mapped):
        return ("clawback",)
    own = (name for name in parts.names("components") if isinstance(parts.root["components"][name], Mapped))
    found = (name for name in own if isinstance(parts.root["components"][name].get("clawback"), Mapped))
    return next((("components", name, "clawback") for name in found), None)


def _negative(parts: Parts, negative: Negative, draw: Draw | None) -> Iterator[Problem]:
    """Each word that says how a balance is recovered is demanded where there can be one, and refused where not."""
    balance = negative.carry or (draw is not None and draw.recoverable)
    fields = {name_in_file(name, item): item for name, item in Negative.model_fields.items()}
    written = parts.root.get("negative")
    said = written if isinstance(written, Mapped) else Mapped()
    for word in RECOVERY:
        if balance and word not in said:
            message = f"`{word}` is missing: a balance is recovered from later pay (T4).{choices_of(fields[word])}"
            yield Problem("MISSING_KEY", parts.at("negative"), message)
        if not balance and word in said:
            message = (
                f"`{word}` does nothing here: with `carry: no` and no recoverable draw no balance stands. Remove it."
            )
            yield Problem("USELESS_KEY", parts.at("negative", word), message)
    if negative.never_below == "draw" and draw is None and "draw" not in parts.root:
        message = "`draw` is an amount only where the plan has one. Write an amount such as `0`."
        yield Problem("NO_DRAW", parts.at("negative", "never_below"), message)
