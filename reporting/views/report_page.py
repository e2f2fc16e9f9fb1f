"""The report as it is rendered: all blocks of one state of the data, for one reader and one set of filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm.database import is_url
from crm.mirror_fields import is_crm
from leadworth.crm_catalog import crms
from reporting.facts.currency_change import require_currency
from reporting.facts.report_days import report_zone
from reporting.metrics.metric import PERIOD_OF_PAGE
from reporting.metrics.registry import METRICS
from reporting.page.page_model import Alarm, ChannelBlock, Figure, FormulaText, Message, ReportPage
from reporting.views.attribution_rows import attribution_rows
from reporting.views.cards import money_cards
from reporting.views.change_block import change_block
from reporting.views.channel_rows import channel_block, match_rates, shown_campaigns
from reporting.views.cohorts import CohortHistory, cohort_block, read_history
from reporting.views.figure_texts import FigureMaker, PageReader
from reporting.views.filter_choices import filter_choices, several_values
from reporting.views.further_inputs import read_further
from reporting.views.goals_block import goal_states, goals_block, progress_of
from reporting.views.goals_file import read_goals
from reporting.views.hand_over import HandOverData, hand_over_block, read_hand_over
from reporting.views.ladder import check_ladder, ladder_rows
from reporting.views.metric_inputs import MILLION
from reporting.views.page_alarms import page_alarms
from reporting.views.page_states import calibration_fault, page_notices, source_ages
from reporting.views.page_sums import PageSums, read_campaigns, read_sums
from reporting.views.report_filters import ReportFilters
from reporting.views.said_then import as_said
from reporting.views.source_comparison import reconciliation_lines
from reporting.views.source_reach import SourceEnd, source_end, with_end
from reporting.views.track_record import track_record
from store import decided_leads
from store.crm_runs import last_reads, newest_counts
from store.lead_facts import newest_day
from store.report_snapshot import DataSnapshot, current_snapshot, newest_imports, one_state

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from leadworth.settings import Settings

TITLE = Message("What marketing earned")
_SOURCES: Mapping[str, str] = {
    "spend": "ads",
    "impressions": "ads",
    "clicks": "ads",
    "sessions": "traffic",
    "views": "traffic",
    "won": "CRM",
    "revenue": "CRM",
    "cost": "CRM",
    "sql": "CRM",
    "quoted": "CRM",
}


@dataclass(frozen=True)
class PageContent:
    """What the store says, before it becomes blocks."""

    snapshot: DataSnapshot
    read_at: Mapping[str, datetime | None]
    imports: Sequence[Mapping[str, Any]]
    sums: PageSums
    history: CohortHistory
    hand_over: HandOverData
    tau: float
    calibration: float | None
    end: SourceEnd | None


def build_page(
    connection: Connection,
    settings: Settings,
    filters: ReportFilters,
    *,
    money: bool,
    now: datetime,
    reader: PageReader | None = None,
    junk_alarms: Sequence[Alarm] = (),
    language: str | None = None,
) -> ReportPage:
    """Return the report.

    Parameters
    ----------
    connection
        Connection to the store; all queries see the same state of it.
    settings
        With the section `[report]`.
    filters
        State of the page.
    money
        Whether the reader may see money; without it no amount is in the result.
    now
        Timezone-aware.
    reader
        What else the reader may see; None: everything.
    junk_alarms
        Alarms of junk that have not ended.
    language
        Of the reader; None: as the filters or the settings say.

    Raises
    ------
    ConfigurationError
        If the settings ask for a page that would hide revenue or quality, or a goal cannot be used.
    """
    check_ladder(settings.report.ladder)
    shown = money and filters.money == "on"
    reader = replace(reader or PageReader(), money=shown)
    make = FigureMaker(filters, settings.currency, reader)
    with one_state(connection) as same:
        require_currency(same, settings)
        content = _read(same, settings, filters, now)
        page = _page(same, content, settings, make, now, junk_alarms)
        page = replace(page, language=language or filters.lang or settings.report.language)
        return page if filters.as_of is None else as_said(same, page, filters, make)


def _read(connection: Connection, settings: Settings, filters: ReportFilters, now: datetime) -> PageContent:
    snapshot = current_snapshot(connection, now)
    imports = newest_imports(connection)
    today = now.astimezone(report_zone(settings)).date()
    end = source_end(imports, filters.days(today), today)
    sums = read_sums(connection, settings, filters, now, end.day if end else None)
    history = read_history(connection, sums)
    calibration = calibration_fault(history.complete)
    if calibration is not None:
        sums = sums.without_predictions()
        history = history.without_predictions()
    waiting = read_hand_over(connection, sums, now)
    read_at = _read_at(connection, settings, snapshot, now)
    return PageContent(snapshot, read_at, imports, sums, history, waiting, history.tau, calibration, end)


def _read_at(
    connection: Connection, settings: Settings, snapshot: DataSnapshot, now: datetime
) -> dict[str, datetime | None]:
    """Return when each source of leads and outcomes was read or written: forms, files, CRMs.

    The facts about leads are made again every night, whether files or a CRM have news or not.
    """
    paths = dict.fromkeys((settings.leads.path, settings.outcomes.path))
    names = ", ".join(Path(path).name for path in paths if path and not (is_crm(path) or is_url(path)))
    files = {names: snapshot.files_at} if names and snapshot.files_at is not None else {}
    forms = {} if files and not decided_leads.has_any(connection) else {"Leads": snapshot.data_at}
    return {**forms, **files, **_crm_reads(connection, settings, now)}


def _crm_reads(connection: Connection, settings: Settings, now: datetime) -> dict[str, datetime]:
    """Return when the CRMs of which leads or outcomes are read were last read completely, by their titles."""
    used = {source.path for source in (settings.leads, settings.outcomes)}
    reads = last_reads(connection, now)
    return {info.title: reads[name] for name, info in crms().items() if name in reads and f"crm:{name}" in used}


def _page(
    connection: Connection,
    content: PageContent,
    settings: Settings,
    make: FigureMaker,
    now: datetime,
    junk_alarms: Sequence[Alarm],
) -> ReportPage:
    tau, rates = content.tau, match_rates(content.sums)
    complete = content.history.complete
    further = read_further(connection, content.sums, content.hand_over, rates, complete)
    sums = further.added_to(content.sums)
    states = goal_states(connection, read_goals(settings), sums, make, tau)
    goals = progress_of(states, sums)
    mature = (complete["revenue_micros"] / MILLION, float(complete["leads"])) if complete else None
    ages = source_ages(content.imports, content.read_at, sums.today, sums.zone, now)
    has_leads = bool(sums.total.leads.get("leads"))
    offered = shown_campaigns(connection, sums)
    channels = ChannelBlock(())
    if has_leads or sums.total.spend:
        channels = channel_block(sums, make, tau, offered, read_campaigns(connection, sums, offered))
    page = ReportPage(
        title=TITLE,
        first_day=sums.days.first,
        last_day=sums.days.last if sums.days.days else sums.filters.whole_days(sums.today).last,
        compared=None if sums.compared is None else (sums.compared.first, sums.compared.last),
        zone=str(sums.zone),
        currency=settings.currency,
        language=settings.report.language,
        snapshot=content.snapshot.snapshot_id,
        data_at=content.snapshot.data_at or now,
        money=make.reader.money,
        query=sums.filters.query,
        filters=filter_choices(sums, offered),
        sources=ages,
        notices=(
            *several_values(sums.filters, offered),
            *page_notices(sums, content.imports, content.calibration, None if has_leads else newest_day(connection)),
        ),
        alarms=page_alarms(junk_alarms, connection, sums, make, content.history, content.hand_over)
        if has_leads
        else (),
        cards=money_cards(sums, make, tau, goals, mature),
        channels=channels,
        ladder=ladder_rows(sums, make, goals, further) if has_leads or sums.total.spend else (),
        cohorts=cohort_block(content.history, sums, make, tau),
        hand_over=hand_over_block(content.hand_over, sums, make),
        revenue_change=change_block(sums, make),
        goals=goals_block(connection, states, sums, make),
        track_record=track_record(content.history, make, tau),
        attribution=attribution_rows(connection, sums, make),
        reconciliation=reconciliation_lines(content.imports, newest_counts(connection), rates, make),
        formulas=(),
        is_shared=make.reader.is_shared,
    )
    return with_end(replace(page, formulas=tuple(_formulas(page))), content.end)


def figures_of(page: ReportPage) -> Iterable[Figure]:
    """Yield the figures of a page, in order."""
    yield from (alarm.figure for alarm in page.alarms if alarm.figure is not None)
    yield from (card.figure for card in page.cards)
    yield from (row.figure for row in page.channels.rows)
    yield from (row.figure for row in page.channels.campaigns)
    yield from (row.figure for row in page.ladder)
    if page.cohorts is not None:
        yield page.cohorts.figure
    if page.hand_over is not None:
        yield from page.hand_over.figures
        yield from page.hand_over.velocities
    if page.goals is not None:
        yield from page.goals.goals


def default_figures(page: ReportPage) -> Iterable[Figure]:
    """Yield the figures that the page shows before anything is opened: what its budget of 24 counts."""
    yield from (alarm.figure for alarm in page.alarms if alarm.figure is not None)
    yield from (card.figure for card in page.cards)
    yield from (row.figure for row in page.channels.rows)
    yield from (row.figure for row in page.ladder)
    if page.hand_over is not None:
        yield from page.hand_over.figures


def _formulas(page: ReportPage) -> Iterable[FormulaText]:
    """Yield the formula of each metric of the page."""
    for name in dict.fromkeys(figure.metric for figure in figures_of(page)):
        if name not in METRICS:
            continue
        metric = METRICS[name]
        sources = tuple(dict.fromkeys(_SOURCES.get(source, "leads") for source in metric.inputs))
        period = None if metric.period == PERIOD_OF_PAGE else metric.period
        yield FormulaText(name, metric.title, metric.kind.value, metric.formula, period, sources)
