"""Tokens are made for known roles and a bounded time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from compsvc.service.ports import Caller, InvalidArgument, Unauthenticated
from compsvc.service.tokens import mint_token
from compsvc.wiring import open_tokens


class At:
    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time


def test_a_token_speaks_for_its_caller_until_it_expires(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 32)
    clock = At(datetime(2026, 1, 1, tzinfo=UTC))
    tokens = open_tokens(tmp_path / "key", clock)
    token = mint_token(tokens, clock, subject="Moses Frase", role="rep", lifetime=timedelta(hours=1))
    assert tokens.caller(token) == Caller("Moses Frase", "rep")
    clock.time += timedelta(hours=1)
    with pytest.raises(Unauthenticated, match="expired"):
        tokens.caller(token)


def test_what_cannot_be_a_token_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 32)
    clock = At(datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(InvalidArgument) as error:
        mint_token(open_tokens(tmp_path / "key", clock), clock, subject="", role="king", lifetime=timedelta(days=400))
    assert [each.field for each in error.value.violations] == ["subject", "role", "lifetime"]
