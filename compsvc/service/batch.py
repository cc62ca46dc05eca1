"""A run on files: plans and facts in, earnings, lines and a report out. Nothing is kept between two runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from compsvc.core.checks import Checked, check_facts
from compsvc.core.checks_rules import Refusal
from compsvc.core.eligibility import EligibilityError
from compsvc.core.facts import Facts
from compsvc.core.figures import FiguresTooLarge
from compsvc.core.plan import Plan
from compsvc.core.problems import Position, Problem
from compsvc.core.results import EARNING, Result

STEPS = ("reading plans", "reading files", "checking facts", "calculating", "writing")
_ROWS_AT_ONCE = 500_000

Report = dict[str, Any]


class RefusedRow(Protocol):
    """A row that is not taken, with its place in the files."""

    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def message(self) -> str: ...


class LoadedFiles(Protocol):
    """What an importer made of a folder. Where there are problems, nothing was loaded."""

    @property
    def facts(self) -> Facts: ...
    @property
    def refusals(self) -> Sequence[RefusedRow]: ...
    @property
    def problems(self) -> Sequence[Problem]: ...
    @property
    def notices(self) -> Sequence[Problem]: ...
    @property
    def digests(self) -> Mapping[str, str]: ...
    @property
    def read(self) -> Mapping[str, int]: ...
    @property
    def counted(self) -> Mapping[str, int]: ...
    @property
    def deal_rows(self) -> pl.DataFrame: ...  # source, external_id, account_id of every row of deals
    def locate(self, refusal: Refusal) -> RefusedRow: ...


Progress = Callable[[str], None]


def _quietly(step: str) -> None:
    """For those who need not be told."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run needs from outside."""

    load_plans: Callable[[Sequence[Path]], tuple[list[Plan], list[Problem]]]
    load_files: Callable[[Path, Path | None], LoadedFiles]
    calculate: Callable[[Sequence[Plan], Facts, bool], Result]  # the last: with lines
    export: Callable[[Path, Result, Report], bool]  # whether anything in the folder has changed
    matcher: str
    reference: str | None


@dataclass(frozen=True, slots=True)
class Job:
    """`out` is not needed to compute alone."""

    plans: Path
    data: Path
    out: Path = Path()
    mapping: Path | None = None
    lines: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """With `problems` nothing was written. `refusals` were left out, and everything else is computed and written."""

    problems: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()
    refusals: tuple[RefusedRow, ...] = ()
    report: Report | None = None
    changed: bool = False

    @property
    def clean(self) -> bool:
        return not self.problems and not self.refusals


@dataclass(frozen=True, slots=True)
class Computed:
    """What follows from the files; `refusals` were left out before anything was computed."""

    plans: tuple[Plan, ...]
    loaded: LoadedFiles
    checked: Checked
    result: Result
    refusals: tuple[RefusedRow, ...]
    notices: tuple[Problem, ...]


def run(job: Job, tools: Tools, progress: Progress = _quietly) -> Outcome:
    """`progress` hears each of STEPS as it begins."""
    computed = compute(job, tools, progress)
    if isinstance(computed, Outcome):
        return computed
    progress(STEPS[4])
    report = _report(tools, computed, job.plans)
    changed = tools.export(job.out, computed.result, report)
    return Outcome((), computed.notices, computed.refusals, report, changed)


def _folder(plans: Path) -> Path:
    return plans.parent if plans.is_file() else plans


def compute(job: Job, tools: Tools, progress: Progress = _quietly) -> Computed | Outcome:
    """Everything but the writing; an Outcome with problems where there is nothing to compute."""
    progress(STEPS[0])
    plans, said = tools.load_plans([job.plans])
    wrong = tuple(problem for problem in said if problem.severity == "error")
    if wrong or not plans:
        return Outcome(problems=wrong or (_no_plans(job.plans),))
    progress(STEPS[1])
    loaded = tools.load_files(job.data, job.mapping)
    if loaded.problems:
        return Outcome(problems=tuple(loaded.problems), notices=tuple(loaded.notices))
    progress(STEPS[2])
    checked = check_facts(loaded.facts, plans)
    progress(STEPS[3])
    try:
        result = tools.calculate(plans, checked.facts, job.lines)
    except (FiguresTooLarge, EligibilityError) as error:
        return Outcome(problems=(Problem("RUN_REFUSED", Position(str(job.plans), 1, 1), str(error)),))
    refusals = [*loaded.refusals, *(loaded.locate(refusal) for refusal in checked.refusals)]
    refusals.sort(key=lambda row: (row.file, row.line, row.kind, row.field, row.code))
    notices = (*(problem for problem in said if problem.severity == "notice"), *loaded.notices)
    return Computed(tuple(plans), loaded, checked, result, tuple(refusals), notices)


def _no_plans(folder: Path) -> Problem:
    return Problem("NO_PLANS", Position(str(folder), 1, 1), "holds no plan: a .yaml file that begins with `plan:`.")


# --- the report


