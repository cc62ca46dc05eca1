"""One measurement in a process of its own: `python -m bench.measured WHAT FOLDER OUT` prints one line of JSON.

The clock runs inside the process around the work alone; the peak is that of the whole process. The oracle and
durable_rules are compared with the core here, and a difference ends the process with what differs.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable, Sequence
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import polars as pl

from compsvc.adapters.durable_matcher import DurableMatcher, available, best_matcher
from compsvc.adapters.exports import EARNINGS_FILE, export_run
from compsvc.adapters.importers import load_files
from compsvc.adapters.plan_yaml import load_plans
from compsvc.core.book import book
from compsvc.core.conditions import rule_set
from compsvc.core.eligibility import Deal, PlainMatcher, RuleSet, eligible
from compsvc.core.facts import DEAL, Facts
from compsvc.core.pipeline import calculate
from compsvc.core.plan import Plan
from compsvc.core.reading import read
from compsvc.core.results import Result
from compsvc.service import batch
from compsvc.service.batch import STEPS, Job, Tools

Figures = dict[str, float | int | str]


class WrongError(Exception):
    """Two ways to the same figure came to different ones."""


def main(what: str, folder: Path, out: Path, deals: int) -> None:
    figures = MEASURED[what](folder, out, deals)
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes there, in KiB on Linux
    used = resource.getrusage(resource.RUSAGE_SELF)
    own = {"peak_mib": used.ru_maxrss * unit // 2**20, "cpu_seconds": used.ru_utime + used.ru_stime}
    print(json.dumps({**figures, **own}))


def run(folder: Path, out: Path, _: int) -> Figures:
    return _run(folder, out, lines=False)


def run_with_lines(folder: Path, out: Path, _: int) -> Figures:
    return _run(folder, out, lines=True)


def floor(folder: Path, _: Path, deals: int) -> Figures:
    """What nobody can be faster than who reads the same file with the same library."""
    start = perf_counter()
    deals_file = pl.scan_parquet(folder / "facts" / "deals.parquet")
    sums = deals_file.group_by("seller_id").agg(pl.col("annual_value_minor").sum()).collect()
    return {"seconds": perf_counter() - start, "deals": deals, "participants": sums.height}


# --- the oracle


def oracle(folder: Path, _: Path, deals: int) -> Figures:
    """The oracle alone is timed, on the first accounts with all their deals: about `deals` of them."""
    from tests.oracle.calculate import calculate as slow  # tests are not installed; only this measurement needs them

    plans, everything = _company(folder)
    facts = of_first_accounts(everything, deals)
    start = perf_counter()
    expected = slow(plans, facts).earnings
    seconds = perf_counter() - start
    assert_same_earnings(calculate(plans, facts, *best_matcher(), lines=False).earnings, expected)
    return {"seconds": seconds, "deals": facts.deals.height, "earned_minor": sum(row[2] for row in expected.values())}


def of_first_accounts(facts: Facts, deals: int) -> Facts:
    """Whole accounts, since windows, first orders and baselines go over all deals of one."""
    accounts = facts.accounts.sort("account_id").head(-(-facts.accounts.height * deals // facts.deals.height))
    kept = facts.deals.join(accounts, on="account_id", how="semi")
    own = {name: getattr(facts, name).join(kept, on=DEAL, how="semi") for name in ("deal_lines", "stages", "splits")}
    return Facts(
        participants=facts.participants,
        assignments=facts.assignments,
        quotas=facts.quotas,
        accounts=accounts,
        ownerships=facts.ownerships.join(accounts, on="account_id", how="semi"),
        deals=kept,
        **own,
    )


def assert_same_earnings(
    earnings: pl.DataFrame, expected: dict[tuple[str, str, str, str], tuple[int, int, int]]
) -> None:
    """To the cent, in every participant's every component and period."""
    columns = "participant_id", "plan", "component", "period", "measure_minor", "count_millionths", "earned_minor"
    got = {row[:4]: row[4:] for row in earnings.select(columns).iter_rows()}
    if got != expected:
        differ = sorted(key for key in got.keys() | expected.keys() if got.get(key) != expected.get(key))
        shown = [f"{key}: core {got.get(key)}, oracle {expected.get(key)}" for key in differ[:5]]
        raise WrongError(f"core and oracle differ in {len(differ)} earnings: " + "; ".join(shown))


# --- durable_rules, asked for every deal


def durable(folder: Path, _: Path, deals: int) -> Figures:
    """Eligibility alone, which is all that a rule engine is asked here; nothing is calculated from the answers."""
    if not available():
        return {"seconds": 0.0, "deals": 0}
    plans, facts = _company(folder)
    readings = read(book(facts), plans, *best_matcher())
    plan, types = next((reading.plan, reading.types) for reading in readings if reading.plan.credits)
    rules = rule_set(plan.revision, plan.credits, plan.match)
    frame = types.select(pl.col("deal_type").alias("type")).head(deals)
    seconds = _asked_each(rules, frame)
    return {"seconds": seconds, "deals": frame.height, "rules": len(rules.rules)}


