"""An API key is an account: tasks and everything else belong to the key that made them.

The key itself is never kept. An account is known by a digest of its key, which is what stores,
draws and logs see.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from nebula_mock.core.refusal import RefusalError
from nebula_schemas.catalogue import DIALECTS, Dialect

_DIGEST_DIGITS = 16
# Printable ASCII without spaces: what a header can carry and a provider hands out.
_BEARER = re.compile(r"Bearer ([!-~]{1,256})")
_ANY_KEY = re.compile(r"sk-[!-~]+")


def can_be_sent(key: str) -> bool:
    """Whether an Authorization header can carry ``key``: 1 to 256 printable ASCII characters, no space."""
    return _BEARER.fullmatch(f"Bearer {key}") is not None


def can_be_read(key: str, dialect: Dialect) -> bool:
    """Whether a consumer that sends ``key`` as a bearer token is known by all of it in that dialect.

    The gateway takes what follows a dash for a channel, so its keys have none after ``sk-``.
    """
    try:
        return Keyring.of([key]).account(f"Bearer {key}", dialect) == account_of(key)
    except RefusalError:
        return False


def account_of(key: str) -> str:
    """The account of a key: 16 hexadecimal digits that do not tell the key."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:_DIGEST_DIGITS]


@dataclass(frozen=True, slots=True)
class Keyring:
    """Which keys are accounts: every ``sk-...`` key, unless some are named.

    Attributes:
        accounts: The accounts of the keys that were named; empty for every ``sk-...`` key.
    """

    accounts: frozenset[str] = field(default=frozenset())

    @classmethod
    def of(cls, keys: Iterable[str]) -> "Keyring":
        """The keyring of exactly those keys, of whatever form; none for every ``sk-...`` key."""
        return cls(frozenset(map(account_of, keys)))

    def account(
        self,
        authorization: str | None,
        dialect: Dialect = "documented",
        dialect_of: Callable[[str], Dialect] | None = None,
    ) -> str:
        """The account behind an Authorization header.

        In the gateway dialect ``Bearer`` and ``sk-`` may be left out, and what follows a dash is no
        part of the key but names a channel, which only administrators may do (SRC). An account
        with a dialect of its own has its key read in that dialect.

        Args:
            authorization: The header; None where it is missing.
            dialect: The server's own.
            dialect_of: The dialect of an account; None where all have the server's own.

        Raises:
            RefusalError: ``missing-key`` without a header; ``invalid-key`` when it has not the form
                of the dialect or the key is none of ours; ``channel-suffix``. Unknown and malformed
                keys get the same answer, and known keys are compared by digest in constant time.
        """
        if authorization is None or not authorization.strip():
            raise RefusalError("missing-key")
        if dialect_of is None:
            return self._read(authorization, dialect)
        refusals = []
        for form in (dialect, *(other for other in DIALECTS if other != dialect)):
            try:
                account = self._read(authorization, form)
            except RefusalError as refusal:
                refusals.append(refusal)
                continue
            if dialect_of(account) == form:
                return account
            refusals.append(RefusalError("invalid-key"))
        raise refusals[0]

    def _read(self, authorization: str, dialect: Dialect) -> str:
        key = _gateway_key(authorization) if dialect == "gateway" else _documented_key(authorization)
        account = account_of(key)
        if self.accounts:
            known = [hmac.compare_digest(account, one) for one in self.accounts]
            if not any(known):
                raise RefusalError("invalid-key")
        elif _ANY_KEY.fullmatch(key) is None:
            raise RefusalError("invalid-key")
        return account


def _documented_key(authorization: str) -> str:
    match = _BEARER.fullmatch(authorization)
    if match is None:
        raise RefusalError("invalid-key")
    return match[1]


def _gateway_key(authorization: str) -> str:
    """The key with its prefix, wherever the prefixes were left out; a scheme alone is no key."""
    given = authorization.removeprefix("Bearer ").removeprefix("sk-")
    key, dash, _channel = given.partition("-")
    if not key.isalnum() or not key.isascii() or key in {"Bearer", "Basic"}:
        raise RefusalError("invalid-key")
    if dash:
        raise RefusalError("channel-suffix")
    return f"sk-{key}"
