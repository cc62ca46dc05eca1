"""What changed between two recorded times and why: each fact that can change a line, on a book of two reps at 10%."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from compsvc.core.facts import Facts
from compsvc.core.statement_diff import LineDifference
from compsvc.service.bulk_load import load_plan_texts
from compsvc.service.ports import Caller, InvalidArgument, NotFound, PermissionDenied, PlanText
from compsvc.service.statements import Compared, compare_statements
from tests.adapters.store_facts import account, deal, frame
from tests.service.small_payroll import PLAN, SmallHouse, small_house
from tests.service.test_payroll_runs import ADMIN, ANNA

ANN, BOB = Caller("ann", "rep"), Caller("bob", "rep")
TIERS = """\
      rate_table:
        mode: marginal
        by: attainment
        boundary: at
        tiers: [{to: 100%, rate: 10%}, {rate: 20%}]"""
CLAWBACK = """\
clawback: {basis: original_rate, attainment: no, schedule: full}
negative: {carry: yes, recover_at_most: 100%, never_below: 0, order: oldest first}
"""


def revised(house: SmallHouse, plan: str) -> None:
    text = PlanText("plan.yaml", plan, {})
    load_plan_texts(house.parts.store, house.parts.plans, house.parts.parse_plan, ADMIN, [text])


def assigned(*quotas: dict[str, Any]) -> Facts:
    ann = {"participant_id": "ann", "plan": "ae", "start_date": date(2026, 1, 1), "currency_code": "EUR"}
    return Facts(assignments=frame("assignments", ann), quotas=frame("quotas", *quotas))


def planned(folder: Path, plan: str, *quotas: dict[str, Any]) -> SmallHouse:
    """Ann alone, under this plan."""
    found = SmallHouse(str(folder / "planned.db"))
    revised(found, plan)
    people = frame("participants", {"participant_id": "ann", "display_name": "Ann"})
    found.load(Facts(participants=people, accounts=frame("accounts", account("acme"))))
    found.load(assigned(*quotas))
    return found


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[SmallHouse]:
    found = small_house(str(tmp_path / "book.db"))
    found.sell("D-1", 2, 100_000)
    yield found
    found.parts.store.close()


def asked(house: SmallHouse, since: datetime, to: datetime | None = None, by: Caller = ANNA, **more: Any) -> Compared:
    of = (house.parts.calculations, house.parts.store, by)
    fields = {"participant_id": "ann", "from_time": since, "to_time": to or now(), **more}
    return compare_statements(*of, **fields)


def one(found: Compared) -> LineDifference:
    (line,) = found.comparison.lines
    return line


def sums(found: Compared) -> tuple[int, int, int]:
    of = found.comparison
    before, after, difference = (sum(money.minor for money in each) for each in (of.before, of.after, of.difference))
    assert before + difference == after
    assert difference == sum(line.difference.minor for line in of.lines)
    return before, difference, after


def row(external_id: str = "D-1", **changes: Any) -> dict[str, Any]:
    first = {"closed_date": date(2026, 2, 14), "accepted_time": datetime(2026, 2, 14), "annual_value_minor": 10_000_000}  # noqa: DTZ001
    first["cause"] = "data_correction"
    return deal(external_id, changes.pop("revision", 2), seller_id="ann", **{**first, **changes})


def test_a_late_deal_is_a_new_line_with_who_recorded_it_and_when(house: SmallHouse) -> None:
    before = now()
    house.sell("D-2", 1, 50_000)
    found = asked(house, before)
    line = one(found)
    assert (line.before, line.difference.minor, line.account_name) == (None, 500_000, "acme")
    (cause,) = line.causes
    assert (cause.kind, cause.key, cause.change, cause.author) == ("deals", ("crm", "D-2"), "new", "anna")
    assert cause.recorded_time is not None
    assert before <= cause.recorded_time <= now()
    assert sums(found) == (1_000_000, 500_000, 1_500_000)


def test_a_changed_amount_names_both_figures(house: SmallHouse) -> None:
    before = now()
    house.load(Facts(deals=frame("deals", row(annual_value_minor=8_000_000))))
    found = asked(house, before)
    line = one(found)
    assert (line.before.minor, line.after.minor, line.moved) == (1_000_000, 800_000, False)  # type: ignore[union-attr]
    (cause,) = line.causes
    told = {field.name: (field.before, field.after) for field in cause.fields}
    assert cause.change == "changed"
    assert told["annual_value"] == ("100000.00 EUR", "80000.00 EUR")
    assert sums(found) == (1_000_000, -200_000, 800_000)


def test_a_split_names_both_shares_and_the_other_gains_what_one_loses(house: SmallHouse) -> None:
    before = now()
    names = {"source": "crm", "external_id": "D-1", "share_num": 1, "share_den": 2}
    shares = [{**names, "position": number, "participant_id": who} for number, who in enumerate(("ann", "bob"))]
    house.load(Facts(deals=frame("deals", row()), splits=frame("splits", *shares)))
    line = one(asked(house, before))
    assert line.difference.minor == -500_000
    assert [(each.name, each.before, each.after) for each in line.causes[0].fields if each.name == "splits"] == [
        ("splits", "", "ann 1/2, bob 1/2")
    ]
    other = asked(house, before, participant_id="bob")
    assert (one(other).before, one(other).difference.minor) == (None, 500_000)


def test_an_accounts_owner_is_a_cause_where_no_seller_is_named(house: SmallHouse) -> None:
    """D-2 of 50,000 names no seller, so it is whose the account is: Ann's, and then, as it turns out, Bob's."""
    owned = {"account_id": "acme", "start_date": date(2026, 1, 1)}
    house.load(Facts(ownerships=frame("ownerships", {**owned, "participant_id": "ann"})))
    house.load(Facts(deals=frame("deals", row("D-2", revision=1, annual_value_minor=5_000_000) | {"seller_id": None})))
    before = now()
    house.load(Facts(ownerships=frame("ownerships", {**owned, "participant_id": "bob"})))
    found = asked(house, before)
    line = one(found)
    assert (line.before.minor, line.after, line.moved) == (500_000, None, False)  # type: ignore[union-attr]
    (cause,) = line.causes
    assert (cause.kind, cause.key, cause.change) == ("ownerships", ("acme", date(2026, 1, 1)), "changed")
    assert [(each.name, each.before, each.after) for each in cause.fields] == [("participant_id", "ann", "bob")]
    assert cause.author == "anna"
    other = one(asked(house, before, participant_id="bob"))
    assert (other.before, other.difference.minor, other.causes[0].kind) == (None, 500_000, "ownerships")


def test_a_dated_attribute_is_a_cause_where_a_territory_decides(house: SmallHouse) -> None:
    """D-2 of 50,000 is the north's, Ann's; it turns out that Acme was in the south by then, which is Bob's."""
    areas = [
        {"participant_id": who, "region": where, "start_date": date(2026, 1, 1)}
        for who, where in (("ann", "north"), ("bob", "south"))
    ]
    house.load(Facts(territories=frame("territories", *areas)))
    moved = {"account_id": "acme", "attribute": "region", "start_date": date(2026, 1, 1)}
    house.load(Facts(account_attributes=frame("account_attributes", moved | {"value": "north"})))
    house.load(Facts(deals=frame("deals", row("D-2", revision=1, annual_value_minor=5_000_000) | {"seller_id": None})))
    before = now()
    house.load(Facts(account_attributes=frame("account_attributes", moved | {"value": "south"})))
    line = one(asked(house, before))
    (cause,) = line.causes
    assert (line.after, cause.kind, cause.key) == (None, "account_attributes", ("acme", "region", date(2026, 1, 1)))
    assert [(each.name, each.before, each.after) for each in cause.fields] == [("value", "north", "south")]
    assert cause.author == "anna"


