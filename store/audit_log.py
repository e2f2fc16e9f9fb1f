"""Audit log: who read or changed what, when, from where, with which result.

Entries are chained: the digest of each one is an HMAC-SHA256, with a key of the installation, over its columns and the
digest of the entry before. A changed, removed or inserted entry breaks the chain, and the newest one is sealed in a
table of its own, so that entries cannot be cut off at the end. `verify` finds all of these.

No entry holds personal data in clear: leads and persons are keyed digests, free text is redacted.
"""

from __future__ import annotations

import getpass
import hmac
import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic_core import to_json
from sqlalchemy import insert, or_, select, update

from leadworth.key_derivation import key_for
from leadworth.privacy import redact
from store.schema import api_keys, audit_end, audit_entries
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from leadworth.settings import Settings

AuditResult = Literal["done", "refused", "failed"]
PURPOSE = "audit"
MAX_TEXT = 200
"""Characters of a detail or an origin; the rest is cut off."""
_COLUMNS = [column for column in audit_entries.columns if column.name != "digest"]


@dataclass(frozen=True, slots=True)
class AuditActor:
    """Who acts, and from where.

    Attributes
    ----------
    who
        `key:ID` of an API key, `user:NAME` of a person at the command line, `system` or `anyone`.
    origin
        Address of the caller, or the machine.
    """

    who: str
    origin: str

    @classmethod
    def of_key(cls, key_id: str, address: str) -> AuditActor:
        """Return the caller of a service; without API keys it is `anyone`."""
        return cls("anyone" if key_id == "anyone" else f"key:{key_id}", address)

    @classmethod
    def local_user(cls) -> AuditActor:
        """Return the user of this command."""
        try:
            name = getpass.getuser()
        except (KeyError, OSError):  # a container without an entry in passwd
            name = str(os.getuid())
        return cls(f"user:{name}", socket.gethostname())

    @classmethod
    def system(cls) -> AuditActor:
        """Return a process that acts by itself, such as retention by schedule."""
        return cls("system", socket.gethostname())


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What is recorded about one action.

    Attributes
    ----------
    action
        Object and verb, such as `key.create` or `lead.erase`.
    kind
        Kind of the object: key, model, lead, person, platform, settings ...
    object_id
        Id of the object; of a lead or a person it is `AuditLog.pseudonym` of the id. None for many or all objects.
    result
        What came of it.
    details
        Counts and names, no personal data.
    """

    action: str
    kind: str
    object_id: str | None = None
    result: AuditResult = "done"
    details: Mapping[str, str | int | float | bool | None] | None = None


@dataclass(frozen=True)
class AuditVerification:
    """Result of a check of the chain.

    Attributes
    ----------
    entries
        Entries read.
    last
        Digest of the newest entry; to compare with one noted elsewhere.
    faults
        Sentences, none where the chain is whole.
    """

    entries: int
    last: str
    faults: list[str]


class AuditLog:
    """Writer and reader of the audit log.

    Parameters
    ----------
    key
        Secret of 32 bytes with which entries are signed and ids become pseudonyms.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.signed_by = hmac.digest(key, b"id", "sha256").hex()[:16]

    @classmethod
    def of(cls, settings: Settings) -> AuditLog:
        """Return the log of an installation."""
        return cls(key_for(settings, PURPOSE))

    def pseudonym(self, identifier: str) -> str:
        """Return the keyed digest of the id of a lead or a person, which only this installation can compute.

        Examples
        --------
        >>> log = AuditLog(b"0" * 32)
        >>> log.pseudonym("A") == log.pseudonym("A"), log.pseudonym("A") == AuditLog(b"1" * 32).pseudonym("A")
        (True, False)
        """
        return self._sign(b"object", identifier.encode("utf-8", "replace"))[:32]

    def record(
        self, connection: Connection, actor: AuditActor, entry: AuditEntry, *, at: datetime | None = None
    ) -> None:
        """Append an entry, in the transaction of the action that it records: both happen, or neither does.

        Writers of other transactions wait for the end of this one, so record last where the action is long.

        Parameters
        ----------
        connection
            In a transaction.
        actor
            Who, and from where.
        entry
            What.
        at
            Timezone-aware time of the action; None: now.

        Raises
        ------
        sqlalchemy.exc.SQLAlchemyError
            If the store does not take it.
        """
        # The update takes the lock of the log on every database, before the last number is read.
        connection.execute(update(audit_end).values(number=audit_end.c.number + 1))
        number, last = connection.execute(select(audit_end.c.number, audit_end.c.digest)).one()
        details = {
            name: _clean(value) if isinstance(value, str) else value for name, value in (entry.details or {}).items()
        }
        row = {
            "number": number,
            "at": stamp(at or datetime.now(UTC)),
            "who": actor.who.replace("\x00", "")[:MAX_TEXT],
            "origin": actor.origin[:MAX_TEXT],
            "action": entry.action,
            "object_kind": entry.kind,
            "object_id": entry.object_id,
            "result": entry.result,
            "details": to_json(details).decode(),
            "signed_by": self.signed_by,
        }
        digest = self._digest(last, row)
        connection.execute(insert(audit_entries).values(**row, digest=digest))
        connection.execute(
            update(audit_end).values(digest=digest, signed_by=self.signed_by, seal=self._seal(number, digest))
        )

    def verify(self, connection: Connection) -> AuditVerification:
        """Check every entry, their order and the end of the log."""
        faults: list[str] = []
        unknown: list[int] = []
        last = ""
        number = 0
        query = select(audit_entries).order_by(audit_entries.c.number)
        rows = connection.execute(query, execution_options={"yield_per": 1_000})
        for row in rows.mappings():
            if row["number"] != number + 1:
                faults.append(_missing(number + 1, row["number"] - 1))
            number = row["number"]
            if row["signed_by"] != self.signed_by:
                unknown.append(number)
            elif self._digest(last, row) != row["digest"]:
                faults.append(f"entry {number} was changed, or an entry before it was changed or removed")
            last = row["digest"]
        if unknown:
            faults.append(
                f"{len(unknown)} entries, from {unknown[0]} to {unknown[-1]}, are signed with another secret and "
                "cannot be checked with this one"
            )
        return AuditVerification(number, last, faults + list(self._end_faults(connection, number, last)))

    def _end_faults(self, connection: Connection, number: int, last: str) -> Iterator[str]:
        end = connection.execute(select(audit_end)).mappings().one_or_none()
        if end is None:
            yield "the end of the log is not recorded: its row was removed"
        elif end["number"] > number:
            yield _missing(number + 1, end["number"])
        elif (end["number"], end["digest"]) != (number, last):
            yield f"the log ends at entry {number}, recorded is {end['number']}"
        elif number and end["signed_by"] == self.signed_by and end["seal"] != self._seal(number, last):
            yield "the recorded end of the log was changed"

    def _digest(self, last: str, row: Mapping[str, Any] | Any) -> str:
        return self._sign(b"entry", to_json([last, *(row[column.name] for column in _COLUMNS)]))

    def _seal(self, number: int, digest: str) -> str:
        return self._sign(b"end", f"{number} {digest}".encode())

    def _sign(self, purpose: bytes, content: bytes) -> str:
        return hmac.digest(self._key, purpose + b"\x00" + content, "sha256").hex()


