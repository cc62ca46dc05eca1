"""FactService through a real server: rows are only ever added, the newest version counts."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from compsvc.v1 import fact_service_pb2 as fact_pb
from compsvc.v1.types_pb2 import Money

from .conftest import Client, assignment, day, eur, new_id, refused


def load_accounts(client: Client, *accounts: fact_pb.Account, **more: Any) -> Any:
    request = fact_pb.LoadAccountsRequest(accounts=accounts, request_id=new_id(), **more)
    return client.call(client.facts.LoadAccounts, request)


def counts(answer: fact_pb.LoadFactsResponse) -> tuple[int, int, int]:
    return answer.created_count, answer.unchanged_count, answer.revised_count


def test_a_row_again_is_unchanged_and_another_content_is_its_new_version(admin: Client) -> None:
    old, new = fact_pb.Account(account_id="acme", region="north"), fact_pb.Account(account_id="acme", region="south")
    assert counts(load_accounts(admin, old, fact_pb.Account(account_id="birk"))) == (2, 0, 0)
    assert counts(load_accounts(admin, old)) == (0, 1, 0)
    assert counts(load_accounts(admin, new, fact_pb.Account(account_id="colt"))) == (1, 0, 1)
    found = admin.call(admin.facts.GetAccount, fact_pb.GetAccountRequest(name="accounts/acme"))
    assert found.region == "south"


def test_ids_may_be_names_and_are_percent_encoded_in_resource_names(company: Client) -> None:
    name = "participants/Moses%20Frase"
    found = company.call(company.facts.GetParticipant, fact_pb.GetParticipantRequest(name=name))
    assert (found.name, found.participant_id, found.display_name) == (name, "Moses Frase", "Moses Frase")


def test_a_name_is_erased_and_the_id_stands_in_its_place(company: Client) -> None:
    name = "participants/ann"
    request = fact_pb.EraseNameRequest(name=name, reason="asked for on 3 May", request_id=new_id())
    loaded = fact_pb.Participant(participant_id="ann", display_name="Annemarie")
    company.call(
        company.facts.LoadParticipants, fact_pb.LoadParticipantsRequest(participants=[loaded], request_id=new_id())
    )
    erased = company.call(company.facts.EraseName, request)
    assert erased.erased_count == 2
    assert company.call(company.facts.EraseName, request) == erased
    assert company.call(company.facts.GetParticipant, fact_pb.GetParticipantRequest(name=name)).display_name == ""


def test_an_assignment_comes_back_with_its_quotas(company: Client) -> None:
    quotas = [
        fact_pb.Quota(amount=eur(80_000_00), per="year"),
        fact_pb.Quota(component="commission", amount=eur(5), per="month"),
    ]
    sent = assignment(
        "ann",
        start_date=day("2027-01-01"),
        end_date=day("2028-01-01"),
        target_incentive=eur(8_000_000),
        manager_id="Moses Frase",
        cover_id="Moses Frase",
        quotas=quotas,
    )
    closed = assignment("ann", end_date=day("2027-01-01"))
    request = fact_pb.LoadAssignmentsRequest(assignments=[closed, sent], request_id=new_id())
    assert counts(company.call(company.facts.LoadAssignments, request)) == (1, 0, 1)
    listed = fact_pb.ListAssignmentsRequest(participant_id="ann")
    first, second = company.call(company.facts.ListAssignments, listed).assignments
    assert first.end_date == day("2027-01-01")
    assert second.name == "participants/ann/assignments/account-executive@2027-01-01"
    for name in ("name", "create_time"):
        second.ClearField(name)
    assert second == sent


def test_an_assignment_that_overlaps_a_stored_one_is_refused(company: Client) -> None:
    request = fact_pb.LoadAssignmentsRequest(
        assignments=[assignment("ann", start_date=day("2026-06-01"))], request_id=new_id()
    )
    found = refused(company, company.facts.LoadAssignments, request)
    assert found.violations == {"assignments[0].start_date": "ASSIGNMENTS_OVERLAP"}


def test_a_quota_in_another_currency_is_refused(company: Client) -> None:
    quota = fact_pb.Quota(amount=Money(currency_code="USD", minor_units=1), per="decade")
    row = assignment("ann", quotas=[quota])
    request = fact_pb.LoadAssignmentsRequest(assignments=[row], request_id=new_id())
    found = refused(company, company.facts.LoadAssignments, request)
    assert found.violations == {
        "assignments[0].quotas[0].amount": "CURRENCY_DIFFERS",
        "assignments[0].quotas[0].per": "UNKNOWN_PER",
    }


def test_an_account_is_handed_over_by_its_old_row_with_an_end_and_a_new_row(company: Client) -> None:
    def load(*rows: fact_pb.Ownership) -> Any:
        request = fact_pb.LoadOwnershipsRequest(ownerships=rows, request_id=new_id())
        return counts(company.call(company.facts.LoadOwnerships, request))

    ann = fact_pb.Ownership(account_id="acme", participant_id="ann", start_date=day("2026-01-01"))
    assert load(ann) == (1, 0, 0)
    ann.end_date.CopyFrom(day("2026-07-01"))
    moses = fact_pb.Ownership(account_id="acme", participant_id="Moses Frase", start_date=day("2026-07-01"))
    assert load(ann, moses) == (1, 0, 1)
    listed = company.call(company.facts.ListOwnerships, fact_pb.ListOwnershipsRequest(account_id="acme")).ownerships
    assert [(each.participant_id, each.end_date.year) for each in listed] == [("ann", 2026), ("Moses Frase", 0)]


def test_two_rows_with_one_key_and_different_content_are_refused(company: Client) -> None:
    rows = [
        fact_pb.Ownership(account_id="acme", participant_id=who, start_date=day("2026-01-01"))
        for who in ("ann", "Moses Frase")
    ]
    request = fact_pb.LoadOwnershipsRequest(ownerships=rows, request_id=new_id())
    found = refused(company, company.facts.LoadOwnerships, request)
    assert list(found.violations.values()) == ["KEY_TWICE"]


def test_territories_come_back_with_unset_fields_unset(company: Client) -> None:
    row = fact_pb.Territory(participant_id="ann", region="north", start_date=day("2026-01-01"))
    company.call(company.facts.LoadTerritories, fact_pb.LoadTerritoriesRequest(territories=[row], request_id=new_id()))
    (found,) = company.call(company.facts.ListTerritories, fact_pb.ListTerritoriesRequest()).territories
    assert found.name == "participants/ann/territories/*,north,*@2026-01-01"
    for name in ("name", "create_time"):
        found.ClearField(name)
    assert found == row


def test_all_violations_are_told_and_nothing_is_stored(company: Client) -> None:
    rows = [fact_pb.Account(account_id="new"), fact_pb.Account(), fact_pb.Account(account_id="x", parent_id="nobody")]
    request = fact_pb.LoadAccountsRequest(accounts=rows, request_id=new_id())
    found = refused(company, company.facts.LoadAccounts, request)
    assert (found.code, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FACTS_REFUSED")
    assert found.violations == {"accounts[1].account_id": "REQUIRED", "accounts[2].parent_id": "UNKNOWN_ACCOUNT"}
    assert len(company.call(company.facts.ListAccounts, fact_pb.ListAccountsRequest()).accounts) == 2


def test_too_many_violations_for_a_trailer_are_cut_and_counted(admin: Client) -> None:
    rows = [fact_pb.Account(account_id=f"account-{i}", parent_id="nobody") for i in range(500)]
    found = refused(admin, admin.facts.LoadAccounts, fact_pb.LoadAccountsRequest(accounts=rows, request_id=new_id()))
    assert found.metadata["violations"] == "500"
    assert 5 < len(found.violations) == int(found.metadata["violations_shown"])


def test_the_same_request_twice_is_stored_once(admin: Client) -> None:
    request = fact_pb.LoadAccountsRequest(accounts=[fact_pb.Account(account_id="acme")], request_id="r")
    first = admin.call(admin.facts.LoadAccounts, request)
    assert admin.call(admin.facts.LoadAccounts, request) == first
    request.accounts[0].region = "north"
    found = refused(admin, admin.facts.LoadAccounts, request)
    assert (found.code, found.reason) == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")


def test_a_request_id_of_one_verb_is_not_one_of_another(admin: Client) -> None:
    admin.call(
        admin.facts.LoadAccounts,
        fact_pb.LoadAccountsRequest(accounts=[fact_pb.Account(account_id="a")], request_id="r"),
    )
    other = fact_pb.LoadParticipantsRequest(participants=[fact_pb.Participant(participant_id="a")], request_id="r")
    assert refused(admin, admin.facts.LoadParticipants, other).reason == "REQUEST_ID_REUSED"


def test_lists_come_in_pages(admin: Client) -> None:
    load_accounts(admin, *(fact_pb.Account(account_id=f"{i:03}") for i in range(120)))
    seen, token = [], ""
    for _ in range(3):
        page = admin.call(admin.facts.ListAccounts, fact_pb.ListAccountsRequest(page_token=token))
        seen += [each.account_id for each in page.accounts]
        token = page.next_page_token
    assert seen == [f"{i:03}" for i in range(120)]
    assert token == ""


@pytest.mark.parametrize("request_id", ["", "x" * 201, "line\nbreak"])
def test_a_request_id_is_short_printable_text(admin: Client, request_id: str) -> None:
    request = fact_pb.LoadAccountsRequest(accounts=[fact_pb.Account(account_id="a")], request_id=request_id)
    found = refused(admin, admin.facts.LoadAccounts, request)
    assert found.reason == "REQUEST_ID_INVALID"


def test_an_unknown_participant_is_not_found(admin: Client) -> None:
    found = refused(admin, admin.facts.GetParticipant, fact_pb.GetParticipantRequest(name="participants/nobody"))
    assert (found.code, found.details["ResourceInfo"].resource_name) == (
        grpc.StatusCode.NOT_FOUND,
        "participants/nobody",
    )
