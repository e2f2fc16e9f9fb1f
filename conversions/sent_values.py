"""What a platform is told of an expected value: capped with the mean kept, eased in with a new model, above zero.

A bidding algorithm trains on what it is told; a new model that doubles a channel's values overnight
doubles its bids. Until somebody approves the model, a channel's mean may move by a fifth a week.
Revenue of a won lead, and the zero of a lost one, are told as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Float, cast, func, select
from sqlalchemy.dialects import postgresql, sqlite

from leadworth.money import amount
from store.idempotency_records import stamp
from store.schema import export_approvals, export_events

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from leadworth.export_settings import ExportSettings

WEEK, LOOK_BACK = timedelta(days=7), timedelta(days=28)
FEWEST = 30
LONGEST_HOLD = timedelta(hours=24)
_events = export_events.c


@dataclass(frozen=True)
class ValueShift:
    """How a model moves a channel's mean.

    Attributes
    ----------
    factor
        By which its values are multiplied; 1 where it moves the mean no more than it may.
    ratio
        Mean of the new values to what was told before; None where too few were seen.
    hold
        Too few were seen yet, and the first of them not long ago: wait.
    """

    factor: float = 1.0
    ratio: float | None = None
    hold: bool = False


@dataclass
class SentValues:
    """Turns expected values of one platform into what it is told.

    Attributes
    ----------
    least
        What a genuine lead is worth at least.
    cap, raise_by
        Values above the cap are cut; all are multiplied so that the mean stays.
    shifts
        By model version and channel; those without an entry are told as they are.
    """

    least: float
    cap: float | None = None
    raise_by: float = 1.0
    shifts: Mapping[tuple[str, str], ValueShift] = field(default_factory=dict)

    def told(self, row: Mapping[str, Any]) -> Decimal | None:
        """Return what the platform is told of a row of the ledger; None to hold it back for now.

        Examples
        --------
        >>> row = {"stage": "lead", "value": "900.00", "currency": "EUR", "expected": True}
        >>> row |= {"model_version": "2", "channel": "search"}
        >>> SentValues(1.0, cap=500.0, raise_by=1.25).told(row), SentValues(1.0).told({**row, "value": "0.00"})
        (Decimal('625.00'), Decimal('1.00'))
        """
        value = Decimal(row["value"])
        if not row["expected"]:
            return max(value, amount(0, row["currency"])) if row["stage"] in ("lost", "junk") else value
        shift = self.shifts.get((row["model_version"] or "", row["channel"] or ""), ValueShift())
        if shift.hold:
            return None
        expected = float(value) if self.cap is None else min(float(value), self.cap) * self.raise_by
        return amount(max(expected * shift.factor, self.least), row["currency"])


def valuation(connection: Connection, destination: str, settings: ExportSettings, now: datetime) -> SentValues:
    """Return the valuation of a platform as of now, from what its ledger holds."""
    found = SentValues(settings.least, settings.cap)
    if settings.cap is not None:
        found.raise_by = _raise_by(connection, destination, settings.cap, now)
    found.shifts = shifts(connection, destination, settings.most_shift, now)
    return found


def approve(connection: Connection, version: str, by: str, now: datetime) -> None:
    """Let a model move means by as much as it does."""
    maker = sqlite if connection.dialect.name == "sqlite" else postgresql
    row = {"model_version": version, "approved_by": by, "approved_at": stamp(now)}
    connection.execute(maker.insert(export_approvals).on_conflict_do_nothing(), [row])


def _raise_by(connection: Connection, destination: str, cap: float, now: datetime) -> float:
    """Return by how much values must rise so that the cap leaves the mean of the last weeks as it was."""
    value = cast(_events.value, Float)
    cut = (
        func.sum(func.least(value, cap)) if connection.dialect.name == "postgresql" else func.sum(func.min(value, cap))
    )
    asked = select(func.sum(value), cut).where(*_first_values(destination, now - LOOK_BACK))
    whole, kept = connection.execute(asked).one()
    return float(whole) / float(kept) if kept else 1.0


def shifts(
    connection: Connection, destination: str, most: float, now: datetime
) -> dict[tuple[str, str], ValueShift]:  # fmt: skip
    """Return the shift of each model version and channel that would move a mean too far, or might."""
    approved = set(connection.execute(select(export_approvals.c.model_version)).scalars())
    new = _means(connection, destination, _events.value, now - WEEK, None)
    before = _means(connection, destination, _events.told, now - LOOK_BACK, None)
    last_week = _means(connection, destination, _events.told, now - 2 * WEEK, now - WEEK)
    found = {}
    for (version, channel), (count, mean, first) in new.items():
        others = [one for (other, of), one in before.items() if of == channel and other != version]
        if version in approved or not version or not others or any(one[2] > first for one in others):
            continue
        reference = [one for (_, of), one in last_week.items() if of == channel] or others
        told = sum(one[0] for one in reference)
        old = sum(one[0] * one[1] for one in reference) / told
        if told < FEWEST or old <= 0:
            continue
        if count < FEWEST:
            waited = now - datetime.fromisoformat(first)
            found[version, channel] = ValueShift(hold=waited < LONGEST_HOLD)
            continue
        ratio = mean / old
        allowed = min(max(ratio, 1.0 - most), 1.0 + most)
        if allowed != ratio:
            found[version, channel] = ValueShift(allowed / ratio, ratio)
    return found


def _first_values(destination: str, since: datetime) -> tuple[Any, ...]:
    return (
        _events.destination == destination, _events.stage == "lead", _events.version == 1, _events.expected,
        _events.created_at > stamp(since),
    )  # fmt: skip


def _means(
    connection: Connection, destination: str, value: Any, since: datetime, until: datetime | None
) -> dict[tuple[str, str], tuple[int, float, str]]:
    """Return count, mean and time of the first by model version and channel."""
    asked = (
        select(
            _events.model_version, _events.channel, func.count(), func.avg(cast(value, Float)),
            func.min(_events.created_at),
        )
        .where(*_first_values(destination, since), value.is_not(None))
        .group_by(_events.model_version, _events.channel)
    )  # fmt: skip
    if until is not None:
        asked = asked.where(_events.created_at <= stamp(until))
    return {
        (version or "", channel or ""): (int(count), float(mean), first)
        for version, channel, count, mean, first in connection.execute(asked)
    }
