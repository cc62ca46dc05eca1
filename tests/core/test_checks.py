"""What is refused, with its code, its row and words that help; and that everything else stays."""

from datetime import date, datetime
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

from compsvc.core.checks import REQUIRED, Checked, check_facts
from compsvc.core.checks_rules import PARTS
from compsvc.core.eligibility import PlainMatcher
from compsvc.core.facts import SCHEMAS, Facts
from compsvc.core.node import NOWHERE
from compsvc.core.pipeline import calculate
from compsvc.core.plan import Component, Plan
from compsvc.core.plan_pay import Earned, Instalment
from compsvc.core.plan_values import Rate
from compsvc.core.rules.flat_rate import FlatRate
from tests.oracle import small


def utc(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001  # Frames hold UTC without saying so.


DEAL = {
    "source": "crm",
    "external_id": "d1",
    "revision": 1,
    "account_id": "acme",
    "seller_id": "hanna",
    "closed_date": date(2026, 3, 30),
    "accepted_time": utc(2026, 3, 31),
    "currency_code": "EUR",
    "annual_value_minor": 10_000_00,
}
EARLY = {"closed_date": date(2025, 12, 1), "accepted_time": utc(2025, 12, 31, 23)}
PART = {"source": "crm", "external_id": "d1"}
HANNA = {"participant_id": "hanna", "plan": "ae", "start_date": date(2026, 1, 1)}
QUOTA = {**HANNA, "amount_minor": 100_000_00, "per": "quarter"}


def frame(kind: str, *rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict(SCHEMAS[kind]), orient="row")


def flat(rate: Rate) -> FlatRate:
    return FlatRate.model_construct(at=NOWHERE, kind="flat_rate", rate=rate)


def component(**given: Any) -> Component:
    terms = {
        "counts": "acv",
        "credit": ("own-deals",),
        "per": "quarter",
        "quota": None,
        "zero_quota": None,
        "carry": None,
    }
    return Component.model_construct(**{**terms, "pays": flat(Rate(Fraction(1, 10), of_base=False)), **given})


def plan(name: str = "ae", **given: Any) -> Plan:
    terms: dict[str, Any] = {
        "plan": name,
        "effective": date(2026, 1, 1),
        "currency": "EUR",
        "fiscal_year_starts": 1,
        "counts_on": "accepted",
        "components": {"commission": component()},
        "earned": Earned.model_construct(at=NOWHERE, on="accepted"),
        "payable": Instalment.model_construct(at=NOWHERE, on="accepted"),
    }
    return Plan.model_construct(**{**terms, **given})


def check(*plans: Plan, **rows: list[dict[str, Any]]) -> Checked:
    """A company of hanna and ben with the accounts acme and birk, and the rows given."""
    company: dict[str, list[dict[str, Any]]] = {
        "participants": [{"participant_id": "hanna"}, {"participant_id": "ben"}],
        "accounts": [{"account_id": "acme"}, {"account_id": "birk"}],
        **rows,
    }
    return check_facts(Facts(**{kind: frame(kind, *given) for kind, given in company.items()}), plans or (plan(),))


def codes(checked: Checked) -> list[tuple[str, int, str]]:
    return [(refusal.kind, refusal.row, refusal.code) for refusal in checked.refusals]


def test_good_facts_pass_as_they_are() -> None:
    splits = [
        {**PART, "position": 1, "participant_id": "hanna", "share_num": 1, "share_den": 3},
        {**PART, "position": 2, "participant_id": "ben", "share_num": 2, "share_den": 3},
    ]
    checked = check(deals=[DEAL], splits=splits, assignments=[HANNA], quotas=[QUOTA])
    assert (checked.refusals, checked.notes) == ((), ())
    assert (checked.facts.deals.height, checked.facts.splits.height, checked.facts.quotas.height) == (1, 2, 1)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"external_id": None}, "REQUIRED", "external_id"),
        ({"closed_date": None}, "REQUIRED", "closed_date"),
        ({"account_id": None}, "REQUIRED", "account_id"),
        ({"account_id": "nobody"}, "UNKNOWN_ACCOUNT", "account_id"),
        ({"seller_id": "nobody"}, "UNKNOWN_PARTICIPANT", "seller_id"),
        ({"currency_code": "EUX"}, "UNKNOWN_CURRENCY", "currency_code"),
        ({"currency_code": "CHF"}, "CURRENCY_OF_NO_PLAN", "currency_code"),
        ({"type": "new logo"}, "UNKNOWN_TYPE", "type"),
        ({"revision": 0}, "REVISION_BELOW_ONE", "revision"),
        ({"annual_value_minor": -1}, "NEGATIVE_AMOUNT", "annual_value_minor"),
        ({"quantity": -1, "type": "upsell"}, "NEGATIVE_AMOUNT", "quantity"),
        ({"cost_minor": -1}, "NEGATIVE_AMOUNT", "cost_minor"),
        ({"annual_value_minor": 10**15 + 1}, "AMOUNT_TOO_LARGE", "annual_value_minor"),
        ({"one_time_value_minor": -(2**63), "type": "churn"}, "AMOUNT_TOO_LARGE", "one_time_value_minor"),
        ({"annual_value_minor": None}, "VALUE_MISSING", "annual_value_minor"),
        ({"discount_ppm": 1_000_001}, "SHARE_OUT_OF_RANGE", "discount_ppm"),
        ({"start_date": date(2026, 5, 1), "end_date": date(2026, 4, 30)}, "NEGATIVE_TERM", "end_date"),
        ({"start_date": date(2026, 5, 1), "end_date": date(2026, 5, 1)}, "EMPTY_TERM", "end_date"),
        (EARLY, "DATE_OUTSIDE_EVERY_PLAN", "closed_date"),
        ({"closed_date": date(2206, 1, 1)}, "DATE_OUT_OF_RANGE", "closed_date"),
        ({"replaces": ["d0/1"]}, "UNKNOWN_REPLACED", "replaces"),
    ],
)
def test_a_bad_deal_is_refused_and_the_good_one_stays(change: dict[str, Any], code: str, field: str) -> None:
    checked = check(deals=[{**DEAL, "external_id": "d2"}, {**DEAL, **change}])
    assert [(refusal.row, refusal.code, refusal.field) for refusal in checked.refusals] == [(1, code, field)]
    assert checked.facts.deals["external_id"].to_list() == ["d2"]


