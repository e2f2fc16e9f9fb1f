"""API keys: random secrets with scopes; the store keeps only their digest."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from pydantic_core import from_json, to_json

from leadworth.errors import InputError, StoreError
from serving.key_expiry import NEAR
from serving.key_usage import KeyUsage
from serving.private_file import write_privately
from serving.problems import Problem
from store import api_key_table
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from starlette.datastructures import Headers

    from store.decision_store import DecisionStore

log = structlog.get_logger()

SCOPES = ("score", "read", "feedback", "export", "report", "money", "admin")
"""score: score leads; read: look up scores, leads, exports and the champion; feedback: give feedback on leads and
record consent; export: fetch files for the ad platforms; report: read the report, without money; money: see money in
the report; admin: all of these."""

PREFIX = "lw"
KEY_COPY = ".leadworth/api-keys.json"


@dataclass(frozen=True)
class ApiKey:
    """A key as the store knows it; `hash` is the sha256 of the whole key."""

    key_id: str
    name: str
    scopes: frozenset[str]
    hash: str
    created_at: str
    revoked_at: str | None = None
    expires_at: str | None = None
    last_used_at: str | None = field(default=None, compare=False)
    replaced_by: str | None = None

    def has_expired(self, now: datetime) -> bool:
        """Return whether the key is past its expiry."""
        return self.expires_at is not None and stamp(now) >= self.expires_at

    def in_use(self, now: datetime) -> bool:
        """Return whether the key is accepted."""
        return self.revoked_at is None and not self.has_expired(now)

    def allows(self, scope: str) -> bool:
        """Return whether the key covers a scope."""
        return scope in self.scopes or "admin" in self.scopes


def digest(key: str) -> str:
    """Return the sha256 of a key; its 256 random bits need no slow hash and no salt."""
    return hashlib.sha256(key.encode()).hexdigest()


def create(
    connection: Connection, name: str, scopes: Iterable[str], expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """Make a key; return it and its secret, which is shown once and kept nowhere.

    Parameters
    ----------
    connection
        In a transaction.
    name
        Who will use it.
    scopes
        Some of `SCOPES`.
    expires_at
        Timezone-aware moment from which the key is refused; None: never.

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
    end = None if expires_at is None else stamp(expires_at)
    key = ApiKey(key_id, name, wanted, digest(secret), stamp(datetime.now(UTC)), expires_at=end)
    api_key_table.add(connection, **{**vars(key), "scopes": " ".join(sorted(wanted))})
    return key, secret


def rotate(
    connection: Connection, name: str, grace: timedelta, expires_at: datetime | None = None
) -> tuple[ApiKey, ApiKey, str]:
    """Make a key that replaces another one, with the same name and scopes; the other one expires after `grace`.

    Parameters
    ----------
    connection
        In a transaction.
    name
        Name of the key, or its id.
    grace
        Time for which both keys are accepted.
    expires_at
        Expiry of the new key; None: it lives as long as the other one was meant to.

    Returns
    -------
    tuple
        The key that is replaced, as it was; the new key; its secret.

    Raises
    ------
    InputError
        If no key of this name is in use and not yet replaced, or several are.
    """
    now = datetime.now(UTC)
    candidates = [
        key for key in every(connection) if name in (key.name, key.key_id) and key.in_use(now) and not key.replaced_by
    ]
    if not candidates:
        raise InputError(
            f"no key {name!r} is in use", do="see `leadworth keys list`; `leadworth keys create` makes one"
        )
    if len(candidates) > 1:
        ids = ", ".join(key.key_id for key in candidates)
        raise InputError(f"{len(candidates)} keys are named {name!r}", allowed=ids, do="give the id of one")
    [old] = candidates
    if expires_at is None and old.expires_at is not None:
        expires_at = now + (datetime.fromisoformat(old.expires_at) - datetime.fromisoformat(old.created_at))
    new, secret = create(connection, old.name, old.scopes, expires_at)
    api_key_table.replace(connection, old.key_id, new.key_id, now + grace)
    return old, new, secret


def revoke(connection: Connection, key_id: str) -> ApiKey:
    """Make a key worthless from now on, and return it; running servers notice at their next look.

    Raises
    ------
    InputError
        Where no such key is in use.
    """
    if not api_key_table.revoke(connection, key_id, datetime.now(UTC)):
        raise InputError(f"no key {key_id!r} is in use", do="see `leadworth keys list`")
    return next(key for key in every(connection) if key.key_id == key_id)


def without_expiry(keys: Iterable[ApiKey], now: datetime) -> list[ApiKey]:
    """Return the keys in use that do not expire."""
    return [key for key in keys if key.in_use(now) and key.expires_at is None]


def near_expiry(keys: Iterable[ApiKey], now: datetime) -> list[ApiKey]:
    """Return the keys in use that expire within `NEAR` and are not replaced yet."""
    end = stamp(now + NEAR)
    return [key for key in keys if key.in_use(now) and (key.expires_at or end) < end and not key.replaced_by]


