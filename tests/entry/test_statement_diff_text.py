"""The printed comparison says what stood before and after, in the reader's words and figures."""

from __future__ import annotations

from compsvc.entry.statement_diff_text import comparison_text
from compsvc.v1 import statement_service_pb2 as pb
from compsvc.v1.types_pb2 import Money


def euro(minor: int) -> Money:
    return Money(minor_units=minor, currency_code="EUR")


def test_a_changed_line_stands_with_before_and_after() -> None:
    # 10% of 3,000.00 and of 4,000.00.
    changed = [
        pb.FieldChange(name="annual_value", before="3000.00 EUR", after="4000.00 EUR"),
        pb.FieldChange(name="stages[1, 2].start_date", before="2026-01-31", after=""),
        pb.FieldChange(name="discount", before="5%", after="12.5%"),
        pb.FieldChange(name="committed", before="True", after="False"),
    ]
    line = pb.LineDifference(
        component="pay", period="2026-Q1", external_id="D-1", account_display_name="Acme",
        before_amount=euro(300_00), after_amount=euro(400_00), difference=euro(100_00),
        causes=[pb.RecordedCause(kind="deals", key="crm/D-1", change="changed", fields=changed)],
    )  # fmt: skip
    english, german = (comparison_text(pb.StatementComparison(lines=[line]), locale=each) for each in ("en", "de"))
    assert "€300.00 → €400.00: €100.00" in english
    assert "annual value: €3,000.00 → €4,000.00" in english
    assert "300,00 € → 400,00 €: 100,00 €" in german
    told = " ".join(german.split())
    assert "Jahreswert: 3.000,00 € → 4.000,00 €, Beginn [1, 2]: 31.01.2026 → -" in told
    assert "Rabatt: 5 % → 12,5 %, fest zugesagt: ja → nein" in told


def test_a_new_line_stands_alone() -> None:
    line = pb.LineDifference(component="pay", period="2026-Q1", after_amount=euro(400_00), difference=euro(400_00))
    assert "→" not in comparison_text(pb.StatementComparison(lines=[line]))
