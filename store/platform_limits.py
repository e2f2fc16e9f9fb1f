"""State of each platform's rate limiter and circuit breaker, one row per platform, shared by all workers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import case, select, update

from store.insert_ignore import insert_ignore
from store.schema import export_gates
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

_limits = export_gates.c


@dataclass(frozen=True)
class CircuitState:
    """An open circuit breaker: until when (UTC, as stored), and the platform's code."""

    open_until: str
    code: str


def register(connection: Connection, destination: str) -> None:
    """Create the row of a platform, if there is none: circuit closed, no request scheduled."""
    row = {"destination": destination, "next_at": 0.0, "closings": 0, "why": ""}
    connection.execute(insert_ignore(connection, export_gates), [row])


def take_slot(
    connection: Connection, destination: str, now: datetime, interval_seconds: float, burst_seconds: float
) -> float | None:
    """Take a slot for one request, unless the circuit breaker is open or the limit is reached.

    Parameters
    ----------
    connection
        In a transaction of its own.
    destination
        Name of the platform.
    now
        Timezone-aware current time.
    interval_seconds
        Time between two requests at an even rate.
    burst_seconds
        How far requests may run ahead of the even rate.

    Returns
    -------
    float or None
        0.0 if the slot was taken, else the seconds until one is free; None while the circuit breaker is open.
    """
    due = now.timestamp()
    start = case((_limits.next_at > due, _limits.next_at), else_=due)
    statement = (
        update(export_gates)
        .where(
            _limits.destination == destination,
            _limits.next_at <= due + burst_seconds,
            _limits.closed_until.is_(None) | (_limits.closed_until <= stamp(now)),
        )
        .values(next_at=start + interval_seconds)
    )
    if connection.execute(statement).rowcount == 1:
        return 0.0
    query = select(_limits.next_at, _limits.closed_until).where(_limits.destination == destination)
    next_at, open_until = connection.execute(query).one()
    if open_until is not None and open_until > stamp(now):
        return None
    return max(float(next_at) - burst_seconds - due, 0.001)


def count_failure(connection: Connection, destination: str, code: str) -> int:
    """Record a failed authorization; return how many there were since the last success."""
    row = update(export_gates).where(_limits.destination == destination)
    connection.execute(row.values(closings=_limits.closings + 1, why=code[:200]))
    query = select(_limits.closings).where(_limits.destination == destination)
    return int(connection.execute(query).scalar_one())


def open_circuit(connection: Connection, destination: str, until: datetime) -> None:
    """Refuse slots until a moment."""
    row = update(export_gates).where(_limits.destination == destination)
    connection.execute(row.values(closed_until=stamp(until)))


def close_circuit(connection: Connection, destination: str) -> None:
    """Grant slots again, and forget the failures."""
    row = update(export_gates).where(_limits.destination == destination, _limits.closings > 0)
    connection.execute(row.values(closings=0, closed_until=None, why=""))


def open_circuits(connection: Connection, now: datetime) -> Mapping[str, CircuitState]:
    """Return the circuit breakers that are open, by platform."""
    query = select(_limits.destination, _limits.closed_until, _limits.why).where(_limits.closed_until > stamp(now))
    return {name: CircuitState(until, code) for name, until, code in connection.execute(query)}
