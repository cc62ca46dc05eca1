"""Pages of a list: opaque tokens that hold the place, the position of the book and what was asked."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from compsvc.core.limits import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, MAX_PAGE_TOKEN_CHARACTERS
from compsvc.service.ports import InvalidArgument

T = TypeVar("T")
Key = tuple[str | int, ...]
Where = Mapping[str, str | int | date | datetime | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """One page of a list: rows after the key, as of the position at which the first page was read."""

    limit: int
    after: Key | None
    position: int | None


def asked(page_size: int, page_token: str, *, of: str, where: Where) -> Asked:
    """A page size that is too great is cut; a negative one, and a token of another list, are refused."""
    if page_size < 0:
        message = f"page_size {page_size} is below 0. Leave it out for 50 rows."
        raise InvalidArgument.of("page_size", "PAGE_SIZE_NEGATIVE", message)
    limit = min(page_size or DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
    if not page_token:
        return Asked(limit, None, None)
    found = _read(page_token)
    if found is None or found[0] != _what(of, where):
        raise not_of_this_list()
    return Asked(limit, found[2], found[1])


def token(*, of: str, where: Where, position: int, after: Key) -> str:
    text = json.dumps([_what(of, where), position, list(after)], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def not_of_this_list() -> InvalidArgument:
    message = "page_token is not one of this list. Give the next_page_token of the page before, with the same filters."
    return InvalidArgument.of("page_token", "PAGE_TOKEN_INVALID", message)


def _what(of: str, where: Where) -> str:
    """Short, however long the filters are; tells lists apart and proves nothing."""
    asked_for = json.dumps([of, *sorted(where.items())], default=str).encode()
    return hashlib.sha256(asked_for).hexdigest()[:16]


def _read(page_token: str) -> tuple[str, int, Key] | None:
    if len(page_token) > MAX_PAGE_TOKEN_CHARACTERS:
        return None
    try:
        padded = page_token + "=" * (-len(page_token) % 4)
        what, position, after = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError, RecursionError):
        return None
    fits = isinstance(what, str) and type(position) is int and isinstance(after, list)
    if not fits or not all(type(part) in (str, int) for part in after):
        return None
    return what, position, tuple(after)


def of_list(rows: Sequence[T], of: str, where: Where, page_size: int, page_token: str) -> tuple[Sequence[T], str]:
    """A page of rows that are only ever added to at the end, and the token of the next one."""
    found = asked(page_size, page_token, of=of, where=where)
    first = place_of(found.after)
    following = token(of=of, where=where, position=0, after=(first + found.limit,))
    return rows[first : first + found.limit], following if len(rows) > first + found.limit else ""


def place_of(after: Key | None) -> int:
    """A token proves nothing about what stands in it."""
    if after is None:
        return 0
    if len(after) != 1 or not isinstance(after[0], int) or after[0] < 0:
        raise not_of_this_list()
    return after[0]
