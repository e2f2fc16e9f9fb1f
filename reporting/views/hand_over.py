"""Hand-over to sales: response times, MQLs that wait, MQL to SQL, and days from stage to stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np

from leadworth.arrays import Flags, Indices, Vector
from reporting.facts.stage_counts import STAGES as STAGE_MOMENTS
from reporting.facts.stage_counts import read_stages
from reporting.metrics.registry import METRICS
from reporting.page.page_model import Figure, HandOverBlock, Level, Message, Notice, Quantity, Unit
from reporting.statistics.aalen_johansen import Exit, aalen_johansen
from reporting.statistics.kaplan_meier import MEDIAN, P75, kaplan_meier
from reporting.statistics.log_bins import minutes_of_bin
from reporting.statistics.response_times import ResponseTimes, response_times_of_bins
from reporting.statistics.share_interval import BarVerdict, compare_with_bar, share_interval
from reporting.views.figure_texts import FigureMaker
from reporting.views.page_sums import PageSums
from store import hand_over_queries, report_queries

if TYPE_CHECKING:
    from sqlalchemy import Connection

ADVANCEMENT = 0.8
"""Share of MQLs that should become SQL."""
TOO_LATE = 0.95
MATURE_DAYS = 30
"""Age from which a lead counts in MQL to SQL."""
FEWEST = 10
_DAY_MINUTES = 1_440.0
STAGES = tuple(name for name, _, _ in STAGE_MOMENTS)
_TITLES: Mapping[str, Message] = {
    "velocity_mql_sql": Message("MQL to SQL"),
    "velocity_sql_quote": Message("SQL to quote"),
    "velocity_quote_close": Message("Quote to close"),
}


@dataclass(frozen=True)
class HandOverData:
    """What the store says about the hand-over.

    Attributes
    ----------
    has_contacts
        Whether any lead has a contact by sales; without one, nobody knows which leads wait.
    touched_bins, untouched_bins
        Bin of minutes -> leads with a contact, and without.
    untouched, untouched_micros
        Open MQLs without a contact, and their predicted value.
    of_period_micros
        Predicted value of those that came in the period.
    stages
        Stage -> bin of minutes -> MQLs that reached it, were lost before by the time to the loss and by their age, and
        are open.
    mature_mql, mature_sql
        Of the leads of the period that are old enough.
    """

    has_contacts: bool
    times: ResponseTimes
    touched_bins: Mapping[int, int]
    untouched_bins: Mapping[int, int]
    hours: str
    untouched: int
    untouched_micros: int
    of_period_micros: int
    stages: Mapping[str, Mapping[int, tuple[int, ...]]]
    mature_mql: int
    mature_sql: int


def read_hand_over(connection: Connection, sums: PageSums, now: datetime) -> HandOverData:
    """Return what the store says about the hand-over."""
    scope, days = sums.filters.scope, sums.days
    hours = "business"
    touched, untouched = hand_over_queries.response_counts(connection, scope, days.first, days.last, hours)
    waiting, value = hand_over_queries.untouched_totals(connection, scope)
    begin, end = (datetime.combine(day, time(), sums.zone) for day in (days.first, days.last + timedelta(days=1)))
    _, of_period = hand_over_queries.untouched_totals(connection, scope, (begin, end))
    stages = read_stages(connection, scope, days.first, days.last, now)
    mature = days.until(sums.today - timedelta(days=MATURE_DAYS))
    of_mature = report_queries.lead_sums(connection, scope, mature.first, mature.last).get((), {})
    return HandOverData(
        bool(touched) or hand_over_queries.has_contacts(connection),
        response_times_of_bins(touched, untouched),
        touched,
        untouched,
        hours,
        waiting,
        value,
        of_period,
        stages,
        of_mature.get("mql", 0),
        of_mature.get("sql", 0),
    )


def hand_over_block(data: HandOverData, sums: PageSums, make: FigureMaker) -> HandOverBlock | None:
    """Return the block; None without MQLs."""
    if not data.times.leads and not data.untouched and not data.stages:
        return None
    times = data.times
    median = None if times.median_minutes is None else Quantity(times.median_minutes, Unit.MINUTES)
    within = None if times.within_5 is None else Quantity(times.within_5, Unit.SHARE)
    waiting = Quantity(data.untouched) if data.has_contacts else None
    if not data.has_contacts:
        median = within = None
    figures = (
        Figure(
            "response_median",
            Message("Median response, in business hours"),
            median,
            note=_missing(data, median, Message("fewer than half were contacted")),
            href=make.href("response_median"),
            unit=Unit.MINUTES,
        ),
        Figure(
            "response_within_5",
            Message("Answered within 5 minutes"),
            within,
            note=_missing(data, within, Message("not enough data")),
            href=make.href("response_within_5"),
            unit=Unit.SHARE,
        ),
        Figure(
            "untouched_mql",
            Message("MQLs that wait for sales"),
            waiting,
            note=_missing(data, waiting, Message("not enough data")),
            href=make.href("untouched_mql"),
            unit=Unit.COUNT,
        ),
    )
    return HandOverBlock(
        figures,
        tuple(_lines(data, make)),
        tuple(_velocities(data, make)),
        make.href("untouched_mql") if data.has_contacts else None,
        tuple(_notices(sums)),
    )


def _missing(data: HandOverData, quantity: Quantity | None, why: Message) -> Message | None:
    """Return why a figure is withheld."""
    if quantity is not None:
        return None
    if not data.has_contacts:
        return Message("no contacts by sales are imported: connect the CRM")
    return why if data.times.leads else Message("no lead of this period has a response time")


def _lines(data: HandOverData, make: FigureMaker) -> list[Message]:
    lines = []
    if make.reader.money and data.untouched and data.has_contacts:
        value = make.money(data.untouched_micros / 1_000_000)
        lines.append(Message("predicted value of the MQLs that wait: {value}", {"value": value}))
    if data.mature_mql:
        share = data.mature_sql / data.mature_mql
        low, high = share_interval(data.mature_sql, data.mature_mql)
        values = {
            "share": Quantity(share, Unit.SHARE),
            "low": Quantity(low, Unit.SHARE),
            "high": Quantity(high, Unit.SHARE),
        }
        verdict = compare_with_bar(data.mature_sql, data.mature_mql, ADVANCEMENT)
        if share > TOO_LATE and verdict is BarVerdict.ABOVE:
            text = Message("MQL to SQL {share} ({low} to {high}): is MQL defined too late?", values)
        elif verdict is BarVerdict.ABOVE:
            text = Message("MQL to SQL {share} ({low} to {high}): above 80%", values)
        elif verdict is BarVerdict.BELOW:
            text = Message("MQL to SQL {share} ({low} to {high}): below 80%", values)
        else:
            text = Message("MQL to SQL {share} ({low} to {high}): 80% is not shown", values)
        lines.append(text)
    return lines


def _velocities(data: HandOverData, make: FigureMaker) -> list[Figure]:
    """Return the median days from stage to stage; leads that were lost before wait for ever."""
    figures = []
    for stage in STAGES:
        name = f"velocity_{stage}"
        waits = _waits(data, stage)
        title = METRICS[name].title if name in METRICS else _TITLES[name]
        href = make.href(name)
        if waits[2].sum() < FEWEST:
            note = Message("fewer than {count} leads", {"count": Quantity(FEWEST)})
            figures.append(Figure(name, title, None, note=note, href=href, unit=Unit.DAYS))
            continue
        curve = kaplan_meier(*waits)
        median, upper = curve.first_time_at(MEDIAN), curve.first_time_at(P75)
        reached, lost, _ = aalen_johansen(*_exits(data, stage)).at()
        values = {"share": Quantity(reached, Unit.SHARE), "lost": Quantity(lost, Unit.SHARE)}
        note = Message("reached by {share}, lost before {lost}", values)
        if median is None:
            note = Message("median not reached; reached by {share}, lost before {lost}", values)
        elif upper is not None:
            values["days"] = Quantity(upper, Unit.DAYS)
            note = Message("75% within {days}; reached by {share}, lost before {lost}", values)
        quantity = None if median is None else Quantity(median, Unit.DAYS)
        figures.append(Figure(name, title, quantity, note=note, href=href, unit=Unit.DAYS))
    return figures


def durations(data: HandOverData, stage: str) -> tuple[Vector, Flags]:
    """Return days from a stage to the next, or to the end of observation, and whether it was reached, shape (leads,).

    A lead that was lost before never reaches the stage: it stays in the risk set to the end of observation.
    """
    days, reached, leads = _waits(data, stage)
    return np.repeat(days, leads), np.repeat(reached, leads)


def _waits(data: HandOverData, stage: str) -> tuple[Vector, Flags, Indices]:
    """Return what `durations` does with the number of leads of each time, shape (n,)."""
    days, counts = _bins(data, stage)
    times, kinds, leads = _by_kind(days, counts[:, 0], counts[:, 2] + counts[:, 3])
    return times, kinds == 0, leads


def _exits(data: HandOverData, stage: str) -> tuple[Vector, Indices, Indices]:
    """Return days from a stage to the next, to the loss, or to the end of observation, how each ended, and leads."""
    days, counts = _bins(data, stage)
    of_exit = {Exit.OPEN: counts[:, 3], Exit.REACHED: counts[:, 0], Exit.LOST: counts[:, 1]}
    return _by_kind(days, *(of_exit[kind] for kind in Exit))


def _by_kind(days: Vector, *counts: Indices) -> tuple[Vector, Indices, Indices]:
    """Return days, number of the kind, and leads, of each day and kind that has leads."""
    leads = np.concatenate(counts)
    there = leads > 0
    return np.tile(days, len(counts))[there], np.repeat(np.arange(len(counts)), len(days))[there], leads[there]


def _bins(data: HandOverData, stage: str) -> tuple[Vector, Indices]:
    """Return the days of each bin, shape (n,), and its counts, shape (n, 4)."""
    bins = data.stages.get(stage, {})
    counts = np.array(list(bins.values()), dtype=np.int64).reshape(len(bins), 4)
    return minutes_of_bin(np.array(list(bins), dtype=np.int64)) / _DAY_MINUTES, counts


def _notices(sums: PageSums) -> list[Notice]:
    if not (sums.filters.campaign or sums.filters.country):
        return []
    return [
        Notice(Level.INFO, Message("Response times are not divided by campaign and country: this filter is ignored."))
    ]
