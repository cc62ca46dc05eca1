"""Every kind of fact through a real server: what is loaded is got and listed as it was, by filter, page and time."""

from __future__ import annotations

from typing import Any, NamedTuple

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from compsvc.v1 import deal_service_pb2 as deal_pb
from compsvc.v1 import fact_service_pb2 as pb
from compsvc.v1.types_pb2 import Money

from .conftest import Client, assignment, batch, day, deal, eur, instant, new_id, refused

SNAPSHOT = "2026-03-31T14:30:00"


class Case(NamedTuple):
    """Rows of a kind in the order of their keys; the name of the first; filters that only the first fits."""

    one: str
    many: str
    field: str
    rows: list[Any]
    name: str
    filters: list[dict[str, Any]]


def opportunity(opportunity_id: str, **more: Any) -> pb.Opportunity:
    return pb.Opportunity(**{"source": "crm", "opportunity_id": opportunity_id, "stage": "validate", **more})


CASES = [
    Case(
        "Assignment",
        "Assignments",
        "assignments",
        [
            assignment("Moses Frase", start_date=day("2025-01-01"), end_date=day("2026-01-01")),
            assignment("ann", manager_id="Moses Frase", start_date=day("2025-01-01"), end_date=day("2026-01-01")),
        ],
        "participants/Moses%20Frase/assignments/account-executive@2025-01-01",
        [],
    ),
    Case(
        "Account",
        "Accounts",
        "accounts",
        [
            pb.Account(account_id="ada", parent_id="acme", industry="steel", region="north", segment="mid"),
            pb.Account(account_id="bob", parent_id="birk"),
        ],
        "accounts/ada",
        [{"parent_id": "acme"}, {"industry": "steel"}, {"region": "north"}, {"segment": "mid"}],
    ),
    Case(
        "AccountAttribute",
        "AccountAttributes",
        "account_attributes",
        [
            pb.AccountAttribute(account_id="acme", attribute="region", value="south", start_date=day("2026-07-01")),
            pb.AccountAttribute(account_id="birk", attribute="segment", start_date=day("2026-01-01")),
        ],
        "accounts/acme/attributes/region@2026-07-01",
        [{"account_id": "acme"}, {"attribute": "region"}],
    ),
    Case(
        "Ownership",
        "Ownerships",
        "ownerships",
        [
            pb.Ownership(account_id="acme", participant_id="ann", start_date=day("2026-01-01")),
            pb.Ownership(account_id="birk", participant_id="Moses Frase", start_date=day("2026-01-01")),
        ],
        "accounts/acme/ownerships/2026-01-01",
        [{"account_id": "acme"}, {"participant_id": "ann"}],
    ),
    Case(
        "Territory",
        "Territories",
        "territories",
        [
            pb.Territory(participant_id="Moses Frase", segment="*,@/", start_date=day("2026-01-01")),
            pb.Territory(participant_id="ann", region="north", start_date=day("2026-01-01")),
        ],
        "participants/Moses%20Frase/territories/*,*,%2A%2C%40%2F@2026-01-01",
        [{"participant_id": "Moses Frase"}],
    ),
    Case(
        "Leave",
        "Leaves",
        "leaves",
        [
            pb.Leave(participant_id="ann", kind="parental", start_date=day("2026-03-01"), end_date=day("2026-05-01")),
            pb.Leave(participant_id="ann", kind="sick", start_date=day("2026-05-01")),
        ],
        "participants/ann/leaves/2026-03-01",
        [{"kind": "parental"}],
    ),
    Case(
        "Exit",
        "Exits",
        "exits",
        [
            pb.Exit(participant_id="ann", last_date=day("2026-06-30"), reason_code="resigned", withdrawn=True),
            pb.Exit(participant_id="ann", last_date=day("2026-09-30"), reason_code="retired"),
        ],
        "participants/ann/exits/2026-06-30",
        [{"reason_code": "resigned"}],
    ),
    Case(
        "FxRate",
        "FxRates",
        "fx_rates",
        [
            pb.FxRate(
                fx_table="a/b",
                from_currency_code="EUR",
                to_currency_code="USD",
                start_date=day("2026-01-01"),
                rate="1.0845",
            ),
            pb.FxRate(
                fx_table="budget",
                from_currency_code="JPY",
                to_currency_code="EUR",
                start_date=day("2026-01-01"),
                rate="1/163",
            ),
        ],
        "fxTables/a%2Fb/fxRates/EUR-USD@2026-01-01",
        [{"fx_table": "a/b"}, {"from_currency_code": "EUR"}, {"to_currency_code": "USD"}],
    ),
    Case(
        "PipelineStage",
        "PipelineStages",
        "pipeline_stages",
        [
            pb.PipelineStage(stage="1 Scoping", position=0, probability="0%", category="omitted", limit_days=90),
            pb.PipelineStage(stage="Signing", position=1, probability="87.5%", category="commit"),
        ],
        "pipelineStages/1%20Scoping",
        [{"category": "omitted"}],
    ),
    Case(
        "Opportunity",
        "Opportunities",
        "opportunities",
        [
            opportunity(
                "O-1",
                snapshot_time=instant(SNAPSHOT),
                account_id="acme",
                seller_id="ann",
                product="seats",
                type="upsell",
                stage="negotiate",
                stage_since_date=day("2026-03-01"),
                category="best_case",
                probability="62.5%",
                amount=eur(5_000_00),
                currency_code="EUR",
                opened_date=day("2026-01-05"),
                expected_close_date=day("2026-06-30"),
                start_date=day("2026-07-01"),
                end_date=day("2027-07-01"),
                reactivated_date=day("2026-03-15"),
            ),
            pb.Opportunity(source="erp", opportunity_id="O-2", stage="validate"),
        ],
        f"sources/crm/opportunities/O-1@{SNAPSHOT}Z",
        [
            *({"source": "crm"}, {"opportunity_id": "O-1"}, {"account_id": "acme"}, {"seller_id": "ann"}),
            {"stage": "negotiate"},
        ],
    ),
    Case(
        "DealPayment",
        "DealPayments",
        "deal_payments",
        [
            pb.DealPayment(
                source="crm",
                external_id="D-1",
                payment_id="I-1",
                kind="invoiced",
                payment_date=day("2026-02-01"),
                amount=Money(currency_code="EUR", minor_units=50_000),
                currency_code="EUR",
            ),
            pb.DealPayment(
                source="erp",
                external_id="D-2",
                payment_id="P-1",
                kind="paid",
                payment_date=day("2026-02-01"),
                share="1/3",
            ),
        ],
        "sources/crm/deals/D-1/payments/I-1",
        [{"source": "crm"}, {"external_id": "D-1"}, {"kind": "invoiced"}],
    ),
    Case(
        "Activity",
        "Activities",
        "activities",
        [
            pb.Activity(
                source="crm",
                external_id="A-1",
                participant_id="ann",
                kind="meeting_held",
                activity_date=day("2026-02-01"),
                account_id="acme",
                opportunity_id="O-1",
                outcome="held",
                quantity=0,
            ),
            pb.Activity(
                source="erp",
                external_id="A-2",
                participant_id="Moses Frase",
                kind="lead_qualified",
                activity_date=day("2026-02-01"),
            ),
        ],
        "sources/crm/activities/A-1",
        [
            *({"source": "crm"}, {"participant_id": "ann"}, {"kind": "meeting_held"}, {"account_id": "acme"}),
            {"opportunity_id": "O-1"},
        ],
    ),
]
each = pytest.mark.parametrize("case", CASES, ids=[case.field for case in CASES])


