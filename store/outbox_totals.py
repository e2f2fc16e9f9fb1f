"""Counts and sums over the outbox, by platform."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Float, cast, func, or_, select

from store.schema import export_events, is_waiting
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

_events = export_events.c


@dataclass(frozen=True)
class StateCount:
    """Events of one platform in one state with one reason; `first_due` is the earliest `not_before`."""

    destination: str
    state: str
    code: str
    events: int
    first_due: str


@dataclass(frozen=True)
class StageCount:
    """Leads of one platform and campaign that reached a stage, and how many different values they have."""

    destination: str
    campaign: str | None
    stage: str
    leads: int
    values: int


@dataclass(frozen=True)
class ValueMean:
    """Mean first value of one model version in one channel; `first` is when the first of them was added."""

    model_version: str
    channel: str
    events: int
    mean: float
    first: str


def state_counts(connection: Connection) -> list[StateCount]:
    """Return the number of events by platform, state and reason."""
    groups = (_events.destination, _events.state, _events.code)
    query = select(*groups, func.count(), func.min(_events.not_before)).group_by(*groups)
    return [StateCount(*row) for row in connection.execute(query)]


def repair_counts(connection: Connection) -> list[tuple[str, str, int]]:
    """Return platform, repairs of optional fields and number of events."""
    groups = (_events.destination, _events.repairs)
    query = select(*groups, func.count()).where(_events.repairs.is_not(None)).group_by(*groups)
    return [(name, repairs, int(events)) for name, repairs, events in connection.execute(query)]


def newest_stages(connection: Connection) -> dict[str, str]:
    """Return by platform when the newest stage of any lead was reached."""
    query = select(_events.destination, func.max(_events.happened_at)).group_by(_events.destination)
    return {name: str(at) for name, at in connection.execute(query)}


def oldest_due(connection: Connection, now: datetime) -> dict[str, datetime]:
    """Return by platform since when the oldest unsent event has been due; platforms without one are left out."""
    query = (
        select(_events.destination, func.min(_events.not_before))
        .where(is_waiting(), _events.not_before <= stamp(now))
        .group_by(_events.destination)
    )
    return {name: datetime.fromisoformat(since) for name, since in connection.execute(query)}


def stage_counts(connection: Connection, since: datetime) -> list[StageCount]:
    """Return the leads that reached each stage since a moment, by platform and campaign."""
    groups = (_events.destination, _events.campaign, _events.stage)
    query = (
        select(*groups, func.count(), func.count(func.distinct(cast(_events.value, Float))))
        .where(_events.version == 1, _events.happened_at > stamp(since))
        .group_by(*groups)
    )
    return [StageCount(*row) for row in connection.execute(query)]


def sent_sums(connection: Connection, restating: Collection[str]) -> dict[str, float]:
    """Return the sum of the sent values of all newest versions, by platform.

    At platforms that are `restating`, every stage carries the whole value, so only the stage `lead` counts.
    """
    newest = (
        select(_events.destination, _events.transaction_id, func.max(_events.version).label("version"))
        .where(_events.sent_value.is_not(None), or_(_events.stage == "lead", _events.destination.not_in(restating)))
        .group_by(_events.destination, _events.transaction_id)
        .subquery()
    )
    query = (
        select(_events.destination, func.sum(cast(_events.sent_value, Float)))
        .join(
            newest,
            (newest.c.destination == _events.destination)
            & (newest.c.transaction_id == _events.transaction_id)
            & (newest.c.version == _events.version),
        )
        .group_by(_events.destination)
    )
    return {name: float(total) for name, total in connection.execute(query)}


def surplus_sums(connection: Connection) -> dict[str, float]:
    """Return by platform how much more was sent than leads were worth in the end: the increments below zero."""
    value = cast(_events.value, Float)
    query = select(_events.destination, -func.sum(value)).where(value < 0).group_by(_events.destination)
    return {name: float(total) for name, total in connection.execute(query)}


def first_value_means(
    connection: Connection,
    destination: str,
    column: Literal["value", "sent_value"],
    currency: str,
    since: datetime,
    until: datetime | None = None,
) -> list[ValueMean]:
    """Return the mean of the first value of new leads in a currency at a platform, by model version and channel."""
    value = _events[column]
    groups = (func.coalesce(_events.model_version, ""), func.coalesce(_events.channel, ""))
    query = (
        select(*groups, func.count(), func.avg(cast(value, Float)), func.min(_events.created_at))
        .where(*_first_values(destination, currency, since), value.is_not(None))
        .group_by(*groups)
    )
    if until is not None:
        query = query.where(_events.created_at <= stamp(until))
    return [ValueMean(*row) for row in connection.execute(query)]


def first_value_sums(
    connection: Connection, destination: str, cap: float, currency: str, since: datetime
) -> tuple[float, float]:
    """Return the sum of the first values of new leads in a currency at a platform, as they are and capped."""
    value = cast(_events.value, Float)
    smaller = func.least if connection.dialect.name == "postgresql" else func.min
    query = select(func.sum(value), func.sum(smaller(value, cap))).where(*_first_values(destination, currency, since))
    total, capped = connection.execute(query).one()
    return float(total or 0.0), float(capped or 0.0)


def _first_values(destination: str, currency: str, since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        _events.destination == destination,
        _events.stage == "lead",
        _events.version == 1,
        _events.expected,
        _events.currency == currency,
        _events.created_at > stamp(since),
    )