def _asked_each(rules: RuleSet, frame: pl.DataFrame) -> float:
    """Assert, read and retract one fact a deal in the adapter's own engine, past the memory of its answers."""
    matcher = DurableMatcher()
    registered = matcher._revision(rules)
    rows: Sequence[Deal] = frame.to_dicts()
    start = perf_counter()
    answers = [
        matcher._answer(registered, tuple(coding.code(deal[name]) for name, coding in rules.codings.items()))
        for deal in rows
    ]
    seconds = perf_counter() - start
    fired = eligible(frame, rules, DurableMatcher(), PlainMatcher())
    by_row: list[tuple[str, ...]] = [()] * frame.height
    for row, rule in fired.iter_rows():
        by_row[row] = (*by_row[row], rules.rules[rule].name)
    if answers != by_row:
        raise WrongError("durable_rules asked for each deal and once per signature answers differently")
    return seconds


# --- reading


def _company(folder: Path) -> tuple[list[Plan], Facts]:
    plans, problems = load_plans([folder / "plans"])
    loaded = load_files(folder / "facts")
    if problems or loaded.problems or loaded.refusals:
        raise WrongError(f"the company is not as it should be: {[*problems, *loaded.problems, *loaded.refusals[:5]]}")
    return plans, loaded.facts


def _run(folder: Path, out: Path, *, lines: bool) -> Figures:
    """What `compsvc run` does, files to files; what is written is synced and renamed. Seconds by step as well."""
    matcher, reference = best_matcher()

    def calculated(plans: Sequence[Plan], facts: Facts, wanted: bool) -> Result:
        return calculate(plans, facts, matcher, reference, lines=wanted)

    tools = Tools(
        load_plans, load_files, calculated, export_run, matcher.name, reference.name if reference is not None else None
    )
    times: list[float] = []
    job = Job(plans=folder / "plans", data=folder / "facts", out=out, lines=lines)
    outcome = batch.run(job, tools, lambda step: times.append(perf_counter()))
    times.append(perf_counter())
    if outcome.report is None or not outcome.clean:
        raise WrongError(f"the run was not clean: {[*outcome.problems, *outcome.refusals[:5]]}")
    steps = dict(zip(STEPS, (after - before for before, after in pairwise(times)), strict=True))
    return {
        "seconds": times[-1] - times[0],
        **{f"step {step}": seconds for step, seconds in steps.items()},
        "deals": outcome.report["deals"]["read"],
        "lines": outcome.report["derivation"]["lines"] if lines else 0,
        "matcher": matcher.name,
        "earnings_sha256": sha256((out / EARNINGS_FILE).read_bytes()).hexdigest(),
    }


def simulation(folder: Path, out: Path, deals: int) -> Figures:
    """A candidate compared with today over the same files, beside the calculation of today alone."""
    from compsvc.service.ports import Caller, PlanText
    from compsvc.service.simulation import Simulated, simulate_plan
    from compsvc.wiring import file_tools, simulation_on_files

    start = perf_counter()
    computed = batch.compute(Job(plans=folder / "plans", data=folder / "facts"), file_tools())
    once = perf_counter() - start
    if isinstance(computed, batch.Outcome):
        raise WrongError(f"the run was not clean: {computed.problems}")
    text = (folder / "plans" / "rep.yaml").read_text(encoding="utf-8").replace("rate: 12%", "rate: 13%")
    terms = {"terms.yaml": (folder / "plans" / "terms.yaml").read_text(encoding="utf-8")}
    candidate = PlanText("rep.yaml", text, terms)
    tools = simulation_on_files(computed)
    *_, found = simulate_plan(tools, Caller("bench", "admin"), [candidate], period="", proceed=lambda: None)
    seconds = perf_counter() - start
    assert isinstance(found, Simulated)
    return {"deals": deals, "seconds": seconds, "run_seconds": once, "simulation_over_run": round(seconds / once, 2)}


def _served(folder: Path, out: Path, deals: int) -> Figures:
    from bench.serving import serving  # a server's packages would count for the memory of the others

    return serving(folder, out, deals)


def _ingested(folder: Path, out: Path, deals: int) -> Figures:
    from bench.serving import ingest

    return ingest(folder, out, deals)


def _written(folder: Path, out: Path, deals: int) -> Figures:
    from bench.booking import writes

    return writes(folder, out, deals)


def _paid(folder: Path, out: Path, payouts: int) -> Figures:
    from bench.booking import payroll

    return payroll(folder, out, payouts)


MEASURED: dict[str, Callable[[Path, Path, int], Figures]] = {
    "run": run,
    "lines": run_with_lines,
    "floor": floor,
    "oracle": oracle,
    "durable": durable,
    "simulation": simulation,
    "serving": _served,
    "ingest": _ingested,
    "writes": _written,
    "payroll": _paid,
}

if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