@pytest.mark.parametrize(
    "change",
    [
        {"type": "churn", "annual_value_minor": -5},
        {"type": "downsell", "annual_value_minor": None},
        {"annual_value_minor": 10**15},
        {"accepted_time": None, "closed_date": date(2025, 12, 1)},  # pending: it may be accepted inside a plan
        {"closed_date": date(2025, 12, 30), "accepted_time": utc(2026, 1, 1)},
        {"seller_id": None},  # the account's owner or the territory is next
    ],
)
def test_what_is_unusual_and_right_stays(change: dict[str, Any]) -> None:
    assert check(deals=[{**DEAL, **change}]).refusals == ()


def test_a_plan_that_counts_on_closed_dates_takes_a_deal_that_was_accepted_before_it_began() -> None:
    deal = {
        **DEAL,
        "closed_date": date(2026, 1, 1),
        "accepted_time": utc(2025, 12, 31, 23),
    }  # of another time zone
    assert codes(check(plan(counts_on="closed"), deals=[deal])) == []
    assert codes(check(plan(), deals=[deal])) == [("deals", 0, "DATE_OUTSIDE_EVERY_PLAN")]


def test_the_same_deal_twice_is_one_and_told() -> None:
    checked = check(deals=[DEAL, {**DEAL, "external_id": "d2"}, DEAL])
    assert (codes(checked), checked.facts.deals.height) == ([], 2)
    assert [(note.row, note.key, note.code) for note in checked.notes] == [(2, "crm/d1", "DUPLICATE_DEAL")]


def test_two_deals_of_one_name_are_both_refused() -> None:
    checked = check(deals=[DEAL, {**DEAL, "annual_value_minor": 1}, {**DEAL, "source": "erp"}])
    assert codes(checked) == [("deals", 0, "DUPLICATE_DEAL"), ("deals", 1, "DUPLICATE_DEAL")]
    assert checked.facts.deals["source"].to_list() == ["erp"]


@pytest.mark.parametrize(
    ("shares", "told"),
    [
        ([(1, 2), (49, 100)], "the splits sum to 99%, not to 100%."),
        ([(1, 2), (51, 100)], "the splits sum to 101%, not to 100%."),
        ([(1, 3), (1, 3)], "the splits sum to 2/3, not to 100%."),
    ],
)
def test_splits_sum_to_100_percent_exactly(shares: list[tuple[int, int]], told: str) -> None:
    splits = [
        {**PART, "position": i, "participant_id": "ben", "share_num": num, "share_den": den}
        for i, (num, den) in enumerate(shares)
    ]
    checked = check(deals=[DEAL], splits=splits)
    assert codes(checked) == [("deals", 0, "SPLIT_NOT_WHOLE")]
    assert checked.refusals[0].message.endswith(told)
    assert checked.facts.splits.is_empty()