def test_a_plan_revision_is_a_cause_of_every_line(tmp_path: Path) -> None:
    monthly = PLAN.replace("per: year", "per: month")
    house = planned(tmp_path, monthly)
    house.sell("D-1", 2, 100_000)
    before = now()
    revised(house, monthly.replace("rate: 10%", "rate: 12%").replace("2026-01-01", "2026-02-01"))
    line = one(asked(house, before))
    assert line.difference.minor == 200_000
    assert [(cause.kind, cause.key, cause.change) for cause in line.causes] == [("plans", ("ae",), "changed")]
    assert line.causes[0].recorded_time is not None
    house.parts.store.close()


def test_a_line_that_is_moved_names_the_row_that_moved_it(tmp_path: Path) -> None:
    """Quota 100,000, 10% up to it and 20% above: an earlier deal of 100,000 moves one of 50,000 from 10% to 20%."""
    plan = PLAN.replace(
        "    pays: {flat_rate: {rate: 10%}}",
        f"    quota: from assignment\n    zero_quota: pay_base\n    pays:\n{TIERS}",
    )
    quota = {"participant_id": "ann", "plan": "ae", "start_date": date(2026, 1, 1), "amount_minor": 10_000_000,
             "per": "year"}  # fmt: skip
    found = planned(tmp_path, plan, quota)
    found.sell("D-5", 5, 50_000)
    before = now()
    found.sell("D-1", 1, 100_000)
    compared = asked(found, before)
    lines = {line.key.external_id: line for line in compared.comparison.lines}
    assert (lines["D-1"].difference.minor, lines["D-1"].moved) == (1_000_000, False)
    assert (lines["D-5"].difference.minor, lines["D-5"].moved) == (500_000, True)  # 10,000 at 20% less 5,000 at 10%
    assert [cause.key for cause in lines["D-5"].causes] == [("crm", "D-1")]
    assert sums(compared) == (500_000, 1_500_000, 2_000_000)
    later = now()
    found.load(assigned({**quota, "amount_minor": 20_000_000}))
    (cause,) = next(iter(asked(found, later).comparison.lines)).causes
    assert (cause.kind, [(each.name, each.before, each.after) for each in cause.fields]) == (
        "assignments", [("quotas[*].amount", "100000.00", "200000.00")])  # fmt: skip
    found.parts.store.close()


