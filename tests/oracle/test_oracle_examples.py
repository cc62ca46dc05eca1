"""Cases worked by hand, the arithmetic beside them. The oracle is held to them first, and the core as well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import pytest

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.facts import Facts
from compsvc.core.pipeline import calculate as core
from compsvc.core.plan import Plan

from .calculate import calculate as oracle
from .rows import Subject
from .small import OWN, RAMP, Case, day, plan

FLAT = "pays: {flat_rate: {rate: 10%}}"
RAMP_STAGES = (
    ("2024-01-15", "2025-01-15", 100_000_00),
    ("2025-01-15", "2026-01-15", 200_000_00),
    ("2026-01-15", "2027-01-15", 350_000_00),
)


class Book:
    """Lines as (participant, component, period, deal, stage, kind, counts, amount), and what they sum to."""

    def __init__(
        self,
        lines: list[tuple[object, ...]],
        earned: dict[tuple[str, str, str], int],
        reasons: set[tuple[str, str]],
        waiting: set[tuple[str, str | None]],  # pending deals and who would be credited
        days: set[tuple[str, str, str, date | None]],  # participant, component, kind and when a line may be paid
    ) -> None:
        self.payable, self._days = {(who, name, day) for who, name, _, day in days}, days
        self.lines, self.earned, self.reasons, self.waiting = sorted(lines, key=str), earned, reasons, waiting

    def counts(self, component: str = "c") -> dict[tuple[object, object], object]:
        """What each stage event counts, by deal and stage."""
        return {(line[3], line[4]): line[6] for line in self.lines if line[1] == component and line[5] == "own"}

    def amounts(self, deal: str, component: str = "c") -> dict[object, object]:
        """The own lines of a deal by participant."""
        return {
            line[0]: line[7] for line in self.lines if line[1] == component and line[3] == deal and line[5] == "own"
        }

    def payable_of(self, who: str) -> set[tuple[str, date | None]]:
        """By the kind of a line."""
        return {row[2:] for row in self._days if row[0] == who}


Calculation = Callable[[Sequence[Plan], Facts], Book]


def by_oracle(plans: Sequence[Plan], facts: Facts) -> Book:
    result = oracle(plans, facts)
    lines = [
        (
            x.participant,
            x.component,
            x.period,
            *((x.subject or (None,) * 4)[1::2]),
            x.step_kind,
            x.counts,
            x.amount_minor,
        )
        for x in result.lines
    ]
    earned = {(key[0], key[2], key[3]): figures[2] for key, figures in result.earnings.items()}
    waiting = {(item.external_id, item.participant) for item in result.pending}
    days = {(line.participant, line.component, line.step_kind, line.payable_date) for line in result.lines}
    return Book(lines, earned, {(reason[1], reason[6]) for reason in result.uncredited}, waiting, days)


def _deal_and_stage(subject: Subject | None) -> tuple[str | None, int | None]:
    return (subject[1], subject[3]) if subject else (None, None)


def by_core(plans: Sequence[Plan], facts: Facts) -> Book:
    result = core(plans, facts, matcher=PlainMatcher(), reference=None, lines=True)
    assert result.lines is not None
    names = "participant_id", "component", "period", "external_id", "stage", "step_kind", "counts", "amount_minor"
    earned = result.earnings.select("participant_id", "component", "period", "earned_minor").rows()
    reasons = set(result.uncredited.select("external_id", "code").rows())
    waiting = set(result.pending.select("external_id", "participant_id").rows())
    days = set(result.lines.select("participant_id", "component", "step_kind", "payable_date").rows())
    return Book(result.lines.select(names).rows(), {row[:3]: row[3] for row in earned}, reasons, waiting, days)


@pytest.fixture(params=[by_oracle, by_core])
def calculate(request: pytest.FixtureRequest) -> Calculation:
    return request.param  # type: ignore[no-any-return]


def component(text: str, name: str = "c") -> str:
    return f"components:\n  {name}: {{{text}}}\n"


def final_stage(rate: str = FLAT) -> Plan:
    return plan(OWN + component(f"counts: final_stage_acv, ramp: {RAMP}, from: own, per: year, {rate}"))


# --- ramps, options, early orders (L3)


def test_a_ramp_counts_with_its_last_committed_stage_on_the_day_it_counts(calculate: Calculation) -> None:
    # 100,000, then 200,000, then 350,000 a year, committed for 36 months: 350,000 at once. 10% is 35,000.
    case = Case().person("ann").deal("d1", "2024-01-15", product="x").stages("d1", *RAMP_STAGES)
    book = calculate([final_stage()], case.facts)
    assert book.counts() == {("d1", 0): 350_000_00}
    assert book.earned["ann", "c", "2024"] == 35_000_00


def test_the_same_levels_as_options_count_as_they_are_exercised(calculate: Calculation) -> None:
    # 100,000, then 200,000 - 100,000 = +100,000, then 350,000 - 200,000 = +150,000; the third only when it is taken.
    exercised = {1: "2024-01-15", 2: "2024-07-01", 3: "2025-02-01"}
    case = Case().person("ann").deal("d1", "2024-01-15", product="x").stages("d1", *RAMP_STAGES, exercised=exercised)
    book = calculate([final_stage()], case.facts)
    assert book.counts() == {("d1", 0): 0, ("d1", 1): 100_000_00, ("d1", 2): 100_000_00, ("d1", 3): 150_000_00}
    assert book.earned["ann", "c", "2024"] == 20_000_00
    assert book.earned["ann", "c", "2025"] == 15_000_00


def test_an_early_order_up_to_the_committed_level_credits_nothing_again(calculate: Calculation) -> None:
    # In March 2024 100,000 is in force. 100,000 more makes 200,000, still below the 350,000 credited already.
    case = Case().person("ann").deal("d1", "2024-01-15", product="x").stages("d1", *RAMP_STAGES)
    case.deal("d2", "2024-03-01", 100_000_00, product="x")
    book = calculate([final_stage()], case.facts)
    assert book.counts() == {("d1", 0): 350_000_00, ("d2", 0): 0}  # it has its line, for the seller to see why


def test_what_goes_beyond_the_committed_level_is_credited_once(calculate: Calculation) -> None:
    # d2: 100,000 in force + 300,000 = 400,000: 50,000 beyond 350,000. d3: another 20,000 on top of 400,000 counts in
    # full. d4 is of another product, and nothing is committed there.
    case = Case().person("ann").deal("d1", "2024-01-15", product="x").stages("d1", *RAMP_STAGES)
    case.deal("d2", "2024-03-01", 300_000_00, product="x").deal("d3", "2024-04-01", 20_000_00, product="x")
    case.deal("d4", "2024-04-02", 5_000_00, product="y")
    book = calculate([final_stage()], case.facts)
    assert book.counts() == {("d1", 0): 350_000_00, ("d2", 0): 50_000_00, ("d3", 0): 20_000_00, ("d4", 0): 5_000_00}


def test_a_short_last_stage_makes_no_free_money(calculate: Calculation) -> None:
    # The last stage is 11 months, less than 12: the first stage's level counts.
    stages = (*RAMP_STAGES[:2], ("2026-01-15", "2026-12-15", 350_000_00))
    case = Case().person("ann").deal("d1", "2024-01-15").stages("d1", *stages)
    assert calculate([final_stage()], case.facts).counts() == {("d1", 0): 100_000_00}


def test_below_the_limits_the_average_weighs_each_level_by_its_term(calculate: Calculation) -> None:
    # 12 months of 100.00 and 6 of 200.01: (12 x 10,000 + 6 x 20,001) / 18 = 240,006 / 18 = 13,333.67 cents -> 133.34.
    ramp = RAMP.replace("first_stage", "average")
    terms = component(f"counts: final_stage_acv, ramp: {ramp}, from: own, per: year, {FLAT}")
    case = Case().person("ann").deal("d1", "2024-01-01")
    case.stages("d1", ("2024-01-01", "2025-01-01", 100_00), ("2025-01-01", "2025-07-01", 200_01))
    assert calculate([plan(OWN + terms)], case.facts).counts() == {("d1", 0): 133_34}


def test_what_replaces_a_line_that_took_away_is_worth_no_more_than_itself(calculate: Calculation) -> None:
    # The downsell of 40,000 is nothing that 30,000 could take the place of: 30,000 count, not 30,000 + 40,000.
    case = (
        Case().person("ann").deal("d1", "2024-01-15", 100_000_00).deal("d2", "2024-02-15", -40_000_00, type="downsell")
    )
    case.deal("d3", "2024-03-15", 30_000_00, replaces=["d2/1"])
    assert calculate([final_stage()], case.facts).counts()["d3", 0] == 30_000_00


def test_deals_that_all_replace_another_are_worth_the_difference(calculate: Calculation) -> None:
    # Each names the other: 100 less 70 counts 30, 70 less 100 nothing.
    case = Case().person("ann").deal("d1", "2024-01-15", 100_00, replaces=["d2/1"])
    case.deal("d2", "2024-02-15", 70_00, replaces=["d1/1"])
    terms = component(f"counts: acv, from: own, per: year, {FLAT}")
    assert calculate([plan(OWN + terms)], case.facts).counts() == {("d1", 0): 30_00, ("d2", 0): 0}


# --- new logos (M9)


LOGOS = "counts: new_logos, logo: account, minimum_deal: 1_000, from: own, per: quarter, settle: as_earned"
KICKER = f"{LOGOS}, pays: {{kicker: {{at: 3, bonus: 5_000}}}}"


def logos(case: Case, *days: str) -> Case:
    for number, closed in enumerate(days, 1):
        case.deal(f"d{number}", closed, 2_000_00, account_id=f"a{number}")
    return case


def test_the_third_accepted_new_logo_of_a_quarter_pays_the_kicker(calculate: Calculation) -> None:
    case = logos(Case().person("ann"), "2024-01-05", "2024-02-05", "2024-03-31", "2024-04-01")
    case.deal("small", "2024-01-20", 999_99, account_id="tiny")  # 999.99 is below the minimum of 1,000
    case.deal("waiting", "2024-01-21", 2_000_00, accepted=None, account_id="late")
    book = calculate([plan(OWN + component(KICKER))], case.facts)
    assert [book.amounts(f"d{n}") for n in (1, 2, 3, 4)] == [{"ann": 0}, {"ann": 0}, {"ann": 5_000_00}, {"ann": 0}]
    assert (book.earned["ann", "c", "2024-Q1"], book.earned["ann", "c", "2024-Q2"]) == (5_000_00, 0)


def test_a_logo_that_leaves_too_early_takes_the_kicker_with_it(calculate: Calculation) -> None:
    # Three logos in the first quarter; the first leaves in its third month, in the second quarter: 3 - 1 = 2.
    case = logos(Case().person("ann"), "2024-01-31", "2024-02-05", "2024-03-31")
    case.deal("gone", "2024-04-29", type="churn", account_id="a1")
    book = calculate([plan(OWN + component(f"{KICKER}, must_stay: 3 months"))], case.facts)
    assert ("ann", "c", "2024-Q1", "gone", 0, "take_back", -1_000_000, -5_000_00) in book.lines
    assert book.earned["ann", "c", "2024-Q1"] == 0


def test_a_logo_that_leaves_on_the_boundary_day_has_stayed(calculate: Calculation) -> None:
    # 31 January + 3 months is 30 April, the last day of that month; it no longer belongs to the three months.
    case = logos(Case().person("ann"), "2024-01-31", "2024-02-05", "2024-03-31")
    case.deal("gone", "2024-04-30", type="churn", account_id="a1")
    book = calculate([plan(OWN + component(f"{KICKER}, must_stay: 3 months"))], case.facts)
    assert book.earned["ann", "c", "2024-Q1"] == 5_000_00


# --- handover (C2, D3)


def handover(keep: int, per: str = "year", **more: str) -> Plan:
    terms = {"for": "[upsell, cross_sell]", "if_hunter_left": "owner", "survives_cancel": "no", **more}
    clause = ", ".join(f"{key}: {value}" for key, value in terms.items())
    rule = f"credits:\n  own:\n    to: seller\n    handover: {{keep: {keep} months, after: first order, {clause}}}\n"
    return plan(rule + component(f"counts: acv, from: own, per: {per}, {FLAT}"))


def test_who_wins_back_is_the_plans_word_and_the_window_goes_on_until_then(calculate: Calculation) -> None:
    # Birk belongs to acme. Alone, acme would be won back in March, a month after its contract ended; that of the family
    # runs until June. So in March ann's window is still open, 10% of 100; in August d4 wins the family back, for bob.
    case = Case().person("ann").person("bob")
    case.deal("d1", "2024-01-01", 100_00, account_id="acme", end_date=day("2024-01-31"))
    case.add("accounts", account_id="birk", name="birk", parent_id="acme")
    case.deal("d2", "2024-01-10", 100_00, account_id="birk", end_date=day("2024-06-30"))
    bobs = {"seller_id": "bob", "end_date": day("2024-05-31")}
    case.deal("d3", "2024-03-15", 100_00, account_id="acme", **bobs)
    case.deal("d4", "2024-08-15", 100_00, account_id="acme", **bobs)
    keep = (
        "{keep: 12 months, after: first order, for: [upsell, cross_sell], if_hunter_left: owner, survives_cancel: no}"
    )
    rule = f"credits:\n  own:\n    to: seller\n    handover: {keep}\n"
    body = rule + component(f"counts: acv, from: own, per: year, {FLAT}")
    book = calculate([plan(body, new_logo_by="ultimate_parent", win_back="1 month")], case.facts)
    assert (book.amounts("d3"), book.amounts("d4")) == ({"ann": 10_00}, {"bob": 10_00})


@pytest.mark.parametrize(
    ("first", "keep", "last_day", "boundary"),
    [
        ("2024-02-10", 12, "2025-02-09", "2025-02-10"),
        ("2024-01-31", 1, "2024-02-28", "2024-02-29"),  # 31 January + 1 month is 29 February 2024
        ("2023-01-31", 1, "2023-02-27", "2023-02-28"),  # and 28 February 2023
        ("2024-02-29", 12, "2025-02-27", "2025-02-28"),  # 29 February + 12 months is 28 February
        ("2023-02-28", 12, "2024-02-27", "2024-02-28"),  # not the 29th: the day is kept
    ],
)
def test_the_boundary_day_of_a_window_belongs_to_the_successor(
    calculate: Calculation, first: str, keep: int, last_day: str, boundary: str
) -> None:
    case = Case().person("ann").person("bob").deal("d1", first, 100_00)
    case.deal("d2", last_day, 100_00, seller_id="bob").deal("d3", boundary, 100_00, seller_id="bob")
    book = calculate([handover(keep)], case.facts)
    assert (book.amounts("d2"), book.amounts("d3")) == ({"ann": 10_00}, {"bob": 10_00})


def test_a_pending_first_order_opens_its_window_for_the_deals_that_wait_behind_it(calculate: Calculation) -> None:
    case = Case().person("ann").person("bob").deal("d1", "2024-02-10", 100_00, accepted=None)
    case.deal("d2", "2024-03-10", 100_00, accepted=None, seller_id="bob")
    case.deal("d3", "2025-02-10", 100_00, accepted=None, seller_id="bob")  # the boundary day
    assert calculate([handover(12)], case.facts).waiting == {("d1", "ann"), ("d2", "ann"), ("d3", "bob")}


def test_a_churn_that_waits_shuts_no_window(calculate: Calculation) -> None:
    case = Case().person("ann").person("bob").deal("d1", "2024-02-10", 100_00)
    case.deal("gone", "2024-03-01", type="churn", accepted=None).deal(
        "d2", "2024-04-01", 100_00, accepted=None, seller_id="bob"
    )
    assert ("d2", "ann") in calculate([handover(12)], case.facts).waiting


def test_the_close_date_decides_who_and_the_acceptance_when(calculate: Calculation) -> None:
    # Closed on 30 March, inside the window that ends on 1 April; accepted on 2 April: Ann's, in the second quarter.
    quarterly = handover(12, per="quarter")
    case = Case().person("ann").person("bob").deal("d1", "2023-04-01", 100_00)
    case.deal("d2", "2024-03-30", 250_00, accepted="2024-04-02", seller_id="bob")
    book = calculate([quarterly], case.facts)
    assert book.earned["ann", "c", "2024-Q2"] == 25_00
    assert book.earned["bob", "c", "2024-Q2"] == 0


def test_counted_on_closed_it_stays_in_the_quarter_of_the_close_date(calculate: Calculation) -> None:
    # Accepted within 2 days of the quarter's end, before 3 April: first quarter. On 3 April: second.
    closed = {"counts_on": "closed", "accepted_within": "2 days"}
    quarterly = plan(OWN + component(f"counts: acv, from: own, per: quarter, {FLAT}"), **closed)
    case = Case().person("ann").deal("d1", "2024-03-30", 100_00, accepted="2024-04-02T23:59:59")
    case.deal("d2", "2024-03-30", 200_00, accepted="2024-04-03")
    book = calculate([quarterly], case.facts)
    assert (book.earned["ann", "c", "2024-Q1"], book.earned["ann", "c", "2024-Q2"]) == (10_00, 20_00)


def test_the_last_months_are_shared_with_the_successor(calculate: Calculation) -> None:
    # Month 11 of 12, half each: of 100.01 that is 50.005; floor 50.00, and the odd cent is the hunter's, the first.
    share = "{months: 2 months, hunter: 50%, successor: 50%}"
    case = Case().person("ann").person("bob").deal("d1", "2024-01-31", 100_00)
    case.deal("d2", "2024-11-29", 100_01, seller_id="bob").deal("d3", "2024-11-30", 100_01, seller_id="bob")
    book = calculate([handover(12, share_last=share)], case.facts)
    counted = {(line[0], line[3]): line[6] for line in book.lines}
    assert counted["ann", "d2"] == 100_01  # 31 January + 10 months is 30 November
    assert (counted["ann", "d3"], counted["bob", "d3"]) == (50_01, 50_00)


# --- splits (C5)


def test_a_third_each_of_100_01_sums_to_100_01(calculate: Calculation) -> None:
    # 10,001 / 3 = 3,333.67: floor 3,333 each, 2 cents left, one each to the first two.
    case = Case().person("ann").person("bob").person("cid").deal("d1", "2024-01-05", 100_01)
    case.split("d1", cid=(1, 3), ann=(1, 3), bob=(1, 3))
    terms = component("counts: acv, from: own, per: year, pays: {flat_rate: {rate: 100%}}")
    book = calculate([plan(OWN + terms)], case.facts)
    assert book.amounts("d1") == {"cid": 33_34, "ann": 33_34, "bob": 33_33}


def test_the_part_of_somebody_who_is_not_assigned_keeps_its_place(calculate: Calculation) -> None:
    # Bob has the first odd cent and no assignment on that day: 3,334 are listed as uncredited, nobody else gets them.
    case = Case().person("ann").person("bob", end="2024-01-05").person("cid").deal("d1", "2024-01-05", 100_01)
    case.split("d1", bob=(1, 3), ann=(1, 3), cid=(1, 3))
    terms = component("counts: acv, from: own, per: year, pays: {flat_rate: {rate: 100%}}")
    book = calculate([plan(OWN + terms)], case.facts)
    assert book.amounts("d1") == {"ann": 33_34, "cid": 33_33}
    assert book.reasons == {("d1", "NOT_ASSIGNED")}


# --- provisioning (L6)


@pytest.mark.parametrize("measure", ["acv", "tcv", f"final_stage_acv, ramp: {RAMP}"])
def test_the_same_amount_pays_the_same_as_new_logo_upsell_and_cross_sell(calculate: Calculation, measure: str) -> None:
    terms = component(f"counts: {measure}, from: own, per: month, {FLAT}")
    dates = {"start_date": day("2024-01-01"), "end_date": day("2025-01-01")}
    case = Case().person("ann")
    for number, kind in enumerate(("new_logo", "upsell", "cross_sell"), 1):
        case.deal(kind, f"2024-0{number}-05", 1_234_56, type=kind, **dates)
    book = calculate([plan(OWN + terms)], case.facts)
    # 10% of 1,234.56 = 123.456 -> 123.46, each in a month of its own.
    assert [book.earned["ann", "c", f"2024-0{number}"] for number in (1, 2, 3)] == [123_46] * 3


# --- tiers (M1, M3, M5)


def table(mode: str, tiers: str, boundary: str = "at", by: str = "amount") -> str:
    return f"pays: {{rate_table: {{mode: {mode}, by: {by}, boundary: {boundary}, tiers: [{tiers}]}}}}"


TWO_TIERS = "{to: 100_000, rate: 4%}, {rate: 6%}"


def test_a_marginal_table_pays_each_part_at_its_own_rate(calculate: Calculation) -> None:
    # 60,000 at 4% = 2,400; then 40,000 at 4% + 20,000 at 6% = 1,600 + 1,200 = 2,800.
    case = Case().person("ann").deal("d1", "2024-01-05", 60_000_00).deal("d2", "2024-01-06", 60_000_00, product="y")
    terms = component(f"counts: acv, from: own, per: year, {table('marginal', TWO_TIERS)}")
    book = calculate([plan(OWN + terms)], case.facts)
    assert (book.amounts("d1"), book.amounts("d2")) == ({"ann": 2_400_00}, {"ann": 2_800_00})


def test_a_retroactive_step_re_rates_the_earlier_deals_each_on_a_line_of_its_own(calculate: Calculation) -> None:
    # 30,000 + 20,000 at 4% = 1,200 + 800. The third deal of 60,000 brings 110,000, so all at 6%: 6,600.
    # 2% more for the first = 600, for the second = 400; the third's own line is 6,600 - 2,000 - 1,000 = 3,600.
    case = Case().person("ann")
    for number, amount in enumerate((30_000_00, 20_000_00, 60_000_00), 1):
        case.deal(f"d{number}", f"2024-01-0{number}", amount)
    terms = component(f"counts: acv, from: own, per: year, {table('retroactive', TWO_TIERS)}")
    book = calculate([plan(OWN + terms)], case.facts)
    re_rated = {line[3]: line[7] for line in book.lines if line[5] == "re_rating"}
    assert re_rated == {"d1": 600_00, "d2": 400_00}
    assert (book.amounts("d1"), book.amounts("d2"), book.amounts("d3")) == (
        {"ann": 1_200_00},
        {"ann": 800_00},
        {"ann": 3_600_00},
    )
    assert book.earned["ann", "c", "2024"] == 6_600_00


@pytest.mark.parametrize(("boundary", "earned"), [("at", 6_000_00), ("over", 4_000_00)])
def test_exactly_on_the_edge_is_the_higher_tier_or_the_lower_as_the_plan_says(
    calculate: Calculation, boundary: str, earned: int
) -> None:
    case = Case().person("ann").deal("d1", "2024-01-05", 100_000_00)
    terms = component(f"counts: acv, from: own, per: year, {table('retroactive', TWO_TIERS, boundary)}")
    assert calculate([plan(OWN + terms)], case.facts).earned["ann", "c", "2024"] == earned


def test_what_is_paid_on_is_divided_over_the_tiers_that_the_position_crosses(calculate: Calculation) -> None:
    # acv 100.00 moves the position from 0 to 100.00; the edge is at 33.33, so 3,333 of 10,000 parts are below it.
    # tcv is 200.01 = 100.00 + 100.01 one-time: below the edge floor(20,001 x 0.3333) = 6,666, above floor(13,334.67);
    # the odd cent goes to the lowest tier: 6,667. 6,667 x 10% + 13,334 x 100% = 666.7 + 13,334 = 14,000.7 -> 140.01.
    tiers = table("marginal", "{to: 33.33, rate: 10%}, {rate: 100%}")
    terms = component(f"counts: acv, pays_on: tcv, from: own, per: year, {tiers}")
    dates = {"start_date": day("2024-01-01"), "end_date": day("2025-01-01")}
    case = Case().person("ann").deal("d1", "2024-01-05", 100_00, one_time_value_minor=100_01, **dates)
    assert calculate([plan(OWN + terms)], case.facts).earned["ann", "c", "2024"] == 140_01


def test_the_number_of_deals_takes_the_tier_and_every_line_pays_on_its_own_amount(calculate: Calculation) -> None:
    # d1 has lines of 100.00 and 300.00 and is one deal: 10% of both, 40.00. d2 is the second deal and in the tier of
    # 20%: of 500.00 it is paid 100.00, and 10% more on d1 are 40.00. Earned 900.00 x 20% = 180.00.
    tiers = table("retroactive", "{to: 1, rate: 10%}, {rate: 20%}", "over", by="count")
    terms = component(f"counts: deals, minimum_deal: 0, pays_on: acv, from: own, per: year, {tiers}")
    case = Case().person("ann").deal("d1", "2024-01-05").deal("d2", "2024-01-06", 500_00)
    for number, annual in ((1, 100_00), (2, 300_00)):
        case.add("deal_lines", source="crm", external_id="d1", line=number, annual_value_minor=annual)
    book = calculate([plan(OWN + terms)], case.facts)
    assert book.earned["ann", "c", "2024"] == 180_00
    assert [(line[5], line[6], line[7]) for line in book.lines if line[3] == "d1" and line[5] == "own"] == [
        ("own", 0, 30_00),
        ("own", 1_000_000, 10_00),
    ]


# --- quotas (M4)


def test_a_years_quota_in_quarters_gives_the_odd_cent_to_the_first(calculate: Calculation) -> None:
    # 1,000.01 in quarters: 250.01, then three times 250.00. 250.00 reaches the second tier from the second on.
    tiers = table("retroactive", "{to: 100%, rate: 10%}, {rate: 20%}", by="attainment")
    terms = component(f"counts: acv, from: own, per: quarter, quota: from assignment, zero_quota: pay_base, {tiers}")
    case = Case().person("ann", quota=(1_000_01, "year"), target_incentive_minor=1_000_00)
    for quarter, closed in enumerate(("2024-01-05", "2024-04-05", "2024-07-05", "2024-10-05"), 1):
        case.deal(f"d{quarter}", closed, 250_00)
    book = calculate([plan(OWN + terms)], case.facts)
    assert [book.earned["ann", "c", f"2024-Q{quarter}"] for quarter in (1, 2, 3, 4)] == [25_00, 50_00, 50_00, 50_00]


def test_base_is_the_full_years_target_over_the_full_years_quota(calculate: Calculation) -> None:
    # 80,000 / 800,000 = 10%; on 125,000 that is 12,500, in a quarter as in a year.
    tiers = table("marginal", "{to: 100%, rate: base}, {rate: 1.5 x base}", by="attainment")
    terms = component(f"counts: acv, from: own, per: quarter, quota: from assignment, zero_quota: pay_base, {tiers}")
    case = Case().person("ann", quota=(800_000_00, "year"), target_incentive_minor=80_000_00)
    case.deal("d1", "2024-01-05", 125_000_00)
    assert calculate([plan(OWN + terms)], case.facts).earned["ann", "c", "2024-Q1"] == 12_500_00


def test_a_quota_of_zero_may_pay_the_target_whatever_is_sold(calculate: Calculation) -> None:
    # 1,000.01 a year in quarters: 250.01 in the first, 250.00 in the second, with and without deals.
    tiers = table("marginal", "{to: 100%, rate: 10%}, {rate: 20%}", by="attainment")
    zero = "quota: from assignment, zero_quota: pay_target"
    terms = component(f"counts: acv, from: own, per: quarter, {zero}, {tiers}")
    case = Case().person("ann", quota=(0, "year"), target_incentive_minor=1_000_01)
    case.person("bob", quota=(0, "year"), target_incentive_minor=1_000_01)
    case.deal("d1", "2024-01-05", 500_00).deal("d2", "2024-04-05", 500_00)
    book = calculate([plan(OWN + terms)], case.facts)
    for person in ("ann", "bob"):
        assert (book.earned[person, "c", "2024-Q1"], book.earned[person, "c", "2024-Q2"]) == (250_01, 250_00)


# --- managers (C4)


TEAM = plan(component(f"counts: acv, from: team, own_deals: out, per: year, settle: as_earned, {FLAT}", "t"), "boss")
SELLING = plan(OWN + component(f"counts: acv, from: own, per: year, {FLAT}"))


def test_a_deal_reaches_each_manager_once(calculate: Calculation) -> None:
    # Ann and Bob share 100.01; both report to Mia, Bob by a second way too; Mia reports to Zoe. Each gets 100.01 once.
    case = Case().person("mia", "boss", manager_id="zoe").person("zoe", "boss")
    case.person("ann", manager_id="mia").person("bob", manager_id="mia").person("bob", "boss", manager_id="mia")
    case.deal("d1", "2024-01-05", 100_01).split("d1", ann=(1, 3), bob=(2, 3))
    book = calculate([TEAM, SELLING], case.facts)
    assert book.counts("t") == {("d1", 0): 100_01}
    assert (book.earned["mia", "t", "2024"], book.earned["zoe", "t", "2024"]) == (10_00, 10_00)
    assert book.earned["bob", "t", "2024"] == 0


def test_a_vacant_seat_goes_to_the_cover_from_the_day_it_is_vacant(calculate: Calculation) -> None:
    case = (
        Case()
        .person("mia", "boss", end="2024-03-01", cover_id="eva")
        .person("eva", "boss")
        .person("ann", manager_id="mia")
    )
    case.deal("d1", "2024-02-29", 100_00).deal("d2", "2024-03-01", 200_00)
    book = calculate([TEAM, SELLING], case.facts)
    assert (book.amounts("d1", "t"), book.amounts("d2", "t")) == ({"mia": 10_00}, {"eva": 20_00})


@pytest.mark.parametrize(
    ("levels", "mia", "zoe", "kim"),
    [("1", 300_00, 100_00, 0), ("2", 0, 300_00, 100_00), ("2..", 0, 300_00, 400_00), ("1..2", 300_00, 400_00, 100_00)],
)
def test_a_component_counts_the_levels_that_it_names(
    calculate: Calculation, levels: str, mia: int, zoe: int, kim: int
) -> None:
    # Ann (300) reports to Mia, Mia to Zoe, Zoe to Kim; Joe (100) reports to Zoe directly. Of Zoe's level 1 is Joe (Mia
    # sells nothing), level 2 Ann; of Kim's level 2 Joe, level 3 Ann.
    terms = f"counts: acv, from: team, levels: {levels}, own_deals: out, per: year, settle: as_earned, {FLAT}"
    case = Case().person("kim", "boss").person("zoe", "boss", manager_id="kim").person("mia", "boss", manager_id="zoe")
    case.person("ann", manager_id="mia").person("joe", manager_id="zoe")
    case.deal("d1", "2024-01-05", 300_00).deal("d2", "2024-01-06", 100_00, seller_id="joe")
    earned = calculate([plan(component(terms, "t"), "boss"), SELLING], case.facts).earned
    assert [earned[who, "t", "2024"] for who in ("mia", "zoe", "kim")] == [mia // 10, zoe // 10, kim // 10]


# --- what every calculation keeps


def test_periods_without_deals_are_there_with_zero(calculate: Calculation) -> None:
    # Deals count from January to July; Ann is there from March to April.
    case = Case().person("ann", start="2024-03-15", end="2024-04-02").person("bob")
    case.deal("d1", "2024-01-05", 100_00, seller_id="bob").deal("d2", "2024-07-05", 100_00, seller_id="bob")
    terms = component(f"counts: acv, from: own, per: quarter, {FLAT}")
    book = calculate([plan(OWN + terms)], case.facts)
    assert {key[2]: earned for key, earned in book.earned.items() if key[0] == "ann"} == {"2024-Q1": 0, "2024-Q2": 0}
    assert {key[2] for key in book.earned if key[0] == "bob"} == {"2024-Q1", "2024-Q2", "2024-Q3"}


def test_a_fiscal_year_is_named_by_the_year_in_which_it_ends(calculate: Calculation) -> None:
    case = Case().person("ann").deal("d1", "2026-04-01", 100_00).deal("d2", "2026-03-31", 100_00)
    terms = component(f"counts: acv, from: own, per: quarter, {FLAT}")
    book = calculate([plan(OWN + terms, fiscal_year_starts="april")], case.facts)
    assert {key[2] for key in book.earned} == {"2027-Q1", "2026-Q4"}


def test_a_level_that_was_never_credited_is_not_taken_for_an_order(calculate: Calculation) -> None:
    # Below the limits 100,000 is credited. In 2025 200,000 is in force, but only 100,000 of it was ever credited:
    # an order of 50,000 makes 150,000, and counts 50,000.
    case = Case().person("ann").deal("d1", "2024-01-15", product="x").stages("d1", *RAMP_STAGES[:2])
    case.deal("d2", "2025-03-01", 50_000_00, product="x")
    assert calculate([final_stage()], case.facts).counts() == {("d1", 0): 100_000_00, ("d2", 0): 50_000_00}
