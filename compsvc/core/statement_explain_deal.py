"""Where a line stands in its period, what its deal is worth, who is credited with it, and when it counts and is due."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from compsvc.core.lists import ACCOUNTS
from compsvc.core.plan import OF_EARNINGS, OWN_EARNINGS, Component
from compsvc.core.stated_credits import OPENING
from compsvc.core.statement_deals import Deals, unit_of
from compsvc.core.statement_explain_pay import instalments
from compsvc.core.statement_mine import Mine, place
from compsvc.core.statement_quota import quota_steps
from compsvc.core.statement_step import Step, Value, money, present
from compsvc.core.statement_values import Money, Quantity, Row

LEVEL_MEASURES = frozenset({"acv", "final_stage_acv"})  # worth a level a year, less what was counted of it before


def position(mine: Mine, deals: Deals, row: Row) -> Iterator[Step]:
    if row["position_before"] is None:
        return
    before, after, quota = row["position_before"], row["position_after"], row["quota_minor"]
    values: dict[str, Value] = {
        "before": mine.quantity(row, before),
        "after": mine.quantity(row, after),
        "period": row["period"],
        **unit_of(mine, row),
    }
    if quota:
        values["quota"] = mine.quantity(row, quota)
        values["attainment_before"], values["attainment_after"] = Fraction(before, quota), Fraction(after, quota)
    yield Step("POSITION", values, "", tuple(quota_steps(deals.quota_parts(row), row["currency_code"])))


def measure(mine: Mine, deals: Deals, earned: Sequence[Step], row: Row) -> Iterator[Step]:
    """The participant's part of what the deal line is worth, and how the worth follows from the deal; of a share of
    pay what was `earned`."""
    if row["external_id"] is None:
        return
    of = unit_of(mine, row) or {"measure": row["measure"]}
    steps: list[Step] = [*earned]
    if not steps and row["deal_value_minor"] is not None and row["line"] is not None and row["route"] != OWN_EARNINGS:
        worth = mine.quantity(row, row["deal_value_minor"])
        made = (*_converted(mine, row), *_worth(mine, deals, row))
        steps.append(Step("WORTH", {"worth": worth, **of}, "", made))
        if row["share_num"] not in (None, row["share_den"]):
            steps.insert(0, _share(mine, row, worth))
    yield Step("MEASURE", {"counts": mine.quantity(row, _credited(mine, row)), **of}, "", tuple(steps))


def _credited(mine: Mine, row: Row) -> int:
    """The participant's part, also where the whole deal decides the tier."""
    component = mine.component(row)
    return int(row["pays" if component.pays.counts_whole and component.pays_on is None else "counts"])


def _share(mine: Mine, row: Row, whole: Quantity) -> Step:
    share, part = Fraction(row["share_num"], row["share_den"]), mine.quantity(row, _credited(mine, row))
    return Step("SHARE", {"whole": whole, "share": share, "part": part, **unit_of(mine, row)})


def _converted(mine: Mine, row: Row) -> Iterator[Step]:
    """The value in the deal's own currency, and the rate by which it became one in the plan's (C5)."""
    fx = mine.plan(row).fx
    if row["given_value_minor"] is None or fx is None:
        return
    values: dict[str, Value] = {
        "given": Money(row["given_value_minor"], row["deal_currency_code"]),
        "worth": money(row, row["deal_value_minor"]),
        "exchange": Fraction(row["fx_rate_num"], row["fx_rate_den"]),
        "from": row["deal_currency_code"],
        "to": row["currency_code"],
        "table": row["fx_table"],
        "since": row["fx_start_date"],
    }
    day = mine.plan(row).effective if fx.rate == "plan_rate" else row["closed_date"]
    yield Step("CONVERTED", {**values, "on": day}, place(fx))


