"""The case runner: what passes, what fails and how it says so, and that it can fail at all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from compsvc.adapters.case_yaml import load_cases, read_cases
from compsvc.adapters.plan_yaml import load_plans
from compsvc.core.eligibility import PlainMatcher
from compsvc.core.facts import Facts
from compsvc.core.pipeline import calculate
from compsvc.core.plan import Plan
from compsvc.core.results import Result
from compsvc.entry.cases_text import cases_text
from compsvc.service.cases import Outcome, run_cases, unsaid

ROOT = Path(__file__).parents[2]
FLAT = """\
case: ten percent
plan: pilot
given:
  assignments: [{participant: hanna, from: 2026-01-01}]
  deals: [{id: d1, seller: hanna, account: acme, closed: 2026-02-01, accepted: 2026-02-02, acv: 10_000}]
expect:
  hanna: {2026-02: {commission: 1000.00}}
"""


def pilot() -> list[Plan]:
    plans, problems = load_plans([ROOT / "plans" / "pilot"])
    assert not problems
    return plans


def calculated(plans: object, facts: Facts) -> Result:
    return calculate(plans, facts, PlainMatcher())  # type: ignore[arg-type]


def run(text: str) -> list[Outcome]:
    return run_cases(read_cases(text.encode(), "case.yaml", pilot()), calculated)


def test_a_case_that_holds_passes() -> None:
    (outcome,) = run(FLAT)
    assert outcome.state == "PASS"
    assert cases_text([outcome]) == "1 passed, 0 failed\n"


def test_the_canary_fails_and_says_what_was_expected_what_was_found_and_why() -> None:
    (outcome,) = run(FLAT.replace("1000.00", "1000.01"))
    assert outcome.state == "FAIL"
    told = cases_text([outcome]).splitlines()
    assert told[0] == "FAIL case.yaml:1 ten percent"
    assert told[1] == "  case.yaml:7:33 hanna 2026-02 commission: expected 1000.01, found 1000.00"
    assert "€10,000.00 x 10% = €1,000.00" in "\n".join(told)  # 10,000 x 10%, as its derivation says
    assert told[-1] == "0 passed, 1 failed"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("hanna: {2026-02: {commission: 1000.00}}", "lines: {d1: {commission: 1000.01}}"),
        ("hanna: {2026-02: {commission: 1000.00}}", "lines: {d1: {hanna: {commission: 0.00}}}"),
        ("hanna: {2026-02: {commission: 1000.00}}", "payable: {hanna: {2026-02: 999.99}}"),
        ("hanna: {2026-02: {commission: 1000.00}}", "payable: {hanna: {2026-Q1: {commission: 0.00}}}"),
        ("hanna: {2026-02: {commission: 1000.00}}", "uncredited: {d1: NO_HOLDER}"),
        ("hanna: {2026-02: {commission: 1000.00}}", "hanna: {2026-03: {commission: 1000.00}}"),
    ],
)
def test_every_kind_of_expectation_can_fail(right: str, wrong: str) -> None:
    (outcome,) = run(FLAT.replace(right, wrong))
    assert outcome.state == "FAIL"


def test_every_kind_of_expectation_can_hold() -> None:
    text = FLAT.replace(
        "hanna: {2026-02: {commission: 1000.00}}",
        "payable: {hanna: {2026-02: 1000.00, 2026-Q1: {commission: 1000.00}}}\n"
        "  lines: {d1: {commission: 1000.00}, d1/1: {hanna: {commission: 1000.00}}}\n"
        "  uncredited: {d2: NO_HOLDER}",
    )
    text = text.replace(
        "acv: 10_000}]", "acv: 10_000}, {id: d2, account: birk, closed: 2026-02-01, accepted: 2026-02-02, acv: 1}]"
    )
    (outcome,) = run(text)
    assert (outcome.state, outcome.differences) == ("PASS", ())


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("seller: hanna", "seler: hanna", "case.yaml:5:20 UNKNOWN_KEY `seler` is not known here. Did you mean"),
        ("seller: hanna", "seller: hana", "case.yaml:5:28 UNKNOWN_PARTICIPANT `hana` is no participant of this case."),
        ("plan: pilot", "plan: pilto", "case.yaml:2:7 UNKNOWN_PLAN `pilto` is no plan of this folder."),
        ("expect:", "expects:", "case.yaml:6:1 UNKNOWN_KEY `expects` is not known here. Did you mean `expect`?"),
        ("2026-02: {", "2026-Q5: {", "case.yaml:7:33 BAD_PERIOD `2026-Q5` is no period."),
        ("hanna: {2026", "hana: {2026", "case.yaml:7:32 UNKNOWN_PARTICIPANT `hana` is no participant of this case."),
        ("{commission:", "{comission:", "case.yaml:7:32 UNKNOWN_COMPONENT `comission` is no component of this case."),
        ("1000.00", "1,000.00", "is no amount in EUR. Write it as `4999.50` or `5_000`."),
        ("acv: 10_000", "acv: 10.001", "MORE_DECIMALS_THAN_CURRENCY"),
        ("2026-02-01", "2026-02-30", "BAD_DATE"),
        ("seller: hanna", "splits: {hanna: 0.5x}", "BAD_SHARE"),
        ("seller: hanna", "splits: {hanna: 50%}", "CASE_REFUSED deals case/d1"),
        ("hanna: {2026-02: {commission: 1000.00}}", "lines: {}", "NOTHING_EXPECTED"),
        ("case: ten percent", "case: [ten]", "WRONG_TYPE"),
    ],
)  # fmt: skip
def test_a_case_that_cannot_be_put_to_the_test_is_an_error_with_its_place(right: str, wrong: str, told: str) -> None:
    assert right in FLAT
    (outcome,) = run(FLAT.replace(right, wrong))
    assert outcome.state == "ERROR"
    text = cases_text([outcome])
    assert told in text
    assert text.endswith("0 passed, 1 failed\n")


def test_everything_that_is_wrong_with_a_case_is_told_at_once() -> None:
    wrong = (
        FLAT.replace("seller: hanna", "seler: hanna")
        .replace("2026-02-01", "2026-02-30")
        .replace("acv: 10_000", "acv: x")
    )
    wrong = (
        wrong.replace("hanna: {2026", "hana: {2026")
        .replace("1000.00", "1,000.00")
        .replace("canary: no", "canary: maybe")
    )
    (outcome,) = run(wrong)
    told = {problem.code for problem in outcome.problems}
    assert told == {"UNKNOWN_KEY", "BAD_DATE", "BAD_AMOUNT", "UNKNOWN_PARTICIPANT"}


def test_a_fact_that_is_refused_is_told_where_it_stands() -> None:
    (outcome,) = run(FLAT.replace("seller: hanna", "splits: {hanna: 50%}"))
    assert [(item.code, item.at.line) for item in outcome.problems] == [("CASE_REFUSED", 5)]


def test_a_file_may_hold_several_cases_and_each_knows_its_line() -> None:
    outcomes = run(f"# A comment.\n{FLAT}---\n# Another.\n{FLAT.replace('1000.00', '7.00')}")
    assert [(outcome.state, outcome.case.at.line) for outcome in outcomes] == [("PASS", 2), ("FAIL", 11)]
    assert outcomes[1].differences[0].expectation.at.line == 17


def test_a_file_may_hold_a_list_of_cases() -> None:
    listed = "- " + FLAT.replace("\n", "\n  ").rstrip() + "\n"
    assert [outcome.state for outcome in run(listed + listed)] == ["PASS", "PASS"]


def test_a_file_that_is_no_yaml_is_an_error_and_the_cases_after_it_still_run() -> None:
    outcomes = run(f"case: [\n---\n{FLAT}")
    assert [outcome.state for outcome in outcomes] == ["ERROR", "PASS"]


def test_the_samples_are_found_by_folder_by_folder_of_folders_and_by_file() -> None:
    all_of_them, problems = load_cases([ROOT / "plans"])
    of_pilot, _ = load_cases([ROOT / "plans" / "pilot"])
    of_file, _ = load_cases([ROOT / "plans" / "pilot" / "cases" / "months.yaml"])
    assert not problems
    assert {case.name for case in of_pilot} <= {case.name for case in all_of_them}
    assert [case.name for case in of_pilot] == [case.name for case in of_file]


def test_a_given_deal_that_paid_nothing_is_named_with_the_reason() -> None:
    (outcome,) = run(FLAT.replace("accepted: 2026-02-02", "pending: no signature"))
    told = cases_text([outcome]).splitlines()
    assert told[1] == "  case.yaml:7:33 hanna 2026-02 commission: expected 1000.00, found 0.00"
    assert told[2] == "    d1 paid nothing: it is pending: give it `accepted` (no signature)"


def test_a_given_deal_that_nobody_is_credited_for_is_named_with_the_code() -> None:
    (outcome,) = run(FLAT.replace("id: d1, seller: hanna", "id: d1"))
    (line,) = [line for line in cases_text([outcome]).splitlines() if "paid nothing" in line]
    assert line.startswith("    d1 paid nothing: NO_HOLDER: ")


def test_a_given_deal_that_is_credited_and_adds_nothing_is_named() -> None:
    """d2 replaces the line of d1 by one of the same value (L2): nothing is added."""
    more = (
        "{id: d2, seller: hanna, account: acme, closed: 2026-03-01, accepted: 2026-03-02, acv: 10_000, replaces: d1/1}"
    )
    text = FLAT.replace("acv: 10_000}]", f"acv: 10_000}}, {more}]")
    (outcome,) = run(text.replace("2026-02: {commission: 1000.00}", "2026-03: {commission: 5.00}"))
    (told,) = [line for line in cases_text([outcome]).splitlines() if "paid nothing" in line]
    assert told.startswith("    d2 paid nothing: it is credited and adds nothing: ")


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ("hanna: {2026-03: {commission: 5.00}}", ["    d1 counts in 2026-02, 2026-02-01 to 2026-02-28"]),
        ("ben: {2026-02: {commission: 5.00}}", ["    d1 is credited to hanna"]),
        ("payable: {hanna: {2026-03: 5.00}}", ["    d1 is payable on 2026-02-02"]),
        ("payouts: {hanna: {2026-03: 5.00}}", ["    d1 is payable on 2026-02-02"]),
        ("lines: {d1: {ben: {commission: 5.00}}}", ["    d1 is credited to hanna"]),
        ("hanna: {2026-02: {commission: 5.00}}", []),  # something is found
    ],
)
def test_where_nothing_is_found_it_is_told_where_the_deals_count(expected: str, told: list[str]) -> None:
    text = FLAT.replace("2026-01-01}]", "2026-01-01}, {participant: ben, from: 2026-01-01}]")
    (outcome,) = run(text.replace("hanna: {2026-02: {commission: 1000.00}}", expected))
    assert outcome.state == "FAIL"
    assert [line for line in cases_text([outcome]).splitlines() if line.startswith("    d1 ")] == told


@pytest.mark.parametrize(
    ("second", "refused"),
    [
        ("from: 2026-03-01", True),
        ("from: 2026-01-01, released: 2026-02-02", True),
        ("from: 2026-01-01, released: 2026-02-01", False),  # ends where the first one begins
        ("from: 2026-04-01", False),
        ("participant: hanna, from: 2026-03-01", True),
    ],
)
def test_a_second_hold_of_the_same_pay_is_refused_as_by_the_ledger(second: str, refused: bool) -> None:
    holds = f"holds: [{{deal: d1, from: 2026-02-01, released: 2026-04-01}}, {{deal: d1, {second}}}]"
    (outcome,) = run(FLAT.replace("expect:", f"  {holds}\nexpect:"))
    assert [problem.code for problem in outcome.problems] == (["HOLDS_OVERLAP"] if refused else [])
    if refused:
        assert "from 2026-02-01 on and released on 2026-04-01" in outcome.problems[0].message
        assert outcome.problems[0].at.column == 63


def test_a_pay_currency_that_nothing_converts_into_is_told_before_a_case_runs() -> None:
    text = FLAT.replace("2026-01-01}]", "2026-01-01, paid_in: GBP}]")
    (found,) = unsaid(read_cases(text.encode(), "case.yaml", pilot()))
    assert (found.code, found.at.line, found.severity) == ("PAY_FX_MISSING", 4, "error")


def test_holds_of_two_participants_stand_side_by_side() -> None:
    holds = "holds: [{deal: d1, participant: hanna, from: 2026-02-01}, {deal: d1, participant: ben, from: 2026-02-01}]"
    (outcome,) = run(FLAT.replace("expect:", f"  {holds}\nexpect:"))
    assert "HOLDS_OVERLAP" not in {problem.code for problem in outcome.problems}


def test_an_expectation_of_one_deal_is_told_of_that_deal_alone() -> None:
    more = "{id: d2, seller: hanna, account: birk, closed: 2026-02-01, acv: 5}"
    text = FLAT.replace("acv: 10_000}]", f"acv: 10_000}}, {more}]")
    (outcome,) = run(text.replace("hanna: {2026-02: {commission: 1000.00}}", "lines: {d1: {commission: 1.00}}"))
    assert "d2 paid nothing" not in cases_text([outcome])


def test_the_case_that_the_page_shows_passes() -> None:
    page = (ROOT / "docs" / "cases.md").read_text()
    (text,) = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (outcome,) = run(text)
    assert outcome.state == "PASS", cases_text([outcome])


LANDING = """\
case: half of 20,000
plan: pilot
given:
  assignments: [{participant: hanna, from: 2026-01-01}]
  opportunities:
    - id: o1
      seller: hanna
      account: acme
      stage: negotiate
      probability: 50%
      amount: 20_000
      opened: 2026-01-02
      expected: 2026-02-10