def load(client: Client, case: Case, *rows: Any) -> Any:
    request = getattr(pb, f"Load{case.many}Request")(**{case.field: rows}, request_id=new_id())
    return client.call(getattr(client.facts, f"Load{case.many}"), request)


def listed(client: Client, case: Case, **asked: Any) -> Any:
    return client.call(getattr(client.facts, f"List{case.many}"), getattr(pb, f"List{case.many}Request")(**asked))


def rows_of(answer: Any, case: Case) -> list[Any]:
    return list(getattr(answer, case.field))


def sent(row: Any) -> Any:
    """As it was sent: without what the server adds."""
    found = type(row)()
    found.CopyFrom(row)
    for name in ("name", "create_time"):
        found.ClearField(name)
    return found


@each
def test_what_is_loaded_is_got_and_listed_as_it_was(company: Client, case: Case) -> None:
    answer = load(company, case, *case.rows)
    assert (answer.created_count, answer.revised_count) == (2, 0)
    assert load(company, case, *case.rows).unchanged_count == 2
    known = [row for row in rows_of(listed(company, case), case) if row.create_time == answer.create_time]
    assert [sent(row) for row in known] == case.rows
    got = company.call(getattr(company.facts, f"Get{case.one}"), getattr(pb, f"Get{case.one}Request")(name=case.name))
    assert got == known[0]
    assert got.name == case.name


