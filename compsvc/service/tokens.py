"""Tokens for callers. Whoever has the key may make them, so there is no role for it."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

from compsvc.core.limits import MAX_ID_CHARACTERS, MAX_TOKEN_DAYS
from compsvc.service.ports import Caller, Clock, InvalidArgument, Role, Tokens, Violation


def mint_token(tokens: Tokens, clock: Clock, *, subject: str, role: str, lifetime: timedelta) -> str:
    """For a rep or a manager the subject is the participant's id."""
    roles = {known: known for known in get_args(Role)}
    violations = []
    if not 0 < len(subject) <= MAX_ID_CHARACTERS or not subject.isprintable():
        message = f"A subject has 1 to {MAX_ID_CHARACTERS} printable characters."
        violations.append(Violation("subject", "TEXT_INVALID", message))
    if role not in roles:
        violations.append(Violation("role", "ROLE_UNKNOWN", f"`{role}` is no role. Roles: {', '.join(roles)}."))
    if not timedelta(0) < lifetime <= timedelta(days=MAX_TOKEN_DAYS):
        message = f"A token lives up to {MAX_TOKEN_DAYS} days: it cannot be called back."
        violations.append(Violation("lifetime", "OUT_OF_RANGE", message))
    if violations:
        raise InvalidArgument("TOKEN_REFUSED", " ".join(each.message for each in violations), violations)
    return tokens.mint(Caller(subject, roles[role]), expires_time=clock.now() + lifetime)
