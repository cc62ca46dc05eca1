"""`make bench`: how fast and how large, in one table; a figure that is wrong fails it, a slow one does not.

Every measurement is a process of its own (bench.measured); progress goes to stderr, the figures also to
bench/results.json, one flat object.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from bench.table import table

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "bench"
RESULTS = ROOT / "bench" / "results.json"
Figures = dict[str, Any]


def main() -> None:
    given = _given()
    if WORK.exists():
        shutil.rmtree(WORK)
    company = WORK / "company"
    _tell(f"drawing a company with {given.deals:,} deals (not measured)")
    _python("bench.company", "--deals", given.deals, "--seed", given.seed, "--out", company)
    measured = _measured(company, given)
    shutil.rmtree(WORK)
    if wrong := _wrong(measured):
        sys.exit(wrong)
    results = _results(measured, given)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(table(results, markdown=given.markdown))


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description="Measure speed and memory.")
    parser.add_argument("--deals", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--times", type=int, default=3, help="how often each run is measured; the median counts")
    parser.add_argument("--oracle-deals", type=int, default=50_000, help="the oracle takes a minute for about 100,000")
    parser.add_argument("--durable-deals", type=int, default=20_000)
    parser.add_argument("--ingest-deals", type=int, default=100_000)
    parser.add_argument("--payouts", type=int, default=100_000)
    parser.add_argument("--markdown", action="store_true", help="print the table for docs/benchmark.md")
    return parser.parse_args()


def _measured(company: Path, given: argparse.Namespace) -> dict[str, list[Figures]]:
    """Round by round rather than kind by kind, so that a busy minute of the machine does not fall on one of them."""
    measured: dict[str, list[Figures]] = {}
    for turn in range(given.times):
        for what in ("run", "lines", "floor"):
            figures = _measure(what, company, given.deals, turn)
            measured.setdefault(what, []).append(figures)
    for turn in range(given.times):
        measured.setdefault("durable", []).append(
            _measure("durable", company, min(given.durable_deals, given.deals), turn)
        )
    measured["oracle"] = [_measure("oracle", company, min(given.oracle_deals, given.deals), 0)]
    measured["simulation"] = [_measure("simulation", company, given.deals, 0)]
    measured["ingest"] = [_measure("ingest", company, min(given.ingest_deals, given.deals), 0)]
    measured["serving"] = [_measure("serving", company, given.deals, 0)]
    measured["writes"] = [_measure("writes", company, given.ingest_deals, 0)]
    measured["payroll"] = [_measure("payroll", company, given.payouts, 0)]
    return measured


def _measure(what: str, company: Path, deals: int, turn: int) -> Figures:
    out = WORK / f"{what}-{turn}"
    start = perf_counter()
    printed = _python("bench.measured", what, company, out, deals)
    figures: Figures = {**json.loads(printed), "process_seconds": perf_counter() - start}
    if out.exists():
        shutil.rmtree(out)
    rate = f"{figures['deals'] / figures['seconds']:,.0f} deals/s" if figures["seconds"] else "not available here"
    _tell(f"{what} {turn + 1}: {rate}, {figures['peak_mib']:,} MiB, process {figures['process_seconds']:.1f} s")
    return figures


def _python(module: str, *arguments: object) -> str:
    """What the module prints last; where it fails, this process ends with what it said."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{module} {arguments[0]} failed: {done.stdout}")
    return (done.stdout.splitlines() or [""])[-1]


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _wrong(measured: dict[str, list[Figures]]) -> str | None:
    """The oracle and durable_rules have been compared where they were measured, and every cent has its line there."""
    digests = {figures["earnings_sha256"] for what in ("run", "lines") for figures in measured[what]}
    return None if len(digests) == 1 else "The earnings of the runs are not the same bytes. That must never happen."


