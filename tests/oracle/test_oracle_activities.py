"""Activities worked by hand: what counts, for whom, and when."""

from __future__ import annotations

from .small import Case, day, plan
from .test_oracle_examples import Calculation, calculate  # noqa: F401  (the fixture: by the oracle, then by the core)


def test_activities_count_for_who_did_them_while_assigned_and_as_often_as_they_say(calculate: Calculation) -> None:  # noqa: F811
    """Ann's quarter: m1 is one, m3 three, so 4 / 2 x 100.00. m2 was a no-show, m4 is of another kind, m5 came when
    ann had left, m6 is ben's, who is not assigned."""
    meetings = "counts: activities, activity: meeting_held, per: quarter, pays: {kicker: {every: 2, bonus: 100}}"
    case = Case().person("ann", end="2024-03-31").add("participants", participant_id="ben")
    rows = [
        ("m1", "ann", "meeting_held", "2024-01-01", "held", None),
        ("m2", "ann", "meeting_held", "2024-01-02", "no_show", None),
        ("m3", "ann", "meeting_held", "2024-03-30", None, 3),
        ("m4", "ann", "lead_qualified", "2024-03-30", None, None),
        ("m5", "ann", "meeting_held", "2024-03-31", None, None),
        ("m6", "ben", "meeting_held", "2024-03-01", None, None),
    ]
    for name, who, kind, on, outcome, quantity in rows:
        values = {"participant_id": who, "activity_date": day(on), "outcome": outcome, "quantity": quantity}
        case.add("activities", source="calls", external_id=name, kind=kind, **values)
    book = calculate([plan("components:\n  c: {" + meetings + "}\n")], case.facts)
    assert book.lines == [
        ("ann", "c", "2024-Q1", "m1", None, "own", 1_000_000, 0),
        ("ann", "c", "2024-Q1", "m3", None, "own", 3_000_000, 200_00),
    ]
    assert book.earned["ann", "c", "2024-Q1"] == 200_00
    assert not book.reasons
