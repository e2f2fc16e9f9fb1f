"""Sums of the report after leads were erased: those that they were part of are added up again at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from reporting.facts.channel_credits import rewrite_submit_credits, rewrite_win_credits
from reporting.facts.report_days import report_zone
from reporting.facts.response_counts import BusinessClock, response_counts
from reporting.facts.stage_counts import rewrite_stages
from reporting.statistics.business_hours import business_hours
from store import lead_facts, response_bins
from store.funnel_rollups import rewrite_funnel
from store.lead_rollups import rewrite_outcomes
from store.timestamps import moment
from store.traffic_weeks import monday

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sqlalchemy import Connection

    from leadworth.settings import Settings

_EVENTS = ("mql_at", "sql_at", "quote_at", "won_at", "lost_at")


@dataclass(frozen=True)
class AffectedSums:
    """Sums that leads are part of: days and weeks in which they were submitted, and days of their events."""

    days: frozenset[str]
    event_days: frozenset[str]
    weeks: frozenset[str]


def affected_sums(connection: Connection, leads: Sequence[str], zone: ZoneInfo) -> AffectedSums:
    """Return the sums that leads are part of, to be read before their facts are deleted."""
    facts = lead_facts.of_leads(connection, leads).values()
    times = [at for fact in facts for name in _EVENTS if (at := moment(fact[name])) is not None]
    return AffectedSums(
        frozenset(fact["day"] for fact in facts),
        frozenset(str(at.astimezone(zone).date()) for at in times),
        frozenset(str(monday(fact["day"])) for fact in facts),
    )


def correct_sums(connection: Connection, settings: Settings, affected: AffectedSums, now: datetime) -> int:
    """Add up sums again whose leads have changed; return how many rows were written.

    Parameters
    ----------
    connection
        In a transaction.
    settings
        With the section `[report]`.
    affected
        Sums to be added up.
    now
        Timezone-aware.
    """
    written = rewrite_outcomes(connection, affected.event_days, report_zone(settings))
    written += rewrite_funnel(connection, affected.event_days)
    written += rewrite_stages(connection, affected.days, now) + rewrite_submit_credits(connection, affected.days)
    written += rewrite_win_credits(connection, affected.event_days, report_zone(settings))
    business = business_clock(settings, affected.weeks, now)
    return written + sum(rewrite_week(connection, week, business, now) for week in sorted(affected.weeks))


def business_clock(settings: Settings, weeks: Collection[str], now: datetime) -> BusinessClock:
    """Return the clock of business hours from the first of some weeks on."""
    section, zone = settings.report, report_zone(settings)
    hours = business_hours(section.business_hours, zone, section.holidays)
    return BusinessClock.of(hours, date.fromisoformat(min(weeks, default=str(now.date()))), now.date())


def rewrite_week(connection: Connection, week: str, business: BusinessClock, now: datetime) -> int:
    """Count the response times of the leads of a week again; return how many rows were written."""
    sunday = str(date.fromisoformat(week) + timedelta(days=6))
    counts = response_counts(response_bins.contacts(connection, week, sunday), now, business)
    return response_bins.replace_weeks(connection, [week], counts)