expect:
  forecast:
    2026-01-15: {hanna: {2026-02: {commission: {weighted: {measure: 10_000, earned: 1_000}, now: {measure: 0}}}}}
"""


def test_a_case_expects_what_a_forecast_sees() -> None:
    (outcome,) = run(LANDING)
    assert cases_text([outcome]) == "1 passed, 0 failed\n"


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        (
            "earned: 1_000",
            "earned: 9",
            "2026-02 commission weighted earned on 2026-01-15: expected 9.00, found 1000.00",
        ),
        ("2026-01-15:", "2026-03-01:", "expected 10000.00, found no forecast, since 2026-02 is over"),
        ("2026-02:", "2026-Q1:", "expected 10000.00, found nothing that could move"),
        ("seller: hanna", "seller: ben", "case.yaml:7:15 UNKNOWN_PARTICIPANT `ben` is no participant of this case."),
        ("      seller: hanna\n", "", "expected 10000.00, found 0.00"),
        ("weighted:", "wheighted:", "UNKNOWN_KEY `wheighted` is not known here. Did you mean `weighted`?"),
        ("2026-01-15:", "15.1.2026:", "BAD_DATE `15.1.2026` is no date. Write it as `2026-01-31`."),
        ("id: o1", "id: o1\n      opportunity_id: o2", "UNKNOWN_KEY `id` is not known here."),
    ],
)
def test_a_forecast_that_is_not_as_expected_says_so(written: str, instead: str, told: str) -> None:
    assert written in LANDING
    assert told in cases_text(run(LANDING.replace(written, instead)))
