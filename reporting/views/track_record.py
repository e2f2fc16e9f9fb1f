"""What was predicted about past cohorts when their leads came, and what came: by channel, then by month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from reporting.page.record_rows import TrackRecordRow
from reporting.views.channel_returns import revenue_interval, value_variation
from reporting.views.cohorts import CohortHistory
from reporting.views.figure_texts import FigureMaker
from reporting.views.metric_inputs import MILLION
from reporting.views.page_sums import sum_of
from store.report_queries import Sums

MOST_ROWS = 9
MOST_CHANNELS = 5
LEAST_AGE_DAYS = 30


def track_record(history: CohortHistory, make: FigureMaker, tau: float) -> tuple[TrackRecordRow, ...]:
    """Return a row a channel with the months that are complete, and a row a month, the newest first.

    The prediction is the sum of the values at submit, which are stored with each lead and never computed again. Leads
    without one, which came before the model that scored them, are in neither sum. Without money there are no rows.
    """
    if not make.reader.money:
        return ()
    cells = {cell: sums for cell, sums in history.cells.items() if sums["submit_value_micros"]}
    by_channel: dict[str, list[tuple[date, Sums]]] = {}
    by_month: dict[date, list[tuple[date, Sums]]] = {}
    for (month, channel), sums in sorted(cells.items()):
        if history.is_complete(month):
            by_channel.setdefault(channel, []).append((month, sums))
        if (history.today - month).days >= LEAST_AGE_DAYS:
            by_month.setdefault(month, []).append((month, sums))
    rows = [_row(channel, parts, history, tau) for channel, parts in by_channel.items()]
    rows.sort(key=lambda row: -row.said)
    names = {channel for _, channel in cells}
    everything = names.pop() if len(names) == 1 else None
    shown = rows[:MOST_CHANNELS] if len(rows) > 1 else []
    months = sorted(by_month, reverse=True)[: MOST_ROWS - len(shown)]
    return (*shown, *(_row(everything, by_month[month], history, tau) for month in months))


def _row(channel: str | None, parts: Sequence[tuple[date, Sums]], history: CohortHistory, tau: float) -> TrackRecordRow:
    sums = sum_of(part for _, part in parts)
    said = {
        "open_win_ppm": sums["submit_win_ppm"],
        "open_win_squares_ppm": sums["submit_win_ppm"],
        "open_value_micros": sums["submit_value_micros"],
    }
    low, high = revenue_interval(said, tau, value_variation(sums))
    first, last = parts[0][0], parts[-1][0]
    return TrackRecordRow(
        cohort=first,
        channel=channel,
        said=sums["submit_value_micros"] / MILLION,
        low=low,
        high=high,
        came=sums["submit_revenue_micros"] / MILLION,
        complete=history.is_complete(last),
        until=last if last != first else None,
    )