def every(connection: Connection) -> list[ApiKey]:
    """Return all keys, oldest first, revoked ones included."""
    return [ApiKey(**{**row, "scopes": frozenset(row["scopes"].split())}) for row in api_key_table.rows(connection)]


class KeyRing:
    """API keys in use, held in memory and refreshed every few seconds.

    The digests are also kept in a file that only this user can read, so that a service that starts while the store is
    away knows its callers. A key that was revoked meanwhile works until the store is back; an expired one does not.

    Parameters
    ----------
    store
        Store of the keys.
    reload_seconds
        How long a revoked key may still work; a new key works at once.
    copy
        File of the digests.
    """

    def __init__(self, store: DecisionStore, reload_seconds: float, copy: Path) -> None:
        self._store = store
        self._reload_seconds = reload_seconds
        self._copy = copy
        self._keys: dict[str, ApiKey] | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._usage = KeyUsage(store)

    async def poll(self) -> None:
        """Refresh the keys and write the times of their last use periodically, until cancelled."""
        while True:
            await self._refresh()
            await self._usage.write()
            await asyncio.sleep(self._reload_seconds)

    async def require(self, headers: Headers, scope: str) -> str:
        """Return the id of the caller's key.

        Raises
        ------
        Problem
            401 without a valid key, 403 without the scope, 503 if the keys were never read.
        """
        secret = _secret_of(headers)
        if secret is None:
            raise _unauthorised("no API key was given")
        return (await self.key_of(secret, scope)).key_id

    async def key_of(self, secret: str, scope: str) -> ApiKey:
        """Return the key of a secret.

        Raises
        ------
        Problem
            As `require`.
        """
        key = self._find(secret)
        if key is None and secret.startswith(f"{PREFIX}_"):
            await self._refresh()
            key = self._find(secret)
        if self._keys is None:
            raise Problem(
                503, "keys-unavailable", "the API keys cannot be read; what to do: try again", {"Retry-After": "5"}
            )
        if key is None:
            raise _unauthorised("the API key is not valid")
        if key.has_expired(datetime.now(UTC)):
            raise _unauthorised("the API key has expired")
        if not key.allows(scope):
            raise Problem(
                403, "forbidden", f"the API key lacks the scope {scope!r}; what to do: `leadworth keys create`"
            )
        self._usage.note(key.key_id)
        return key

    async def key_in_use(self, key_id: str) -> ApiKey | None:
        """Return a key by its id, for a session that is bound to it; None where it is revoked, expired or unknown."""
        if key_id not in (self._keys or {}):
            await self._refresh()
        key = (self._keys or {}).get(key_id)
        return key if key is not None and key.in_use(datetime.now(UTC)) else None

    def _find(self, secret: str) -> ApiKey | None:
        key = (self._keys or {}).get(secret[len(PREFIX) + 1 :].partition("_")[0])
        return key if key is not None and hmac.compare_digest(digest(secret), key.hash) else None

    async def _refresh(self) -> None:
        """Read the keys; concurrent callers share one query, which begins after all of them asked."""
        if self._refreshing is not None and not self._refreshing.done():
            await asyncio.shield(self._refreshing)  # it may have read before the key of this call was made
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._read())
        await asyncio.shield(self._refreshing)

    async def _read(self) -> None:
        try:
            keys = await self._store.read_briefly(every)
        except StoreError as error:
            log.warning("API keys not read", error=type(error).__name__)
            if self._keys is None:
                self._keys = await asyncio.to_thread(read_copy, self._copy)
            return
        in_use = {key.key_id: key for key in keys if key.revoked_at is None}
        if in_use != self._keys:
            self._keys = in_use
            await asyncio.to_thread(write_copy, self._copy, in_use.values())


def write_copy(path: Path, keys: Iterable[ApiKey]) -> None:
    """Write the keys to a file that only its owner can read; a file that cannot be written is logged."""
    try:
        write_privately(path, to_json([{**vars(key), "scopes": sorted(key.scopes)} for key in keys]))
    except OSError as error:
        log.warning("digests of API keys not copied", error=type(error).__name__)


def read_copy(path: Path) -> dict[str, ApiKey] | None:
    """Return the keys of a file that `write_copy` wrote; None if there is none or it is damaged."""
    try:
        rows = from_json(path.read_bytes())
        return {row["key_id"]: ApiKey(**{**row, "scopes": frozenset(row["scopes"])}) for row in rows}
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _secret_of(headers: Headers) -> str | None:
    authorization = headers.get("authorization")
    if authorization is not None:
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() == "basic":
            return _password(value)
        return value.strip() if scheme.lower() == "bearer" else None
    return headers.get("x-api-key")


def _password(value: str) -> str | None:
    """Return the password of HTTP Basic, the only way for platforms that fetch files by schedule."""
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
