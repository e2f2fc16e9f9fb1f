"""Idempotency-Key: a repeated request gets the response of the first one."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from leadworth.errors import StoreError
from serving.problems import Problem
from store.group_commit import WriteResult
from store.idempotency_records import StoredAnswer
from store.spool import StoreEntry
from store.timestamps import stamp

if TYPE_CHECKING:
    from store.decision_store import DecisionStore

log = structlog.get_logger()

MAX_REMEMBERED = 1_000
_ACCEPTED = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True)
class Answered:
    """Body of a response, whether the store has its rows, and whether it is a repetition."""

    body: bytes
    stored: bool
    repeated: bool = False


Compute = Callable[[str | None], Awaitable[tuple[bytes, StoreEntry]]]
"""Returns body and rows to store, given the digest of the key."""


def not_stored() -> Problem:
    """Return the problem of a service that can score and not store."""
    return Problem(
        503,
        "not-stored",
        "decisions cannot be stored: neither the store nor the local spool accepts them; what to do: send the lead "
        "again later; `leadworth doctor` shows the cause",
        {"Retry-After": "5"},
    )


async def keep_durably(store: DecisionStore, entry: StoreEntry) -> WriteResult:
    """Write the rows of a request; return only when they are in the database or on the disk.

    Raises
    ------
    Problem
        503 if neither accepts them.
    """
    result = await store.keep(entry)
    if result is WriteResult.LOST:
        raise not_stored()
    return result


class Idempotency:
    """Compute a response once per key; store it with its decisions in one transaction.

    While the store is away, this process remembers its last responses itself, until they are in the store.

    Parameters
    ----------
    store
        Decision store.
    secret
        Key of the digests of bodies, which hold a person's data: the digest of a short body could be guessed.
    """

    def __init__(self, store: DecisionStore, secret: bytes) -> None:
        self._store = store
        self._secret = secret
        self._running: dict[str, tuple[str, asyncio.Future[Answered]]] = {}
        self._remembered: OrderedDict[str, StoredAnswer] = OrderedDict()

    async def answer(self, key: str | None, caller: str, path: str, body: bytes, compute: Compute) -> Answered:
        """Return the response to a request, computed now or earlier.

        Parameters
        ----------
        key
            The Idempotency-Key; None computes in any case.
        caller, path
            Keys of different callers or paths are different keys.
        body
            Body of the request; the same in each repetition.
        compute
            Computes the response.

        Raises
        ------
        Problem
            422 if the key cannot be used, or was used with another body; 503 if the decision cannot be stored.
        """
        if key is None:
            answer, entry = await compute(None)
            return Answered(answer, await keep_durably(self._store, entry) is WriteResult.COMMITTED)
        if not _ACCEPTED.fullmatch(key):
            raise Problem(422, "idempotency-key", "the Idempotency-Key is not 1 to 255 visible ASCII characters")
        digest = hashlib.sha256(f"{caller}\n{path}\n{key}".encode()).hexdigest()
        body_hash = hmac.digest(self._secret, body, "sha256").hex()
        running = self._running.get(digest)
        if running is not None:
            _require_same_body(running[0], body_hash)
            first = await asyncio.shield(running[1])
            return Answered(first.body, first.stored, repeated=True)
        return await self._once(digest, body_hash, compute)

    async def _once(self, digest: str, body_hash: str, compute: Compute) -> Answered:
        task = asyncio.ensure_future(self._find_or_compute(digest, body_hash, compute))
        self._running[digest] = (body_hash, task)
        task.add_done_callback(lambda _: self._running.pop(digest, None))
        return await asyncio.shield(task)

    async def _find_or_compute(self, digest: str, body_hash: str, compute: Compute) -> Answered:
        if self._store.away is None and not self._store.spooled:
            self._remembered.clear()  # all of it is in the store, from where it may be erased
        earlier = self._remembered.get(digest) or await self._stored(digest)
        if earlier is None:
            body, entry = await compute(digest)
            answer = StoredAnswer(digest, body_hash, body, stamp(datetime.now(UTC)))
            result = await keep_durably(self._store, replace(entry, answer=answer))
            if result is not WriteResult.REPEATED:
                if result is not WriteResult.COMMITTED:
                    self._remember(answer)
                return Answered(body, result is WriteResult.COMMITTED)
            earlier = await self._stored(digest) or answer
        _require_same_body(earlier.body_hash, body_hash)
        return Answered(earlier.body, stored=True, repeated=True)

    async def _stored(self, digest: str) -> StoredAnswer | None:
        if self._store.away is not None:
            return None
        try:
            return await self._store.answer(digest)
        except StoreError as error:
            log.warning("earlier answers not read", error=type(error).__name__)
            return None

    def _remember(self, answer: StoredAnswer) -> None:
        self._remembered[answer.key] = answer
        if len(self._remembered) > MAX_REMEMBERED:
            self._remembered.popitem(last=False)


def _require_same_body(first: str, repeated: str) -> None:
    if first != repeated:
        raise Problem(
            422, "idempotency-key-reused", "this Idempotency-Key came with another body; what to do: use a new key"
        )