def shared(kind: str, *shares: tuple[int, int] | None, role: str = "se") -> list[dict[str, Any]]:
    whole = {**PART, "role": role} if kind == "deal_roles" else PART
    parts = [dict(zip(("share_num", "share_den"), share or (None, None), strict=True)) for share in shares]
    return [{**whole, "position": at, "participant_id": "ben", **part} for at, part in enumerate(parts)]


@pytest.mark.parametrize(
    ("shares", "told"),
    [
        ([(1, 2), (49, 100)], "the shares of role `se` sum to 99%, not to 100%."),
        ([(1, 1), (1, 1)], "the shares of role `se` sum to 200%, not to 100%."),
        ([(1, 2)], "the shares of role `se` sum to 50%, not to 100%."),
        ([(1, 1), None], "role `se` has persons with a share and persons without."),
        ([(1, 2), None, (1, 4)], "role `se` has persons with a share and persons without."),
    ],
)
def test_the_shares_of_a_role_sum_to_100_percent_exactly(shares: list[tuple[int, int] | None], told: str) -> None:
    whole = shared("deal_roles", (1, 3), (2, 3), role="csm")
    checked = check(deals=[DEAL], deal_roles=[*shared("deal_roles", *shares), *whole])
    assert codes(checked) == [("deals", 0, "ROLE_NOT_WHOLE")]
    assert checked.refusals[0].message.startswith(told)
    assert checked.facts.deal_roles.is_empty()


def test_every_role_of_a_deal_is_told_by_itself() -> None:
    roles = [*shared("deal_roles", (1, 2)), *shared("deal_roles", (1, 3), role="csm")]
    assert codes(check(deals=[DEAL], deal_roles=roles)) == [("deals", 0, "ROLE_NOT_WHOLE")] * 2


def test_persons_of_a_role_may_all_be_without_a_share() -> None:
    roles = [*shared("deal_roles", None, None), *shared("deal_roles", (1, 2), (1, 2), role="csm")]
    assert check(deals=[DEAL], deal_roles=roles).refusals == ()


@pytest.mark.parametrize("kind", ["splits", "deal_roles"])
def test_a_share_of_nothing_is_refused(kind: str) -> None:
    checked = check(deals=[DEAL], **{kind: shared(kind, (1, 1), (0, 1))})
    assert codes(checked) == [(kind, 1, "SHARE_ZERO")]


@pytest.mark.parametrize("kind", ["splits", "deal_roles"])
def test_shares_too_fine_to_be_added_up_are_refused(kind: str) -> None:
    fine = [(1, 9), (887_888_999, 999_000_000), (1, 9_000), (1, 999_000_000)]  # in parts of 999,000,000
    assert check(deals=[DEAL], **{kind: shared(kind, *fine)}).refusals == ()
    whole = [(1, 7), (599_999_993, 700_000_000), (10, 1_000_000_000)]  # in parts of 7,000,000,000
    assert codes(check(deals=[DEAL], **{kind: shared(kind, *whole)})) == [("deals", 0, "SHARES_TOO_FINE")]
    wrong = [(1, 3), (999_999, 1_000_000), (1, 999_999_937)]  # a common denominator beyond 64 bits
    both = {"SHARES_TOO_FINE", "SPLIT_NOT_WHOLE" if kind == "splits" else "ROLE_NOT_WHOLE"}
    assert {code for *_, code in codes(check(deals=[DEAL], **{kind: shared(kind, *wrong)}))} == both


def test_what_is_left_of_refused_shares_is_not_told_as_well() -> None:
    roles = shared("deal_roles", (1, 2), (3, 2))
    assert codes(check(deals=[DEAL], deal_roles=roles)) == [("deal_roles", 1, "SHARE_OUT_OF_RANGE")]


