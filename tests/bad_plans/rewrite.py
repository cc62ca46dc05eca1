"""Write what is said about every bad plan into its .expected file; `git diff` is the review."""

from __future__ import annotations

import os
from pathlib import Path

from compsvc.adapters.plan_yaml import load_plans
from compsvc.core.plan_check_revisions import check_plans

HERE = Path(__file__).parent
TERMS = {"terms", "list-terms", "greedy-terms"}


def bad_plans() -> list[str]:
    """Files, and folders where several plans are wrong together."""
    return sorted(
        path.name
        for path in HERE.iterdir()
        if (path.suffix == ".yaml" and path.stem not in TERMS) or (path.is_dir() and path.name != "__pycache__")
    )


def said_about(name: str) -> str:
    """Every message, with places relative to this folder."""
    before = Path.cwd()
    os.chdir(HERE)
    try:
        plans, problems = load_plans([Path(name)])
    finally:
        os.chdir(before)
    return "".join(f"{problem}\n" for problem in [*problems, *check_plans(plans)])


def expected_file(name: str) -> Path:
    return HERE / f"{name.removesuffix('.yaml')}.expected"


if __name__ == "__main__":
    for name in bad_plans():
        expected_file(name).write_text(said_about(name))
