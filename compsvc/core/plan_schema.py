"""The plan language as JSON Schema, for editors: made from the models, so that it cannot lag behind them."""

from __future__ import annotations

from typing import Any

from compsvc.core.plan import OF_ONE_PLAN, Plan
from compsvc.core.rules import KINDS

DRAFT = "https://json-schema.org/draft/2020-12/schema"
LISTS_OR_ONE = frozenset({"from", "for", "gate"})


def schema() -> dict[str, Any]:
    """Of a plan file. What has to fit together is beyond a schema; `plan check` says it."""
    made = Plan.model_json_schema(by_alias=True)
    definitions: dict[str, Any] = made.pop("$defs")
    del definitions["Position"]
    for definition in [made, *definitions.values()]:
        _as_written(definition)
    definitions["Component"]["properties"]["pays"] = _pays()
    for section in ("credits", "components"):
        made["properties"][section]["additionalProperties"] = False
    made["properties"]["terms"] = {
        "type": "string",
        "description": "A file beside this one with words that plans share.",
    }
    demanded = [word for word in made["required"] if word not in OF_ONE_PLAN]
    made["required"] = [word for word in made["required"] if word in OF_ONE_PLAN]
    made["anyOf"] = [{"required": ["terms"]}, {"required": demanded}]
    return {"$schema": DRAFT, **made, "$defs": definitions}


def _as_written(definition: dict[str, Any]) -> None:
    """As the file has it: without what the reader adds, and without nulls."""
    properties = {
        name: _property(name, item)
        for name, item in definition.get("properties", {}).items()
        if not name.startswith("@") and name != "kind"
    }
    definition["properties"] = properties
    definition["required"] = [name for name in definition.get("required", []) if name in properties]


def _property(name: str, item: dict[str, Any]) -> dict[str, Any]:
    """An optional word is left out, never null; `from`, `for` and `gate` may say one thing or list several."""
    kept = {key: value for key, value in item.items() if key not in ("anyOf", "default", "title")}
    options = [option for option in item.get("anyOf", []) if option != {"type": "null"}]
    kept.update(options[0] if len(options) == 1 else {"anyOf": options} if options else {})
    if name in LISTS_OR_ONE and "items" in kept:
        several = {"type": "array", "items": kept.pop("items"), "minItems": 1}
        kept.pop("type", None)
        kept["anyOf"] = [several["items"], several]
    return kept


def _pays() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "One rule kind and its parameters.",
        "properties": {kind: {"$ref": f"#/$defs/{rule.__name__}"} for kind, rule in KINDS.items()},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