def test_thirds_of_great_primes_are_whole_without_overflow() -> None:
    dens = (999_999_937, 999_999_929, 999_999_893, 999_999_883)
    deals, splits = [], []
    for i, den in enumerate(dens):
        deals.append({**DEAL, "external_id": f"d{i}"})
        splits += [
            {
                **PART,
                "external_id": f"d{i}",
                "position": at,
                "participant_id": "ben",
                "share_num": num,
                "share_den": den,
            }
            for at, num in enumerate((1, den - 1))
        ]
    assert check(deals=deals, splits=splits).refusals == ()


LINE = {**PART, "line": 1, "annual_value_minor": 5}
STAGE = {
    **PART,
    "line": 1,
    "stage": 1,
    "annual_value_minor": 5,
    "committed": True,
    "start_date": date(2026, 4, 1),
    "end_date": date(2027, 4, 1),
}
LATER = {**STAGE, "stage": 2, "start_date": date(2027, 4, 1), "end_date": date(2028, 4, 1)}
SPLIT = {**PART, "position": 0, "participant_id": "ben", "share_num": 1, "share_den": 1}
ROLE = {**PART, "role": "se", "position": 0, "participant_id": "ben"}
OPTION = {**PART, "line": 1, "stage": 9, "annual_value_minor": 50, "committed": False}


@pytest.mark.parametrize(
    ("kind", "rows", "code"),
    [
        ("deal_lines", [LINE], "BOTH_INLINE_AND_LINES"),
        ("deal_lines", [{**LINE, "external_id": "d9"}], "LINE_WITHOUT_DEAL"),
        ("stages", [{**STAGE, "external_id": "d9"}], "STAGE_WITHOUT_DEAL"),
        ("stages", [{**STAGE, "line": 2}], "STAGE_WITHOUT_LINE"),
        ("stages", [STAGE, {**LATER, "start_date": date(2027, 3, 31)}], "STAGES_OVERLAP"),
        ("stages", [{**STAGE, "stage": 3}, LATER], "STAGES_OUT_OF_ORDER"),
        ("stages", [{**STAGE, "end_date": None}], "REQUIRED"),
        ("stages", [{**STAGE, "committed": None}], "REQUIRED"),
        ("stages", [{**STAGE, "stage": 0}], "NUMBER_BELOW_ONE"),
        ("stages", [{**STAGE, "exercised_time": utc(2026, 5, 1)}], "COMMITTED_AND_EXERCISED"),
        ("stages", [{**OPTION, "annual_value_minor": -1}], "NEGATIVE_AMOUNT"),
        ("splits", [{**SPLIT, "participant_id": "nobody"}], "UNKNOWN_PARTICIPANT"),
        ("splits", [{**SPLIT, "external_id": "d9"}], "SPLIT_WITHOUT_DEAL"),
        ("deal_roles", [{**ROLE, "participant_id": "nobody"}], "UNKNOWN_PARTICIPANT"),
        ("deal_roles", [{**ROLE, "share_num": 1}], "SHARE_OUT_OF_RANGE"),
        ("deal_roles", [{**ROLE, "share_num": 3, "share_den": 2}], "SHARE_OUT_OF_RANGE"),
    ],
)
def test_a_bad_part_is_refused_with_its_deal(kind: str, rows: list[dict[str, Any]], code: str) -> None:
    other = {**DEAL, "external_id": "d2"}
    checked = check(deals=[DEAL, other], **{kind: rows})
    assert [refusal.code for refusal in checked.refusals] == [code]
    assert getattr(checked.facts, kind).is_empty()
    assert checked.facts.deals["external_id"].to_list() == (["d1", "d2"] if "WITHOUT_DEAL" in code else ["d2"])


@pytest.mark.parametrize(
    ("deal", "exercised", "refused"),
    [
        ({}, utc(2026, 3, 30, 23, 59), True),
        ({}, utc(2026, 3, 31), False),
        ({"closed_date": date(2026, 4, 2)}, utc(2026, 4, 1), True),
        ({"closed_date": date(2026, 4, 2)}, utc(2026, 4, 2), False),
        ({"accepted_time": None}, utc(2026, 3, 29), True),
        ({"accepted_time": None}, utc(2026, 3, 30), False),
    ],
)
def test_an_option_is_exercised_after_its_deal(deal: dict[str, Any], exercised: datetime, refused: bool) -> None:
    checked = check(deals=[{**DEAL, **deal}], stages=[{**OPTION, "exercised_time": exercised}])
    assert codes(checked) == ([("stages", 0, "EXERCISED_BEFORE_ACCEPTANCE")] if refused else [])


