"""Local peer of Meta: insights of one ad account, directly for short ranges and by report for long ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from reporting.pulls.meta.settings import MetaSourceSection
from reporting.pulls.pull_peer import SourceCall, SourceHandler, SpendPeer, json_reply
from reporting.pulls.simulated_days import SimulatedCampaign, SpendLine

if TYPE_CHECKING:
    from starlette.responses import Response

VERSION = MetaSourceSection().version
FIELDS = {
    *("account_currency", "account_id", "campaign_id", "campaign_name", "spend", "impressions", "clicks"),
    *("inline_link_clicks", "date_start", "date_stop", "attribution_setting"),
}
"""Fields that the peer serves; a test compares them with those of the official SDK."""
OLDEST_MONTHS = 37


class MetaPullPeer(SpendPeer):
    """Rules of the Marketing API.

    Attributes
    ----------
    direct_days
        Longest range that is answered at once.
    failing_runs
        Reports that fail before the next one succeeds.
    """

    name = "meta"
    account_id = "1234567890"
    campaigns = (
        SimulatedCampaign("120210001", "Prospecting Italy", country="IT"),
        SimulatedCampaign("120210001", "Prospecting Italy", country="DE"),
        SimulatedCampaign("120210002", "Total Care, retargeting", country="unknown"),
    )

    def __init__(self, last_day: date) -> None:
        super().__init__(last_day)
        self.direct_days = 7
        self.failing_runs = 0
        self._runs: dict[str, tuple[Mapping[str, str], Iterable[tuple[str, int]]]] = {}
        self._ids = count(6001)

    def settings(self, address: str) -> Mapping[str, Any]:
        """Return the settings with which leadworth connects to this peer."""
        return {"endpoint": address, "accounts": [f"act_{self.account_id}"], "token": self.token, "page_rows": 20}

    def busy(self) -> tuple[int, Mapping[str, str], bytes]:
        """Return Meta's answer to too many requests: a 400 with a number of its own."""
        return 400, {}, json.dumps(_error(17, "User request limit reached", transient=True)).encode()

    def refusal(self, call: SourceCall) -> Response | None:
        """Refuse another token, in the header or, as the official SDK sends it, in the query."""
        if self.token in (
            call.headers.get("authorization", "").removeprefix("Bearer "),
            call.query.get("access_token"),
        ):
            return None
        return json_reply(_error(190, "Error validating access token"), 400)

    def endpoints(self) -> Iterable[tuple[str, str, SourceHandler]]:
        """Return account, insights and reports."""
        root = f"/{VERSION}"
        yield "GET", f"{root}/act_{self.account_id}", self._account
        yield "GET POST", f"{root}/act_{self.account_id}/insights", self._insights
        yield "GET", f"{root}/{{run}}", self._run
        yield "GET", f"{root}/{{run}}/insights", self._result

    def _account(self, call: SourceCall) -> Response:
        names = call.query.get("fields", "id").split(",")
        values = {"account_id": self.account_id, "currency": self.currency, "timezone_name": self.zone}
        return json_reply({name: values[name] for name in names} | {"id": f"act_{self.account_id}"})

    def _insights(self, call: SourceCall) -> Response:
        span = json.loads(call.query.get("time_range", "{}"))
        if set(span) != {"since", "until"}:
            return json_reply(_error(100, "time_range needs since and until"), 400)
        if unknown := set(call.query["fields"].split(",")) - FIELDS:
            return json_reply(_error(100, f"{sorted(unknown)} is not valid for fields param"), 400)
        first, last = date.fromisoformat(span["since"]), date.fromisoformat(span["until"])
        if first > last or first < self.last_day - timedelta(days=31 * OLDEST_MONTHS):
            return json_reply(_error(3018, "The start date of the time range is too old"), 400)
        if call.method == "POST":
            run = str(next(self._ids))
            states = [("Job Not Started", 0), ("Job Running", 60), ("Job Running", 100), ("Job Completed", 100)]
            if self.failing_runs:
                self.failing_runs -= 1
                states = [("Job Running", 10), ("Job Failed", 10)]
            self._runs[run] = (call.query, iter(states))
            return json_reply({"report_run_id": run})
        if call.query["level"] == "campaign" and (last - first).days >= self.direct_days:
            return json_reply(_error(1, "Please reduce the amount of data you're asking for"), 400)
        return self._page(call.query, call.query)

    def _run(self, call: SourceCall) -> Response:
        _, states = self._runs[call.parts["run"]]
        status, percent = next(iter(states), ("Job Completed", 100))
        return json_reply({"id": call.parts["run"], "async_status": status, "async_percent_completion": percent})

    def _result(self, call: SourceCall) -> Response:
        query, _ = self._runs[call.parts["run"]]
        return self._page(query, call.query)

    def _page(self, query: Mapping[str, str], paging: Mapping[str, str]) -> Response:
        """Return one page of rows, with a cursor for the next one."""
        span = json.loads(query["time_range"])
        lines = self.between(date.fromisoformat(span["since"]), date.fromisoformat(span["until"]))
        names = query["fields"].split(",")
        if query["level"] == "account":
            spend = sum(line.cost for line in lines)
            return json_reply(
                {"data": [{"spend": _text(spend), "date_start": span["since"], "date_stop": span["until"]}]}
            )
        if query.get("time_increment") != "1" or query.get("breakdowns") not in ("country", '["country"]'):
            return json_reply(_error(100, "this peer serves days by country"), 400)
        rows = [self._row(line, names) for line in lines if line.impressions]
        start = int(paging.get("after", "0"))
        end = start + min(int(paging.get("limit", "25")), 500)
        page: dict[str, Any] = {
            "data": rows[start:end],
            "paging": {"cursors": {"before": str(start), "after": str(end)}},
        }
        if end < len(rows):
            page["paging"]["next"] = f"https://graph.facebook.com/secret?access_token={self.token}&after={end}"
        return json_reply(page)

    def _row(self, line: SpendLine, names: Iterable[str]) -> dict[str, str]:
        values = {
            "account_currency": self.currency,
            "account_id": self.account_id,
            "campaign_id": line.campaign.campaign_id,
            "campaign_name": line.campaign.name,
            "spend": _text(line.cost),
            "impressions": str(line.impressions),
            "clicks": str(line.clicks * 3),
            "attribution_setting": "7d_click",
            "date_start": line.day.isoformat(),
            "date_stop": line.day.isoformat(),
            "country": line.campaign.country,
        }
        row = {name: values[name] for name in (*names, "country") if name in values}
        return row | ({"inline_link_clicks": str(line.clicks)} if line.clicks else {})


PEER = MetaPullPeer


def _text(amount: Any) -> str:
    """Return money as Meta writes it: without zeros at the end."""
    return f"{amount:.2f}".rstrip("0").rstrip(".")


def _error(code: int, message: str, *, transient: bool = False) -> dict[str, Any]:
    return {"error": {"message": message, "type": "OAuthException", "code": code, "is_transient": transient}}
