"""Refuse a store whose digests and encrypted columns were made with another secret.

With another secret an erased person is not recognised, `leadworth erase` finds no earlier lead of an address, a
conversion gets another transaction id and is sent again, and the mirror of a CRM cannot be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from leadworth.errors import ConfigurationError
from leadworth.key_derivation import KEY_FILE, key_for, secret_fingerprint
from store.insert_ignore import insert_ignore
from store.mirror_schema import crm_records
from store.person_index import OF_LEADS
from store.schema import erasures, secret_fingerprints, velocity_events

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from leadworth.settings import Settings

KEYED = (*OF_LEADS, erasures, velocity_events, crm_records)
"""Tables whose rows have digests or encrypted columns, or belong to rows that have."""
_ROW = 1


def require_same_secret(engine: Engine, settings: Settings, *, record: bool) -> None:
    """Require the secret that the store was written with; a store without rows of leads may change it.

    Parameters
    ----------
    engine
        Store of this version.
    settings
        With the secret in use.
    record
        Record the secret where none is recorded, or the recorded one was not used yet.

    Raises
    ------
    ConfigurationError
        If it is another one.
    """
    own = secret_fingerprint(settings)
    with engine.connect() as connection:
        if own is not None and _recorded(connection) == own:
            return
        _refuse_other(connection, settings)
    if not record:
        return
    key_for(settings, "store")  # makes the key file of a new installation
    row = {"id": _ROW, "fingerprint": secret_fingerprint(settings)}
    with engine.begin() as connection:
        connection.execute(insert_ignore(connection, secret_fingerprints), row)
        _refuse_other(connection, settings)  # another process may have been first
        connection.execute(update(secret_fingerprints).values(row))


def _recorded(connection: Connection) -> str | None:
    return connection.execute(select(secret_fingerprints.c.fingerprint)).scalar()


def _refuse_other(connection: Connection, settings: Settings) -> None:
    recorded = _recorded(connection)
    if recorded in (None, secret_fingerprint(settings)):
        return
    if any(connection.execute(select(1).select_from(table).limit(1)).first() for table in KEYED):
        raise _refused(settings)


def _refused(settings: Settings) -> ConfigurationError:
    used = "LEADWORTH_SECRET" if settings.secret else f"the key in {settings.resolve(KEY_FILE)}"
    unset = "" if settings.secret else "; LEADWORTH_SECRET is not set"
    return ConfigurationError(
        f"the store was written with another secret than {used}{unset}",
        allowed=f"the secret with which its leads were stored: a LEADWORTH_SECRET, or without one the file {KEY_FILE}",
        do="set that secret, or put that file back; if it is lost, see the heading secret of docs/how-to/operate.md",
    )