def _worth(mine: Mine, deals: Deals, row: Row) -> Iterator[Step]:
    """The figures of the deal line that its worth comes from; for counts the deal itself is the reason."""
    line = deals.line(row)
    if line is None or mine.quantity(row, 0).currency_code is None:
        return
    for name in ("annual_value", "one_time_value"):
        if line[f"{name}_minor"]:
            value = Money(line[f"{name}_minor"], line["currency_code"])
            yield Step(name.upper(), present(value=value, start=line["start_date"], end=line["end_date"]))
    for stage in deals.stages(row):
        yield _stage(stage, line["currency_code"])
    for name in line["replaces"] or ():
        yield Step("REPLACES", {"line": name})
    yield from _counted_level(deals, row, line)


def _counted_level(deals: Deals, row: Row, line: Row) -> Iterator[Step]:
    """Which level of the line counts, and how much of that was counted before."""
    given = row["given_value_minor"]
    stages, whole = deals.stages(row), row["deal_value_minor"] if given is None else given
    if not whole:
        before = deals.committed_before(row, line)
        within = None if before is None else Money(before, line["currency_code"])
        yield Step("NOTHING_ADDED", present(level=within))
        return
    if row["measure"] not in LEVEL_MEASURES:
        return
    committed = [stage for stage in stages if stage["committed"]]
    level = next((stage for stage in stages if row["stage"] and stage["stage"] == row["stage"]), None)
    level = level or next((stage for stage in reversed(committed) if stage["annual_value_minor"] == whole), None)
    if level is not None:
        yield Step(
            "LEVEL", {"number": level["stage"], "value": Money(level["annual_value_minor"], line["currency_code"])}
        )
    elif stages:
        return
    before = (line["annual_value_minor"] or 0 if level is None else level["annual_value_minor"]) - whole
    if before > 0:
        yield Step("COUNTED_BEFORE", {"amount": Money(before, line["currency_code"])})


def _stage(stage: Row, currency_code: str) -> Step:
    values: dict[str, Value] = {"number": stage["stage"], "value": Money(stage["annual_value_minor"], currency_code)}
    values |= present(start=stage["start_date"], end=stage["end_date"], exercised=stage["exercised_time"])
    code = "STAGE" if stage["committed"] else "OPTION_TAKEN" if stage["exercised_time"] else "OPTION_OPEN"
    return Step(code, values)


# --- who, and from which deal


def credit(row: Row) -> Iterator[Step]:
    if row["route"] == OWN_EARNINGS:
        yield Step("CREDIT_OWN", {"of": row["credit_rule"]})
    elif row["credit_rule"] is not None:
        values = present(rule=row["credit_rule"], route=row["route"], note=row["route_note"], closed=row["closed_date"])
        yield Step("CREDIT", values, row["credit_rule_at"] or "")


def deal(mine: Mine, deals: Deals, row: Row) -> Iterator[Step]:
    if row["activity"] is not None:
        yield _activity(mine, deals, row)
    if row["stated"] is not None:
        yield _stated(deals, row)
    if row["source"] == ACCOUNTS and row["line"] is None:
        account = mine.account_name(row["account_id"])
        yield Step("OPENING", {"account": account, "date": row["counting_date"], "period": row["period"]})
    if row["line"] is None:
        return
    accepted, account = row["accepted_time"], mine.account_name(row["account_id"])
    header = deals.header(row) or {}
    deal = {"deal": row["external_id"], "account": account, "product": row["product"], "closed": row["closed_date"]}
    if (starts := deals.starts(row)) is not None:
        deal |= {"stage": row["stage"], "starts": starts, "closed": header.get("closed_date")}
        accepted = header.get("accepted_time")
    elif row["stage"]:  # the dates of the line are those of the exercise
        deal |= {"option": row["stage"], "taken": row["closed_date"], "closed": header.get("closed_date")}
        accepted = header.get("accepted_time")
    steps = [_record(row), *_type(row)]
    for name in ("seller_id", "channel", "opened_date", "split_reason"):
        if header.get(name) is not None:
            steps.append(Step("FIELD", {"name": name, "value": header[name]}))
    for name, value, since in deals.attributes(row):
        steps.append(Step("ATTRIBUTE", present(name=name, value=value, since=since)))
    yield Step("DEAL", present(**deal, accepted=accepted), "", tuple(steps))


