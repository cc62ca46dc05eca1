"""The words of statements, by locale, from one file a topic. A further language is a further entry in each table."""

from __future__ import annotations

from collections.abc import Mapping

from compsvc.entry import statement_words_ahead, statement_words_beside, statement_words_page, statement_words_terms
from compsvc.entry.locales import LOCALES, Locale

# figures whose text is a word of ours
TRANSLATED = frozenset({
    "measure", "type", "route", "on", "rounding", "name", "until", "per", "side", "loss",
    "basis", "attainment", "schedule", "step",
})  # fmt: skip

_TOPICS = (statement_words_page, statement_words_terms, statement_words_beside, statement_words_ahead)
WORDS: Mapping[Locale, Mapping[str, str]] = {
    locale: {name: text for topic in _TOPICS for name, text in topic.WORDS[locale].items()} for locale in LOCALES
}
