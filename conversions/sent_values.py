"""Sent values: the expected values of the outbox, capped with the mean preserved, ramped for a new model, positive.

A bidding algorithm learns from the values it receives: a new model that doubles the values of a channel
overnight doubles its bids. Until the model is approved, the mean of a channel changes by at most a fifth a
week (`most_shift`). The revenue of a won lead and the zero of a lost one are sent as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from leadworth.money import amount
from store.approvals import approved_versions
from store.outbox_totals import ValueMean, first_value_means, first_value_sums

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from leadworth.settings import Settings

WEEK = timedelta(days=7)
LOOK_BACK = timedelta(days=28)
FEWEST = 30
"""Values needed to compare two means."""
LONGEST_HOLD = timedelta(hours=24)


@dataclass(frozen=True)
class ValueShift:
    """How a model version changes the mean value of a channel.

    Attributes
    ----------
    factor
        Factor for its values; 1 if the mean changes no more than allowed.
    ratio
        Mean of the new values over the mean sent before; None if there are too few values.
    hold
        Too few values yet, the first of them less than a day ago: wait.
    """

    factor: float = 1.0
    ratio: float | None = None
    hold: bool = False


@dataclass
class SentValues:
    """Computes the values to send to one platform.

    Attributes
    ----------
    least
        Smallest value of a genuine open lead.
    cap
        Largest expected value before `raise_by`, or None.
    raise_by
        Factor that preserves the mean under the cap.
    shifts
        (model version, channel) -> shift; those without an entry are sent unchanged.
    """

    least: float
    cap: float | None = None
    raise_by: float = 1.0
    shifts: Mapping[tuple[str, str], ValueShift] = field(default_factory=dict)

    def of(self, row: Mapping[str, Any]) -> Decimal | None:
        """Return the value to send for an outbox row; None to hold the event for now.

        Examples
        --------
        >>> row = {"stage": "lead", "value": "900.00", "currency": "EUR", "expected": True}
        >>> row |= {"model_version": "2", "channel": "search"}
        >>> SentValues(1.0, cap=500.0, raise_by=1.25).of(row), SentValues(1.0).of({**row, "value": "0.00"})
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


def load_sent_values(connection: Connection, destination: str, settings: Settings, now: datetime) -> SentValues:
    """Return the sent values of a platform, computed from its events of the last weeks in today's currency."""
    export = settings.export
    raise_by = 1.0
    if export.cap is not None:
        total, capped = first_value_sums(connection, destination, export.cap, settings.currency, now - LOOK_BACK)
        raise_by = total / capped if capped else 1.0
    shifts = value_shifts(connection, destination, settings.currency, export.most_shift, now)
    return SentValues(export.least, export.cap, raise_by, shifts)


def value_shifts(
    connection: Connection, destination: str, currency: str, most: float, now: datetime
) -> dict[tuple[str, str], ValueShift]:
    """Return the shifts of model versions and channels whose mean changes too much, or has too few values.

    Parameters
    ----------
    connection
        Connection to the store.
    destination
        Name of the platform.
    currency
        Values in others are left out.
    most
        Largest relative change of a mean.
    now
        Timezone-aware current time.
    """
    approved = approved_versions(connection)
    new = first_value_means(connection, destination, "value", currency, now - WEEK)
    sent = first_value_means(connection, destination, "sent_value", currency, now - LOOK_BACK)
    last_week = first_value_means(connection, destination, "sent_value", currency, now - 2 * WEEK, now - WEEK)
    shifts = {}
    for mean in new:
        if not mean.model_version or mean.model_version in approved:
            continue
        shift = _shift(mean, sent, last_week, most, now)
        if shift is not None:
            shifts[mean.model_version, mean.channel] = shift
    return shifts


def _shift(
    new: ValueMean, sent: list[ValueMean], last_week: list[ValueMean], most: float, now: datetime
) -> ValueShift | None:
    others = [mean for mean in sent if mean.channel == new.channel and mean.model_version != new.model_version]
    if not others or any(mean.first > new.first for mean in others):  # the only model, or an older one
        return None
    reference = [mean for mean in last_week if mean.channel == new.channel] or others
    events = sum(mean.events for mean in reference)
    reference_mean = sum(mean.events * mean.mean for mean in reference) / events
    if events < FEWEST or reference_mean <= 0:
        return None
    if new.events < FEWEST:
        return ValueShift(hold=now - datetime.fromisoformat(new.first) < LONGEST_HOLD)
    ratio = new.mean / reference_mean
    allowed = min(max(ratio, 1.0 - most), 1.0 + most)
    return None if allowed == ratio else ValueShift(allowed / ratio, ratio)
