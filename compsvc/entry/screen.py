"""How commands speak: what was asked for on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from typing import NoReturn


def say(text: str) -> None:
    print(text, file=sys.stderr)


def stop(text: str, *, code: int = 1) -> NoReturn:
    """1: something was found or refused. 2: wrong usage."""
    say(f"compsvc: {text}")
    raise SystemExit(code)
