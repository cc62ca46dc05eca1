"""The whole statement through a real server: forecast, earlier times, what has changed, what if; and who may ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from typer.testing import CliRunner

from compsvc.entry.cli import app
from compsvc.entry.statement_markdown import statement_markdown
from compsvc.entry.statement_text import statement_text
from compsvc.v1 import deal_service_pb2 as deal_pb
from compsvc.v1 import statement_service_pb2 as pb
from compsvc.v1.deal_service_pb2_grpc import DealServiceStub
from compsvc.v1.types_pb2 import Money

from .conftest import Told, day, eur, instant, new_id, told
from .nordwind_server import Nordwind

LATE = deal_pb.Deal(
    source="crm",
    external_id="D-1013",
    revision=1,
    account_id="jasmin",
    seller_id="hanna",
    closed_date=day("2026-11-19"),
    accepted_time=instant("2026-11-20T10:00:00"),
    currency_code="EUR",
    product="platform",
    annual_value=eur(3_000_000),
)


@pytest.fixture(scope="module")
def nordwind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nordwind]:
    """`before` lies between the company and one more deal of hanna's."""
    found = Nordwind(tmp_path_factory.mktemp("nordwind"))
    found.before = datetime.now(UTC)  # type: ignore[attr-defined]
    request = deal_pb.IngestDealsRequest(deals=[LATE], request_id=new_id())
    (answer,) = DealServiceStub(found.channel).IngestDeals(iter([request]), metadata=found.headers("o", "admin"))
    assert answer.ingested.created_count == 1
    yield found
    found.channel.close()
    found.server.stop()


def before(nordwind: Nordwind) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(nordwind.before.replace(tzinfo=None))  # type: ignore[attr-defined]
    return message


def test_before_anything_was_stored_there_is_nothing_to_compare_with(nordwind: Nordwind) -> None:
    found = nordwind.asked("hanna", "rep", since_time=instant("2001-02-03T00:00:00"))
    assert (found.changes.nothing_stored, list(found.changes.lines), list(found.changes.recorded)) == (True, [], [])
    said = "Nothing was stored before 3 Feb 2001, so there is nothing to compare with."
    text = statement_text(found)
    assert text.count(said) == statement_markdown(found).count(said) == 1
    assert "the new deal" not in text
    assert not nordwind.asked("hanna", "rep", since_time=before(nordwind)).changes.nothing_stored


def earned(found: pb.Statement, component: str) -> dict[str, int]:
    (item,) = [item for item in found.forecast.components if item.component == component]
    return {outlook.scenario: outlook.earned_amount.minor_units for outlook in item.outlooks}


def drop(name: str) -> pb.WhatIfChange:
    return pb.WhatIfChange(drop=pb.DroppedSale(kind=pb.SALE_KIND_DEAL, id=name))


def add(**more: Any) -> pb.WhatIfChange:
    first: dict[str, Any] = {
        "kind": pb.SALE_KIND_DEAL,
        "id": "X-1",
        "amount": eur(5_000_000),
        "close_date": day("2026-12-10"),
    }
    return pb.WhatIfChange(add=pb.AddedSale(**{**first, **more}))


def refused(ask: Callable[[], object]) -> Told:
    with pytest.raises(grpc.RpcError) as error:
        ask()
    return told(error.value)


# --- three answers in one reply


def test_one_reply_has_the_three_answers(nordwind: Nordwind) -> None:
    found = nordwind.asked("hanna", "rep", as_of_time=before(nordwind))
    assert [item.component for item in found.standings] == ["commission", "new-logo-kicker"]
    assert (found.totals[0].minor_units, found.forecast.pipeline_date) == (3_930_000, day("2026-11-21"))
    # 112,400 now; with D-1012 and O-5001 in commit she crosses 150%: 142,880 (worked out in tests/core).
    assert earned(found, "commission")["commit"] == 14_288_000
    assert earned(found, "new-logo-kicker")["commit"] == 500_000


def test_without_a_day_the_forecast_is_of_today(nordwind: Nordwind) -> None:
    year = datetime.now(UTC).year + 1
    request = pb.GetStatementRequest(name=f"participants/hanna/statements/{year}")
    found = nordwind.stub.GetStatement(request, metadata=nordwind.headers("hanna", "rep"))
    today = datetime.now(UTC).date()
    shown = found.forecast.pipeline_date
    assert (shown.year, shown.month, shown.day) == (today.year, today.month, today.day)


def test_once_the_period_is_over_nothing_lands_in_it(nordwind: Nordwind) -> None:
    assert not nordwind.asked("hanna", "rep", pipeline_date=day("2027-01-01")).HasField("forecast")


def test_as_of_an_earlier_time_is_what_was_recorded_then(nordwind: Nordwind) -> None:
    now, then = nordwind.asked("hanna", "rep"), nordwind.asked("hanna", "rep", as_of_time=before(nordwind))
    # D-1013: 30,000 x 15% = 4,500, and the third new logo of the quarter, 5,000.
    assert now.totals[0].minor_units - then.totals[0].minor_units == 950_000


