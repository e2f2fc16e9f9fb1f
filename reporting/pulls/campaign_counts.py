"""Counts of e-mail campaigns, by the day of dispatch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from reporting.imports.import_rows import MetricRow
from reporting.pulls.answer_values import CollectedRows, UnreadableValueError
from reporting.pulls.report_source import SourceAccount

EMAIL_COUNTS = (
    "email_sent",
    "email_delivered",
    "email_trackable",
    "email_opens",
    "email_clicks",
    "email_unsubscribes",
    "email_complaints",
)
"""Metrics of a campaign, whose days an import replaces also where no campaign was sent."""


def collect_campaigns(
    campaigns: Iterable[Any],
    read: Callable[[Any], tuple[date, str, Mapping[str, int | None]]],
    account: SourceAccount,
    first: date,
    last: date,
) -> CollectedRows:
    """Return the counts of the campaigns that were sent from `first` to `last`.

    Parameters
    ----------
    campaigns
        Campaigns as the tool describes them.
    read
        Returns day, name and counts of a campaign; None for a count that the tool does not have.
    """
    collected = CollectedRows()
    for position, campaign in enumerate(campaigns, start=1):
        try:
            day, name, counts = read(campaign)
        except KeyError as error:
            collected.aside.append(f"campaign {position}: no field {error}")
        except UnreadableValueError as error:
            collected.aside.append(f"campaign {position}: {error}")
        else:
            if first <= day <= last:
                collected.rows += [
                    MetricRow(metric, account.account_id, day, name, count)
                    for metric, count in counts.items()
                    if count is not None
                ]
    return collected


def day_of_dispatch(text: object, zone: str) -> date:
    """Return the day of a moment in a zone.

    Raises
    ------
    UnreadableValueError
        Where it is not a moment of ISO 8601 with an offset.

    Examples
    --------
    >>> day_of_dispatch("2026-11-01T23:30:00+00:00", "Europe/Rome"), day_of_dispatch("2026-11-01T23:30:00Z", "UTC")
    (datetime.date(2026, 11, 2), datetime.date(2026, 11, 1))
    """
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise UnreadableValueError("the time of dispatch cannot be read") from None
    if moment.tzinfo is None:
        raise UnreadableValueError("the time of dispatch has no time zone")
    return moment.astimezone(ZoneInfo(zone)).date()
