"""A command as somebody types it, with what `main` makes of errors, and without a process of its own."""

from __future__ import annotations

import io
import sys
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from typing import NamedTuple
from unittest.mock import patch

from compsvc.entry.cli import main


class Answer(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def typed(*arguments: object) -> Answer:
    """What goes wrong unforeseen is raised, where a process would print a traceback."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with ExitStack() as around:
        around.enter_context(redirect_stdout(out))
        around.enter_context(redirect_stderr(err))
        around.enter_context(patch.object(sys, "argv", ["compsvc", *map(str, arguments)]))
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    return Answer(code, out.getvalue(), err.getvalue())
