"""What has to fit together where ramps are credited stage by stage (L3)."""

from __future__ import annotations

from collections.abc import Iterator

from compsvc.core.plan_check_parts import Parts
from compsvc.core.plan_measures import AS_STAGES_START
from compsvc.core.plan_types import words
from compsvc.core.problems import Problem

_ACV = "acv"


def ramps(parts: Parts) -> Iterator[Problem]:
    """Stages that count as they start are levels a year, of which each adds what is above the one before."""
    for name, item in parts.components.items():
        others = {item.counts, item.pays_on or item.counts} - {_ACV}
        if item.by_stage and others:
            message = (
                f"`{AS_STAGES_START}` belongs to `{_ACV}`, to which each stage adds a part; here stands "
                f"{words(sorted(others))} (L3). Write `counts: {_ACV}` without `pays_on`, or the limits from which on "
                "`final_stage_acv` counts the last stage."
            )
            yield Problem("RAMP_POLICY_UNFIT", parts.at("components", name, "ramp"), message)
