"""The server's log on standard error: lines to read, or one JSON object a line. Of an error of ours the type and the
places are logged, never its words: they may hold what somebody earns."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

_FIELDS = "compsvc_fields"
Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def log_to_stderr(level: str, form: str) -> None:
    """`form` is `text` or `json`. Libraries are heard from warnings on."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form == "json" else Text("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)
    logging.getLogger("compsvc").setLevel(level.upper())


def tell(
    log: logging.Logger, level: int, event: str, text: str, *, error: Exception | None = None, **fields: Any
) -> None:
    """One event: `text` for readers, `event` and `fields` for programs."""
    log.log(level, text, exc_info=error, extra={_FIELDS: {"event": event, **fields}})


class Text(logging.Formatter):
    def formatException(self, ei: Raised) -> str:  # noqa: N802
        return "\n".join(_told(ei))


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields: dict[str, Any] = {"time": time.replace("+00:00", "Z"), "level": record.levelname.lower()}
        fields |= getattr(record, _FIELDS, None) or {"event": "message", "from": record.name}
        if fields["event"] == "message":
            fields["text"] = record.getMessage()
        if record.exc_info:
            fields["error"] = list(_told(record.exc_info))
        return json.dumps(fields, ensure_ascii=False)


def _told(raised: Raised) -> Iterator[str]:
    """The types of an error and of those that it came from, each with its places; the innermost comes last."""
    error = raised[1]
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield f"{type(error).__module__}.{type(error).__qualname__}"
        for frame in traceback.extract_tb(error.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} {frame.name}"
        error = error.__cause__ or error.__context__
