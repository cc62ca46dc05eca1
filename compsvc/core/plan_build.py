"""A tree of the plan's text into a Plan, or into everything that is wrong with it.

Credit rules and components are read one by one, so that a wrong one hides neither its neighbours nor the checks of what
has to fit together.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Generic, NamedTuple, TypeVar, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from compsvc.core.currencies import EXPONENTS
from compsvc.core.node import Listed, Mapped, Node, Reading, name_in_file, place_of
from compsvc.core.plan import WORDS_NOT_YET, Component, Plan
from compsvc.core.plan_check import Parts, check
from compsvc.core.plan_clawback import TakenBack
from compsvc.core.plan_credits import CreditRule
from compsvc.core.plan_modifiers import PlanBound
from compsvc.core.plan_pay import Draw, Earned, Leaver, Negative, Payable
from compsvc.core.plan_people import Agreed, MadeFor
from compsvc.core.plan_values import NAME, IsoDate, kind_of, read_name
from compsvc.core.problems import Position, Problem, did_you_mean, in_order
from compsvc.core.rules import KINDS

Model = TypeVar("Model", bound=Node)
ONCE_ALONE = frozenset({"gate"})  # words that became lists: one alone is said as it was before, by the same revision
EXPONENT_UNKNOWN = max(EXPONENTS.values())  # with a wrong currency no amount has too many decimals


def build(root: Mapped) -> tuple[Plan | None, list[Problem]]:
    """The plan, where nothing stands against it; and every problem, notices too, in the order of the file."""
    parts, problems = _parts(root)
    plan, wrong = _read(Plan, _whole(root, parts), _reading(root))
    found = in_order(_told_once([*problems, *wrong, *check(parts)]))
    if plan is None or any(problem.severity == "error" for problem in found):
        return None, found
    return plan.model_copy(update={"revision": revision(plan)}), found


_MEANT = re.compile(r" Did you mean `([a-z_]+)`\?$")


def _told_once(problems: Sequence[Problem]) -> list[Problem]:
    """A word that is misspelt is not missing as well, unless it is missing elsewhere too."""
    unknown = (_MEANT.search(each.message) for each in problems if each.code == "UNKNOWN_KEY")
    meant = Counter(found[1] for found in unknown if found)
    lacks = {word: [each for each in problems if _lacks(each, word)] for word in meant}
    follow = {each for word, found in lacks.items() if len(found) <= meant[word] for each in found}
    return [each for each in problems if each not in follow]


def _lacks(problem: Problem, word: str) -> bool:
    return problem.code == "MISSING_KEY" and problem.message.startswith(f"`{word}` is missing")


def revision(plan: Plan) -> str:
    """SHA-256 of the content as parsed, the terms' included. Comments, layout, the order of keys, how an amount is
    written and whether a word stands in the plan or its terms do not change it; the order of credit rules, components,
    tiers and lists does. Words left out equal their defaults."""
    text = json.dumps(["compsvc plan 1", _content(plan)], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _content(value: Any) -> Any:
    """Only lists, mappings with text keys, text and booleans: nothing that two encoders could write differently."""
    if isinstance(value, Node):
        return {name: _content(item) for name, item in _said(value)}
    if isinstance(value, dict):
        return [[str(key), _content(item)] for key, item in value.items()]
    if isinstance(value, (tuple, list)):
        return [_content(item) for item in value]
    if is_dataclass(value):
        return [_content(getattr(value, item.name)) for item in fields(value)]
    if isinstance(value, (Fraction, date)) or (isinstance(value, int) and not isinstance(value, bool)):
        return f"{type(value).__name__} {value}"
    assert value is None or isinstance(value, (str, bool)), value
    return value


def _said(node: Node) -> Iterator[tuple[str, Any]]:
    """The fields that do not have their default, so that a new word of the language leaves old revisions alone."""
    for name, item in type(node).model_fields.items():
        key, value = name_in_file(name, item), getattr(node, name)
        if not key.startswith("@") and (item.is_required() or value != item.get_default(call_default_factory=True)):
            yield key, value[0] if key in ONCE_ALONE and len(value) == 1 else value


def _parts(root: Mapped) -> tuple[Parts, list[Problem]]:
    rules, rule_problems, _, wrong_rules = _each(CreditRule, root, "credits")
    components, problems, clean, wrong = _each(Component, root, "components")
    misspelt = frozenset([*wrong_rules, *wrong])
    words = _plan_words(root)
    parts = Parts(root=root, credits=rules, components=components, clean=clean, pay=words, misspelt=misspelt)
    return parts, [*rule_problems, *problems]


def _plan_words(root: Mapped) -> dict[str, object]:
    """Those that can be read; what is wrong with the others is told where the whole plan is read."""
    found: dict[str, object] = {}
    for word in _WORDS:
        if word in root:
            with suppress(ValidationError):
                found[word] = _WORDS[word].validate_python(root[word], context=_reading(root))
    return found


_WORDS: Mapping[str, TypeAdapter[Any]] = {
    "payable": TypeAdapter(Payable),
    "earned": TypeAdapter(Earned),
    "leaver": TypeAdapter(Leaver),
    "clawback": TypeAdapter(TakenBack),
    "made_for": TypeAdapter(MadeFor),
    "agreed_with": TypeAdapter(Agreed),
    "draw": TypeAdapter(Draw),
    "negative": TypeAdapter(Negative),
    "effective": TypeAdapter(IsoDate),
    "cap": TypeAdapter(PlanBound),
    "floor": TypeAdapter(PlanBound),
}


class _Entries(NamedTuple, Generic[Model]):
    read: dict[str, Model]
    problems: list[Problem]
    clean: frozenset[str]  # without any error
    misspelt: list[tuple[str, str]]  # with an unknown key


def _each(model: type[Model], root: Mapped, section: str) -> _Entries[Model]:
    """The entries of a section, each read by itself."""
    read: dict[str, Model] = {}
    problems: list[Problem] = []
    clean, misspelt = set(), []
    entries = root.get(section)
    entries = entries if isinstance(entries, Mapped) else Mapped()
    for name, written in entries.items():
        entry, wrong = _read(model, written, _reading(root))
        problems += [*wrong, *_wrong_name(name, entries.key_at(name))]
        if entry is not None:
            read[name] = entry
        if all(problem.severity == "notice" for problem in wrong):
            clean.add(name)
        if any(problem.code == "UNKNOWN_KEY" for problem in wrong):
            misspelt.append((section, name))
    return _Entries(read, problems, frozenset(clean), misspelt)


def _wrong_name(name: str, at: Position) -> Iterator[Problem]:
    try:
        read_name(name)
    except PydanticCustomError as error:
        yield Problem(error.type, at, error.message())


def _reading(root: Mapped) -> Reading:
    currency = root.get("currency")
    known = isinstance(currency, str) and currency in EXPONENTS
    return Reading(EXPONENTS[str(currency)] if known else EXPONENT_UNKNOWN, str(currency) if known else "")


def _whole(root: Mapped, parts: Parts) -> Mapped:
    """The plan's mapping with its entries already read; a section that is no mapping stays, and is reported."""
    whole = Mapped({**root, "@revision": ""}, at=root.at, keys=root.keys_at)
    whole.complete = root.complete
    for section, read in (("credits", parts.credits), ("components", parts.components)):
        if isinstance(root.get(section), Mapped):
            written = root[section]
            named = {name: entry for name, entry in read.items() if NAME.fullmatch(name)}
            whole[section] = Mapped(named, at=written.at, keys=written.keys_at)
    return whole


