"""The rule kinds, found by walking this folder: a new kind is one file here and one in the tests.

Modules whose name begins with an underscore are helpers. Nothing outside this folder names a kind.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Union, get_args

from pydantic import Field

from compsvc.core.rules._rule import Award, Contest, Pooled, Rule, Weighed

__all__ = ["KINDS", "Award", "Contest", "Pays", "Pooled", "Rule", "Weighed"]


def _found() -> Iterable[type[Rule]]:
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith("_"):
            known = vars(importlib.import_module(f"{__name__}.{module.name}"))
            yield from (value for value in known.values() if isinstance(value, type) and "kind" in _own_fields(value))


def _own_fields(value: type) -> set[str]:
    return set(value.model_fields) if issubclass(value, Rule) else set()


def _by_kind(rules: Iterable[type[Rule]]) -> dict[str, type[Rule]]:
    kinds: dict[str, type[Rule]] = {}
    for rule in rules:
        (kind,) = get_args(rule.model_fields["kind"].annotation)
        assert kind not in kinds, f"two rule kinds are named {kind}: {kinds[kind].__module__} and {rule.__module__}"
        kinds[kind] = rule
    return dict(sorted(kinds.items()))


KINDS = _by_kind(_found())

if TYPE_CHECKING:
    Pays = Rule
else:
    Pays = Annotated[Union[tuple(KINDS.values())], Field(discriminator="kind")]  # noqa: UP007