@pytest.mark.parametrize(
    ("replaces", "code"),
    [
        (["d2/1"], "REPLACES_ITSELF"),
        (["d1/1", "d2/1"], "REPLACES_ITSELF"),
        (["d1/1", "d1/1"], "REPLACES_TWICE"),
        (["d1/1"], None),
    ],
)
def test_a_line_replaces_others_once(replaces: list[str], code: str | None) -> None:
    second = {**DEAL, "external_id": "d2"}
    inline = check(deals=[DEAL, {**second, "replaces": replaces}])
    assert codes(inline) == ([("deals", 1, code)] if code else [])
    line = {**LINE, "external_id": "d2", "replaces": replaces}
    lines = check(deals=[DEAL, {**second, "annual_value_minor": None}], deal_lines=[line])
    assert codes(lines) == ([("deal_lines", 0, code)] if code else [])


def test_a_line_may_replace_another_of_its_deal() -> None:
    lines = [LINE, {**LINE, "line": 2, "replaces": ["d1/1"]}]
    assert check(deals=[{**DEAL, "annual_value_minor": None}], deal_lines=lines).refusals == ()


def test_stages_may_pause_and_options_may_overlap() -> None:
    stages = [
        STAGE,
        {**LATER, "start_date": date(2027, 6, 1)},
        OPTION,
        {**OPTION, "stage": 10, "start_date": date(2026, 5, 1)},
    ]
    assert check(deals=[{**DEAL, "annual_value_minor": None}], stages=stages).refusals == ()


def test_lines_without_a_value_are_told_at_the_line() -> None:
    deal = {**DEAL, "annual_value_minor": None}
    assert check(deals=[deal], deal_lines=[LINE]).refusals == ()
    checked = check(deals=[deal], deal_lines=[LINE, {**LINE, "line": 2, "annual_value_minor": None}])
    assert codes(checked) == [("deal_lines", 1, "VALUE_MISSING")]


def test_a_deal_that_replaces_a_refused_one_is_refused_as_well() -> None:
    first, second = {**DEAL, "closed_date": None}, {**DEAL, "external_id": "d2", "replaces": ["d1/1"]}
    third = {**DEAL, "external_id": "d3", "replaces": ["d2/1"]}
    assert [refusal.code for refusal in check(deals=[DEAL, second, third]).refusals] == []
    refused = ["REQUIRED", "UNKNOWN_REPLACED", "UNKNOWN_REPLACED"]
    assert [refusal.code for refusal in check(deals=[first, second, third]).refusals] == refused


def test_a_refused_deal_takes_its_parts_with_it_and_no_others() -> None:
    second = {**DEAL, "external_id": "d2"}
    role = {**PART, "role": "se", "position": 1, "participant_id": "ben"}
    checked = check(deals=[{**DEAL, "currency_code": None}, second], deal_roles=[role, {**role, "external_id": "d2"}])
    assert [refusal.kind for refusal in checked.refusals] == ["deals"]
    assert {kind: getattr(checked.facts, kind).height for kind in PARTS}["deal_roles"] == 1


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([{**HANNA, "plan": "eae"}], "UNKNOWN_PLAN"),
        ([{**HANNA, "participant_id": "nobody"}], "UNKNOWN_PARTICIPANT"),
        ([{**HANNA, "manager_id": "nobody"}], "UNKNOWN_PARTICIPANT"),
        ([{**HANNA, "start_date": None}], "REQUIRED"),
        ([{**HANNA, "end_date": date(2025, 12, 31)}], "NEGATIVE_TERM"),
        ([{**HANNA, "end_date": date(2026, 1, 1)}], "ASSIGNMENT_EMPTY"),
        ([{**HANNA, "target_incentive_minor": -1}], "NEGATIVE_AMOUNT"),
        ([{**HANNA, "currency_code": "USD"}], "CURRENCY_NOT_OF_PLAN"),
        ([{**HANNA, "manager_id": "hanna"}], "MANAGER_CYCLE"),
    ],
)
def test_a_bad_assignment_is_refused(rows: list[dict[str, Any]], code: str) -> None:
    assert [refusal.code for refusal in check(assignments=rows).refusals] == [code]