def _results(measured: dict[str, list[Figures]], given: argparse.Namespace) -> Figures:
    names = {"run": "run", "lines": "lines", "floor": "floor", "durable": "durable_per_deal", "oracle": "oracle"}
    results: Figures = {"deals": given.deals, "seed": given.seed, "times": given.times}
    for what, name in names.items():
        results |= _of_all(name, measured[what])
    for name in ("run", "lines"):
        results |= _steps(name, measured[name])
    results |= {
        "lines_written": measured["lines"][0]["lines"],
        "earnings_sha256": measured["run"][0]["earnings_sha256"],
        "durable_rules_asked": measured["durable"][0].get("rules", 0),
        "peak_mib": max(figures["peak_mib"] for figures in measured["lines"]),
        "run_peak_mib": max(figures["peak_mib"] for figures in measured["run"]),
        "floor_peak_mib": max(figures["peak_mib"] for figures in measured["floor"]),
        "matcher": measured["run"][0]["matcher"],
    }
    results |= _served(measured) | _booked(measured)
    for name in ("lines", "oracle", "durable_per_deal", "floor"):
        other = results[f"{name}_deals_per_s"]
        results[f"run_over_{name}"] = round(results["run_deals_per_s"] / other, 4) if other else None
    return results | _machine()


def _served(measured: dict[str, list[Figures]]) -> Figures:
    """What a server and a simulation do, each measured once beside what it is compared with."""
    (serving,), (ingest,), (simulation,) = (measured[what] for what in ("serving", "ingest", "simulation"))
    own = ("deals", "seconds", "peak_mib", "cpu_seconds", "process_seconds")
    ingested, bare = (round(ingest["deals"] / ingest[of]) for of in ("seconds", "bare_seconds"))
    return {
        **{name: figure for name, figure in serving.items() if name not in own},
        "statements_over_empty_calls": round(serving["statements_per_s"] / serving["empty_calls_per_s"], 4),
        "ingest_deals": ingest["deals"],
        "ingest_deals_per_s": ingested,
        "store_insert_deals_per_s": bare,
        "ingest_over_store_insert": round(ingested / bare, 4),
        "simulation_over_run": simulation["simulation_over_run"],
        "simulation_seconds": round(simulation["seconds"], 3),
        "simulation_peak_mib": simulation["peak_mib"],
    }


def _booked(measured: dict[str, list[Figures]]) -> Figures:
    """What the book and the payroll do, each measured once; writes beside the store's own, turn by turn."""
    (writes,), (payroll,) = measured["writes"], measured["payroll"]
    own = ("deals", "seconds", "cpu_seconds", "process_seconds", "peak_mib")
    return {
        **{f"writes_{name}": figure for name, figure in writes.items() if name not in own},
        **{f"payroll_{name}": figure for name, figure in payroll.items() if name not in (*own[:4], "payouts")},
        "payroll_payouts": payroll["payouts"],
        "payroll_verified_per_s": round(payroll["entries"] / payroll["verify_seconds"]),
    }


def _of_all(name: str, measured: list[Figures]) -> Figures:
    rates = sorted(round(figures["deals"] / figures["seconds"]) if figures["seconds"] else 0 for figures in measured)
    return {
        f"{name}_deals": measured[0]["deals"],
        f"{name}_deals_per_s": round(median(rates)),
        f"{name}_deals_per_s_min": rates[0],
        f"{name}_deals_per_s_max": rates[-1],
        **{
            f"{name}_{of}": round(median(figures[of] for figures in measured), 3)
            for of in ("seconds", "process_seconds", "cpu_seconds")
        },
    }


def _steps(name: str, measured: list[Figures]) -> Figures:
    """The median seconds of each step of the run verb."""
    steps = [key for key in measured[0] if key.startswith("step ")]
    medians = {step: median(figures[step] for figures in measured) for step in steps}
    return {f"{name}_{step.replace(' ', '_')}_seconds": round(seconds, 3) for step, seconds in medians.items()}


def _machine() -> Figures:
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "cpu": _cpu(),
        "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "polars": version("polars"),
    }


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


if __name__ == "__main__":
    main()
