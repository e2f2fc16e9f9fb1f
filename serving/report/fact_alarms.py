"""Junk alarms from the facts of the report, for leads that came by files or a CRM and have no decision here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from monitoring.junk_alarms import JunkMonitor
from store import lead_facts, report_refreshes
from store.recent_decisions import FirstDecision

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitoring.junk_alarms import JunkAlarm
    from store.lead_facts import JunkFact

PERIOD = timedelta(days=365)
JUNK_FROM = 0.5
"""Junk probability from which a lead counts as junk, as in the sums of the report."""
NEVER = "never"
_MILLION = 1_000_000


class FactAlarms:
    """Junk alarms of the facts, read again only after a refresh.

    A year of a million leads takes seconds, so a service looks on its background thread, never for a request.

    Parameters
    ----------
    touch_cost
        What one touch by sales costs.

    Attributes
    ----------
    alarms
        Rises of the junk share that had not ended at the last refresh.
    """

    def __init__(self, touch_cost: float) -> None:
        self._touch_cost = touch_cost
        self._seen: tuple[datetime, datetime] | str | None = NEVER
        self.alarms: list[JunkAlarm] = []

    def look(self, connection: Connection, now: datetime) -> None:
        """Read the facts of a year, if there was a refresh since the last look."""
        newest = report_refreshes.newest(connection)
        state = None if newest is None else (newest.started_at, newest.ended_at)
        if state == self._seen:
            return
        monitor = JunkMonitor(PERIOD)
        monitor.restart(now - PERIOD, JUNK_FROM)
        monitor.update(_lead(fact) for fact in lead_facts.junk_in_order(connection, now - PERIOD, now))
        self.alarms = monitor.alarms(self._touch_cost)
        self._seen = state


def fact_alarms(connection: Connection, touch_cost: float, now: datetime) -> list[JunkAlarm]:
    """Return the junk alarms of the facts at a moment.

    Parameters
    ----------
    connection
        Connection to the store.
    touch_cost
        What one touch by sales costs.
    now
        Timezone-aware; leads submitted later are left out.
    """
    watch = FactAlarms(touch_cost)
    watch.look(connection, now)
    return watch.alarms


def joined(first: Iterable[JunkAlarm], second: Iterable[JunkAlarm]) -> list[JunkAlarm]:
    """Return alarms of two sources, the costliest first; of one channel the first source counts."""
    by_channel = {alarm.channel: alarm for alarm in (*second, *first)}
    return sorted(by_channel.values(), key=lambda alarm: -alarm.at_risk)


def _lead(fact: JunkFact) -> FirstDecision:
    junk = fact.junk_ppm / _MILLION
    return FirstDecision(
        decision_id=fact.lead_id,
        seconds=datetime.fromisoformat(fact.submitted_at).timestamp(),
        channel=fact.channel,
        campaign=fact.campaign_name,
        junk_probability=junk,
        value=_value(fact),
        accepted=junk < JUNK_FROM,
    )


def _value(fact: JunkFact) -> float:
    """Return the predicted value at submit; of a lead that came before the model, by its newest score."""
    if fact.submit_value_micros is not None:
        return fact.submit_value_micros / _MILLION
    return (fact.win_ppm or 0) / _MILLION * (fact.expected_revenue_micros or 0) / _MILLION
