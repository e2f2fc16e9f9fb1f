"""Sessions from the events of GA4's BigQuery export.

A session is a person and the parameter `ga_session_id`; its source is that of the session's last click
(`session_traffic_source_last_click`), never `traffic_source`, which is the first visit that the person ever made.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from crm.raw_table import RawBatch
from leadworth.errors import InputError
from leadworth.readers.moment_reader import read_moment
from leadworth.readers.text_reader import trimmed_text
from leadworth.unreadable import Unreadable
from reporting.imports.country_codes import country_code
from reporting.imports.import_rows import TrafficRow

_LAST_CLICK = "session_traffic_source_last_click"
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "day": ("event_date",),
    "event": ("event_name",),
    "person": ("user_pseudo_id",),
    "parameters": ("event_params",),
    "session": ("ga_session_id",),
    "engaged": ("session_engaged",),
    "milliseconds": ("engagement_time_msec",),
    "country": ("geo.country", "geo_country", "country"),
    "source": (f"{_LAST_CLICK}.manual_campaign.source", f"{_LAST_CLICK}_manual_campaign_source"),
    "medium": (f"{_LAST_CLICK}.manual_campaign.medium", f"{_LAST_CLICK}_manual_campaign_medium"),
    "campaign_id": (f"{_LAST_CLICK}.manual_campaign.campaign_id", f"{_LAST_CLICK}_manual_campaign_campaign_id"),
    "campaign_name": (f"{_LAST_CLICK}.manual_campaign.campaign_name", f"{_LAST_CLICK}_manual_campaign_campaign_name"),
    "ads_id": (f"{_LAST_CLICK}.google_ads_campaign.campaign_id", f"{_LAST_CLICK}_google_ads_campaign_campaign_id"),
    "ads_name": (
        f"{_LAST_CLICK}.google_ads_campaign.campaign_name",
        f"{_LAST_CLICK}_google_ads_campaign_campaign_name",
    ),
}
_VIEWS = frozenset({"page_view", "screen_view"})
_PARAMETERS = {"session": "ga_session_id", "engaged": "session_engaged", "milliseconds": "engagement_time_msec"}
_DIRECT = ("(direct)", "(none)", "", "")


@dataclass
class _Session:
    day: date
    person: str
    country: str = ""
    place: tuple[str, str, str, str] | None = None
    engaged: bool = False
    views: int = 0
    milliseconds: int = 0


class EventSessions:
    """Adds events up to sessions.

    Parameters
    ----------
    name
        Of the file.
    columns
        Of its table.

    Attributes
    ----------
    events, set_aside
        Number of events, and of those without a day, a person or a session.

    Raises
    ------
    InputError
        If the file has no source of the session.
    """

    def __init__(self, name: str, columns: Sequence[str]) -> None:
        self._names = {
            field: next(column for column in spellings if column in columns)
            for field, spellings in _COLUMNS.items()
            if any(column in columns for column in spellings)
        }
        self._name = name
        self._sessions: dict[tuple[str, str], _Session] = {}
        self.events = 0
        self.set_aside = 0
        if not {"source", "ads_id"} & set(self._names):
            raise InputError(
                f"{name} has events without {_LAST_CLICK}",
                allowed="daily tables events_YYYYMMDD; traffic_source is the first visit ever, and events_intraday_* "
                "has no sources",
                do=f"export the daily tables with the column {_LAST_CLICK}",
            )

    def add(self, batches: Iterable[RawBatch]) -> None:
        """Add events."""
        for batch in batches:
            self.set_aside += batch.faults
            self.events += batch.faults
            columns = [batch.rows.column(column).to_pylist() for column in self._names.values()]
            for cells in zip(*columns, strict=True):
                self._add(dict(zip(self._names, cells, strict=True)))

    def _add(self, event: dict[str, Any]) -> None:
        self.events += 1
        parameters = _parameters(event.get("parameters"))
        for field, name in _PARAMETERS.items():
            if event.get(field) is None:
                event[field] = parameters.get(name)
        day = read_moment(event["day"])
        person, number = trimmed_text(event.get("person")), trimmed_text(event["session"])
        if day is None or isinstance(day, Unreadable) or person is None or number is None:
            self.set_aside += 1
            return
        session = self._sessions.setdefault((person, number), _Session(day.date(), person))
        session.day = min(session.day, day.date())
        session.country = session.country or country_code(trimmed_text(event.get("country")) or "")
        session.place = session.place or _place(event)
        session.engaged = session.engaged or trimmed_text(event["engaged"]) == "1"
        session.views += trimmed_text(event.get("event")) in _VIEWS
        session.milliseconds += int(trimmed_text(event["milliseconds"]) or 0)

    def rows(self, property_id: str) -> Iterator[TrafficRow]:
        """Yield the sums of the sessions by day, source, medium, campaign and country.

        Raises
        ------
        InputError
            If no session has a source, as in the tables of the current day.
        """
        if self._sessions and all(session.place is None for session in self._sessions.values()):
            raise InputError(
                f"no session of {self._name} has a source",
                do="export the daily tables events_YYYYMMDD; events_intraday_* has no sources",
            )
        groups: dict[tuple[Any, ...], list[_Session]] = {}
        for session in self._sessions.values():
            groups.setdefault((session.day, *(session.place or _DIRECT), session.country), []).append(session)
        for (day, source, medium, campaign_id, campaign_name, country), sessions in groups.items():
            yield TrafficRow(
                property_id=property_id,
                day=day,
                source=source,
                medium=medium,
                campaign_id=campaign_id,
                campaign_name=campaign_name,
                country=country,
                channel=None,
                sessions=len(sessions),
                engaged_sessions=sum(session.engaged for session in sessions),
                users=len({session.person for session in sessions}),
                views=sum(session.views for session in sessions),
                session_seconds=round(sum(session.milliseconds for session in sessions) / 1000),
            )


def is_event_export(columns: Sequence[str]) -> bool:
    """Return whether a table has events of GA4's BigQuery export.

    Examples
    --------
    >>> is_event_export(["event_date", "event_name", "event_params", "user_pseudo_id"]), is_event_export(["date"])
    (True, False)
    """
    names = set(columns)
    return {"event_date", "user_pseudo_id"} <= names and bool({"event_params", "ga_session_id"} & names)


def _parameters(written: object) -> dict[str, Any]:
    """Return the parameters of an event, from a list or its JSON text: name -> value."""
    try:
        listed = json.loads(written) if isinstance(written, str) else written
    except ValueError:
        return {}
    if not isinstance(listed, list):
        return {}
    values: dict[str, Any] = {}
    for entry in listed:
        if isinstance(entry, dict) and isinstance(entry.get("value"), dict):
            value = next((value for value in entry["value"].values() if value is not None), None)
            values[str(entry.get("key"))] = value
    return values


def _place(event: Mapping[str, Any]) -> tuple[str, str, str, str] | None:
    """Return source, medium, campaign id and name of a session: of Google Ads where auto-tagging names them."""
    ads_id = trimmed_text(event.get("ads_id"))
    if ads_id is not None:
        return "google", "cpc", ads_id, trimmed_text(event.get("ads_name")) or ""
    texts = [trimmed_text(event.get(name)) or "" for name in ("source", "medium", "campaign_id", "campaign_name")]
    source, medium, campaign_id, campaign_name = texts
    return (source, medium, campaign_id, campaign_name) if source or medium else None