@each
def test_filters_ask_for_what_fits_and_pages_are_bound_to_them(company: Client, case: Case) -> None:
    load(company, case, *case.rows)
    for asked in case.filters:
        assert [sent(row) for row in rows_of(listed(company, case, **asked), case)] == case.rows[:1], asked
    first = listed(company, case, page_size=1)
    assert first.next_page_token
    seen, token = rows_of(first, case), first.next_page_token
    while token:
        page = listed(company, case, page_size=1, page_token=token)
        seen, token = [*seen, *rows_of(page, case)], page.next_page_token
    assert seen == rows_of(listed(company, case), case)
    method, request = getattr(company.facts, f"List{case.many}"), getattr(pb, f"List{case.many}Request")
    for asked in (*case.filters, {"as_of_time": instant("2030-01-01T00:00:00")}):
        found = refused(company, method, request(page_token=first.next_page_token, **asked))
        assert (found.code, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID"), asked


@each
def test_a_list_is_answered_as_it_was_known_at_a_time(company: Client, case: Case) -> None:
    before = rows_of(listed(company, case), case)
    created = load(company, case, case.rows[0]).create_time
    load(company, case, case.rows[1])
    earlier = Timestamp()
    earlier.FromNanoseconds(created.ToNanoseconds() - 1_000)
    assert rows_of(listed(company, case, as_of_time=earlier), case) == before
    assert len(rows_of(listed(company, case, as_of_time=created), case)) == len(before) + 1
    assert len(rows_of(listed(company, case), case)) == len(before) + 2
    get = getattr(pb, f"Get{case.one}Request")
    found = refused(company, getattr(company.facts, f"Get{case.one}"), get(name=case.name, as_of_time=earlier))
    assert (found.code, found.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


@each
def test_a_name_of_another_form_is_refused(company: Client, case: Case) -> None:
    get, method = getattr(pb, f"Get{case.one}Request"), getattr(company.facts, f"Get{case.one}")
    for name in ("", "x", f"{case.name}/x", f"{case.name}@x", "accounts//ownerships/2026-01-01", "participants/%ff"):
        assert refused(company, method, get(name=name)).reason in ("NAME_INVALID", "NOT_FOUND"), name
    assert refused(company, method, get(name="")).violations == {"name": "NAME_INVALID"}


def test_assignments_are_listed_by_plan_manager_and_role(company: Client) -> None:
    """The line of managers: who reports to whom."""
    row = assignment("ann", manager_id="Moses Frase", role="hunter")
    company.call(company.facts.LoadAssignments, pb.LoadAssignmentsRequest(assignments=[row], request_id=new_id()))

    def people(**asked: Any) -> list[str]:
        found = company.call(company.facts.ListAssignments, pb.ListAssignmentsRequest(**asked))
        return [each.participant_id for each in found.assignments]

    assert people(manager_id="Moses Frase") == people(role="hunter") == ["ann"]
    assert people(plan="account-executive") == ["Moses Frase", "ann"]
    assert people(plan="none") == people(manager_id="ann") == []


def test_an_opportunity_has_a_history(company: Client) -> None:
    """Snapshots stand beside each other; the list shows the latest, and filters ask of it."""
    early, late = instant("2026-02-01T00:00:00"), instant(SNAPSHOT)
    rows = [opportunity("O-1", snapshot_time=late, stage="confirm"), opportunity("O-1", snapshot_time=early)]
    company.call(company.facts.LoadOpportunities, pb.LoadOpportunitiesRequest(opportunities=rows, request_id=new_id()))

    def stages(**asked: Any) -> list[str]:
        found = company.call(company.facts.ListOpportunities, pb.ListOpportunitiesRequest(**asked))
        return [each.stage for each in found.opportunities]

    assert stages() == ["confirm"]
    assert stages(stage="validate") == []
    assert stages(all_snapshots=True) == ["validate", "confirm"]
    assert stages(all_snapshots=True, stage="validate") == ["validate"]
    name = "sources/crm/opportunities/O-1"
    get = company.facts.GetOpportunity
    assert company.call(get, pb.GetOpportunityRequest(name=name)).stage == "confirm"
    assert company.call(get, pb.GetOpportunityRequest(name=f"{name}@2026-02-01T01:00:00+01:00")).stage == "validate"


def test_deals_are_read_as_they_were_known_and_by_their_opportunity(company: Client) -> None:
    (first,) = company.ingest(batch(deal("D-1", opportunity_id="O-1"), deal("D-2")))
    company.ingest(batch(deal("D-1", revision=2)))
    asked = deal_pb.GetDealRequest(name="sources/crm/deals/D-1", as_of_time=first.ingested.create_time)
    assert company.call(company.deals.GetDeal, asked).revision == 1
    listed_then = deal_pb.ListDealsRequest(opportunity_id="O-1", as_of_time=first.ingested.create_time)
    assert [each.external_id for each in company.call(company.deals.ListDeals, listed_then).deals] == ["D-1"]
    listed_now = deal_pb.ListDealsRequest(opportunity_id="O-1")
    assert list(company.call(company.deals.ListDeals, listed_now).deals) == []


def test_who_may_not_read_facts_learns_nothing(running: Any, company: Client) -> None:
    rep = running.client("rep", "ann")
    found = refused(rep, rep.facts.ListExits, pb.ListExitsRequest())
    assert (found.code, found.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_NOT_PERMITTED")
    found = refused(rep, rep.facts.LoadExits, pb.LoadExitsRequest(exits=[pb.Exit()], request_id=new_id()))
    assert found.reason == "ROLE_NOT_PERMITTED"
