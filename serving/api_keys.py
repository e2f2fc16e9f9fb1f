"""API keys: random secrets with scopes, of which the store keeps only a digest."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from leadworth.errors import InputError, StoreError
from serving.problems import Problem
from store import api_key_table
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from starlette.datastructures import Headers

    from store.decision_store import DecisionStore

log = structlog.get_logger()

SCOPES = ("score", "read", "feedback", "export", "admin")
"""score: give scores; read: look up scores, leads, exports and the champion; feedback: say what leads were, and what
people agreed to; export: fetch files for the ad platforms; admin: all of it."""

PREFIX = "lw"


@dataclass(frozen=True)
class ApiKey:
    """A key as the store knows it; `hash` is the sha256 of the whole key."""

    key_id: str
    name: str
    scopes: frozenset[str]
    hash: str
    created_at: str
    revoked_at: str | None = None

    def allows(self, scope: str) -> bool:
        """Tell whether the key covers a scope."""
        return scope in self.scopes or "admin" in self.scopes


def digest(key: str) -> str:
    """Return the sha256 of a key; its 256 random bits need no slow hash and no salt."""
    return hashlib.sha256(key.encode()).hexdigest()


def create(connection: Connection, name: str, scopes: Iterable[str]) -> tuple[ApiKey, str]:
    """Make a key; return it and its secret, which is shown once and kept nowhere.

    Raises
    ------
    InputError
        Where a scope does not exist.
    """
    wanted = frozenset(scopes)
    if not wanted or not wanted <= set(SCOPES):
        raise InputError(f"scopes {', '.join(sorted(wanted)) or 'none'}", allowed=", ".join(SCOPES))
    key_id = secrets.token_hex(6)
    secret = f"{PREFIX}_{key_id}_{secrets.token_urlsafe(32)}"
    key = ApiKey(key_id, name, wanted, digest(secret), stamp(datetime.now(UTC)))
    api_key_table.add(connection, **{**vars(key), "scopes": " ".join(sorted(wanted))})
    return key, secret


def revoke(connection: Connection, key_id: str) -> None:
    """Make a key worthless from now on; running servers notice at their next look.

    Raises
    ------
    InputError
        Where no such key is in use.
    """
    if not api_key_table.revoke(connection, key_id, datetime.now(UTC)):
        raise InputError(f"no key {key_id!r} is in use", do="see `leadworth keys list`")


def every(connection: Connection) -> list[ApiKey]:
    """Return all keys, oldest first, revoked ones included."""
    return [ApiKey(**{**row, "scopes": frozenset(row["scopes"].split())}) for row in api_key_table.rows(connection)]


class KeyRing:
    """The keys in use, held in memory and looked up again every few seconds.

    Parameters
    ----------
    store
        Where the keys are kept.
    reload_seconds
        How long a revoked key may still work; a new one works at once.
    """

    def __init__(self, store: DecisionStore, reload_seconds: float) -> None:
        self._store, self._reload_seconds = store, reload_seconds
        self._keys: dict[str, ApiKey] | None = None
        self._refreshing: asyncio.Task[None] | None = None

    async def poll(self) -> None:
        """Look the keys up again and again, until cancelled."""
        while True:
            await self._refresh()
            await asyncio.sleep(self._reload_seconds)

    async def require(self, headers: Headers, scope: str) -> str:
        """Return the id of the caller's key.

        Raises
        ------
        Problem
            401 without a valid key, 403 without the scope, 503 where the keys were never read.
        """
        given = _given(headers)
        if given is None:
            raise _unauthorised("no API key was given")
        key = self._find(given)
        if key is None and given.startswith(f"{PREFIX}_"):
            await self._refresh()
            key = self._find(given)
        if self._keys is None:
            raise Problem(
                503, "keys-unavailable", "the API keys cannot be read; what to do: try again", {"Retry-After": "5"}
            )
        if key is None:
            raise _unauthorised("the API key is not valid")
        if not key.allows(scope):
            raise Problem(
                403, "forbidden", f"the API key lacks the scope {scope!r}; what to do: `leadworth keys create`"
            )
        return key.key_id

    def _find(self, given: str) -> ApiKey | None:
        key = (self._keys or {}).get(given[len(PREFIX) + 1 :].partition("_")[0])
        return key if key is not None and hmac.compare_digest(digest(given), key.hash) else None

    async def _refresh(self) -> None:
        """Read the keys; callers at the same time share one look."""
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._read())
        await asyncio.shield(self._refreshing)

    async def _read(self) -> None:
        try:
            found = await self._store.read(every)
        except StoreError as error:
            log.warning("API keys not read", error=type(error).__name__)
            return
        self._keys = {key.key_id: key for key in found if key.revoked_at is None}


def _given(headers: Headers) -> str | None:
    authorization = headers.get("authorization")
    if authorization is not None:
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() == "basic":
            return _password(value)
        return value.strip() if scheme.lower() == "bearer" else None
    return headers.get("x-api-key")


def _password(value: str) -> str | None:
    """Return the password of HTTP Basic: what fetches files by schedule knows no other way."""
    try:
        return b64decode(value.strip(), validate=True).decode().partition(":")[2]
    except ValueError:
        return None


def _unauthorised(why: str) -> Problem:
    return Problem(
        401,
        "unauthorized",
        f"{why}; allowed: Authorization: Bearer KEY, or X-API-Key: KEY; what to do: `leadworth keys create`",
        {"WWW-Authenticate": 'Bearer realm="leadworth"'},
    )
