"""The sample company's second team and second year, each figure worked out beside it. `base` is 10% in both years."""

from __future__ import annotations

import polars as pl
import pytest

from tests.nordwind import nordwind

EARNED = [
    # 2025, 700,000 of quota: 60 + 240 (the ramp's last stage) + 45 + 90 + 110 + 220 = 765 thousand;
    # 700,000 x 10% + 65,000 x 12%. Distel is signed in December and accepted in January: it is in 2026.
    ("jonas", "commission", "2025", 77_800_00),
    # 2026, 800,000 of quota: 50 Distel + 60 Eibe's option (150 - 90) + 30 in the window + 55 + 75 + 32 + 300 + 108
    # (60% of 180) + 140 = 850 thousand; 800,000 x 10% + 50,000 x 15%.
    ("jonas", "commission", "2026", 87_500_00),
    # Distel, Heide, Iltis, Mistel; Mistel leaves within six months, three stay.
    ("jonas", "new-logo-kicker", "2026-Q1", 5_000_00),
    ("greta", "commission", "2025-Q1", 3_500_00),  # 70,000 x 5%
    ("greta", "commission", "2025-Q3", 3_650_00),  # (48,000 + 25,000) x 5%
    ("greta", "renewals", "2026-Q1", 700_00),  # 70,000 for a year x 1%
    ("greta", "commission", "2026-Q1", 0),  # Falke's 30,000 of March is in Jonas' window
    ("greta", "commission", "2026-Q2", 6_000_00),  # 40,000 + 60,000 reach the second tier exactly: x 6%
    ("greta", "commission", "2026-Q3", 21_600_00),  # 30,000 + 90,000 + 150,000 = 270,000 x 8%
    ("greta", "commission", "2026-Q4", 1_600_00),  # 180,000 in force + 100,000 is 40,000 above the ramp's 240,000: x 4%
    ("lena", "commission", "2026", 21_000_00),  # 72,000 (40% of 180,000) + 58,000 + 36,000 + 44,000 = 210,000 x 10%
    ("tim", "new-logos", "2025-Q4", 750_00),  # Falke
    ("tim", "new-logos", "2026-Q1", 750_00),  # Distel
    ("samira", "new-logos", "2026-Q1", 1_500_00),  # Heide, Iltis; Mistel left within six months
    ("samira", "good-quarter", "2026-Q1", 0),  # three at first, and two in the end
    ("pia", "overlay", "2026-Q3", 3_300_00),  # (180,000 + 150,000) x 1%
    ("clara", "growth", "2026-Q3", 5_400_00),  # (30,000 + 90,000 + 150,000) x 2%
    ("kontor", "margin", "2025-Q3", 3_000_00),  # 20,000 x 15%
    # 55 + 75 + 60 (the option, taken in March) + 30 + 32 thousand x 1%; Distel was signed before he came.
    ("nils", "team", "2026-Q1", 2_520_00),
]


@pytest.mark.parametrize(("who", "component", "period", "earned_minor"), EARNED)
def test_who_earns_what(who: str, component: str, period: str, earned_minor: int) -> None:
    found = nordwind().result.earnings.filter(participant_id=who, component=component, period=period)
    assert found["earned_minor"].to_list() == [earned_minor]


def test_a_customer_who_leaves_takes_both_bonuses_back_in_the_month_of_the_loss() -> None:
    lines = nordwind().result.lines
    assert lines is not None
    taken = lines.filter(pl.col("participant_id") == "samira", pl.col("external_id") == "D-4106")
    assert sorted(taken["amount_minor"].to_list()) == [-1_500_00, -750_00]
    assert {str(day) for day in taken["payable_date"]} == {"2026-08-19"}


def test_nobody_of_the_second_team_is_credited_with_a_deal_of_the_first() -> None:
    lines = nordwind().result.lines
    assert lines is not None
    first = {"hanna", "finn", "ada", "ben", "sven", "mara", "vera"}
    of_first = lines.filter(pl.col("participant_id").is_in(first))["external_id"].unique()
    of_second = lines.filter(~pl.col("participant_id").is_in(first))["external_id"].unique()
    assert not set(of_first) & set(of_second)
    assert len(of_second) > 25
