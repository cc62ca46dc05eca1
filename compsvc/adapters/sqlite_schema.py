"""The steps of a book's tables as SQLite takes them, with the triggers that refuse to change a row."""

from __future__ import annotations

from compsvc.adapters.sql_first_steps import Step

APPLICATION_ID = 0x636D7073  # "cmps": tells a book from any other SQLite file


def statements_of(step: Step) -> str:
    return step.sql + "\n".join(
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} BEGIN "
        f"SELECT RAISE(ABORT, 'the book is only ever added to'); END;"
        for table in step.added_to
        for verb in ("update", "delete")
    )
