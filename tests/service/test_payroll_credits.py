"""Positions that are brought along at a cut-over, and credit that adjustments state, over both stores (B3, B4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time

import polars as pl
import pytest

from compsvc.core.facts import Facts
from compsvc.core.ledger import OWED
from compsvc.core.statement_diff import Stand, compared
from compsvc.service import payroll_adjustments, payroll_openings
from compsvc.service.bulk_load import load_plan_texts
from compsvc.service.payroll_openings import Opening
from compsvc.service.payroll_ports import Adjustment, Credit, OpeningPosition
from compsvc.service.ports import FailedPrecondition, InvalidArgument, PermissionDenied, PlanText
from compsvc.service.statements import Asked, get_statement
from tests.adapters.store_facts import deal, frame
from tests.service.small_payroll import SmallHouse, reopened, small_house
from tests.service.test_payroll_adjustments import decided
from tests.service.test_payroll_runs import ADMIN, ANNA, BERT, ask
from tests.stores import Copied

TIERS = """\
plan: tiers
title: Tiers
provisioning: equal
effective: 2026-01-01
currency: EUR
fiscal_year_starts: january
rounding: half_up
counts_on: accepted
new_logo_by: account
earned: {on: accepted}
payable: {on: accepted}
clawback: {basis: recompute, attainment: original_period, schedule: full}
negative: {carry: yes, recover_at_most: 100%, never_below: 0, order: oldest first}
credits:
  own: {to: seller}
components:
  sales:
    counts: acv
    from: own
    per: year
    pays:
      rate_table: {by: amount, boundary: at, mode: marginal, tiers: [{to: 100_000, rate: 5%}, {rate: 10%}]}
  logos:
    counts: new_logos
    from: own
    logo: account
    minimum_deal: 1
    per: month
    pays: {kicker: {every: 1, bonus: 7}}
