"""A run's result as files: `earnings.csv`, `lines.parquet`, `report.json`. The same result gives the same bytes.

Each file appears whole or not at all, and the report comes last with the digests of the others: a folder whose report
does not fit its files is one where a run was cut off.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import polars as pl

from compsvc.core.results import Result

EARNINGS_FILE, LINES_FILE, REPORT_FILE = "earnings.csv", "lines.parquet", "report.json"


def export_run(out: Path, result: Result, report: Mapping[str, Any]) -> bool:
    """Whether any file is new or other than before. Without lines an older lines.parquet goes, so that the folder is
    always that of one run."""
    out.mkdir(parents=True, exist_ok=True)
    digests: dict[str, str] = {}
    changed = _put(out / EARNINGS_FILE, lambda file: _write_earnings(result, file), digests)
    if (lines := result.lines) is not None:
        changed |= _put(out / LINES_FILE, lambda file: _write_lines(lines, file), digests)
    elif (out / LINES_FILE).exists():
        (out / LINES_FILE).unlink()
        changed = True
    text = _report_text({**report, "outputs": dict(digests)}) + "\n"
    return _put(out / REPORT_FILE, lambda file: file.write(text.encode()), digests) | changed


def write_whole(path: Path, content: bytes) -> bool:
    """One file, whole or not at all. Whether it is another one now."""
    return _put(path, lambda file: file.write(content), {})


def earnings_table(result: Result) -> pl.DataFrame:
    """One row per participant, plan, component and period, zeros included; ids as they stand in the facts."""
    table = result.earnings.select(
        "participant_id",
        "plan",
        "component",
        "period",
        "measure_minor",
        decimal_of("count_millionths").alias("count"),
        "earned_minor",
        currency="currency_code",
    )
    return table.sort("participant_id", "plan", "component", "period", "currency")


def decimal_of(millionths: str) -> pl.Expr:
    """3000000 is `3`, 500000 is `0.5`, -333333 is `-0.333333`."""
    whole = pl.col(millionths).abs()
    sign = pl.when(pl.col(millionths) < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    parts = [(whole // 1_000_000).cast(pl.String), (whole % 1_000_000).cast(pl.String).str.zfill(6)]
    text = pl.concat_str(parts, separator=".")
    return sign + text.str.strip_chars_end("0").str.strip_chars_end(".")


def _report_text(value: object, indent: str = "") -> str:
    """JSON with sorted keys: what has names over several lines, what is a list with one entry a line."""
    inner = f"{indent}  "
    if isinstance(value, Mapping) and value:
        entries = [f"{inner}{_json(name)}: {_report_text(value[name], inner)}" for name in sorted(value)]
        return "{\n" + ",\n".join(entries) + f"\n{indent}}}"
    if isinstance(value, list | tuple) and value:
        return "[\n" + ",\n".join(inner + _json(entry) for entry in value) + f"\n{indent}]"
    return _json(value)


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _write_lines(lines: pl.DataFrame, file: IO[bytes]) -> None:
    """Level 1 and no statistics: half the time of the defaults, for 3% more bytes."""
    lines.write_parquet(file, compression="zstd", compression_level=1, statistics=False)


def _write_earnings(result: Result, file: IO[bytes]) -> None:
    earnings_table(result).write_csv(file, line_terminator="\n", quote_style="necessary")


def _put(path: Path, write: Callable[[IO[bytes]], object], digests: dict[str, str]) -> bool:
    """Whether the file is another one now. It is written beside its place and moved there when it is on the disk."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        digests[path.name] = _digest(temporary)
        if path.is_file() and _digest(path) == digests[path.name]:
            return False
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
        return True
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    """There is no way to ask but to set it; a run has one thread that writes files."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
