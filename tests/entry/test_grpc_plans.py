"""PlanService through a real server."""

from __future__ import annotations

import grpc

from compsvc.v1 import plan_service_pb2 as plan_pb

from .conftest import PLAN, Client, new_id, plan_text, refused

BAD_PLAN = PLAN.replace("rate: 10%", "rate: 0.1").replace("rounding: half_up", "rounding: upwards")


def create(client: Client, source: str = PLAN, **more: object) -> plan_pb.Plan:
    request = plan_pb.CreatePlanRequest(text=plan_text(source), request_id=new_id(), **more)  # type: ignore[arg-type]
    found: plan_pb.Plan = client.call(client.plans.CreatePlan, request)
    return found


def test_a_plan_comes_back_as_it_was_sent(admin: Client) -> None:
    created = create(admin)
    for name in ("plans/account-executive", f"plans/account-executive@{created.revision}"):
        found = admin.call(admin.plans.GetPlan, plan_pb.GetPlanRequest(name=name))
        assert found == created
    assert (created.name, created.title, created.text.source) == (
        "plans/account-executive",
        "Account Executive 2026",
        PLAN,
    )
    assert (created.currency_code, created.effective_date.year, len(created.revision)) == ("EUR", 2026, 64)


def test_a_plan_with_errors_is_refused_with_all_of_them_and_nothing_is_stored(admin: Client) -> None:
    request = plan_pb.CreatePlanRequest(text=plan_text(BAD_PLAN), request_id=new_id())
    found = refused(admin, admin.plans.CreatePlan, request)
    assert (found.code, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "PLAN_INVALID")
    assert set(found.violations) == {"plan.yaml:7:11", "plan.yaml:19:30"}
    assert list(admin.call(admin.plans.ListPlans, plan_pb.ListPlansRequest()).plans) == []


def test_a_check_tells_every_problem_with_its_place(admin: Client) -> None:
    found = admin.call(admin.plans.CheckPlan, plan_pb.CheckPlanRequest(text=plan_text(BAD_PLAN)))
    assert [(each.file_name, each.line, each.column) for each in found.problems] == [
        ("plan.yaml", 7, 11),
        ("plan.yaml", 19, 30),
    ]
    assert all(each.severity == plan_pb.PlanProblem.SEVERITY_ERROR and each.code for each in found.problems)
    assert found.revision == ""


def test_a_check_of_a_good_plan_names_the_revision_and_stores_nothing(admin: Client) -> None:
    found = admin.call(admin.plans.CheckPlan, plan_pb.CheckPlanRequest(text=plan_text()))
    assert not [each for each in found.problems if each.severity == plan_pb.PlanProblem.SEVERITY_ERROR]
    assert list(admin.call(admin.plans.ListPlans, plan_pb.ListPlansRequest()).plans) == []
    assert found.revision == create(admin).revision


def test_the_same_text_again_is_answered_with_what_is_stored(admin: Client) -> None:
    assert create(admin) == create(admin)
    revisions = plan_pb.ListPlanRevisionsRequest(name="plans/account-executive")
    assert len(admin.call(admin.plans.ListPlanRevisions, revisions).plans) == 1


def test_the_same_request_twice_has_one_answer_and_another_body_none(admin: Client) -> None:
    request = plan_pb.CreatePlanRequest(text=plan_text(), request_id="r")
    assert admin.call(admin.plans.CreatePlan, request) == admin.call(admin.plans.CreatePlan, request)
    request.text.source += "# changed\n"
    found = refused(admin, admin.plans.CreatePlan, request)
    assert (found.code, found.reason) == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")


