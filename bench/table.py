"""The figures of bench/results.json as a table for people, and against the aims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# For the whole company of 1,000,000 deals; a smaller one pays the same fixed costs for less.
AIM_RUN, AIM_LINES, AIM_OVER_DURABLE, AIM_MIB = 1_000_000, 500_000, 50, 2_048
AIM_OF_STORE = 0.5
AIM_STATEMENT_MS, AIM_OF_EMPTY_CALLS, AIM_OF_INSERTS, AIM_SIMULATION = 25, 0.2, 0.3333, 2.5

Results = Mapping[str, Any]


def table(results: Results, *, markdown: bool) -> str:
    cells = [
        _row(results, "run", "run: Parquet to earnings", "run_peak_mib"),
        _row(results, "lines", f"run with all {results['lines_written']:,} lines", "peak_mib"),
        _row(results, "oracle", "oracle, plain Python"),
        _row(results, "durable_per_deal", f"durable_rules per deal, {results['durable_rules_asked']} rule(s)"),
        _row(results, "floor", "floor: scan and sum by seller", "floor_peak_mib"),
    ]
    header = [
        "what",
        "deals",
        "deals/s (median)",
        "min - max",
        "seconds",
        "whole process",
        "its CPU s",
        "peak MiB",
        "run / this",
    ]
    lines = _markdown(header, cells) if markdown else _aligned(header, cells)
    bullet = "- " if markdown else ""
    said = [_steps(results), *_served(results), *_booked(results), *_checked(results), *_aims(results)]
    return "\n".join(["", *lines, "", *(bullet + one for one in said), ""])


def _row(results: Results, name: str, title: str, peak: str | None = None) -> list[str]:
    ratio = results.get(f"run_over_{name}")
    return [
        title,
        f"{results[f'{name}_deals']:,}",
        f"{results[f'{name}_deals_per_s']:,}",
        f"{results[f'{name}_deals_per_s_min']:,} - {results[f'{name}_deals_per_s_max']:,}",
        f"{results[f'{name}_seconds']:,.2f}",
        f"{results[f'{name}_process_seconds']:,.2f}" if peak else "",
        f"{results[f'{name}_cpu_seconds']:,.2f}" if peak else "",
        f"{results[peak]:,}" if peak else "",
        f"{ratio:,.3g}" if ratio else "",
    ]


def _markdown(header: Sequence[str], cells: Sequence[Sequence[str]]) -> list[str]:
    rows = [header, ["---", *["---:" for _ in header[1:]]], *cells]
    return [f"| {' | '.join(row)} |" for row in rows]


def _aligned(header: Sequence[str], cells: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in [header, *cells]) for column in range(len(header))]
    rows = [header, ["-" * width for width in widths], *cells]
    return [
        "  ".join(
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _steps(results: Results) -> str:
    begin, end = "run_step_", "_seconds"
    steps = [name.removeprefix(begin).removesuffix(end) for name in results if name.startswith(begin)]
    shown = [f"{s.replace('_', ' ')} {results[begin + s + end]} / {results['lines_step_' + s + end]}" for s in steps]
    return f"Seconds by step, without / with lines: {', '.join(shown)}."


def _served(results: Results) -> list[str]:
    r = results
    return [
        f"Statements from a book of {r['deals']:,} deals, 8 callers at once, each statement for the first time: "
        f"half within {r['statement_p50_ms']} ms, 99% within {r['statement_p99_ms']} ms, {r['statements_per_s']:,} a "
        "second; once "
        f"more, while the book stands still: half within {r['statement_again_p50_ms']} ms, 99% within "
        f"{r['statement_again_p99_ms']} ms, {r['statements_again_per_s']:,} a second; empty calls to the same server: "
        f"half within {r['empty_rpc_p50_ms']} ms, {r['empty_calls_per_s']:,} a second. The first statement, with the "
        f"calculation and the scenarios behind it: {r['first_statement_seconds']} s. Loading the book: "
        f"{r['load_deals_per_s']:,} deals/s.",
        f"Ingest over one stream, durable: {r['ingest_deals_per_s']:,} deals/s; the same rows into a bare SQLite file "
        f"in the same batches: {r['store_insert_deals_per_s']:,} deals/s.",
        f"A simulation of a candidate beside today's plan: {r['simulation_seconds']} s, {r['simulation_over_run']} "
        f"times one calculation; peak {r['simulation_peak_mib']:,} MiB.",
    ]


def _booked(results: Results) -> list[str]:
    pairs = (("SQLite", "sqlite"), ("PostgreSQL", "postgres"))
    writes = [_written(results, name, store) for store, name in pairs]
    r = {name.removeprefix("payroll_"): figure for name, figure in results.items() if name.startswith("payroll_")}
    return [
        f"Deals a second, checked and durable, beside bare inserts of the same rows: {'; '.join(writes)}.",
        f"A payroll run over {r['payouts']:,} payouts: computed in {r['create_seconds']} s, approved in "
        f"{r['approve_seconds']} s, sealed in {r['seal_seconds']} s, exported in {r['export_seconds']} s. A ledger of "
        f"{r['entries']:,} entries is verified in {r['verify_seconds']} s, {r['verified_per_s']:,} a second. Peak of "
        f"all that: {r['peak_mib']:,} MiB.",
    ]


_WRITES = {"single": "one by one", "concurrent": "by 32 callers at once, one each", "batched": "in batches"}


def _written(results: Results, name: str, store: str) -> str:
    rates = {how: [results[f"writes_{name}_{what}{of}_per_s"] for of in ("", "_bare")] for what, how in _WRITES.items()}
    return ", ".join([store, *(f"{how} {ours:,} (bare {bare:,})" for how, (ours, bare) in rates.items())])


def _checked(results: Results) -> list[str]:
    return [
        f"{results['cpu']}, {results['cores']} cores, {results['memory_mib'] // 1024} GiB, {results['system']}; "
        f"Python {results['python']}, Polars {results['polars']}, {results['matcher']}.",
        "Checked: earnings with and without lines are the same bytes in every run, and the lines sum to them; "
        "the oracle agrees to the cent on "
        f"{results['oracle_deals']:,} deals; durable_rules per deal answers as once per signature on "
        f"{results['durable_per_deal_deals']:,}.",
    ]


def _aims(results: Results) -> list[str]:
    ratio = round(results["run_over_durable_per_deal"] or 0, 1)
    aims = (
        (f"{AIM_RUN:,} deals/s to earnings", results["run_deals_per_s"], results["run_deals_per_s"] >= AIM_RUN),
        (f"{AIM_LINES:,} deals/s with lines", results["lines_deals_per_s"], results["lines_deals_per_s"] >= AIM_LINES),
        (f"{AIM_OVER_DURABLE} times durable_rules per deal", ratio, ratio >= AIM_OVER_DURABLE),
        (f"less than {AIM_MIB:,} MiB with lines", results["peak_mib"], results["peak_mib"] < AIM_MIB),
        _aim(results, "statement_p50_ms", AIM_STATEMENT_MS, f"half of the statements within {AIM_STATEMENT_MS} ms"),
        _aim(results, "statements_over_empty_calls", AIM_OF_EMPTY_CALLS, "a fifth as many statements as empty calls"),
        _aim(results, "ingest_over_store_insert", AIM_OF_INSERTS, "a third of the store's own inserts"),
        *(
            _aim(results, f"writes_{name}_{what}_over_bare", AIM_OF_STORE, f"half of what {store} itself writes {how}")
            for name, store in (("sqlite", "SQLite"), ("postgres", "PostgreSQL"))
            for what, how in _WRITES.items()
        ),
        _aim(results, "simulation_over_run", AIM_SIMULATION, f"a simulation below {AIM_SIMULATION} runs"),
    )
    return [f"Aim {'reached' if met else 'missed'}: {aim}; measured {got:,}." for aim, got, met in aims]


def _aim(results: Results, name: str, aim: float, words: str) -> tuple[str, float, bool]:
    """A ratio of speeds is to be reached, everything else not to be passed."""
    got = results[name]
    return (
        words,
        got,
        got >= aim if any(of in name for of in ("_over_empty", "_over_store", "_over_bare")) else got < aim,
    )