def test_a_cancellation_is_a_cause_of_the_take_back(tmp_path: Path) -> None:
    house = small_house(str(tmp_path / "loss.db"), CLAWBACK)
    house.sell("D-1", 2, 100_000)
    before = now()
    loss = {"source": "crm", "external_id": "D-1", "loss_id": "L-1", "loss_date": date(2026, 4, 1),
            "kind": "cancellation", "share_num": 1, "share_den": 2, "attributable_to": "customer"}  # fmt: skip
    house.load(Facts(losses=frame("losses", loss)))
    found = asked(house, before)
    assert sums(found) == (1_000_000, -500_000, 500_000)
    assert {cause.kind for line in found.comparison.lines for cause in line.causes} == {"losses"}
    house.parts.store.close()


def test_only_the_asked_periods_and_nothing_where_nothing_was_recorded(house: SmallHouse) -> None:
    before = now()
    house.sell("D-2", 3, 50_000)
    assert len(asked(house, before, period="2026").comparison.lines) == 1
    assert asked(house, before, period="2025").comparison.lines == ()
    middle = now()
    assert asked(house, middle).comparison.lines == ()
    assert sums(asked(house, middle)) == (1_500_000, 0, 1_500_000)


def test_who_may_ask_and_when(house: SmallHouse) -> None:
    before = now()
    assert asked(house, before, by=ANN).comparison.lines == ()
    refusals: list[tuple[Callable[[], Compared], type[Exception], str]] = [
        (lambda: asked(house, before, by=BOB), PermissionDenied, "`ann` is not among them"),
        (lambda: asked(house, now(), to=before), InvalidArgument, "to_time is before from_time"),
    ]
    for ask, error, words in refusals:
        with pytest.raises(error, match=words):
            ask()


def test_a_name_that_is_nobodys_is_answered_with_the_one_that_was_meant(house: SmallHouse) -> None:
    with pytest.raises(NotFound, match=r"There is no participant `annn`\. Did you mean `ann`\?"):
        asked(house, now(), participant_id="annn")
    with pytest.raises(NotFound) as found:  # who may see nobody else learns no name
        asked(house, now(), by=Caller("annn", "rep"), participant_id="annn")
    assert str(found.value) == "There is no participant `annn`."
