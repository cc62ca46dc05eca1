"""The commands of those who write plans: check, test, and what editors need."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from compsvc.entry.locales import Locale
from compsvc.entry.screen import errors_of, many, say, stop, tell

if TYPE_CHECKING:
    from compsvc.entry.doc_blocks import Document
    from compsvc.service.cases import Outcome

Paths = Annotated[list[Path], typer.Argument(metavar="PATH...", help="Plan files, plan folders, or folders of them.")]

plan_app = typer.Typer(no_args_is_help=True, help="Check plans, test them, and help editors with them.")


@plan_app.command("check")
def plan_check(paths: Paths) -> None:
    """Say everything that is wrong with plans, each with its place; and which of their cases lack a quota."""
    from compsvc.wiring import check_plan_files

    plans, problems = check_plan_files(paths)
    for problem in problems:
        print(f"{problem}" if problem.severity == "error" else f"{problem} (notice)")
    errors = errors_of(problems)
    if errors:
        raise typer.Exit(1)
    print(f"{many(len(plans), 'plan')} without errors.")


@plan_app.command("new")
def plan_new(
    template: Annotated[str, typer.Argument(metavar="TEMPLATE", help="One of those that `--list` prints.")] = "",
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the plan: small letters, digits and `-`.")] = "",
    folder: Annotated[
        Path | None, typer.Option("--in", metavar="FOLDER", file_okay=False, help="Left out: a new one, NAME.")
    ] = None,
    year: Annotated[
        int | None, typer.Option(help="The first year of the plan. Left out: that in its name, else this year.")
    ] = None,
    every: Annotated[bool, typer.Option("--list", help="Print the templates.")] = False,
) -> None:
    """Begin a plan: a folder with plan, terms and a first case, each choice with a comment on what it means."""
    from compsvc.core.plan_values import NAME
    from compsvc.core.problems import did_you_mean
    from compsvc.entry.plan_templates import files, templates
    from compsvc.wiring import open_clock, write_file

    if every:
        print("\n".join(templates()))
        return
    if template not in templates():
        stop(f"`{template}` is no template.{did_you_mean(template, templates())}", code=2)
    if not NAME.fullmatch(name):
        stop(f"`{name}` is no name. Use small letters, digits and `-`, beginning with a letter.", code=2)
    into = folder if folder is not None else Path(name)
    named = re.search(r"(?<![0-9])20[0-9]{2}(?![0-9])", name)
    begins = year or (int(named[0]) if named else open_clock().now().year)
    new = files(template, name=name, year=begins)
    there = [file for file in new if (into / file).exists()]
    if there:
        stop(f"{into / there[0]} is there already; nothing was written. Name another folder with --in.")
    for file, text in new.items():
        (into / file).parent.mkdir(parents=True, exist_ok=True)
        write_file(into / file, text.encode())
        print(into / file)
    say(f"The plan begins on 1 January {begins}; another year: --year.")
    say(f"Now: compsvc plan check {into}, compsvc plan test {into}")


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
        stop("name a CODE, or give --list.", code=2)
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


@plan_app.command("doc")
def plan_doc(
    path: Annotated[Path, typer.Argument(metavar="PLAN", help="A plan file.")],
    language: Annotated[Locale, typer.Option(help="Of the words, amounts and dates.")] = "en",
    form: Annotated[Literal["text", "html", "pdf"], typer.Option("--format", help="html is one file.")] = "text",
    out: Annotated[Path | None, typer.Option(metavar="FILE", dir_okay=False, help="Write it there.")] = None,
    target: Annotated[str, typer.Option(help="The yearly target incentive of the worked examples.")] = "100_000",
    quota: Annotated[str, typer.Option(help="The yearly quota of the worked examples.")] = "1_000_000",
) -> None:
    """Print a plan in plain language, with its curves drawn and worked examples."""
    from compsvc.core.plan_sample import Terms
    from compsvc.entry.plan_doc import plan_document
    from compsvc.wiring import read_plans

    plans, problems = read_plans([path])
    tell(problems)
    if errors_of(problems):
        raise typer.Exit(1)
    if len(plans) != 1:
        stop(f"{path} holds {many(len(plans), 'plan')}; name the file of one.", code=2)
    (plan,) = plans
    amounts = [_sample_amount(name, text, plan.currency) for name, text in (("target", target), ("quota", quota))]
    print_document(plan_document(plan, Terms(*amounts), language), form, out)


def print_document(document: Document, form: Literal["text", "html", "pdf"], out: Path | None) -> None:
    """On the screen, or into the file."""
    from compsvc.entry.doc_blocks import as_text
    from compsvc.entry.doc_html import as_html
    from compsvc.entry.doc_pdf import as_pdf
    from compsvc.wiring import write_file

    if form == "pdf" and out is None:
        stop("a PDF goes into a file: give --out FILE.", code=2)
    content = as_pdf(document) if form == "pdf" else (as_html if form == "html" else as_text)(document).encode()
    if out is None:
        print(content.decode(), end="")
    else:
        write_file(out, content)


def _sample_amount(name: str, text: str, currency: str) -> int:
    from compsvc.core.currencies import EXPONENTS
    from compsvc.core.money import parse_minor

    amount = parse_minor(text, EXPONENTS[currency])
    if amount is None or amount <= 0:
        stop(f"--{name} `{text}` is no amount above 0 in {currency}. Write it as `80_000`.", code=2)
    return amount


@plan_app.command("test")
def plan_test(
    paths: Paths,
    update: Annotated[
        bool, typer.Option("--update", help="Write what was found into the case files, for you to review.")
    ] = False,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="List the clauses of the plans that no case reaches.")
    ] = False,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", dir_okay=False, help="Write the outcomes as JUnit XML.")
    ] = None,
) -> None:
    """Put the cases beside the plans to the test. The last line says how many passed and failed.

    Where there are no cases this says where they would stand, and the exit code is 0: nothing has failed.
    """
    from compsvc.entry.cases_junit import cases_junit
    from compsvc.entry.cases_text import cases_text
    from compsvc.entry.coverage_text import coverage_text
    from compsvc.wiring import put_to_the_test, write_file

    tested = put_to_the_test(paths, cover=coverage)
    if update and _updated(tested.outcomes):
        tested = put_to_the_test(paths, cover=coverage)
    tell(tested.problems)
    if not tested.outcomes:
        for path in paths:
            say(f"no cases in {path}" if path.is_file() else f"no cases in {path / 'cases'}")
    if junit is not None:
        write_file(junit, cases_junit(tested.outcomes, tested.canary))
    print(coverage_text(tested.plans, tested.outcomes) if coverage else "", end="")
    print(cases_text(tested.outcomes, tested.canary), end="")
    every = [*tested.outcomes, *([tested.canary] if tested.canary is not None else [])]
    if errors_of(tested.problems) or any(outcome.state != "PASS" for outcome in every):
        raise typer.Exit(1)


def _updated(outcomes: Sequence[Outcome]) -> bool:
    """Set the expectations that were not met to what was found, and say which; a canary's stay wrong."""
    from compsvc.entry.cases_text import exponent_of
    from compsvc.wiring import update_cases

    failed = [outcome for outcome in outcomes if outcome.state == "FAIL"]
    found = [(difference, exponent_of(outcome.case)) for outcome in failed for difference in outcome.differences]
    for change in update_cases(found):
        if change.after is None:
            say(f"{change.at} cannot be set right here: write by hand what is to be expected.")
        else:
            print(f"{change.at} {change.before} -> {change.after}")
    return bool(found)
