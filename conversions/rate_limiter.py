"""Leave to send: a platform's limit of requests, shared by all workers, and a door that closes when it lets no one in.

The limit is the generic cell rate algorithm on one number in the store: when the next request would be
due at an even pace. A burst of some seconds may run ahead of it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, select, update
from sqlalchemy.dialects import postgresql, sqlite

from store.idempotency_records import stamp
from store.schema import export_gates

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

BURST_SECONDS = 10.0
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=6)
_gates = export_gates.c


class Gate:
    """The gate of one platform.

    Parameters
    ----------
    engine
        Of the store.
    destination
        The platform.
    per_minute
        Requests a minute, of all workers together.
    """

    def __init__(self, engine: Engine, destination: str, per_minute: int) -> None:
        self._engine, self._name, self._interval = engine, destination, 60.0 / per_minute
        with engine.begin() as connection:
            maker = sqlite if engine.dialect.name == "sqlite" else postgresql
            row = {"destination": destination, "next_at": 0.0, "closings": 0, "why": ""}
            connection.execute(maker.insert(export_gates).on_conflict_do_nothing(), [row])

    def leave(self) -> bool:
        """Take leave for one request, waiting for the pace to allow it; False where the door is closed."""
        while True:
            now = datetime.now(UTC)
            due = now.timestamp()
            begun = case((_gates.next_at > due, _gates.next_at), else_=due)
            took = (
                update(export_gates)
                .where(
                    _gates.destination == self._name,
                    _gates.next_at <= due + BURST_SECONDS,
                    (_gates.closed_until.is_(None)) | (_gates.closed_until <= stamp(now)),
                )
                .values(next_at=begun + self._interval)
            )
            with self._engine.begin() as connection:
                if connection.execute(took).rowcount == 1:
                    return True
                asked = select(_gates.next_at, _gates.closed_until).where(_gates.destination == self._name)
                next_at, closed = connection.execute(asked).one()
            if closed is not None and closed > stamp(now):
                return False
            time.sleep(min(max(next_at - BURST_SECONDS - due, 0.01), 1.0))

    def close(self, why: str) -> datetime:
        """Close the door for a while, longer each time; return until when.

        Parameters
        ----------
        why
            The platform's code.
        """
        now = datetime.now(UTC)
        with self._engine.begin() as connection:
            connection.execute(
                update(export_gates)
                .where(_gates.destination == self._name)
                .values(closings=_gates.closings + 1, why=why[:200])
            )
            times = connection.execute(select(_gates.closings).where(_gates.destination == self._name)).scalar_one()
            pause = min(FIRST_PAUSE * 2 ** min(int(times) - 1, 10), LONGEST_PAUSE)
            until: datetime = now + pause * random.uniform(0.9, 1.0)
            connection.execute(
                update(export_gates).where(_gates.destination == self._name).values(closed_until=stamp(until))
            )
        return until

    def open(self) -> None:
        """Open the door: the platform let us in."""
        with self._engine.begin() as connection:
            connection.execute(
                update(export_gates)
                .where(_gates.destination == self._name, _gates.closings > 0)
                .values(closings=0, closed_until=None, why="")
            )


def gates(connection: Connection) -> dict[str, Mapping[str, Any]]:
    """Return the gates by platform."""
    return {row["destination"]: dict(row) for row in connection.execute(select(export_gates)).mappings()}