def test_assignments_to_one_plan_may_meet_but_not_overlap() -> None:
    first = {**HANNA, "end_date": date(2026, 7, 1)}
    second = {**HANNA, "start_date": date(2026, 7, 1)}
    assert check(assignments=[first, second]).refusals == ()
    overlap = check(assignments=[first, {**second, "start_date": date(2026, 6, 30)}])
    assert codes(overlap) == [("assignments", 0, "ASSIGNMENTS_OVERLAP"), ("assignments", 1, "ASSIGNMENTS_OVERLAP")]
    open_ended = check(assignments=[HANNA, second])
    assert [refusal.code for refusal in open_ended.refusals] == ["ASSIGNMENTS_OVERLAP"] * 2


TARGETED = {"commission": component(quota="from assignment", zero_quota="pay_target")}
QUOTED = {"commission": component(quota="from assignment")}
BASED = {
    "commission": component(quota="from assignment", zero_quota="pay_base", pays=flat(Rate(Fraction(1), of_base=True)))
}


@pytest.mark.parametrize(
    ("components", "quotas", "target", "code"),
    [
        (QUOTED, [], None, "QUOTA_MISSING"),
        (QUOTED, [{**QUOTA, "component": "commission"}], None, None),
        (QUOTED, [QUOTA], None, None),
        (QUOTED, [{**QUOTA, "amount_minor": 0}], None, "ZERO_QUOTA"),
        (BASED, [QUOTA], None, "BASE_NEEDS_TARGET"),
        (BASED, [QUOTA], 1, None),
        (BASED, [{**QUOTA, "amount_minor": 0}], 1, "ZERO_QUOTA_BASE"),
        (TARGETED, [{**QUOTA, "amount_minor": 0}], None, "BASE_NEEDS_TARGET"),
    ],
)
def test_what_a_plan_asks_of_an_assignment(components: Any, quotas: Any, target: int | None, code: str | None) -> None:
    checked = check(
        plan(components=components), assignments=[{**HANNA, "target_incentive_minor": target}], quotas=quotas
    )
    assert codes(checked) == ([("assignments", 0, code)] if code else [])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"start_date": date(2026, 1, 2)}, "QUOTA_WITHOUT_ASSIGNMENT"),
        ({"component": "commision"}, "UNKNOWN_COMPONENT"),
        ({"per": "week"}, "UNKNOWN_PER"),
        ({"amount_minor": -1}, "NEGATIVE_AMOUNT"),
        ({"plan": "eae"}, "UNKNOWN_PLAN"),
    ],
)
def test_a_bad_quota_is_refused(change: dict[str, Any], code: str) -> None:
    checked = check(assignments=[HANNA], quotas=[{**QUOTA, **change}])
    assert code in [refusal.code for refusal in checked.refusals]


@pytest.mark.parametrize(
    ("change", "per", "carry", "year_starts", "refused"),
    [
        (date(2026, 2, 15), "quarter", None, 1, True),
        (date(2026, 2, 15), "quarter", "continue", 1, False),
        (date(2026, 4, 1), "quarter", None, 1, False),
        (date(2026, 4, 1), "year", None, 1, True),
        (date(2026, 4, 1), "year", None, 4, False),
        (date(2026, 4, 1), "quarter", None, 3, True),
        (date(2026, 2, 1), "month", None, 1, False),
    ],
)
def test_a_change_inside_a_period_needs_carry(
    change: date, per: str, carry: str | None, year_starts: int, refused: bool
) -> None:
    components = {"commission": component(per=per, carry=carry)}
    rows = [{**HANNA, "end_date": change}, {**HANNA, "start_date": change}]
    checked = check(plan(components=components, fiscal_year_starts=year_starts), assignments=rows)
    assert codes(checked) == ([("assignments", 1, "CARRY_MISSING")] if refused else [])
    revised = [
        plan(components=components, fiscal_year_starts=year_starts, effective=day) for day in (date(2025, 4, 1), change)
    ]
    assert codes(check(*revised, assignments=[HANNA])) == ([("assignments", 0, "CARRY_MISSING")] if refused else [])


def test_managers_in_a_circle_are_told_with_the_day_and_the_names() -> None:
    up = {**HANNA, "manager_id": "ben"}
    down = {**HANNA, "participant_id": "ben", "manager_id": "hanna", "start_date": date(2026, 4, 1)}
    checked = check(assignments=[up, down])
    assert [refusal.code for refusal in checked.refusals] == ["MANAGER_CYCLE", "MANAGER_CYCLE"]
    assert checked.refusals[0].message.startswith("on 2026-04-01 the managers run in a circle: ben -> hanna -> ben.")
    apart = check(assignments=[{**up, "end_date": date(2026, 4, 1)}, down])  # one after the other: no day has both
    assert apart.refusals == ()