"""
BALANCE = Opening("ann", "EUR", earned_minor=4_500_00, advanced_minor=0, held_minor=0, draw_minor=0, negative_minor=0)
POSITION = OpeningPosition("ann", "tiers", "sales", "EUR", 90_000_00, None, counts=True, pays=True)
CREDIT = Credit(date(2026, 2, 3), amount_minor=20_000_00, count_millionths=None, counts=True, pays=True)
GIVEN = Adjustment(
    "", "written", "manual", "ann", "tiers", "sales", 0, "", "", "", "correction", "The order of 2025", "letter 7",
    "", "", "", credit=CREDIT,
)  # fmt: skip


@pytest.fixture
def house(book: str, copied: Copied) -> Iterator[SmallHouse]:
    copied(book, tiered)
    yield from reopened(book)


def tiered(book: str) -> None:
    """The participants of the small book, and Ann under a plan with tiers as well."""
    found = small_house(book, "clawback: no\n")
    text = PlanText("tiers.yaml", TIERS, {})
    load_plan_texts(found.parts.store, found.parts.plans, found.parts.parse_plan, ADMIN, [text])
    assigned = {"participant_id": "ann", "plan": "tiers", "role": "ae", "start_date": date(2026, 1, 1)}
    found.load(Facts(assignments=frame("assignments", {**assigned, "currency_code": "EUR"})))
    found.parts.store.close()


def opened(house: SmallHouse, *positions: OpeningPosition) -> payroll_openings.BookedOpenings:
    return payroll_openings.book_openings(
        house.payroll, ANNA, source="legacy", cutover_date=date(2026, 2, 1), openings=[BALANCE], positions=positions,
        mutation=ask(),
    )  # fmt: skip


def written(house: SmallHouse, **credit: object) -> Adjustment:
    asked = replace(GIVEN, credit=replace(CREDIT, **credit))  # type: ignore[arg-type]
    return payroll_adjustments.write_adjustment(house.payroll, ANNA, asked, mutation=ask())


def earned(house: SmallHouse, month: str) -> list[tuple[str, int, str]]:
    """What a month has booked of the tiers, and which month it corrects."""
    rows = house.payroll.store.ledger().filter(pl.col("pay_period") == month, pl.col("account") == OWED)
    rows = rows.filter(pl.col("component") == "sales")
    found = rows.select("external_id", -pl.col("amount_minor"), pl.col("corrects_pay_period").fill_null(""))
    return sorted(found.iter_rows())


def test_a_position_that_is_brought_along_sets_the_tier_and_posts_nothing(house: SmallHouse) -> None:
    """90,000 stand; of 20,000 in February 10,000 are paid 5% and 10,000 are paid 10%: 1,500. Nothing for the 90,000."""
    first = opened(house, POSITION)
    assert opened(house, POSITION) == first, "the same again changes nothing"
    with pytest.raises(FailedPrecondition) as other:
        opened(house, replace(POSITION, amount_minor=1))
    assert other.value.reason == "OPENINGS_BOOKED"
    house.sell("D-1", 2, 20_000)
    house.sealed("2026-02")
    assert earned(house, "2026-02") == [("D-1", 1_500_00, "")]
    house.sell("D-2", 3, 1_000)
    house.sealed("2026-03")
    assert earned(house, "2026-03") == [("D-2", 100_00, "")]
    assert (house.wrong(), house.unexplained()) == ([], [0])


def test_a_position_that_cannot_be_brought_along_is_told(house: SmallHouse) -> None:
    logos = OpeningPosition("ann", "tiers", "logos", "EUR", None, 1_000_000, counts=True, pays=True)
    wrong = [replace(POSITION, component="none"), POSITION, POSITION, logos, replace(POSITION, participant_id="bob")]
    with pytest.raises(InvalidArgument) as error:
        opened(house, *wrong)
    assert {(each.field, each.code) for each in error.value.violations} == {
        ("positions[0].component", "UNKNOWN_COMPONENT"),
        ("positions[2]", "OPENING_TWICE"),
        ("positions[3].credit_date", "OPENING_PERIOD_OVER"),
        ("positions[4].credit_date", "CREDIT_NOT_ASSIGNED"),
    }


def test_credit_does_nothing_until_another_accepts_it_and_is_then_paid_where_it_stands(house: SmallHouse) -> None:
    """95,000 in January pay 4,750. 20,000 of February are 5,000 at 5% and 15,000 at 10%: 1,750."""
    house.sell("D-1", 1, 95_000)
    house.sealed("2026-01")
    found = written(house)
    assert (found.pay_period, found.currency_code) == ("2026-02", "EUR")
    with pytest.raises(PermissionDenied) as own:
        payroll_adjustments.decide(
            house.payroll, ANNA, adjustment_id=found.adjustment_id, decision="accepted", reason="", mutation=ask()
        )
    assert own.value.reason == "FOUR_EYES"
    house.sealed("2026-02")
    assert earned(house, "2026-02") == []
    accepted = decided(house, found)
    assert accepted.credit == CREDIT
    house.sealed("2026-03")
    assert earned(house, "2026-03") == [(found.adjustment_id, 1_750_00, "2026-02")]
    house.sealed("2026-04")
    assert earned(house, "2026-04") == []
    assert (house.wrong(), house.unexplained()) == ([], [0])


def test_credit_that_only_counts_moves_what_is_sold_later(house: SmallHouse) -> None:
    """95,000 stand, and 20,000 more that are not paid: the 1,000 of March are paid 10%. A late deal moves nothing."""
    house.sell("D-1", 1, 95_000)
    house.sealed("2026-01")
    decided(house, written(house, pays=False))
    house.sell("D-2", 3, 1_000)
    house.sealed("2026-03")
    assert earned(house, "2026-03") == [("D-2", 100_00, "")]
    declined = written(house, credit_date=date(2026, 4, 1))
    decided(house, declined, "declined", "no such order")
    house.sell("D-3", 2, 1_000)  # late: behind what is sealed
    house.sealed("2026-04")
    assert earned(house, "2026-04") == [("D-3", 100_00, "2026-02")]
    assert (house.wrong(), house.unexplained()) == ([], [0])


def test_who_wrote_the_credit_does_not_approve_the_run_that_pays_it(house: SmallHouse) -> None:
    asked = payroll_adjustments.write_adjustment(house.payroll, BERT, GIVEN, mutation=ask())
    payroll_adjustments.decide(
        house.payroll, ANNA, adjustment_id=asked.adjustment_id, decision="accepted", reason="", mutation=ask()
    )
    run = house.run("2026-02")
    with pytest.raises(PermissionDenied) as error:
        house.approve(run)
    assert error.value.reason == "AUTHOR_APPROVES"


def test_credit_goes_with_the_deal_that_it_is_about_where_that_is_said(house: SmallHouse) -> None:
    """10,000 of D-1 and 20,000 of the credit pay 500 and 1,000. In March all of D-1 is lost, and the credit with it."""
    house.sell("D-1", 1, 10_000)
    decided(house, written(house, source="crm", external_id="D-1", taken_back=True))
    house.sealed("2026-02")
    assert sorted(amount for _, amount, _ in earned(house, "2026-02")) == [500_00, 1_000_00]
    lost = {
        "source": "crm", "external_id": "D-1", "loss_id": "L-1", "loss_date": date(2026, 3, 10),
        "kind": "cancellation", "share_num": 1, "share_den": 1, "reason": "insolvent", "attributable_to": "customer",
    }  # fmt: skip
    house.load(Facts(losses=frame("losses", lost)))
    house.sealed("2026-03")
    assert sorted(amount for _, amount, _ in earned(house, "2026-03")) == [-1_000_00, -500_00]
    house.sealed("2026-04")
    assert earned(house, "2026-04") == []
    assert (house.wrong(), house.unexplained()) == ([], [0])


def test_what_cannot_be_credited_is_told_with_what_would_be_right(house: SmallHouse) -> None:
    def codes(**credit: object) -> set[tuple[str, str]]:
        with pytest.raises(InvalidArgument) as error:
            written(house, **credit)
        return {(each.field, each.code) for each in error.value.violations}

    assert codes(counts=False, pays=False) == {("credit.amount", "CREDIT_OF_NOTHING")}
    assert codes(amount_minor=None) == {("credit.amount", "CREDIT_AMOUNT_OR_COUNT")}
    assert codes(amount_minor=None, count_millionths=1) == {("credit.amount", "CREDIT_UNIT")}
    assert codes(credit_date=date(2025, 12, 31)) == {("credit.credit_date", "CREDIT_OUTSIDE_PLAN")}
    assert codes(source="crm", external_id="D-9") == {("credit.external_id", "UNKNOWN_DEAL")}
    assert codes(taken_back=True) == {("credit.taken_back", "CREDIT_TAKEN_BACK_ALONE")}


def test_credit_that_would_never_be_paid_before_the_cut_over_is_refused(house: SmallHouse) -> None:
    opened(house, POSITION)
    with pytest.raises(InvalidArgument) as error:
        written(house, credit_date=date(2026, 1, 31))
    assert [(each.field, each.code) for each in error.value.violations] == [
        ("credit.credit_date", "CREDIT_BEFORE_CUTOVER")
    ]
    assert "Date it 2026-02-01 or later" in error.value.message
    assert decided(house, written(house, credit_date=date(2026, 1, 31), pays=False)).state == "accepted"


def test_credit_written_before_the_cut_over_was_booked_is_held_against_it_when_accepted(house: SmallHouse) -> None:
    found = written(house, credit_date=date(2026, 1, 31))
    opened(house)
    with pytest.raises(InvalidArgument) as error:
        decided(house, found)
    assert {each.code for each in error.value.violations} == {"CREDIT_BEFORE_CUTOVER"}


ABOUT = {"source": "crm", "external_id": "D-1", "taken_back": True}


def told_in_two_lines(house: SmallHouse) -> None:
    """The same total of D-1, in two lines of which the credit that is about it names none."""
    day = date(2026, 1, 10)
    deal_lines = [
        {"source": "crm", "external_id": "D-1", "line": line, "annual_value_minor": 5_000_00, "product": product,
         "start_date": day, "end_date": date(2027, 1, 10)}
        for line, product in ((1, "a"), (2, "b"))
    ]  # fmt: skip
    told = deal(
        "D-1", 2, seller_id="ann", account_id="acme", closed_date=day, accepted_time=datetime.combine(day, time.min)
    )
    house.load(Facts(deals=frame("deals", told), deal_lines=frame("deal_lines", *deal_lines)))


def no_longer_assigned(house: SmallHouse) -> None:
    ended = {"participant_id": "ann", "plan": "tiers", "role": "ae", "start_date": date(2026, 1, 1)}
    ended |= {"end_date": date(2026, 1, 31), "currency_code": "EUR"}
    small = house.parts.store.facts_at().assignments.filter(pl.col("plan") != "tiers")
    house.load(Facts(assignments=pl.concat([small, frame("assignments", ended)])))


def counted_by_deal(house: SmallHouse) -> None:
    plans = house.parts.store.plans_at()
    corrects = [plan.revision for plan in plans if plan.text.file_name == "tiers.yaml"]
    text = PlanText("tiers.yaml", TIERS.replace("by: amount", "by: deal"), {})
    parts = house.parts
    load_plan_texts(parts.store, parts.plans, parts.parse_plan, ADMIN, [text], corrects=corrects)


@pytest.mark.parametrize(
    ("becomes", "code"),
    [
        (told_in_two_lines, "REQUIRED"),
        (no_longer_assigned, "CREDIT_NOT_ASSIGNED"),
        (counted_by_deal, "CREDIT_WITHOUT_POSITION"),
    ],
)
def test_what_accepted_credit_does_not_fit_any_more_stops_the_runs_of_its_participant(
    house: SmallHouse, becomes: Callable[[SmallHouse], None], code: str
) -> None:
    house.sell("D-1", 1, 10_000)
    found = decided(house, written(house, **ABOUT))
    becomes(house)
    for who in ((), ("ann",)):
        with pytest.raises(FailedPrecondition) as error:
            house.run("2026-03", *who)
        assert (error.value.reason, error.value.metadata["code"]) == ("CREDIT_UNFIT", code)
        assert f"Credit `{found.adjustment_id}` of `ann` in `sales` on 2026-02-03" in error.value.message
    house.run("2026-03", "bob")  # whom it does not concern


def test_credit_that_fits_no_more_is_given_up_by_one_of_the_opposite_sign(house: SmallHouse) -> None:
    """20,000 of credit pay 1,000; nothing is taken of it until somebody else has accepted that it is given up."""
    house.sell("D-1", 1, 10_000)
    found = decided(house, written(house, **ABOUT))
    house.sealed("2026-02")
    told_in_two_lines(house)
    with pytest.raises(InvalidArgument):
        written(house, **ABOUT, amount_minor=-19_999_00)  # is not what gives it up
    given_up = written(house, **ABOUT, amount_minor=-20_000_00)
    with pytest.raises(FailedPrecondition):
        house.run("2026-03")
    decided(house, given_up)
    house.sealed("2026-03")
    assert (found.adjustment_id, -1_000_00, "2026-02") in earned(house, "2026-03")
    assert (house.wrong(), house.unexplained()) == ([], [0])


def test_a_position_of_somebody_who_is_not_assigned_any_more_is_not_lost(house: SmallHouse) -> None:
    """Of 20,000 in February 10,000 are paid 5% and 10,000 are paid 10%, or nobody is paid: never 20,000 at 5%."""
    opened(house, POSITION)
    house.sell("D-1", 2, 20_000)
    known = house.parts.store.facts_at().assignments
    no_longer_assigned(house)
    with pytest.raises(FailedPrecondition) as error:
        house.run("2026-02")
    assert (error.value.reason, error.value.metadata["code"]) == ("CREDIT_UNFIT", "CREDIT_NOT_ASSIGNED")
    house.load(Facts(assignments=known))
    house.sealed("2026-02")
    assert earned(house, "2026-02") == [("D-1", 1_500_00, "")]


def test_a_position_is_given_up_by_a_credit_of_the_opposite_sign(house: SmallHouse) -> None:
    opened(house, POSITION)
    house.sell("D-1", 2, 20_000)
    decided(house, written(house, credit_date=date(2026, 1, 31), amount_minor=-90_000_00))
    house.sealed("2026-02")
    assert earned(house, "2026-02") == [("D-1", 1_000_00, "")]


def test_a_statement_tells_of_the_credit_in_its_authors_words(house: SmallHouse) -> None:
    found = decided(house, written(house))
    house.sealed("2026-02")
    asked = Asked("ann", "2026-02", "x")
    statement = get_statement(
        house.parts.calculations, house.payroll.store, house.parts.clock, ANNA, asked, lambda found: found
    )
    lines = [line for each in statement.payouts for line in each.lines]
    own = [(line.key.source, line.key.external_id, line.amount.minor) for line in lines]
    assert own == [("credit_adjustments", found.adjustment_id, 1_000_00)]


def test_as_of_a_day_before_it_was_accepted_nothing_is_credited(house: SmallHouse) -> None:
    found = written(house)
    before = house.parts.store.position()
    decided(house, found)
    assert house.parts.store.facts_at(before).stated_credits.is_empty()
    now = house.parts.store.facts_at().stated_credits
    assert now.select("credit_id", "reason", "author", "approver").rows() == [
        (found.adjustment_id, "The order of 2025", "anna", "bert")
    ]


def test_a_difference_names_the_credit_and_who_accepted_it(house: SmallHouse) -> None:
    stands = [standing(house)]
    before = house.parts.store.position()
    found = decided(house, written(house))
    key, now = ("adjustment", found.adjustment_id), house.parts.store.position()
    assert house.parts.store.recorded("stated_credits", key, above=before, upto=now) is not None
    assert house.parts.store.recorded("stated_credits", key, above=now, upto=now + 1) is None
    lines = compared(*stands, standing(house), "ann", None).lines
    causes = [(line.key.external_id, cause.kind, cause.key) for line in lines for cause in line.causes]
    assert causes == [(found.adjustment_id, "stated_credits", key)]


def standing(house: SmallHouse) -> Stand:
    newest = house.parts.calculations.newest()
    return Stand(newest.result, newest.plans, newest.facts)
