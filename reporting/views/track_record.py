"""What was predicted about past cohorts when their leads came, and what came."""

from __future__ import annotations

from reporting.page.record_rows import TrackRecordRow
from reporting.views.channel_returns import revenue_interval, value_variation
from reporting.views.cohorts import CohortHistory
from reporting.views.figure_texts import FigureMaker
from reporting.views.metric_inputs import MILLION

MOST_ROWS = 12
LEAST_AGE_DAYS = 30


def track_record(history: CohortHistory, make: FigureMaker, tau: float) -> tuple[TrackRecordRow, ...]:
    """Return a row a month and channel, the newest first; none without money.

    The prediction is the sum of the values at submit, which are stored with each lead and never computed again. Leads
    without one, which came before the model that scored them, are in neither sum.
    """
    if not make.reader.money:
        return ()
    rows: list[TrackRecordRow] = []
    for (month, channel), sums in sorted(history.cells.items(), key=lambda cell: (-cell[0][0].toordinal(), cell[0][1])):
        if not sums["submit_value_micros"] or (history.today - month).days < LEAST_AGE_DAYS:
            continue
        if len(rows) == MOST_ROWS:
            break
        said = {
            "open_win_ppm": sums["submit_win_ppm"],
            "open_win_squares_ppm": sums["submit_win_ppm"],
            "open_value_micros": sums["submit_value_micros"],
        }
        low, high = revenue_interval(said, tau, value_variation(sums))
        rows.append(
            TrackRecordRow(
                cohort=month,
                channel=channel,
                said=sums["submit_value_micros"] / MILLION,
                low=low,
                high=high,
                came=sums["submit_revenue_micros"] / MILLION,
                complete=history.is_complete(month),
            )
        )
    return tuple(rows)
