"""What does not fit together across plans: they have to be revisions that follow each other (D4, M2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise

from compsvc.core.plan import (
    Component,
    Plan,
)
from compsvc.core.plan_check_pay import changed_pay
from compsvc.core.plan_check_rules import closed_within
from compsvc.core.plan_values import percent
from compsvc.core.problems import Problem, in_order
from compsvc.core.rules import Contest


def check_plans(plans: Iterable[Plan]) -> list[Problem]:
    """What does not fit together across plans: they have to be revisions that follow each other."""
    ordered = sorted(plans, key=lambda plan: (plan.plan, plan.effective, plan.at))
    pairs = [(one, two) for one, two in pairwise(ordered) if one.plan == two.plan]
    following = [problem for one, two in pairs for problem in _follows(one, two)]
    return in_order([*following, *_changed_terms(ordered), *_contests_apart(ordered)])


def _follows(one: Plan, two: Plan) -> Iterator[Problem]:
    if one.effective == two.effective:
        message = f"plan `{two.plan}` is already given from {two.effective} on, at {one.at}. Change one `effective`."
        yield Problem("SAME_EFFECTIVE_DATE", two.at, message)
        return
    for word, before, after in (
        ("currency", one.currency, two.currency),
        ("fiscal_year_starts", one.fiscal_year_starts, two.fiscal_year_starts),
    ):
        if before != after:
            message = f"`{word}` differs from the revision of {one.effective} at {one.at}. Give it a new plan name."
            yield Problem("REVISIONS_DIFFER", two.at, message)
    yield from _after_the_revision(one, two)


def _contests_apart(ordered: Sequence[Plan]) -> Iterator[Problem]:
    """A contest ranks those of its own plan (M7); the same one in two plans reads as one ranking, and is two."""
    first: dict[str, Plan] = {}
    for plan in ordered:
        for name, item in plan.components.items():
            before = first.setdefault(name, plan) if isinstance(item.pays.shared_out, Contest) else plan
            if before.plan != plan.plan:
                message = (
                    f"`{name}` is a contest of plan `{before.plan}` too, at {before.components[name].at}: each ranks "
                    "its own people. To rank them together, make the contest a plan of its own and assign everybody "
                    "to it; else give it another name."
                )
                yield Problem("CONTESTS_APART", item.at, message, "notice")


def _after_the_revision(one: Plan, two: Plan) -> Iterator[Problem]:
    """What is closed on the next revision's first day or later counts under that one."""
    for name, rule in one.credits.items():
        window = closed_within(rule)
        if window is not None and window[0] >= two.effective.toordinal() and name not in two.credits:
            message = (
                f"`{name}` asks for deals closed from {date.fromordinal(window[0])} on, and from {two.effective} on "
                f"the revision at {two.at} holds, which has no such rule: it never fires. Write it there, or remove it."
            )
            yield Problem("RULE_OUTSIDE_TERM", rule.at, message, "notice")


def _instead(changed: Sequence[tuple[str, object, object]]) -> str:
    """A revision from mid-year needs `carry`, and so does the one that it goes on from."""
    if [word for word, _, _ in changed] == ["carry"]:
        return "Give the earlier revision the same `carry`, or this component another name."
    return "Give it another name."


def _changed_terms(ordered: Sequence[Plan]) -> Iterator[Problem]:
    """Running positions go on over a change of plan (M2), so what they are counted by holds as long as they do."""
    before: dict[tuple[str, str], tuple[Plan, Component]] = {}
    for one, two in pairwise(ordered):
        if one.plan == two.plan:
            yield from changed_pay(one, two)
        for word in ("cap", "floor"):
            was, now = (getattr(plan, word) for plan in (one, two))
            if one.plan == two.plan and was is not None and now is not None and was.per != now.per:
                message = (
                    f"`{word}` is per {was.per} in the revision of {one.effective} at {one.at}, and per {now.per} "
                    "here. It holds for the whole life of a plan; give it a new plan name."
                )
                yield Problem("REVISION_CHANGES_TERMS", now.at, message)
    for plan in ordered:
        for name, item in plan.components.items():
            if (last := before.get((plan.plan, name))) and (changed := _changes(last[1], item)):
                what = "; ".join(f"`{word}` was {_said(was)} and is {_said(now)}" for word, was, now in changed)
                message = (
                    f"`{name}` changes what it counted by in the revision of {last[0].effective} at {last[1].at}: "
                    f"{what}. Such terms hold for the whole life of a component (M2). {_instead(changed)}"
                )
                yield Problem("REVISION_CHANGES_TERMS", item.at, message)
            before[plan.plan, name] = plan, item


def _changes(one: Component, two: Component) -> list[tuple[str, object, object]]:
    pairs = zip(_lasting(one).items(), _lasting(two).values(), strict=True)
    return [(word, was, now) for (word, was), now in pairs if was != now]


def _lasting(item: Component) -> dict[str, object]:
    return {
        "per": item.per,
        "counts": item.counts,
        "pays_on": item.pays_on or item.counts,
        "quota": item.quota,
        "zero_quota": item.zero_quota,
        "weight": item.weight,
        "shares of": "an amount" if item.pays.amount_minor is not None else "the target incentive",
        "carry": item.carry,
        "one_time": item.one_time,
        "ramp stages count": "as they start" if item.by_stage else "at once",
        "settle": item.settle or "as_earned",
        "attainment of": item.pays.position_of,
        "one position per": item.pays.span,
        "moved by": "deal" if item.pays.counts_whole else "credit",
        "paid by": "what others have done" if item.pays.shared_out is not None else "its own measure",
    }


def _said(value: object) -> str:
    if value is None:
        return "not given"
    return f"`{percent(value) if isinstance(value, Fraction) else value}`"
