"""The steps of a book's tables in PostgreSQL's words: its own types, and one function that refuses to change a row."""

from __future__ import annotations

import re

from compsvc.adapters.sql_first_steps import BESIDES_NAME, NAME, Step

_COLUMN = re.compile(r"\b(?P<name>\w+) (?P<type>TEXT|INTEGER|BLOB)\b")
_TYPES = {"INTEGER": "BIGINT", "BLOB": "BYTEA"}
_DATES = ("known_since",)
_TEXTS = ("snapshot_time",)  # of a key, in which '' stands for null

REFUSE = """
CREATE FUNCTION only_added_to() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'the book is only ever added to'; END$$
"""


_KEPT = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in BESIDES_NAME)
_NAMES_MAY_GO = [
    "DROP TRIGGER only_added_to ON participants",
    "CREATE TRIGGER only_added_to BEFORE DELETE OR TRUNCATE ON participants "
    "FOR EACH STATEMENT EXECUTE FUNCTION only_added_to()",
    "CREATE TRIGGER only_names_go BEFORE UPDATE ON participants FOR EACH ROW "
    f"WHEN (NOT (NEW.{NAME} IS NULL AND {_KEPT})) EXECUTE FUNCTION only_added_to()",
]


def statements_of(step: Step) -> list[str]:
    plain = step.sql.replace(" STRICT, WITHOUT ROWID", "").replace(" STRICT", "")
    tables = [statement.strip() for statement in _COLUMN.sub(_typed, plain).split(";") if statement.strip()]
    triggers = [
        f"CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION only_added_to()"
        for table in step.added_to
    ]
    return tables + triggers + (_NAMES_MAY_GO if step.names_may_go else [])


def _typed(column: re.Match[str]) -> str:
    """Dates and instants by their names; other texts sort by their bytes, as everywhere in compsvc."""
    name, kind = column["name"], column["type"]
    if kind != "TEXT":
        return f"{name} {_TYPES[kind]}"
    if name.endswith("_date") or name in _DATES:
        return f"{name} DATE"
    if name.endswith("_time") and name not in _TEXTS:
        return f"{name} TIMESTAMPTZ"
    return f'{name} TEXT COLLATE "C"'