def test_a_second_text_for_the_same_days_names_what_it_corrects(admin: Client) -> None:
    first = create(admin)
    better = PLAN.replace("10%", "11%")
    request = plan_pb.CreatePlanRequest(text=plan_text(better), request_id=new_id())
    found = refused(admin, admin.plans.CreatePlan, request)
    assert (found.code, found.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "PLAN_DATE_TAKEN")
    assert found.details["PreconditionFailure"].violations[0].type == "PLAN_DATE_TAKEN"
    assert create(admin, better, corrects_revision=first.revision).corrects_revision == first.revision
    third = plan_pb.CreatePlanRequest(
        text=plan_text(PLAN.replace("10%", "12%")), request_id=new_id(), corrects_revision=first.revision
    )
    assert refused(admin, admin.plans.CreatePlan, third).reason == "PLAN_DATE_TAKEN"


def test_nothing_is_corrected_that_is_not_in_force(admin: Client) -> None:
    request = plan_pb.CreatePlanRequest(text=plan_text(), request_id=new_id(), corrects_revision="abc")
    assert refused(admin, admin.plans.CreatePlan, request).reason == "CORRECTS_NOT_IN_FORCE"


def test_a_revision_keeps_what_revisions_may_not_change(admin: Client) -> None:
    create(admin)
    later = PLAN.replace("EUR", "USD").replace("2026-01-01", "2027-01-01")
    request = plan_pb.CreatePlanRequest(text=plan_text(later), request_id=new_id())
    found = refused(admin, admin.plans.CreatePlan, request)
    assert (found.reason, list(found.violations.values())) == ("PLAN_INVALID", ["REVISIONS_DIFFER"])


def test_plans_and_revisions_are_listed_in_pages(admin: Client) -> None:
    for name in ("b", "a", "c"):
        create(admin, PLAN.replace("account-executive", name))
    create(admin, PLAN.replace("account-executive", "a").replace("2026-01-01", "2027-01-01"))
    first = admin.call(admin.plans.ListPlans, plan_pb.ListPlansRequest(page_size=2))
    rest = admin.call(admin.plans.ListPlans, plan_pb.ListPlansRequest(page_size=2, page_token=first.next_page_token))
    assert [each.name for each in (*first.plans, *rest.plans)] == ["plans/a", "plans/b", "plans/c"]
    assert first.plans[0].effective_date.year == 2027
    assert first.plans[0].text.source == ""
    one = admin.call(admin.plans.ListPlanRevisions, plan_pb.ListPlanRevisionsRequest(name="plans/a", page_size=1))
    request = plan_pb.ListPlanRevisionsRequest(name="plans/a", page_size=1, page_token=one.next_page_token)
    two = admin.call(admin.plans.ListPlanRevisions, request)
    assert [each.effective_date.year for each in (*one.plans, *two.plans)] == [2026, 2027]
    assert two.next_page_token == ""


def test_an_unknown_plan_is_not_found(admin: Client) -> None:
    created = create(admin)
    for name in ("plans/nothing", f"plans/{created.revision}", "plans/account-executive@0"):
        found = refused(admin, admin.plans.GetPlan, plan_pb.GetPlanRequest(name=name))
        assert (found.code, found.details["ResourceInfo"].resource_type) == (
            grpc.StatusCode.NOT_FOUND,
            "compsvc.dev/Plan",
        )
    missing = plan_pb.ListPlanRevisionsRequest(name="plans/nothing")
    assert refused(admin, admin.plans.ListPlanRevisions, missing).reason == "NOT_FOUND"


def test_what_is_missing_is_said(admin: Client) -> None:
    found = refused(admin, admin.plans.CheckPlan, plan_pb.CheckPlanRequest())
    assert found.violations == {"text.file_name": "REQUIRED", "text.source": "REQUIRED"}


def test_too_many_terms_files_are_refused(admin: Client) -> None:
    text = plan_text()
    for number in range(21):
        text.terms[f"{number}.yaml"] = ""
    assert refused(admin, admin.plans.CheckPlan, plan_pb.CheckPlanRequest(text=text)).reason == "TOO_MANY_TERMS_FILES"


def test_validate_only_stores_nothing(admin: Client) -> None:
    assert not create(admin, validate_only=True).HasField("create_time")
    assert list(admin.call(admin.plans.ListPlans, plan_pb.ListPlansRequest()).plans) == []