def _read(model: type[Model], written: object, context: Reading) -> tuple[Model | None, list[Problem]]:
    try:
        return model.model_validate(written, context=context), context.problems
    except ValidationError as error:
        details = [item for item in error.errors(include_url=False) if not _follows(item)]
        return None, [*context.problems, *(_problem(model, written, item) for item in details)]


def _follows(error: ErrorDetails) -> bool:
    """Whether another problem says it: a word that is missing, or a list of which not every entry can be read."""
    short = error["type"] == "too_short"
    return error["type"] == "missing" or (short and error["ctx"]["actual_length"] < len(error["input"]))


# --- what pydantic says, in our words and with a place


def _problem(model: type[Node], written: object, error: ErrorDetails) -> Problem:
    context = error.get("ctx", {})
    at = context.get("at") or _place(written, error["loc"])
    if "message" in context:
        return Problem(error["type"], at, context["message"])
    code, message = _in_words(model, error)
    return Problem(code, at, message)


def _place(written: object, loc: Sequence[int | str]) -> Position:
    """The place of the value at the end of the path, or of the last step that exists in the file."""
    at = place_of(written)
    for step in loc:
        if isinstance(written, Mapped) and isinstance(step, str) and step in written:
            at = written.value_at(step)
            written = written[step]
        elif isinstance(written, Listed) and isinstance(step, int) and step < len(written):
            written = written[step]
            at = place_of(written, at)
    return at