def test_before_anything_was_recorded_the_statement_is_empty_and_says_so(nordwind: Nordwind) -> None:
    found = nordwind.asked("hanna", "rep", as_of_time=instant("2020-01-01T00:00:00"))
    assert found.nothing_recorded
    assert (found.display_name, list(found.standings), list(found.payouts)) == ("Hanna Vogt", [], [])
    assert "At that time nothing was recorded of this participant yet." in statement_text(found)


def test_before_anything_was_recorded_there_is_no_statement_of_a_stranger(nordwind: Nordwind) -> None:
    ask = lambda: nordwind.asked("finance", "finance", "nobody", as_of_time=instant("2020-01-01T00:00:00"))  # noqa: E731
    assert refused(ask).code == grpc.StatusCode.NOT_FOUND


def test_what_has_changed_names_the_deal_that_came(nordwind: Nordwind) -> None:
    found = nordwind.asked("hanna", "rep", since_time=before(nordwind)).changes
    assert [
        (line.after.external_id, line.after.amount.minor_units, line.HasField("before")) for line in found.lines
    ] == [
        ("D-1013", 450_000, False),
        ("D-1013", 500_000, False),
    ]
    assert [(each.kind, each.name, each.change) for each in found.recorded] == [("deal", "D-1013", "new")]
    assert found.previous_totals[0].minor_units == 3_930_000
    assert not nordwind.asked("ada", "rep", "ada", since_time=before(nordwind)).changes.lines


def test_a_line_opens_as_it_was(nordwind: Nordwind) -> None:
    name = "participants/hanna/lines/hunter~commission~2026~crm~D-1013~1~0~0"
    headers = nordwind.headers("hanna", "rep")
    assert nordwind.stub.ExplainLine(pb.ExplainLineRequest(name=name), metadata=headers).line.external_id == "D-1013"
    request = pb.ExplainLineRequest(name=name, as_of_time=before(nordwind))
    found = refused(lambda: nordwind.stub.ExplainLine(request, metadata=headers))
    assert found.code == grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    ("more", "field", "reason"),
    [
        ({"pipeline_date": {"year": 2026, "month": 13, "day": 1}}, "pipeline_date", "DATE_INVALID"),
        ({"pipeline_date": {"year": 1066, "month": 10, "day": 14}}, "pipeline_date", "DATE_OUT_OF_RANGE"),
        ({"as_of_time": {"seconds": 10**15}}, "as_of_time", "TIME_INVALID"),
        ({"since_time": {"seconds": -(10**15)}}, "since_time", "TIME_INVALID"),
    ],
)
def test_a_day_or_time_that_is_none_is_refused(nordwind: Nordwind, more: Any, field: str, reason: str) -> None:
    found = refused(lambda: nordwind.asked("hanna", "rep", **more))
    assert (found.code, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, reason)
    assert found.violations == {field: reason}


# --- what if


def test_a_preview_says_what_it_changes_is_marked_and_stores_nothing(nordwind: Nordwind) -> None:
    plain = nordwind.asked("hanna", "rep")
    found = nordwind.previewed("hanna", "rep", add())
    # 50,000 x 15%: D-1013 has brought the third new logo already.
    assert found.totals[0].minor_units - plain.totals[0].minor_units == 750_000
    assert [change.WhichOneof("change") for change in found.what_if] == ["add"]
    assert {line.after.external_id for line in found.changes.lines} == {"X-1"}
    again = nordwind.asked("hanna", "rep")
    assert again.SerializeToString(deterministic=True) == plain.SerializeToString(deterministic=True)
    assert not again.what_if


