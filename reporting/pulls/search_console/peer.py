"""Local peer of Search Console: search analytics of one property, with top queries only and 25,000 rows a request."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from reporting.pulls.pull_peer import PullPeer, SourceCall, SourceHandler, json_reply
from reporting.pulls.simulated_days import DAYS, Sums

if TYPE_CHECKING:
    from starlette.responses import Response

MOST_ROWS = 25_000
RARE_CLICKS = 2
"""Queries with fewer clicks on a day are left out of answers by query, and count in totals."""


@dataclass(frozen=True)
class QueryLine:
    """Clicks of a query on one day."""

    day: date
    query: str
    country: str
    clicks: int
    impressions: int

    @property
    def is_listed(self) -> bool:
        """Whether the query is frequent enough to be shown."""
        return self.clicks >= RARE_CLICKS


class SearchConsolePeer(PullPeer):
    """Rules of the Search Analytics API.

    Attributes
    ----------
    lines
        Clicks by query, country and day.
    final_to
        Newest day with final data.
    """

    name = "search_console"
    account_id = "sc-domain:example.com"
    zone = "America/Los_Angeles"

    def __init__(self, last_day: date) -> None:
        super().__init__(last_day)
        draw = random.Random(3)
        self.final_to = last_day
        self.access_token = ""
        self._ids = count(1)
        self.lines = [
            QueryLine(last_day - timedelta(days=offset), query, country, draw.randint(0, 40), draw.randint(41, 900))
            for offset in range(DAYS)
            for query in ("cnc milling", "example gmbh", "total care contract", "größe")
            for country in ("deu", "ita", "zzz")
            if draw.random() < 0.8
        ]

    def settings(self, address: str) -> Mapping[str, Any]:
        """Return the settings with which leadworth connects to this peer."""
        return {
            "endpoint": address,
            "accounts": [self.account_id],
            "client": "sandbox-app",
            "client_secret": "sandbox-client-secret",
            "refresh_token": self.token,
            "login": f"{address}/token",
            "page_rows": 5,
        }

    def busy(self) -> tuple[int, Mapping[str, str], bytes]:
        """Return Google's answer to too many requests: 403 with a reason."""
        return 403, {}, json.dumps(_error(403, "rateLimitExceeded")).encode()

    def refusal(self, call: SourceCall) -> Response | None:
        """Refuse another access token, except at the token endpoint."""
        if b"grant_type" in call.body or call.headers.get("authorization") == f"Bearer {self.access_token}":
            return None
        return json_reply(_error(401, "authError"), 401)

    def endpoints(self) -> Iterable[tuple[str, str, SourceHandler]]:
        """Return token endpoint, property and search analytics."""
        yield "POST", "/token", self._sign_in
        yield "POST", "/webmasters/v3/sites/{site:path}/searchAnalytics/query", self._query
        yield "GET", "/webmasters/v3/sites/{site:path}", self._site

    def restate(self, day: date) -> None:
        """Change the figures of a day."""
        self.lines = [replace(line, clicks=line.clicks + 1) if line.day == day else line for line in self.lines]

    def clear(self, day: date) -> None:
        """Remove everything of a day."""
        self.lines = [line for line in self.lines if line.day != day]

    def sums(self) -> Sums:
        """Return clicks of listed queries, and all clicks and impressions, by day."""
        sums: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
        for line in self.lines:
            sums["organic_clicks", line.day] += line.clicks
            sums["organic_impressions", line.day] += line.impressions
            sums["query clicks", line.day] += line.clicks if line.is_listed else 0
        return sums

    def _sign_in(self, call: SourceCall) -> Response:
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        if form.get("refresh_token") != self.token or form.get("client_secret") != "sandbox-client-secret":
            return json_reply({"error": "invalid_grant"}, 400)
        self.access_token = f"search-access-{next(self._ids)}"
        return json_reply({"access_token": self.access_token, "expires_in": 3600})

    def _site(self, call: SourceCall) -> Response:
        if unquote(call.parts["site"]) != self.account_id:
            return json_reply(_error(403, "forbidden"), 403)
        return json_reply({"siteUrl": self.account_id, "permissionLevel": "siteRestrictedUser"})

    def _query(self, call: SourceCall) -> Response:
        body = json.loads(call.body)
        if not 0 < body.get("rowLimit", 1_000) <= MOST_ROWS or set(body["dimensions"]) - {"date", "query", "country"}:
            return json_reply(_error(400, "invalidParameter"), 400)
        first, last = date.fromisoformat(body["startDate"]), date.fromisoformat(body["endDate"])
        newest = min(last, self.final_to) if body.get("dataState", "final") == "final" else last
        groups: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
        for line in self.lines:
            if first <= line.day <= newest and (line.is_listed or "query" not in body["dimensions"]):
                values = {"date": line.day.isoformat(), "query": line.query, "country": line.country}
                group = groups[tuple(values[name] for name in body["dimensions"])]
                group[0] += line.clicks
                group[1] += line.impressions
        ordered = sorted(groups.items(), key=lambda item: (-item[1][0], item[0]))
        start = body.get("startRow", 0)
        rows = [
            {
                "keys": list(keys),
                "clicks": float(clicks),
                "impressions": float(seen),
                "ctr": clicks / seen,
                "position": 4.2,
            }
            for keys, (clicks, seen) in ordered[start : start + body.get("rowLimit", 1_000)]
        ]
        return json_reply({"responseAggregationType": "byProperty"} | ({"rows": rows} if rows else {}))


PEER = SearchConsolePeer


def _error(status: int, reason: str) -> dict[str, Any]:
    return {"error": {"code": status, "message": reason, "errors": [{"domain": "global", "reason": reason}]}}
