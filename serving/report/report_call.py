"""One call of the report: its reader, filters in their shortest form, and the page of one state of the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from leadworth.channel_groups import CHANNELS
from leadworth.errors import InputError
from reporting.facts.report_days import report_zone
from reporting.page.languages import chosen_language
from reporting.views.figure_texts import PageReader
from reporting.views.report_filters import CHOICES, NAMES, ReportFilters, parse_filters
from reporting.views.report_page import build_page
from serving.problems import Problem
from serving.report.junk_alarm_views import junk_alarm_views
from serving.report.report_login import ReportReader
from serving.report.report_responses import PRIVATE, etag_of
from store import report_queries
from store.report_snapshot import current_snapshot

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from leadworth.settings import Settings
    from reporting.page.page_model import ReportPage
    from store.decision_store import DecisionStore

SEVERAL = "either of the values where it is repeated"
_DESCRIPTIONS = {
    "period": "2026-Q4, 2026-10, 2026, last-90-days or 2026-09-01..2026-11-28",
    "channel": f"Name of a channel; {SEVERAL}",
    "campaign": f"Key of a campaign; {SEVERAL}",
    "country": f"ISO 3166 alpha-2, or unknown; {SEVERAL}",
    "as_of": "Day of a snapshot: the figures as they were shown then",
    "excel": "1: semicolons and decimal commas in CSV",
}
FILTER_PARAMETERS: dict[str, Any] = {
    "parameters": [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": _DESCRIPTIONS.get(name, ", ".join(CHOICES.get(name, ()))),
            "schema": {"type": "string"},
        }
        for name in NAMES
    ]
}
"""Parameters of the filters for /openapi.json; `parse_filters` reads them."""


@dataclass(frozen=True)
class ReportCall:
    """A call of the report.

    Attributes
    ----------
    own
        Parameters of the route, which are no filters.
    language
        Of the reader.
    """

    request: Request
    reader: ReportReader
    filters: ReportFilters
    own: dict[str, str]
    language: str
    now: datetime

    @property
    def settings(self) -> Settings:
        """Settings of the service."""
        settings: Settings = self.request.app.state.settings
        return settings

    @property
    def money(self) -> bool:
        """Whether the reader may see money, and wants to."""
        return self.reader.may("money") and self.filters.money == "on"

    @property
    def page_reader(self) -> PageReader:
        """What the reader may see."""
        costs = self.reader.name not in self.settings.report.hide_costs_from
        return PageReader(money=self.money, costs=costs, leads=self.reader.may("read"))

    def tag(self, snapshot_id: str) -> str:
        """Return the tag of the content."""
        day = self.now.astimezone(report_zone(self.settings)).date()
        url = str(self.request.url)
        return etag_of(snapshot_id, url, self.page_reader, self.language, day, self._junk())

    def page(self, connection: Connection) -> ReportPage:
        """Return the page."""
        reader = self.page_reader
        return build_page(
            connection,
            self.settings,
            self.filters,
            money=self.money,
            now=self.now,
            reader=reader,
            junk_alarms=junk_alarm_views(
                self._junk(), self.filters, self.settings.currency, money=reader.money, links=not reader.is_shared
            ),
            language=self.language,
        )

    def _junk(self) -> list[Any]:
        watcher = self.request.app.state.watcher
        return [] if watcher is None else list(watcher.junk_alarms)


async def report_call(
    request: Request, reader: ReportReader, store: DecisionStore, further: Sequence[str] = ()
) -> ReportCall | Response:
    """Return the call, or the response 303 to the shortest form of its address.

    Raises
    ------
    Problem
        400 for an unknown filter or value.
    """
    query = request.scope["query_string"].decode("latin-1")
    filters = filters_of(query, further)
    own = {name: value for name, value in parse_qsl(query, keep_blank_values=True) if name in further and value}
    if filters.campaign:
        unknown = await store.read(lambda connection: report_queries.unknown_campaigns(connection, filters.campaign))
        if unknown:
            raise Problem(
                400, "invalid-filter", "campaign has an unknown value; allowed: keys of campaigns in campaigns.csv"
            )
    shortest = urlencode(filters.parameters(**own))
    if shortest != query:
        return RedirectResponse(f"?{shortest}" if shortest else request.url.path, 303, dict(PRIVATE))
    default = request.app.state.settings.report.language
    language = chosen_language(filters.lang, request.headers.get("accept-language"), default)
    return ReportCall(request, reader, filters, own, language, datetime.now(UTC))


def filters_of(query: str, further: Sequence[str] = ()) -> ReportFilters:
    """Return the filters of a query string.

    Raises
    ------
    Problem
        400 for an unknown filter or value.
    """
    try:
        return parse_filters(query, CHANNELS, further=further)
    except ValueError as error:  # more parameters than a page can have
        raise Problem(400, "invalid-filter", "too many parameters; allowed: 200") from error
    except InputError as error:
        raise Problem(400, "invalid-filter", str(error)) from error


async def snapshot_id(store: DecisionStore) -> str:
    """Return the id of the state of the data."""
    return await store.read(lambda connection: current_snapshot(connection).snapshot_id)
