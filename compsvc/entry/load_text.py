"""What `compsvc load` says that it did."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from compsvc.entry.payroll_place import Form
from compsvc.entry.screen import many, say

if TYPE_CHECKING:
    from compsvc.service.batch import RefusedRow
    from compsvc.service.bulk_load import Stored

SHOWN = 3  # of the deals that are absent, by name


def tell_stored(
    stored: Stored, refusals: Sequence[RefusedRow], absent: Mapping[str, Sequence[str]], form: Form
) -> None:
    """Refused rows, what was stored, and the deals of the book that the files of their source do not have."""
    refused_rows = len({(row.file, row.line) for row in refusals})
    counts = {"created": stored.created, "revised": stored.revised, "unchanged": stored.unchanged}
    if form is Form.json:
        told = [
            {"file": row.file, "line": row.line, "field": row.field, "code": row.code, "message": row.message}
            for row in refusals
        ]
        found = {"rows": {**counts, "refused": refused_rows}, "refused_rows": told, "absent_deals": absent}
        print(json.dumps(found, ensure_ascii=False, indent=2, sort_keys=True))
        return
    for row in refusals:
        say(str(row))
    print(f"rows: {', '.join(f'{count:,} {what}' for what, count in counts.items())}, {refused_rows:,} refused")
    for source, names in absent.items():
        more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
        these = "is not in these files, and stays" if len(names) == 1 else "are not in these files, and stay"
        print(f"{source}: {many(len(names), 'deal')} of the book {these}: {', '.join(names[:SHOWN])}{more}")
