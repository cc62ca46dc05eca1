"""Page tokens: opaque, bound to their list, and harmless whatever is sent."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compsvc.core.limits import DEFAULT_PAGE_SIZE, MAX_ID_CHARACTERS, MAX_PAGE_SIZE, MAX_PAGE_TOKEN_CHARACTERS
from compsvc.service import pages
from compsvc.service.ports import InvalidArgument

KEYS = st.lists(st.one_of(st.text(max_size=20), st.integers(-(2**63), 2**63 - 1)), min_size=1).map(tuple)


@given(KEYS, st.integers(0, 2**40))
def test_a_token_leads_back_to_its_place(after: pages.Key, position: int) -> None:
    where = {"account_id": "acme", "accepted_time": None}
    token = pages.token(of="deals", where=where, position=position, after=after)
    assert pages.asked(0, token, of="deals", where=dict(reversed(where.items()))) == pages.Asked(
        DEFAULT_PAGE_SIZE, after, position
    )


@given(st.text())
def test_any_other_text_is_refused_or_empty(token: str) -> None:
    if token:
        with pytest.raises(InvalidArgument, match="page_token"):
            pages.asked(1, token, of="deals", where={})


@pytest.mark.parametrize(
    "content", [None, 1, [], [["deals"]], [["deals"], "1", []], [["deals"], 1, [None]], [["deals"], True, []], [[]] * 3]
)
def test_a_token_of_another_make_is_refused(content: Any) -> None:
    token = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    with pytest.raises(InvalidArgument, match="page_token"):
        pages.asked(1, token, of="deals", where={})


def test_the_longest_ids_fit_a_token() -> None:
    longest = "\U0001f600" * MAX_ID_CHARACTERS
    where = {"account_id": longest}
    token = pages.token(of="territories", where=where, position=2**40, after=(longest,) * 5)
    assert len(token) <= MAX_PAGE_TOKEN_CHARACTERS
    assert pages.asked(1, token, of="territories", where=where).after == (longest,) * 5


@pytest.mark.parametrize(("size", "limit"), [(0, DEFAULT_PAGE_SIZE), (1, 1), (10**9, MAX_PAGE_SIZE)])
def test_a_page_size_is_cut(size: int, limit: int) -> None:
    assert pages.asked(size, "", of="deals", where={}).limit == limit
