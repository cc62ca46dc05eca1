"""What bounds a line, said in words beside a loss: what was never paid is not taken back (T1, T3)."""

from __future__ import annotations

import pytest

from compsvc.core.eligibility import PlainMatcher
from compsvc.core.pipeline import calculate
from compsvc.core.statement_explain import explain_all
from compsvc.entry.locales import Locale
from compsvc.entry.statement_formats import sentence
from compsvc.entry.statement_proto import step_message
from tests.oracle.small import Case
from tests.oracle.test_examples_bounds import CAPPED, capped
from tests.oracle.test_oracle_losses import lost

SAID = {"en": "had not been paid because of it", "de": "war deshalb nicht gezahlt"}


@pytest.mark.parametrize("word", CAPPED)
@pytest.mark.parametrize("language", SAID)
def test_a_line_that_a_cap_gives_back_says_so(word: str, language: Locale) -> None:
    case = lost(Case().person("ann").deal("d1", "2024-01-05", 1_300_00), "d1", "2024-03-10", 1)
    plans = [capped(word, "period_of_loss")]
    found = explain_all(calculate(plans, case.facts, PlainMatcher()), plans, case.facts, "ann")
    texts = {
        (each.line.step_kind, key.period): [sentence(step, language) for step in step_message(each.derivation).steps]
        for key, each in found.items()
    }
    given_back = [any(SAID[language] in text for text in texts[word, period]) for period in ("2024-01", "2024-03")]
    assert given_back == [False, True]