def _report(tools: Tools, computed: Computed, plans: Path) -> Report:
    """Everything that finance asks about a run; the same run gives the same report."""
    loaded, checked, result = computed.loaded, computed.checked, computed.result
    matcher = {"name": tools.matcher, "compared_with": tools.reference}
    return {
        "deals": _deals(loaded, checked, result),
        "deals_above_warning_share": result.deal_pay.to_dicts(),
        "derivation": _derivation(result),
        "inputs": dict(loaded.digests),
        "matcher": {**matcher, "signatures_asked": result.counts["signatures_asked"]},
        "notes": [_at(loaded.locate(note)) for note in checked.notes],
        "notices": [str(notice).removeprefix(f"{_folder(plans)}/") for notice in computed.notices],
        "opportunities": _opportunities(loaded, checked.facts),
        "plans": [_plan(plan, _folder(plans)) for plan in computed.plans],
        "refused_by_code": _by_code(computed.refusals),
        "refused_rows": [_at(row) for row in computed.refusals],
        "rows_counted_only": dict(loaded.counted),
        "rows_read": dict(loaded.read),
        "totals_by_component": _totals(result, ["plan", "component", "currency_code"]),
        "totals_by_currency": _totals(result, ["currency_code"]),
    }


def _deals(loaded: LoadedFiles, checked: Checked, result: Result) -> Report:
    counts = result.counts
    taken = checked.facts.deals
    pending = taken.filter(pl.col("accepted_time").is_null())
    refused = loaded.deal_rows.join(taken, on=["source", "external_id"], how="anti", nulls_equal=True)
    read = loaded.read.get("deals", 0)
    names = ["source", "external_id", "line", "stage", "plan", "component", "code", "reason"]
    return {
        "read": read,
        "taken": taken.height,
        "refused_count": refused.height,
        "repeated_count": read - taken.height - refused.height,
        "accounts_of_refused_deals": refused["account_id"].drop_nulls().unique().sort().to_list(),
        "credited": counts["deals_credited"],
        "pending": _ids(pending, "external_id"),
        "uncredited_count": counts["deals_uncredited"],
        "uncredited_entirely_count": taken.height - pending.height - counts["deals_credited"],
        "uncredited": result.uncredited.select(names).to_dicts(),
    }


def _ids(frame: pl.DataFrame, name: str) -> list[str]:
    return frame.select(pl.concat_str("source", name, separator="/").sort()).to_series().to_list()


def _opportunities(loaded: LoadedFiles, facts: Facts) -> Report:
    """Each opportunity once, as its latest snapshot says."""
    latest = facts.opportunities.sort("source", "opportunity_id", "snapshot_time", nulls_last=False)
    latest = latest.unique(["source", "opportunity_id"], keep="last", maintain_order=True)
    stages = latest.group_by("stage").len().sort("stage")
    homeless = latest.filter(pl.col("account_id").is_null())
    return {
        "read": loaded.read.get("opportunities", 0),
        "taken": latest.height,
        "by_stage": dict(stages.iter_rows()),
        "without_account_count": homeless.height,
        "without_account": _ids(homeless, "opportunity_id"),
    }


def _derivation(result: Result) -> Report | None:
    """Every cent has its line: what the lines do not explain is shown as a number, and it is zero."""
    if result.lines is None:
        return None
    by = [pl.col(name).cast(pl.Categorical) for name in EARNING]  # numbers: millions of lines are put together
    amount = pl.col("amount_minor").cast(pl.Int128).sum().alias("amount")
    slices = [result.lines.clear(), *result.lines.iter_slices(_ROWS_AT_ONCE)]
    of_lines = pl.concat(rows.group_by(by).agg(amount) for rows in slices).group_by(EARNING).agg(pl.col("amount").sum())
    both = result.earnings.with_columns(by).join(of_lines, on=EARNING, how="full", coalesce=True)
    gap = pl.col("earned_minor").fill_null(0).cast(pl.Int128) - pl.col("amount").fill_null(0)
    unexplained = int(both.select(gap.abs().sum()).item() or 0)
    assert unexplained == 0, f"{unexplained} minor units are earned without a line"
    return {"lines": result.lines.height, "unexplained_minor": unexplained}


def _plan(plan: Plan, folder: Path) -> Report:
    at = plan.at.file.removeprefix(f"{folder}/")
    return {"plan": plan.plan, "revision": plan.revision, "effective": plan.effective.isoformat(), "file": at}


def _by_code(refusals: Sequence[RefusedRow]) -> dict[str, int]:
    codes = [row.code for row in refusals]
    return {code: codes.count(code) for code in sorted(set(codes))}


def _at(row: RefusedRow) -> Report:
    names = ("file", "line", "kind", "key", "field", "code", "message")
    return {name: getattr(row, name) for name in names}


def _totals(result: Result, by: Sequence[str]) -> list[Report]:
    sums = [pl.col(name).cast(pl.Int128).sum() for name in ("measure_minor", "count_millionths", "earned_minor")]
    totals = result.earnings.group_by(by).agg(*(sums if "component" in by else sums[2:])).sort(by)
    return [{name: _plain(value) for name, value in row.items()} for row in totals.iter_rows(named=True)]


def _plain(value: object) -> object:
    return int(value) if isinstance(value, int) else value
