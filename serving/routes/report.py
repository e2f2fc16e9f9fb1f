"""Routes of the report: the page, the same content as JSON and CSV, and the leads behind its figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic_core import to_json

from leadworth.errors import ConfigurationError, InputError
from reporting.facts.report_days import report_zone
from reporting.page.html_page import render_html
from reporting.views.block_tables import BLOCKS, block_table, csv_lines
from reporting.views.drill_figures import DrillDown, drill_down_of
from reporting.views.lead_list import LeadListPage, lead_columns, lead_row, render_leads
from reporting.views.plain_english import as_json
from serving.dependencies import Store
from serving.problems import Problem
from serving.report.report_call import FILTER_PARAMETERS, ReportCall, report_call, snapshot_id
from serving.report.report_login import ReportReader, RequireReader
from serving.report.report_responses import PRIVATE, page_response, report_problems, unchanged
from serving.routes.exports import CsvResponse
from store import drill_down
from store.audit_log import AuditEntry

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from reporting.page.page_model import ReportPage
    from store.decision_store import DecisionStore

router = APIRouter(tags=["report"])

LINES_AT_ONCE = 500
Reader = Annotated[ReportReader, Depends(RequireReader("report"))]
LeadReader = Annotated[ReportReader, Depends(RequireReader("report", "read"))]
_FIGURE = {
    "parameters": [
        *FILTER_PARAMETERS["parameters"],
        {"name": "figure", "in": "query", "required": True, "schema": {"type": "string"}, "description": "Its name"},
    ]
}
_AFTER = {
    "name": "after",
    "in": "query",
    "required": False,
    "schema": {"type": "string"},
    "description": "Last lead of the page before, as the link to the next page has it",
}


@router.get(
    "/report",
    response_class=HTMLResponse,
    responses=report_problems(),
    openapi_extra=FILTER_PARAMETERS,
    summary="The report as a page",
)
async def read_report(request: Request, reader: Reader, store: Store) -> Response:
    """Return the page with leading and lagging indicators; a browser without a key is sent to /report/login."""
    return await _content(request, reader, store, lambda page: page_response(render_html(page)))


@router.get("/report.json", responses=report_problems(), openapi_extra=FILTER_PARAMETERS, summary="The report as JSON")
async def read_report_as_json(request: Request, reader: Reader, store: Store) -> Response:
    """Return all blocks of the page as JSON, with the same filters."""
    return await _content(
        request, reader, store, lambda page: Response(to_json(as_json(page)), media_type="application/json")
    )


@router.get(
    "/report/leads",
    response_class=HTMLResponse,
    responses=report_problems(),
    openapi_extra={"parameters": [*_FIGURE["parameters"], _AFTER]},
    summary="Leads behind a figure",
)
async def read_leads(request: Request, reader: LeadReader, store: Store) -> Response:
    """Return the leads behind a figure, 50 a page, with what each adds to it."""
    call = await report_call(request, reader, store, ("figure", "after"))
    if isinstance(call, Response):
        return call
    after = _key_of(call.own.get("after", ""))
    html = await store.read(lambda connection: _leads_page(connection, call, after))
    await _record_leads(store, call)
    return page_response(html)


@router.get(
    "/report/leads.csv",
    response_class=CsvResponse,
    responses=report_problems(),
    openapi_extra=_FIGURE,
    summary="All leads behind a figure as a file",
)
async def read_leads_as_csv(request: Request, reader: LeadReader, store: Store) -> Response:
    """Return all leads behind a figure; the last line is a comment with their number."""
    call = await report_call(request, reader, store, ("figure",))
    if isinstance(call, Response):
        return call
    behind = await store.read(lambda connection: _behind(connection, call))
    await _record_leads(store, call)
    lines = _lead_lines(store.engine, call, behind)
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=_file_headers("leads"))


@router.get(
    "/report/{block}.csv",
    response_class=CsvResponse,
    responses=report_problems(404),
    openapi_extra=FILTER_PARAMETERS,
    summary="A block of the report as a file",
)
async def read_block_as_csv(block: str, request: Request, reader: Reader, store: Store) -> Response:
    """Return one block of the page as CSV, with the same filters."""
    if block not in BLOCKS:
        raise Problem(404, "unknown-block", f"the report has no such block; allowed: {', '.join(BLOCKS)}")

    def response(page: ReportPage) -> Response:
        table = block_table(page, block)
        excel = "excel=1" in request.scope["query_string"].decode("latin-1").split("&")
        text = "".join(csv_lines(table.columns, table.rows, excel=excel))
        return CsvResponse(text, headers=_file_headers(block))

    return await _content(request, reader, store, response)


async def _content(
    request: Request, reader: ReportReader, store: DecisionStore, render: Callable[[ReportPage], Response]
) -> Response:
    """Return the page in one form; 303 to the shortest address, 304 where the caller has it already."""
    call = await report_call(request, reader, store)
    if isinstance(call, Response):
        return call
    tag = call.tag(await snapshot_id(store))
    if (response := unchanged(request, tag)) is not None:
        return response
    try:
        response = await store.read(lambda connection: render(call.page(connection)))
    except ConfigurationError as error:
        raise Problem(503, "report-settings", str(error)) from error
    except InputError as error:
        raise Problem(400, "invalid-filter", str(error)) from error
    response.headers.update({**PRIVATE, "ETag": tag})
    return response


def _behind(connection: Connection, call: ReportCall) -> DrillDown:
    try:
        return drill_down_of(connection, call.settings, call.filters, call.own.get("figure", ""), call.now)
    except ConfigurationError as error:
        raise Problem(503, "report-settings", str(error)) from error
    except InputError as error:
        raise Problem(400, "invalid-filter", str(error)) from error


def _leads_page(connection: Connection, call: ReportCall, after: tuple[str | int, str] | None) -> str:
    behind = _behind(connection, call)
    leads, following = [], None
    if behind.selection is not None:
        if after is not None and isinstance(after[0], int) is not behind.selection.every_day:
            raise _bad_key()
        leads = drill_down.lead_page(connection, behind.selection, after)
        if len(leads) == drill_down.PAGE:
            moment, lead_id = behind.selection.key_of(leads[-1])
            following = call.filters.link("leads", figure=behind.figure, after=f"{moment}~{lead_id}")
    return render_leads(
        LeadListPage(
            behind=behind,
            leads=leads,
            filters=call.filters,
            currency=call.settings.currency,
            money=call.money,
            crm_link=call.settings.report.crm_link,
            now=call.now,
            zone=str(report_zone(call.settings)),
            language=call.language,
            next_href=following,
        )
    )


def _key_of(text: str) -> tuple[str | int, str] | None:
    """Return the place in the order of leads that a link to the next page names."""
    if not text:
        return None
    first, separator, lead_id = text.partition("~")
    if not separator or "\x00" in text or len(text) > 1_000:
        raise _bad_key()
    try:
        return (int(first), lead_id) if first.lstrip("-").isdecimal() and len(first) < 19 else (first, lead_id)
    except ValueError as error:
        raise _bad_key() from error


def _bad_key() -> Problem:
    return Problem(400, "invalid-filter", "after cannot be read; allowed: as the link to the next page has it")


def _lead_lines(engine: Engine, call: ReportCall, behind: DrillDown) -> Iterator[str]:
    """Yield the lines of the file in parts, on the threads that serve it."""
    columns = lead_columns(behind, call.money)
    with engine.connect() as connection:
        leads = drill_down.every_lead(connection, behind.selection) if behind.selection is not None else ()
        rows = (lead_row(lead, behind, call.money, call.now) for lead in leads)
        lines = csv_lines(columns, rows, excel=call.filters.excel == "1")
        while part := "".join(islice(lines, LINES_AT_ONCE)):
            yield part


async def _record_leads(store: DecisionStore, call: ReportCall) -> None:
    """Record who saw the leads behind a figure."""
    log = call.request.app.state.audit
    entry = AuditEntry("report.leads", "lead", details={"figure": call.own.get("figure", "")[:50]})
    await store.write(lambda connection: log.record(connection, call.reader.actor, entry))


def _file_headers(name: str) -> dict[str, str]:
    return {**PRIVATE, "Content-Disposition": f'attachment; filename="{name}.csv"'}
