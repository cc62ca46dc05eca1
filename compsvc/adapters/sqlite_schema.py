"""The steps of a book's tables as SQLite takes them, with the triggers that refuse to change a row."""

from __future__ import annotations

from compsvc.adapters.sql_first_steps import BESIDES_NAME, NAME, Step

APPLICATION_ID = 0x636D7073  # "cmps": tells a book from any other SQLite file


_REFUSED = "BEGIN SELECT RAISE(ABORT, 'the book is only ever added to'); END;"
_KEPT = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in BESIDES_NAME)
_NAMES_MAY_GO = f"""
DROP TRIGGER participants_no_update;
CREATE TRIGGER participants_no_update BEFORE UPDATE ON participants
WHEN NOT (NEW.{NAME} IS NULL AND {_KEPT}) {_REFUSED}
"""


def statements_of(step: Step) -> str:
    triggers = "\n".join(
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} {_REFUSED}"
        for table in step.added_to
        for verb in ("update", "delete")
    )
    return step.sql + triggers + (_NAMES_MAY_GO if step.names_may_go else "")
