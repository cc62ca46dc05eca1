"""The commands of those who write plans: check, test, and what editors need."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from compsvc.entry.screen import errors_of, many, say, tell

Paths = Annotated[list[Path], typer.Argument(metavar="PATH...", help="Plan files, plan folders, or folders of them.")]

plan_app = typer.Typer(no_args_is_help=True, help="Check plans, test them, and help editors with them.")


@plan_app.command("check")
def plan_check(paths: Paths) -> None:
    """Say everything that is wrong with plans, each with its place."""
    from compsvc.wiring import read_plans

    plans, problems = read_plans(paths)
    for problem in problems:
        print(f"{problem}" if problem.severity == "error" else f"{problem} (notice)")
    errors = errors_of(problems)
    if errors:
        raise typer.Exit(1)
    print(f"{many(len(plans), 'plan')} without errors.")


@plan_app.command("explain-code")
def plan_explain_code(
    code: Annotated[str | None, typer.Argument(metavar="CODE", help="As the message has it.")] = None,
    every: Annotated[bool, typer.Option("--list", help="Print all codes, each with one line.")] = False,
) -> None:
    """Say what a code of a message means, and what to do about it."""
    from compsvc.entry.codes import explained, listed, unknown

    if every:
        print(listed(), end="")
        return
    if code is None:
        raise typer.BadParameter("name a CODE, or give --list.")
    found = explained(code.strip().upper())
    if found is None:
        say(unknown(code))
        raise typer.Exit(1)
    print(found, end="")


@plan_app.command("schema")
def plan_schema() -> None:
    """Print the plan language as JSON Schema, for editors."""
    from compsvc.core.plan_schema import schema

    print(json.dumps(schema(), indent=2, sort_keys=True, ensure_ascii=False))


@plan_app.command("test")
def plan_test(paths: Paths) -> None:
    """Put the cases beside the plans to the test. The last line says how many passed and failed.

    Where there are no cases this says where they would stand, and the exit code is 0: nothing has failed.
    """
    from compsvc.entry.cases_text import cases_text
    from compsvc.wiring import cases_tested

    outcomes, problems = cases_tested(paths)
    tell(problems)
    if not outcomes:
        for path in paths:
            say(f"no cases in {path}" if path.is_file() else f"no cases in {path / 'cases'}")
    print(cases_text(outcomes), end="")
    if errors_of(problems) or any(outcome.state != "PASS" for outcome in outcomes):
        raise typer.Exit(1)