def entries(
    connection: Connection,
    *,
    since: datetime | None = None,
    who: str | None = None,
    action: str | None = None,
    object_id: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield entries, oldest first, without digests; `key_name` is the name of the API key that acted.

    Parameters
    ----------
    connection
        Connection to the store.
    since
        Timezone-aware; only entries from then on.
    who
        Only of this actor, in full (`user:ada`), or the name of a user, or the name or id of a key.
    action
        Only this action, or with `key.` all actions on keys.
    object_id
        Only about this object.
    """
    key = api_keys.c.key_id
    actor = audit_entries.c.who
    query = select(*_COLUMNS, api_keys.c.name.label("key_name")).outerjoin(api_keys, actor == "key:" + key)
    if since is not None:
        query = query.where(audit_entries.c.at >= stamp(since))
    if who is not None:
        query = query.where(or_(actor.in_([who, f"user:{who}", f"key:{who}"]), api_keys.c.name == who))
    if action is not None:
        matches = audit_entries.c.action
        query = query.where(matches.startswith(action, autoescape=True) if action.endswith(".") else matches == action)
    if object_id is not None:
        query = query.where(audit_entries.c.object_id == object_id)
    rows = connection.execute(query.order_by(audit_entries.c.number), execution_options={"yield_per": 1_000})
    for row in rows.mappings():
        yield dict(row)


def _clean(text: str) -> str:
    return redact(text.replace("\x00", ""))[:MAX_TEXT]


def _missing(first: int, last: int) -> str:
    return f"entry {first} is missing" if first == last else f"entries {first} to {last} are missing"