def _in_words(model: type[Node], error: ErrorDetails) -> tuple[str, str]:
    kind, value = error["type"], error["input"]
    if kind == "literal_error":
        words = re.findall(r"'([^']*)'", error["ctx"]["expected"])
        return _no_choice(value, words, _mapping(model, error["loc"]))
    if kind in ("model_type", "model_attributes_type") and (keys := _mapping(model, error["loc"])):
        return "WRONG_TYPE", f"here stands {kind_of(value)}; wanted: {keys}."
    if kind in ("model_type", "model_attributes_type", "dict_type", "union_tag_not_found"):
        return "WRONG_TYPE", f"here stands {kind_of(value)}; wanted: a mapping."
    if kind in ("tuple_type", "list_type"):
        return "WRONG_TYPE", f"here stands {kind_of(value)}; wanted: a list."
    if kind == "string_type":
        return "WRONG_TYPE", f"here stands {kind_of(value)}; wanted: text."
    if kind == "too_short" and error["ctx"]["actual_length"]:
        least = error["ctx"]["min_length"]
        return "LIST_TOO_SHORT", f"this list needs at least {least} entries, and has {error['ctx']['actual_length']}."
    if kind == "too_short":
        return "EMPTY_LIST", "this list is empty."
    if kind == "too_long":
        return (
            "LIST_TOO_LONG",
            f"this list has {error['ctx']['actual_length']} entries; at most {error['ctx']['max_length']}.",
        )
    described = _description(model, error["loc"])
    return "BAD_VALUE", f"{kind_of(value)} cannot stand here.{' Wanted: ' + described if described else ''}"


def _no_choice(value: object, words: Sequence[str], mapping: str) -> tuple[str, str]:
    choices = ", ".join(f"`{word}`" for word in words)
    near = did_you_mean(value, words) if isinstance(value, str) else ""
    hint = near if near.startswith(" Did") else ""
    what = f"one of {choices}" if len(words) > 1 else choices
    what = f"{what}, or {mapping}" if mapping else what
    if isinstance(value, str) and value in WORDS_NOT_YET:
        return "NOT_SUPPORTED", f"this version does not compute `{value}`; wanted: {what}."
    return "NOT_A_CHOICE", f"here stands {kind_of(value)}; wanted: {what}.{hint}"


def _mapping(model: type[BaseModel], loc: Sequence[int | str]) -> str:
    """The words of the mapping that may stand at the path; empty where none may, or one of several kinds."""
    current: type[BaseModel] | None = model
    found: list[type[Node]] = []
    for step in loc:
        kind = KINDS.get(step) if isinstance(step, str) else None
        names = {name_in_file(name, item): item for name, item in current.model_fields.items()} if current else {}
        if step in names:
            found = list(_nodes_in(names[str(step)]))
            current = found[0] if len(found) == 1 else None
        elif kind is not None:
            found, current = [kind], kind
    if len(found) != 1:
        return ""
    fields = {name_in_file(name, item): item for name, item in found[0].model_fields.items()}
    wanted = [name for name, item in fields.items() if item.is_required() and not name.startswith("@")]
    words = [f"`{name}`" for name in wanted if name != "kind"]
    return f"a mapping with {', '.join(words)}" if words else ""


def _nodes_in(item: Any) -> Iterator[type[Node]]:
    annotation = getattr(item, "annotation", item)
    if isinstance(annotation, type) and issubclass(annotation, Node):
        yield annotation
    elif get_origin(annotation) is not dict:
        for part in get_args(annotation):
            yield from _nodes_in(part)


def _description(model: type[BaseModel], loc: Sequence[int | str]) -> str:
    """Of the field that the path ends in."""
    found = ""
    nodes: dict[str, type[BaseModel]] = dict(KINDS)
    current: type[BaseModel] | None = model
    for step in loc:
        if isinstance(step, str) and step in nodes:
            current = nodes[step]
            continue
        names = {name_in_file(name, item): item for name, item in current.model_fields.items()} if current else {}
        if step in names:
            found = names[str(step)].description or ""
            below = set(_nodes_in(names[str(step)]))
            current = below.pop() if len(below) == 1 else current
    return found
