"""Dated attributes of accounts worked by hand, for the oracle and the core."""

from __future__ import annotations

from .small import Case, day, plan
from .test_oracle_examples import FLAT, Calculation, calculate, component

__all__ = ["calculate"]  # the fixture
LARGE = "credits:\n  own: {when: {segment: large}, to: seller}\n"
PAYS = component(f"counts: acv, from: own, per: year, {FLAT}")


def moving(**own: str) -> Case:
    """Ann sells in the north, Ben in the south. Acme says `own` of itself."""
    case = Case().person("ann").person("ben").add("accounts", account_id="acme", **own)
    for who, region in (("ann", "north"), ("ben", "south")):
        case.add("territories", participant_id=who, region=region, start_date=day("2020-01-01"))
    return case


def became(case: Case, attribute: str, value: str | None, start: str, account: str = "acme") -> Case:
    return case.add("account_attributes", account_id=account, attribute=attribute, value=value, start_date=day(start))


def test_a_deal_is_of_the_territory_in_which_the_account_was_on_its_close_date(calculate: Calculation) -> None:
    # North until June 30, south from July 1: 10% of 300 closed on June 30 is ann's, of 500 closed a day later ben's.
    # When they are accepted does not matter. From October 1 it is nowhere, and 700 are nobody's.
    case = became(became(moving(region="north"), "region", "south", "2024-07-01"), "region", None, "2024-10-01")
    case.deal("d1", "2024-06-30", 300_00, "2024-08-01", seller_id=None)
    case.deal("d2", "2024-07-01", 500_00, seller_id=None).deal("d3", "2024-10-01", 700_00, seller_id=None)
    book = calculate([plan("credits:\n  own: {to: seller}\n" + PAYS)], case.facts)
    assert [book.amounts(name) for name in ("d1", "d2", "d3")] == [{"ann": 30_00}, {"ben": 50_00}, {}]
    assert book.reasons == {("d3", "NO_HOLDER")}


def test_a_condition_asks_what_the_account_was_on_the_close_date(calculate: Calculation) -> None:
    # Small as the account says itself, large in March and April alone: of three deals one is credited, 10% of 200.
    # The other attribute, and another account that is small from April on, have dates of their own.
    case = became(became(moving(segment="small"), "segment", "large", "2024-03-01"), "segment", "small", "2024-05-01")
    became(became(case, "region", "north", "2024-04-01"), "segment", "small", "2024-04-01", "birk")
    case.add("accounts", account_id="birk", segment="large")
    for name, closed in (("d1", "2024-02-29"), ("d2", "2024-04-30"), ("d3", "2024-05-01")):
        case.deal(name, closed, 200_00)
    book = calculate([plan(LARGE + PAYS)], case.facts)
    assert [book.amounts(name) for name in ("d1", "d2", "d3")] == [{}, {"ann": 20_00}, {}]


def test_an_option_asks_on_the_day_on_which_it_is_taken(calculate: Calculation) -> None:
    # The deal's 100 of January are ann's; the option adds 100, taken in March, when acme is in the south: ben's 10.
    case = became(moving(region="north"), "region", "south", "2024-02-01").deal(
        "d1", "2024-01-10", 100_00, seller_id=None
    )
    case.stages(
        "d1", ("2024-01-10", "2025-01-10", 100_00), ("2024-03-10", "2025-01-10", 200_00), exercised={2: "2024-03-10"}
    )
    book = calculate([plan("credits:\n  own: {to: seller}\n" + PAYS)], case.facts)
    assert book.amounts("d1") == {"ann": 10_00, "ben": 10_00}