def test_a_cover_may_not_report_to_whom_it_stands_in_for() -> None:
    left = {**HANNA, "participant_id": "ben", "end_date": date(2026, 4, 1), "cover_id": "hanna"}
    assert {refusal.code for refusal in check(assignments=[{**HANNA, "manager_id": "ben"}, left]).refusals} == {
        "MANAGER_CYCLE"
    }


def test_accounts_in_a_circle_are_refused_with_what_hangs_on_them() -> None:
    accounts = [
        {"account_id": "acme", "parent_id": "birk"},
        {"account_id": "birk", "parent_id": "acme"},
        {"account_id": "colt", "parent_id": "birk"},
        {"account_id": "dorn"},
    ]
    checked = check(accounts=accounts, deals=[DEAL, {**DEAL, "external_id": "d2", "account_id": "dorn"}])
    assert codes(checked) == [
        ("accounts", 0, "PARENT_CYCLE"),
        ("accounts", 1, "PARENT_CYCLE"),
        ("accounts", 2, "UNKNOWN_ACCOUNT"),
        ("deals", 0, "UNKNOWN_ACCOUNT"),
    ]
    assert "acme -> birk -> acme" in checked.refusals[0].message
    assert checked.facts.accounts["account_id"].to_list() == ["dorn"]


def test_an_opportunity_may_lack_its_account_but_not_name_a_wrong_one() -> None:
    row = {"source": "crm", "opportunity_id": "o1", "stage": "validate"}
    rows = [
        row,
        {**row, "opportunity_id": "o2", "account_id": "nobody"},
        {**row, "opportunity_id": "o3", "stage": "wun"},
        {**row, "opportunity_id": "o4", "stage": "won"},
    ]
    assert codes(check(opportunities=rows)) == [
        ("opportunities", 1, "UNKNOWN_ACCOUNT"),
        ("opportunities", 2, "STAGE_UNKNOWN"),
    ]


@pytest.mark.parametrize("kind", sorted(set(SCHEMAS) - {"fixed_events"}))
def test_an_empty_row_is_told_for_every_required_column(kind: str) -> None:
    told = [
        refusal.field for refusal in check(**{kind: [dict.fromkeys(SCHEMAS[kind])]}).refusals if refusal.kind == kind
    ]
    assert told == sorted(REQUIRED[kind])


def test_refusals_are_sorted_however_the_faults_fall() -> None:
    deals = [{**DEAL, "external_id": f"d{i}", "account_id": "nobody", "seller_id": "nobody"} for i in range(3)]
    found = codes(check(deals=deals, assignments=[{**HANNA, "plan": "eae"}]))
    assert found == sorted(found)
    assert len(found) == 7


def test_two_plans_at_once_say_the_same_of_a_balance() -> None:
    head = "credits:\n  own: {when: {type: new_logo}, to: seller}\ncomponents:\n"
    body = f"{head}  c: {{counts: acv, from: own, per: month, pays: {{flat_rate: {{rate: 10%}}}}}}\n"
    carries = "negative: {carry: yes, recover_at_most: 50%, never_below: 0, order: oldest first}\n"
    one, same = (small.plan(f"{body}negative: {{carry: no}}\n", name) for name in ("rep", "boss"))
    other = small.plan(body + carries, "boss")
    at_once = small.Case().person("ann", "rep").person("ann", "boss", start="2021-01-01").facts
    assert check_facts(at_once, [one, same]).refusals == ()
    found = check_facts(at_once, [one, other]).refusals
    assert [(refusal.field, refusal.code) for refusal in found] == [("plan", "NEGATIVES_DIFFER")] * 2
    apart = small.Case().person("ann", "rep", end="2021-01-01").person("ann", "boss", start="2021-01-01").facts
    assert check_facts(apart, [one, other]).refusals == ()


