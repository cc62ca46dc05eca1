"""What every test may use: golden files, and hypothesis that does not fail for being on a slow machine."""

import gc
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import typer.testing
from hypothesis import Phase, settings

from compsvc import wiring
from tests.remembered import remembered

wiring.calculate = remembered(wiring.calculate)
typer.testing._get_command = cache(typer.testing._get_command)  # all commands and their options, anew for each call

pytest_plugins = ["tests.stores"]

GOLDEN = Path(__file__).parent / "golden"

# The quick suite draws the same 40 examples every time, so that what fails is what was changed; `make test-slow`
# searches with 100 others. The laws of the rules are asked 40 times of every kind each.
settings.register_profile("search", deadline=None, print_blob=True)
settings.register_profile("fixed", settings.get_profile("search"), derandomize=True, max_examples=40)
# `make mutation` asks a thousand times whether anything fails at all, not for the smallest example of it.
AS_FOUND = (Phase.explicit, Phase.generate)
settings.register_profile("few", settings.get_profile("fixed"), max_examples=10, phases=AS_FOUND)
settings.load_profile(os.environ.get("COMPSVC_EXAMPLES", "fixed"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden/ from what the code prints now")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Rewriting golden files runs only the tests that have some, and the one of docs/transcript.md."""
    if config.getoption("--update-golden"):
        chosen = [item for item in items if {"golden", "transcript"} & {*getattr(item, "fixturenames", ())}]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: to look through it over and over takes a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)  # expressions come and go by the thousand, and next to none of them in circles


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden("statement/ann.txt", text)`: tests/golden holds that text, and `make golden` puts it there."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        assert path.is_file(), f"tests/golden/{name} is not there yet; `make golden` writes it"
        expected = path.read_bytes().decode()
        assert text == expected, (
            f"differs from tests/golden/{name}; if that is right, `make golden` and review the diff"
        )

    return compare
