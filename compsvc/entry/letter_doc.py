"""A plan letter as a document: the participant's own terms under their hash, and the plan in plain language (J3)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from google.type.date_pb2 import Date

from compsvc.core.currencies import EXPONENTS
from compsvc.core.facts import ASSIGNMENTS
from compsvc.core.pay_labels import NOT_AGREED
from compsvc.core.periods import PER_YEAR
from compsvc.core.plan import Plan
from compsvc.core.plan_sample import Terms
from compsvc.entry.doc_blocks import Block, Document, Paragraph, Table
from compsvc.entry.grpc_names import decoded
from compsvc.entry.letter_words import LETTER_WORDS
from compsvc.entry.locales import Locale
from compsvc.entry.plan_doc import plan_document
from compsvc.entry.plan_sentences import Speaker
from compsvc.v1 import letter_service_pb2 as pb

NAMED = frozenset({"participant_id", "plan"})  # said above the table
NOT_SHOWN = NAMED | NOT_AGREED
_WHERE_NONE_IS_AGREED = 1_000_000  # the worked examples of components that need no quota: in major units


def letter_document(letter: pb.Letter, plan: Plan | None, locale: Locale) -> Document:
    """`plan` is the letter's revision; None where it names none."""
    words, terms = LETTER_WORDS[locale], json.loads(letter.terms)
    assignment, quotas = terms["assignment"], terms["quotas"]
    speaker = Speaker(locale, assignment["currency_code"])
    blocks = [
        *map(Paragraph, _said(letter, speaker)),
        Table(
            words["own"],
            [words["term"], words["agreed"]],
            [
                *_agreed(assignment, speaker),
                *_quotas(quotas, speaker),
                *_territories(terms.get("territories", []), speaker),
            ],
        ),
        Paragraph(words["no_plan" if plan is None else "examples"]),
        *([] if plan is None else _plan_blocks(plan, assignment, quotas, locale)),
    ]
    title = words["title"].format(plan=letter.plan if plan is None else plan.title)
    foot = words["foot"].format(letter=_id(letter.name), hash=letter.terms_hash, revision=letter.revision or "-")
    return Document(title, locale, blocks, foot)


def _said(letter: pb.Letter, speaker: Speaker) -> Iterator[str]:
    words, time = LETTER_WORDS[speaker.locale], speaker.formats.time
    (who, _) = decoded(letter.name, "participants", "letters") or ("", "")
    yield words["sent"].format(participant=who, sender=letter.sender, time=time(letter.create_time.ToDatetime()))
    for each in letter.entries:
        said = words[each.action].format(who=each.author, time=time(each.create_time.ToDatetime()))
        yield f"{said} {each.text}".rstrip()
    if letter.superseded_by:
        yield words["superseded"].format(letter=_id(letter.superseded_by))


def _agreed(assignment: Mapping[str, Any], speaker: Speaker) -> Iterator[tuple[str, str]]:
    words = LETTER_WORDS[speaker.locale]
    for name in ASSIGNMENTS:
        if name not in NOT_SHOWN and assignment.get(name) is not None:  # a letter may be older than a column
            yield words[name], _value(name, assignment[name], speaker)


def _value(name: str, value: Any, speaker: Speaker) -> str:
    formats = speaker.formats
    if name.endswith("_minor"):
        return formats.exact_money(Fraction(value), speaker.currency)
    if name.endswith("_ppm"):
        return formats.ratio(Fraction(value, 10**6))
    if name.endswith("_date"):
        day = date.fromisoformat(value)
        told = formats.last_day if name == "end_date" else formats.date
        return told(Date(year=day.year, month=day.month, day=day.day))
    return str(value)


def _quotas(quotas: Sequence[Mapping[str, Any]], speaker: Speaker) -> Iterator[tuple[str, str]]:
    words = LETTER_WORDS[speaker.locale]
    for each in quotas:
        said = words["quota_of" if each["component"] else "quota"]
        term = said.format(component=each["component"], per=speaker.word(each["per"]))
        yield term, speaker.formats.exact_money(Fraction(each["amount_minor"]), speaker.currency)


def _territories(rows: Sequence[Mapping[str, Any]], speaker: Speaker) -> Iterator[tuple[str, str]]:
    words = LETTER_WORDS[speaker.locale]
    for row in rows:
        named = [row[name] for name in ("industry", "region", "segment") if row[name] is not None]
        days = [
            (name, _value(name, row[name], speaker)) for name in ("start_date", "end_date") if row[name] is not None
        ]
        what = ", ".join(named) or words["everywhere"]
        yield words["territory"], "; ".join([what, *(f"{words[name]} {day}" for name, day in days)])


def _plan_blocks(
    plan: Plan, assignment: Mapping[str, Any], quotas: Sequence[Mapping[str, Any]], locale: Locale
) -> Sequence[Block]:
    """With worked examples for the participant's own target and quotas."""
    target = assignment["target_incentive_minor"] or 0
    none = _WHERE_NONE_IS_AGREED * 10 ** EXPONENTS[plan.currency]
    yearly = {each["component"] or "": each["amount_minor"] * PER_YEAR[each["per"]] for each in quotas}
    own = {name: Terms(target, quota) for name, quota in yearly.items() if quota}
    return plan_document(plan, own.get("", Terms(target, none)), locale, own).blocks


def _id(name: str) -> str:
    return name.rpartition("/")[2]
