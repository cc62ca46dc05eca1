"""What changed terms would take back, on the command line: its participant is told, then finance accepts it (T5)."""

from __future__ import annotations

import re
from pathlib import Path

from tests.service.small_payroll import small_house
from tests.service.test_payroll_proposals import proposed, shares

from .test_payroll_commands import command


def test_a_participant_is_told_before_finance_accepts(tmp_path: Path) -> None:
    book = tmp_path / "book.db"
    house = small_house(str(book))
    house.sell("D-1", 1, 10_000)
    house.sealed("2026-01")
    shares(house)
    house.sealed("2026-02")
    id_ = proposed(house)[0].adjustment_id
    house.parts.store.close()
    of_ann = ("statement", "ann", "--period", "2026-02", "--book", book)
    accept = ("payroll", "accept", id_, "--reason", "agreed", "--code", "agreed_change", "--book", book, "--as", "bert")

    def of_proposal(language: str) -> str:
        shown = command(*of_ann, "--language", language).stdout
        (text,) = [" ".join(text.split()) for text in re.split(r"\n\n", shown) if id_ in text]
        return text

    hint = f"compsvc statement acknowledge-proposal {id_} --participant ann"
    assert f"Nobody accepts it before ann says that they know of it: {hint}" in of_proposal("en")
    assert f"Niemand nimmt das an, ehe ann sagt, davon zu wissen: {hint}" in of_proposal("de")
    assert "`ann` has not said yet" in str(command(*accept).exception)
    told = command(*hint.split()[1:], "--book", book)
    assert told.stdout.startswith(f"ann has been told of proposal {id_} (changed after 2026-01: split in D-1)")
    assert "ann has been told of it." in of_proposal("en")
    assert "ann weiß davon." in of_proposal("de")
    assert f"{id_} accepted" in command(*accept).stdout
