"""Plan folders to begin with: the files of `templates/`, with the plan's name and its first year set in."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources

_FOLDER = resources.files("compsvc.entry").joinpath("templates")
_MORE = ".more."  # manager.more.rep.yaml is a second plan, rep.yaml


def templates() -> list[str]:
    """By name."""
    names = (item.name.removesuffix(".yaml") for item in _FOLDER.iterdir() if item.name.endswith(".yaml"))
    return sorted(name for name in names if "." not in name and name != "terms")


def files(template: str, *, name: str, year: int) -> Mapping[str, str]:
    """What a new plan folder holds, by file name."""
    found = {
        "plan.yaml": f"{template}.yaml",
        "terms.yaml": "terms.yaml",
        "cases/first.yaml": f"{template}.case.yaml",
        **{item.name.partition(_MORE)[2]: item.name for item in _FOLDER.iterdir() if _is_more(item.name, template)},
    }
    return {target: _filled(source, name, year) for target, source in found.items()}


def _is_more(file: str, template: str) -> bool:
    return file.startswith(f"{template}{_MORE}")


def _filled(file: str, name: str, year: int) -> str:
    text = _FOLDER.joinpath(file).read_text(encoding="utf-8")
    return text.replace("NAME_", name).replace("YEAR_", str(year)).replace("NEXT_", str(year + 1))