def test_a_gate_on_the_team_of_somebody_without_reports_is_told_and_stays_shut() -> None:
    team = "counts: acv, from: team, own_deals: OWN, settle: as_earned, per: year, pays: {flat_rate: {rate: 1%}}"
    text = (
        f"{small.OWN}components:\n  team: {{{team}}}\n"
        "  own: {counts: acv, from: own, per: year, gate: {measure: team, at_least: 1}, "
        "pays: {flat_rate: {rate: 10%}}}\n"
    )
    terms = small.plan(text.replace("OWN", "out"))
    case = (
        small.Case().person("ann").person("ben", manager_id="ann").deal("d1", "2026-03-01", 1_000_00, seller_id="ben")
    )
    checked = check_facts(case.facts, [terms])
    assert [(note.code, note.key.split("/")[0]) for note in checked.notes] == [("GATE_NEVER_OPENS", "ben")]
    assert "`own` pays only where `team` of a team is reached" in checked.notes[0].message
    opened = small.plan(text.replace("OWN", "in"))  # by own deals
    assert check_facts(case.facts, [opened]).notes == ()
    for each, paid in ((terms, 0), (opened, 100_00)):
        earned = calculate([each], case.facts, PlainMatcher()).earnings
        assert earned.filter(pl.col("component") == "own")["earned_minor"].sum() == paid
    later = small.Case().person("ann").person("ben", manager_id="ann", start="2021-01-01")
    assert {note.key.split("/")[0] for note in check_facts(later.facts, [terms]).notes} == {"ben"}


def test_a_name_that_is_near_a_known_one_is_asked_after() -> None:
    head = "components:\n  c: {counts: acv, from: own, per: month, pays: {flat_rate: {rate: 10%}}}\n"
    facts = small.Case().person("hanna").deal("d1", "2026-03-01", 1_00, seller_id="hannah", account_id="acme").facts
    (refusal,) = check_facts(facts, [small.plan(small.OWN + head)]).refusals
    assert refusal.code == "UNKNOWN_PARTICIPANT"
    assert refusal.message.endswith("mend the id. Did you mean `hanna`?")
    facts = small.Case().person("hanna").deal("d1", "2026-03-01", 1_00, seller_id="xaver").facts
    assert check_facts(facts, [small.plan(small.OWN + head)]).refusals[0].message.endswith("mend the id.")


def test_two_plans_at_once_both_lend_or_both_give_their_draws() -> None:
    head = "credits:\n  own: {when: {type: new_logo}, to: seller}\ncomponents:\n"
    body = f"{head}  c: {{counts: acv, from: own, per: month, pays: {{flat_rate: {{rate: 10%}}}}}}\n"
    carries = "negative: {carry: yes, recover_at_most: 50%, never_below: 0, order: oldest first}\n"
    lent = f"{body}{carries}draw: {{amount: 1_000, per: month, recoverable: yes, until: 2022-01-01}}\n"
    given = f"{body}draw: {{amount: 1_000, per: month, recoverable: no, until: 2022-01-01}}\n"
    at_once = small.Case().person("ann", "rep").person("ann", "boss", start="2021-01-01").facts
    found = check_facts(at_once, [small.plan(lent, "rep"), small.plan(given, "boss")]).refusals
    assert [(refusal.field, refusal.code) for refusal in found] == [("plan", "DRAWS_DIFFER")] * 2
    assert check_facts(at_once, [small.plan(given, "rep"), small.plan(given, "boss")]).refusals == ()
    limited = lent.replace("recoverable: yes", "recoverable: yes, owes_at_most: 5_000")
    found = check_facts(at_once, [small.plan(lent, "rep"), small.plan(limited, "boss")]).refusals
    assert [(refusal.field, refusal.code) for refusal in found] == [("plan", "DRAWS_DIFFER")] * 2
    assert "`owes_at_most` differs" in found[0].message


@pytest.mark.parametrize(
    ("second", "left", "told"),
    [
        ("2026-05-01", None, ["ASSIGNMENT_GAP"]),  # the first ends on 1 April: nobody in April
        ("2026-04-01", None, []),
        ("2026-05-01", "2026-03-31", []),  # left, and came back
        ("2027-06-01", None, []),  # more than a year
    ],
)
def test_days_between_two_assignments_are_told_and_taken(second: str, left: str | None, told: list[str]) -> None:
    case = small.Case().person("ann", end="2026-04-01").person("ann", start=second)
    if left is not None:
        case.add("exits", participant_id="ann", last_date=date.fromisoformat(left))
    body = "credits:\n  own: {when: {type: new_logo}, to: seller}\ncomponents:\n"
    body += "  c: {counts: acv, from: own, per: month, carry: continue, pays: {flat_rate: {rate: 10%}}}\n"
    checked = check_facts(case.facts, [small.plan(body)])
    assert (checked.refusals, [note.code for note in checked.notes]) == ((), told)