def _activity(mine: Mine, deals: Deals, row: Row) -> Step:
    found = deals.activity(row)
    account = mine.account_name(row["account_id"]) or None
    values = present(id=row["external_id"], kind=row["activity"], date=row["counting_date"], account=account)
    names = ("source", "outcome", "quantity", "opportunity_id")
    steps = [Step("FIELD", {"name": name, "value": found[name]}) for name in names if found[name] is not None]
    return Step("ACTIVITY", values, "", tuple(steps))


def _stated(deals: Deals, row: Row) -> Step:
    found = deals.stated(row)
    said = {name: found[name] or None for name in ("reason", "author", "approver")}
    values = present(id=row["external_id"], date=found["credit_date"], **said)
    named = {"evidence": found["evidence"], "deal": found["external_id"]}
    steps = [Step("FIELD", {"name": name, "value": value}) for name, value in named.items() if value]
    if not found["pays"]:
        steps.append(Step("COUNTS_ONLY", {}))
    if not found["counts"]:
        steps.append(Step("PAYS_ONLY", {}))
    return Step("OPENING_POSITION" if row["stated"] == OPENING else "CREDIT_ADJUSTMENT", values, "", tuple(steps))


def _lost_then(row: Row) -> dict[str, Value]:
    return {"on": "lost"} if row["loss_id"] is not None else {}


def _record(row: Row) -> Step:
    names = {"source": "source", "revision": "deal_revision", "line": "line"}
    return Step("RECORD", present(**{name: row[column] for name, column in names.items()}))


def _type(row: Row) -> Iterator[Step]:
    if row["deal_type"] is not None:
        yield Step("TYPE_DERIVED" if row["type_derived"] else "TYPE_GIVEN", {"type": row["deal_type"]})


def dates(mine: Mine, deals: Deals, row: Row) -> Iterator[Step]:
    plan = mine.plan(row)
    if row["counting_date"] is not None:
        counted = present(date=row["counting_date"], on=_happened(deals, row, plan.counts_on), period=row["period"])
        of_churn = row["step_kind"] == "take_back" and row["loss_id"] is None
        yield Step("COUNTED_WITH" if of_churn else "COUNTED", {**counted, **_lost_then(row)})
    if row["payable_date"] is not None:
        cause = row["cause_external_id"] if row["step_kind"] == "re_rating" else None
        first = plan.instalments[0]
        settled = _settled(mine.component(row), row)
        payable = present(date=row["payable_date"], on=settled or _happened(deals, row, first.on), cause=cause)
        code = "PAYABLE" if row["amount_minor"] >= 0 else "TAKEN"
        yield Step(code, payable, place(first), tuple(Step("INSTALMENT", *said) for said in instalments(plan)))
    yield Step("PLAN", {"title": plan.title, "revision": row["revision"][:12]}, place(plan))


def _settled(component: Component, row: Row) -> str | None:
    """What the line waited for beyond what happened to its deal (M8)."""
    if component.settle == "period_end":
        return "settled"
    if component.counts not in OF_EARNINGS or component.windfall is not None or row["accepted_time"] is None:
        return None
    happened = [row["accepted_time"].date(), row["closed_date"], row["loss_date"] or row["closed_date"]]
    return "share_settled" if row["payable_date"] > max(happened) else None


def _happened(deals: Deals, row: Row, on: str) -> str:
    """What a deal's day is the day of, also where it is a stage's, an option's or an activity's."""
    if row["activity"] is not None:
        return "done"
    if row["stated"] is not None:
        return "brought_along" if row["stated"] == OPENING else "stated"
    if row["line"] is None:
        return "opening"
    if deals.starts(row) is not None:
        return "started"
    return "taken" if row["stage"] else on
