"""Calls of the report: the shortest address, the reader's view of money, and the tag."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse

from leadworth.settings import Settings
from reporting.views.figure_texts import PageReader
from reporting.views.report_filters import NAMES
from serving.problems import Problem
from serving.report.report_call import FILTER_PARAMETERS, ReportCall, filters_of, report_call
from serving.report.report_login import ReportReader
from store.audit_log import AuditActor


class Store:
    """A store that does not know the campaign `gone`."""

    async def read(self, query: Any) -> list[str]:
        return ["gone"]


def reader_with(*scopes: str) -> ReportReader:
    return ReportReader("k", "ana", frozenset(scopes), AuditActor("k", ""))


def called(query: str, *scopes: str, further: tuple[str, ...] = (), **report: Any) -> Any:
    app = FastAPI()
    app.state.settings = Settings(currency="EUR", leads={}, report=report)
    app.state.watcher = None
    scope = {"type": "http", "method": "GET", "path": "/report", "query_string": query.encode(), "app": app}
    request = Request({**scope, "headers": [(b"accept-language", b"de")], "server": ("h", 80), "scheme": "http"})
    return asyncio.run(report_call(request, reader_with(*scopes), Store(), further))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("view=cohort", "/report"),
        ("channel=Email&period=2026-10-01..2026-12-31", "?period=2026-Q4&channel=Email"),
        ("channel=Email&channel=Direct&channel=Email", "?channel=Direct&channel=Email"),
    ],
)
def test_a_longer_address_leads_to_the_shortest(query: str, address: str) -> None:
    response = called(query)
    assert isinstance(response, RedirectResponse)
    assert (response.status_code, response.headers["location"]) == (303, address)
    assert response.headers["cache-control"] == "private, max-age=60"


def test_the_shortest_address_is_a_call_in_the_language_of_the_reader() -> None:
    call = called("period=2026-Q4&figure=leads", further=("figure",))
    assert isinstance(call, ReportCall)
    assert (call.filters.period, call.own, call.language) == ("2026-Q4", {"figure": "leads"}, "de")


@pytest.mark.parametrize(
    "query", ["colour=red", "channel=Nowhere", "view=month", "campaign=gone", "&".join(["a=1"] * 300)]
)
def test_an_unusable_filter_is_refused(query: str) -> None:
    with pytest.raises(Problem) as refused:
        called(query)
    assert refused.value.status_code == 400


def test_money_needs_the_scope_and_the_wish() -> None:
    shown = [
        called(query, *scopes).money for query in ("", "money=off") for scopes in (("report", "money"), ("report",))
    ]
    assert shown == [True, False, False, False]


def test_costs_are_hidden_from_those_whom_the_settings_name() -> None:
    assert called("", "admin").page_reader == PageReader(money=True, costs=True, leads=True)
    assert called("", "report", hide_costs_from=["ana"]).page_reader == PageReader(
        money=False, costs=False, leads=False
    )


def test_the_tag_changes_with_data_reader_and_day() -> None:
    first = called("", "report")
    at = datetime(2026, 11, 28, 12, tzinfo=UTC)
    calls = [SimpleNamespace(now=at, scopes=("report",)), SimpleNamespace(now=at, scopes=("admin",))]
    tags = [ReportCall(first.request, reader_with(*c.scopes), first.filters, {}, "en", c.now).tag("r1") for c in calls]
    same = ReportCall(first.request, reader_with("report"), first.filters, {}, "en", at.replace(hour=13))
    later = ReportCall(first.request, reader_with("report"), first.filters, {}, "en", at.replace(day=30))
    assert same.tag("r1") == tags[0]
    assert len({*tags, same.tag("r2"), later.tag("r1")}) == 4


def test_all_filters_are_documented() -> None:
    assert [one["name"] for one in FILTER_PARAMETERS["parameters"]] == list(NAMES)
    assert all(one["description"] for one in FILTER_PARAMETERS["parameters"])
    assert filters_of("excel=1").excel == "1"