def test_a_preview_moves_the_forecast(nordwind: Nordwind) -> None:
    later = pb.MovedSale(kind=pb.SALE_KIND_OPPORTUNITY, id="O-5001", to_date=day("2027-01-15"))
    found = nordwind.previewed("hanna", "rep", pb.WhatIfChange(move=later))
    # 1,046,000 + 48,000 = 1,094,000 in commit without the 160,000: 80,000 + 294,000 x 15% = 124,100.
    assert earned(found, "commission")["commit"] == 12_410_000


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        (drop("D-2009"), "what_if[0].drop.id", "UNKNOWN_DEAL"),
        (drop("D-0000"), "what_if[0].drop.id", "UNKNOWN_DEAL"),
        (add(account_id="opal"), "what_if[0].add.account_id", "UNKNOWN_ACCOUNT"),
        (add(close_date=None), "what_if[0].add.close_date", "REQUIRED"),
        (add(amount=Money(currency_code="EURO")), "what_if[0].add.amount", "UNKNOWN_CURRENCY"),
        (add(kind=pb.SALE_KIND_OPPORTUNITY), "what_if[0].add.stage", "REQUIRED"),
        (add(kind=pb.SALE_KIND_UNSPECIFIED), "what_if[0].add.kind", "REQUIRED"),
        (pb.WhatIfChange(), "what_if[0]", "REQUIRED"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_with_its_field(
    nordwind: Nordwind, change: pb.WhatIfChange, field: str, code: str
) -> None:
    found = refused(lambda: nordwind.previewed("hanna", "rep", change))
    assert (found.code, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "WHAT_IF_INVALID")
    assert found.violations == {field: code}


@pytest.mark.parametrize("number", [0, 51])
def test_a_what_if_has_a_size(nordwind: Nordwind, number: int) -> None:
    found = refused(lambda: nordwind.previewed("hanna", "rep", *[drop("D-1010")] * number))
    assert (found.reason, found.violations) == ("WHAT_IF_INVALID", {"what_if": "WHAT_IF_SIZE"})


# --- who may ask


@pytest.mark.parametrize(
    ("subject", "role", "participant"),
    [
        ("finn", "rep", "hanna"),
        ("finn", "rep", "nobody"),
        ("mara", "rep", "hanna"),
        ("mara", "manager", "vera"),
        ("mara", "manager", "nobody"),
        ("hanna", "manager", "finn"),
    ],
)
def test_every_way_to_ask_for_anothers_statement_is_refused_whether_or_not_it_exists(
    nordwind: Nordwind, subject: str, role: str, participant: str
) -> None:
    ways: list[Callable[[], object]] = [
        lambda: nordwind.asked(subject, role, participant),
        lambda: nordwind.asked(subject, role, participant, as_of_time=before(nordwind)),
        lambda: nordwind.asked(subject, role, participant, as_of_time=instant("2020-01-01T00:00:00")),
        lambda: nordwind.asked(subject, role, participant, since_time=before(nordwind)),
        lambda: nordwind.previewed(subject, role, add(), participant=participant),
        lambda: nordwind.previewed(subject, role, drop("D-1010"), participant=participant),
        lambda: nordwind.previewed(subject, role, drop("D-0000"), participant=participant),
    ]
    for ask in ways:
        found = refused(ask)
        assert (found.code, found.reason) == (grpc.StatusCode.PERMISSION_DENIED, "NOT_YOUR_STATEMENT")
        assert found.metadata == {"role": role, "participant": participant}


@pytest.mark.parametrize(("subject", "role"), [("mara", "manager"), ("vera", "manager"), ("fay", "finance")])
def test_who_may_see_a_statement_may_try_on_it(nordwind: Nordwind, subject: str, role: str) -> None:
    own = nordwind.previewed("hanna", "rep", drop("D-1010"))
    assert nordwind.previewed(subject, role, drop("D-1010")) == own


# --- from the command line


@pytest.fixture
def ask(nordwind: Nordwind, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("COMPSVC_TOKEN", nordwind.token("hanna", "rep"))

    def run(*more: str, of: str = "server") -> Any:
        where = ["--server", nordwind.server.address] if of == "server" else ["--book", str(nordwind.book)]
        day = [] if "--pipeline-date" in more else ["--pipeline-date", "2026-11-21"]
        return CliRunner().invoke(app, ["statement", "hanna", "--period", "2026-Q4", *where, *day, *more])

    return run


@pytest.mark.parametrize("of", ["server", "book"])
def test_a_wrong_line_of_a_what_if_file_is_told_with_its_place(
    ask: Callable[..., Any], tmp_path: Path, of: str
) -> None:
    file = tmp_path / "try.yaml"
    file.write_text("drop:\n  - {deal: D-1010}\n  - {deal: D-2009}\n")
    found = ask("--what-if", str(file), of=of)
    assert found.exit_code == 1
    assert f"{file}:3:12 UNKNOWN_DEAL A deal `D-2009` does not stand on this participant's statements." in found.stderr
    file.write_text("move:\n  - {deal: D-1010, to: 2026-13-01}\n")
    found = ask("--what-if", str(file), of=of)
    assert f"{file}:2:24 BAD_DATE `2026-13-01` is no date." in found.stderr


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_from_a_server_and_from_its_book_comes_the_same(
    ask: Callable[..., Any], nordwind: Nordwind, tmp_path: Path, form: str
) -> None:
    file = tmp_path / "try.yaml"
    file.write_text("currency: EUR\nadd:\n  - {deal: X-1, amount: 50_000, closed: 2026-12-10}\n")
    since = nordwind.before.isoformat()  # type: ignore[attr-defined]
    for more in (["--since", since], ["--as-of", since], ["--what-if", str(file)])[0 if form == "text" else 2 :]:
        served, stored = ask("--format", form, *more), ask("--format", form, *more, of="book")
        assert (served.exit_code, served.stderr) == (0, "")
        assert served.stdout == stored.stdout
    if form != "json":
        assert "tried, and stored nowhere" in served.stdout.lower()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--as-of", "yesterday"], "`yesterday` is no time."),
        (["--since", "2026-11-01T10:00:00"], "`2026-11-01T10:00:00` is no time."),  # whose ten o'clock?
        (["--pipeline-date", "2026-02-30"], "`2026-02-30` is no date."),
    ],
)
def test_an_option_that_makes_no_sense_is_told_in_words(ask: Callable[..., Any], more: list[str], says: str) -> None:
    found = ask(*more)
    assert (found.exit_code, says in found.stderr) == (2, True)
