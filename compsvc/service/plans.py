"""What can be asked of plans."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from compsvc.core.limits import MAX_TERMS_FILES
from compsvc.core.plan import Plan
from compsvc.core.plan_check_revisions import check_plans
from compsvc.core.problems import Problem
from compsvc.service import pages
from compsvc.service.access import require
from compsvc.service.ports import (
    Caller,
    FailedPrecondition,
    InvalidArgument,
    Mutation,
    NotFound,
    ParsePlan,
    PlanRecord,
    PlanText,
    ReadStore,
    Store,
    Violation,
)


def create_plan(
    store: Store,
    plans: Plans,
    parse: ParsePlan,
    caller: Caller,
    text: PlanText,
    mutation: Mutation,
    *,
    corrects: str | None,
) -> PlanRecord:
    require(caller, "create_plan")
    plan, problems = parsed(parse, text)
    if plan is None:
        raise not_a_plan(problems)
    misfits = _misfits(plans.in_force(), plan, corrects)
    if misfits:
        raise not_a_plan(misfits)
    record = PlanRecord(
        plan=plan.plan,
        revision=plan.revision,
        title=plan.title,
        effective_date=plan.effective,
        currency_code=plan.currency,
        corrects_revision=corrects,
        text=text,
    )
    return store.append_plan(record, mutation)


def check_plan(parse: ParsePlan, caller: Caller, text: PlanText) -> tuple[Plan | None, list[Problem]]:
    """Everything found, notices too. No plan where any of it is an error."""
    require(caller, "check_plan")
    return parsed(parse, text)


def get_plan(store: ReadStore, caller: Caller, *, plan: str, revision: str | None) -> PlanRecord:
    """The latest stored revision, or the one asked for."""
    require(caller, "read_plans")
    found = [
        record
        for record in store.plans_at()
        if record.plan == plan and (revision is None or record.revision == revision)
    ]
    if not found:
        raise NotFound("compsvc.dev/Plan", f"plans/{plan}" + (f"@{revision}" if revision else ""))
    return found[-1]


def list_plans(
    store: ReadStore, caller: Caller, *, page_size: int, page_token: str
) -> tuple[Sequence[PlanRecord], str]:
    """The latest stored revision of each plan, by name."""
    require(caller, "read_plans")
    asked = pages.asked(page_size, page_token, of="plans", where={})
    position = store.position() if asked.position is None else asked.position
    latest = {record.plan: record for record in store.plans_at(position)}
    names = sorted(name for name in latest if asked.after is None or (name,) > asked.after)
    shown = [latest[name] for name in names[: asked.limit]]
    more = len(names) > asked.limit
    after = pages.token(of="plans", where={}, position=position, after=(shown[-1].plan,)) if more else ""
    return shown, after


def list_plan_revisions(
    store: ReadStore, caller: Caller, *, plan: str, page_size: int, page_token: str
) -> tuple[Sequence[PlanRecord], str]:
    """The oldest first."""
    require(caller, "read_plans")
    where = {"plan": plan}
    asked = pages.asked(page_size, page_token, of="plan_revisions", where=where)
    position = store.position() if asked.position is None else asked.position
    found = [record for record in store.plans_at(position) if record.plan == plan]
    if not found:
        raise NotFound("compsvc.dev/Plan", f"plans/{plan}")
    rest = [record for record in found if asked.after is None or (record.position or 0,) > asked.after]
    shown = rest[: asked.limit]
    more = len(rest) > asked.limit
    key = (shown[-1].position or 0,) if shown else (0,)
    return shown, pages.token(of="plan_revisions", where=where, position=position, after=key) if more else ""


class Plans:
    """The stored plans as values, each revision read once."""

    def __init__(self, store: ReadStore, parse: ParsePlan) -> None:
        self._store, self._parse = store, parse
        self._lock = threading.Lock()
        self._parsed: dict[tuple[str, str], Plan] = {}

    def in_force(self, position: int | None = None) -> tuple[Plan, ...]:
        """Every revision that no other one corrects, the oldest first."""
        records = self._store.plans_at(position)
        corrected = {(record.plan, record.corrects_revision) for record in records}
        with self._lock:
            return tuple(self._plan(record) for record in records if (record.plan, record.revision) not in corrected)

    def _plan(self, record: PlanRecord) -> Plan:
        key = (record.plan, record.revision)
        if key not in self._parsed:
            plan, problems = parsed(self._parse, record.text)
            if plan is None:
                raise _unreadable(record, problems)
            self._parsed[key] = plan
        return self._parsed[key]


def parsed(parse: ParsePlan, text: PlanText) -> tuple[Plan | None, list[Problem]]:
    if len(text.terms) > MAX_TERMS_FILES:
        message = f"{len(text.terms)} terms files; a plan may name {MAX_TERMS_FILES}."
        raise InvalidArgument.of("text.terms", "TOO_MANY_TERMS_FILES", message)
    terms = {name: source.encode() for name, source in text.terms.items()}
    return parse(text.source.encode(), text.file_name, terms)


def _misfits(in_force: Sequence[Plan], plan: Plan, corrects: str | None) -> list[Problem]:
    """Where the plan does not follow its other revisions. Two for the same days are the book's to refuse."""
    others = [
        other
        for other in in_force
        if other.plan == plan.plan
        and other.revision not in (plan.revision, corrects)
        and other.effective != plan.effective
    ]
    return check_plans([*others, plan])


def not_a_plan(problems: Sequence[Problem]) -> InvalidArgument:
    errors = [problem for problem in problems if problem.severity == "error"]
    message = str(errors[0]) if len(errors) == 1 else f"The plan has {len(errors)} errors; nothing was stored."
    violations = [Violation(str(problem.at), problem.code, problem.message) for problem in errors]
    return InvalidArgument("PLAN_INVALID", message, violations, errors=str(len(errors)))


def _unreadable(record: PlanRecord, problems: Sequence[Problem]) -> FailedPrecondition:
    first = str(problems[0]) if problems else "no reason given"
    message = f"The stored plan {record.plan}@{record.revision} cannot be read by this version: {first}"
    return FailedPrecondition("STORED_PLAN_UNREADABLE", message, plan=record.plan, revision=record.revision)
