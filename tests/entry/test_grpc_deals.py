"""IngestDeals through a real server: atomic batches, each answered by itself."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from compsvc.v1 import deal_service_pb2 as deal_pb
from compsvc.v1.types_pb2 import Money

from .conftest import Client, batch, day, deal, eur, instant, refused, told

EVERYTHING = {
    "opened_date": day("2026-01-02"),
    "pending_reason": "",
    "channel": "direct",
    "opportunity_id": "O-1",
    "split_reason": "joint visit",
    "cause": "data_correction",
    "attributes": {"campaign": "spring", "tier": "gold"},
    "annual_value": None,
    "lines": [
        deal_pb.DealLine(
            line=1,
            product="platform",
            type="new_logo",
            quantity=3,
            start_date=day("2026-03-01"),
            end_date=day("2029-03-01"),
            one_time_value=eur(5_000),
            cost=eur(70),
            discount="12.5%",
            stages=[
                deal_pb.Stage(
                    stage=1,
                    start_date=day("2026-03-01"),
                    end_date=day("2027-03-01"),
                    annual_value=eur(100),
                    committed=True,
                ),
                deal_pb.Stage(
                    stage=2,
                    start_date=day("2027-03-01"),
                    end_date=day("2029-03-01"),
                    annual_value=eur(200),
                    committed=False,
                    exercised_time=instant("2027-02-01T08:00:00"),
                ),
            ],
        ),
        deal_pb.DealLine(line=2, product="seats", annual_value=eur(9)),
    ],
    "splits": [
        deal_pb.Split(participant_id="ann", share="1/3"),
        deal_pb.Split(participant_id="Moses Frase", share="2/3"),
    ],
    "roles": [deal_pb.DealRole(role="sales_engineer", participant_id="Moses Frase")],
}


def test_each_batch_is_answered_by_itself_and_a_bad_one_refuses_only_itself(company: Client) -> None:
    first, bad, last = company.ingest(
        batch(deal("D-1"), deal("D-2")),
        batch(deal("D-3"), deal("D-4", account_id="nobody")),
        batch(deal("D-5")),
    )
    assert (first.ingested.created_count, last.ingested.created_count) == (2, 1)
    found = told(bad.error)
    assert (found.code, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FACTS_REFUSED")
    assert found.violations == {"deals[1].account_id": "UNKNOWN_ACCOUNT"}
    stored = company.call(company.deals.ListDeals, deal_pb.ListDealsRequest())
    assert [each.external_id for each in stored.deals] == ["D-1", "D-2", "D-5"]


def test_a_deal_comes_back_as_it_was_sent(company: Client) -> None:
    sent = deal("D/1 ü@", **EVERYTHING)
    company.ingest(batch(sent))
    name = "sources/crm/deals/D%2F1%20%C3%BC%40"
    found = company.call(company.deals.GetDeal, deal_pb.GetDealRequest(name=name))
    assert found.name == name
    assert found.HasField("create_time")
    found.ClearField("create_time")
    found.ClearField("name")
    sent.splits[0].share, sent.splits[1].share = "1/3", "2/3"
    assert found == sent


def test_the_same_request_twice_is_stored_once(company: Client) -> None:
    first, again = company.ingest(batch(deal("D-1"), request_id="r"), batch(deal("D-1"), request_id="r"))
    assert first == again
    assert first.ingested.created_count == 1


def test_a_deal_that_stands_twice_in_a_batch_with_equal_parts_is_stored_once(company: Client) -> None:
    (answer,) = company.ingest(batch(deal("D-1", **EVERYTHING), deal("D-1", **EVERYTHING)))
    assert answer.ingested.created_count == 1
    stored = company.call(company.deals.GetDeal, deal_pb.GetDealRequest(name="sources/crm/deals/D-1"))
    assert len(stored.splits) == len(EVERYTHING["splits"])


def test_a_request_id_is_for_one_request(company: Client) -> None:
    _, other = company.ingest(batch(deal("D-1"), request_id="r"), batch(deal("D-2"), request_id="r"))
    found = told(other.error)
    assert (found.code, found.reason) == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")
    assert found.details["ResourceInfo"].resource_name == "r"


def test_the_same_deal_again_is_unchanged_and_another_revision_is_revised(company: Client) -> None:
    answers = company.ingest(
        batch(deal("D-1", **EVERYTHING)),
        batch(deal("D-1", **EVERYTHING)),
        batch(deal("D-1", revision=2, annual_value=eur(7), cause="data_correction")),
        batch(deal("D-1", **EVERYTHING)),
    )
    counts = [(a.ingested.created_count, a.ingested.unchanged_count, a.ingested.revised_count) for a in answers]
    assert counts == [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, 0)]  # the last: an old report, sent again
    first, unchanged, revised, late = (answer.ingested.position for answer in answers)
    assert first == unchanged < revised == late  # the position moves where something is stored


def test_revisions_are_never_edited_and_each_can_be_read(company: Client) -> None:
    company.ingest(batch(deal("D-1")), batch(deal("D-1", revision=3, annual_value=eur(7), cause="data_correction")))
    values = {
        name: company.call(company.deals.GetDeal, deal_pb.GetDealRequest(name=name)).annual_value.minor_units
        for name in ("sources/crm/deals/D-1", "sources/crm/deals/D-1@1", "sources/crm/deals/D-1@3")
    }
    assert list(values.values()) == [7, 100_000, 7]


def test_another_content_under_a_stored_revision_is_refused_and_names_what_differs(company: Client) -> None:
    _, answer = company.ingest(
        batch(deal("D-1")), batch(deal("D-0"), deal("D-1", annual_value=eur(7), channel="reseller", revision=1))
    )
    found = told(answer.error)
    assert (found.code, found.reason) == (grpc.StatusCode.ALREADY_EXISTS, "REVISION_CONFLICT")
    assert found.violations == {"deals[1].annual_value": "REVISION_DIFFERS", "deals[1].channel": "REVISION_DIFFERS"}
    assert found.details["ResourceInfo"].resource_name == "crm/D-1"


def test_a_revision_below_the_latest_is_refused(company: Client) -> None:
    _, answer = company.ingest(batch(deal("D-1", revision=5)), batch(deal("D-1", revision=4, annual_value=eur(1))))
    assert told(answer.error).violations == {"deals[0].revision": "REVISION_NOT_NEWER"}


def test_a_revision_that_makes_an_accepted_deal_worth_less_says_why(company: Client) -> None:
    _, answer = company.ingest(batch(deal("D-1")), batch(deal("D-0"), deal("D-1", revision=2, annual_value=eur(7))))
    found = told(answer.error)
    assert (found.code, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FACTS_REFUSED")
    assert found.violations == {"deals[1].cause": "CAUSE_MISSING"}


def test_validate_only_answers_as_if_and_stores_nothing(company: Client) -> None:
    dry, wet = company.ingest(batch(deal("D-1"), validate_only=True), batch(deal("D-1")))
    assert dry.ingested.created_count == wet.ingested.created_count == 1
    assert not dry.ingested.HasField("create_time")


def stage(number: int, start: str, end: str) -> deal_pb.Stage:
    return deal_pb.Stage(stage=number, start_date=day(start), end_date=day(end), annual_value=eur(1), committed=True)


def splits(*shares: str) -> list[deal_pb.Split]:
    people = ("ann", "Moses Frase")
    return [deal_pb.Split(participant_id=who, share=share) for who, share in zip(people, shares, strict=False)]


BAD: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"account_id": ""}, {"account_id": "REQUIRED"}),
    ({"account_id": "nobody"}, {"account_id": "UNKNOWN_ACCOUNT"}),
    ({"seller_id": "nobody"}, {"seller_id": "UNKNOWN_PARTICIPANT"}),
    ({"currency_code": "EURO", "annual_value": Money(currency_code="EURO")}, {"currency_code": "UNKNOWN_CURRENCY"}),
    ({"currency_code": "USD", "annual_value": Money(currency_code="USD")}, {"currency_code": "CURRENCY_OF_NO_PLAN"}),
    ({"annual_value": Money(currency_code="USD", minor_units=1)}, {"annual_value": "CURRENCY_DIFFERS"}),
    ({"annual_value": None}, {"annual_value": "VALUE_MISSING"}),
    ({"annual_value": eur(-1)}, {"annual_value": "NEGATIVE_AMOUNT"}),
    ({"closed_date": day("2026-02-30")}, {"closed_date": "DATE_INVALID"}),
    ({"closed_date": None}, {"closed_date": "REQUIRED"}),
    ({"revision": 0}, {"revision": "REVISION_BELOW_ONE"}),
    ({"type": "gift"}, {"type": "UNKNOWN_TYPE"}),
    ({"splits": splits("99%")}, {"splits": "SPLIT_NOT_WHOLE"}),
    ({"splits": splits("60%", "41%")}, {"splits": "SPLIT_NOT_WHOLE"}),
    ({"splits": splits("0.5", "half")}, {"splits[1].share": "SHARE_INVALID"}),
    ({"splits": splits("1/3", "0.66666666666666")}, {"splits[1].share": "SHARE_INVALID"}),
    ({"splits": splits("100%", "")}, {"splits[1].share": "REQUIRED"}),
    ({"discount": "12.5"}, {"discount": "RATE_WITHOUT_PERCENT"}),
    ({"discount": "12.34567%"}, {"discount": "DISCOUNT_TOO_FINE"}),
    ({"start_date": day("2026-03-01"), "end_date": day("2026-02-01")}, {"end_date": "NEGATIVE_TERM"}),
    (
        {"stages": [stage(1, "2026-01-01", "2027-01-01"), stage(2, "2026-12-31", "2028-01-01")]},
        {"stages[1].start_date": "STAGES_OVERLAP"},
    ),
    (
        {"annual_value": None, "lines": [deal_pb.DealLine(line=4, annual_value=eur(1), stages=[deal_pb.Stage()])]},
        {
            "lines[0].stages[0].annual_value": "REQUIRED",
            "lines[0].stages[0].committed": "REQUIRED",
        },
    ),
    ({"stages": [deal_pb.Stage(annual_value=eur(1), committed=False)]}, {"stages[0].stage": "NUMBER_BELOW_ONE"}),
    ({"replaces": ["D-9/1"]}, {"replaces": "UNKNOWN_REPLACED"}),
    ({"pending_reason": "two\nlines"}, {"pending_reason": "TEXT_NOT_PRINTABLE"}),
    ({"channel": "x" * 201}, {"channel": "TEXT_TOO_LONG"}),
    ({"attributes": {"": "x"}}, {"attributes": "ATTRIBUTE_INVALID"}),
]


@pytest.mark.parametrize(
    ("changes", "expected"), BAD, ids=[f"{i}-{next(iter(e.values()))}" for i, (_, e) in enumerate(BAD)]
)
def test_a_bad_deal_is_refused_with_its_field_and_code(
    company: Client, changes: dict[str, Any], expected: dict[str, str]
) -> None:
    (answer,) = company.ingest(batch(deal("D-1"), deal("D-2", **changes)))
    assert told(answer.error).violations == {f"deals[1].{field}": code for field, code in expected.items()}


def test_every_violation_of_a_large_batch_is_told(company: Client) -> None:
    (answer,) = company.ingest(batch(*(deal(f"D-{i}", account_id="nobody") for i in range(150))))
    assert len(told(answer.error).violations) == 150


def test_what_a_stored_deal_is_replaced_by_is_found(company: Client) -> None:
    company.ingest(batch(deal("D-1")), batch(deal("D-2", replaces=["D-1/1"])))
    (answer,) = company.ingest(batch(deal("D-3", replaces=["D-2/1"])))
    assert answer.ingested.created_count == 1


@pytest.mark.parametrize(("count", "reason"), [(0, "BATCH_EMPTY"), (10_001, "BATCH_TOO_LARGE")])
def test_a_batch_has_a_size(company: Client, count: int, reason: str) -> None:
    (answer,) = company.ingest(batch(*(deal_pb.Deal() for _ in range(count))))
    assert told(answer.error).reason == reason


def test_a_batch_needs_a_request_id(company: Client) -> None:
    (answer,) = company.ingest(deal_pb.IngestDealsRequest(deals=[deal("D-1")]))
    assert told(answer.error).violations == {"request_id": "REQUIRED"}


def test_deals_are_listed_in_pages_that_new_deals_do_not_move(company: Client) -> None:
    company.ingest(batch(*(deal(f"D-{i}") for i in range(5))))
    first = company.call(company.deals.ListDeals, deal_pb.ListDealsRequest(page_size=3))
    company.ingest(batch(deal("D-0", revision=2), deal("D-35"), deal("D-9")))
    request = deal_pb.ListDealsRequest(page_size=3, page_token=first.next_page_token)
    second = company.call(company.deals.ListDeals, request)
    assert [each.external_id for each in (*first.deals, *second.deals)] == ["D-0", "D-1", "D-2", "D-3", "D-4"]
    assert second.next_page_token == ""


def test_a_page_token_belongs_to_its_list(company: Client) -> None:
    company.ingest(batch(*(deal(f"D-{i}") for i in range(3))))
    token = company.call(company.deals.ListDeals, deal_pb.ListDealsRequest(page_size=1)).next_page_token
    for request in (
        deal_pb.ListDealsRequest(page_token=token, source="erp"),
        deal_pb.ListDealsRequest(page_token="nonsense"),
    ):
        assert refused(company, company.deals.ListDeals, request).violations == {"page_token": "PAGE_TOKEN_INVALID"}
    negative = refused(company, company.deals.ListDeals, deal_pb.ListDealsRequest(page_size=-1))
    assert negative.violations == {"page_size": "PAGE_SIZE_NEGATIVE"}


def test_pending_deals_can_be_listed_alone(company: Client) -> None:
    company.ingest(batch(deal("D-1"), deal("D-2", accepted_time=None, pending_reason="signature")))
    found = company.call(company.deals.ListDeals, deal_pb.ListDealsRequest(pending_only=True, seller_id="ann"))
    assert [each.external_id for each in found.deals] == ["D-2"]


@pytest.mark.parametrize("name", ["sources/crm/deals/D-9", "sources/crm/deals/D-1@2"])
def test_an_unknown_deal_is_not_found(company: Client, name: str) -> None:
    company.ingest(batch(deal("D-1")))
    found = refused(company, company.deals.GetDeal, deal_pb.GetDealRequest(name=name))
    assert (found.code, found.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    assert found.details["ResourceInfo"].resource_name == name


@pytest.mark.parametrize("name", ["", "D-1", "sources/crm/deals/D-1@x", "sources//deals/D", "sources/%ff/deals/D"])
def test_a_name_has_a_form(company: Client, name: str) -> None:
    found = refused(company, company.deals.GetDeal, deal_pb.GetDealRequest(name=name))
    assert (found.code, found.violations) == (grpc.StatusCode.INVALID_ARGUMENT, {"name": "NAME_INVALID"})
