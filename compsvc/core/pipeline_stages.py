"""The stages of the sales pipeline: how sure an opportunity in one is, and after how many days there it is dead.

A company gives its own stages as facts; where it gives none, these eight hold. Probabilities and categories are the
field's. The field knows that stages 2 to 6 have a time limit, and for confirm that it is at most four to five months;
the other limits are ours: three months to find and to prove the benefit, two to negotiate, one to sign.
"""

from __future__ import annotations

import polars as pl

from compsvc.core.facts import PIPELINE_STAGES, Facts

PPM = 1_000_000
OPEN_CATEGORIES = ("omitted", "pipeline", "best_case", "commit")
CATEGORIES = (*OPEN_CATEGORIES, "closed")
PENDING = "pending"  # what an order under review is as sure as

_DEFAULT: tuple[tuple[str, int, str, int | None], ...] = (
    ("identify", 10, "omitted", None),
    ("discover", 25, "pipeline", 90),
    ("validate", 40, "pipeline", 90),
    ("confirm", 60, "best_case", 150),
    ("negotiate", 75, "commit", 60),
    ("finalise", 90, "commit", 30),
    (PENDING, 95, "commit", None),
    ("won", 100, "closed", None),
)

DEFAULT = pl.DataFrame(
    [
        (stage, position, percent * PPM // 100, category, limit)
        for position, (stage, percent, category, limit) in enumerate(_DEFAULT, start=1)
    ],
    schema=dict(PIPELINE_STAGES),
    orient="row",
)


def pipeline_stages(facts: Facts) -> pl.DataFrame:
    """The company's own stages, or the default ones, in their order."""
    given = facts.pipeline_stages
    return DEFAULT if given.is_empty() else given.sort("position", "stage")


def pending_ppm(stages: pl.DataFrame) -> int:
    """How sure an order is that waits for acceptance: as the company's stage of that name says, else the default's."""
    for frame in (stages, DEFAULT):
        found = frame.filter(pl.col("stage") == PENDING)["probability_ppm"].drop_nulls()
        if len(found):
            return int(found[0])
    raise AssertionError("the default stages have one for pending orders")
