"""Tokens that say who calls: JWTs, signed with a shared secret (HS256) or a key pair (EdDSA).

The key file decides the algorithm, never the token: a PEM key means EdDSA, anything else is a secret of 32 bytes or
more. With a public key alone tokens can be read, not made.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import cast

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from compsvc.service.ports import ROLES, Caller, Clock, FailedPrecondition, Role, Unauthenticated

ISSUER = "compsvc"
SECRET_BYTES = 32  # of HS256: a shorter one is the weakest part of the signature


class JwtTokens:
    def __init__(self, key_file: Path, clock: Clock) -> None:
        self._clock = clock
        self._algorithm, self._signs, self._reads = _keys(key_file)

    def caller(self, token: str) -> Caller:
        try:
            claims = jwt.decode(
                token,
                self._reads,
                algorithms=[self._algorithm],
                issuer=ISSUER,
                options={"require": ["sub", "role", "exp", "iss"], "verify_exp": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError as error:
            raise _refused(error) from error
        return self._checked(claims)

    def mint(self, caller: Caller, *, expires_time: datetime) -> str:
        if self._signs is None:
            message = "This key is a public one: it reads tokens. Give the private key to make them."
            raise FailedPrecondition("KEY_CANNOT_SIGN", message)
        claims = {"iss": ISSUER, "sub": caller.subject, "role": caller.role, "exp": int(expires_time.timestamp())}
        return jwt.encode(claims, self._signs, algorithm=self._algorithm)

    def _checked(self, claims: dict[str, object]) -> Caller:
        """The time comes from our clock, so that tests need not wait."""
        expires, subject, role = claims["exp"], claims["sub"], claims["role"]
        if type(expires) is not int or expires <= self._clock.now().timestamp():
            raise Unauthenticated("TOKEN_EXPIRED", "The token has expired. Get a new one.")
        if not isinstance(subject, str) or not subject or role not in ROLES:
            message = f"The token must say who calls (`sub`) and one role of {', '.join(ROLES)} (`role`)."
            raise Unauthenticated("TOKEN_INVALID", message)
        return Caller(subject, cast(Role, role))


def _refused(error: jwt.InvalidTokenError) -> Unauthenticated:
    if isinstance(error, jwt.MissingRequiredClaimError):
        message = f"The token lacks the claim `{error.claim}`. It needs iss, sub, role and exp."
        return Unauthenticated("TOKEN_INVALID", message, claim=str(error.claim))
    return Unauthenticated("TOKEN_INVALID", "The token is not one of ours, or it was changed. Get a new one.")


def _keys(key_file: Path) -> tuple[str, bytes | Ed25519PrivateKey | None, bytes | Ed25519PublicKey]:
    """The algorithm, what signs (None where nothing can), and what reads."""
    try:
        content = key_file.read_bytes()
    except OSError as error:
        message = f"The key file `{key_file}` cannot be read: {error.strerror}."
        raise FailedPrecondition("KEY_UNREADABLE", message, path=str(key_file)) from error
    if content.lstrip().startswith(b"-----BEGIN"):
        return _key_pair(key_file, content)
    secret = content.strip()
    if len(secret) < SECRET_BYTES:
        message = f"The secret in `{key_file}` has {len(secret)} bytes; {SECRET_BYTES} or more are needed."
        raise FailedPrecondition("KEY_TOO_SHORT", message, path=str(key_file))
    return "HS256", secret, secret


def _key_pair(key_file: Path, content: bytes) -> tuple[str, Ed25519PrivateKey | None, Ed25519PublicKey]:
    try:
        if b"PRIVATE" in content:
            private = load_pem_private_key(content, password=None)
            if isinstance(private, Ed25519PrivateKey):
                return "EdDSA", private, private.public_key()
        else:
            public = load_pem_public_key(content)
            if isinstance(public, Ed25519PublicKey):
                return "EdDSA", None, public
    except (ValueError, TypeError) as error:
        raise _not_a_key(key_file) from error
    raise _not_a_key(key_file)


def _not_a_key(key_file: Path) -> FailedPrecondition:
    message = f"`{key_file}` is no Ed25519 key without a password. Make one: openssl genpkey -algorithm ed25519."
    return FailedPrecondition("KEY_INVALID", message, path=str(key_file))
