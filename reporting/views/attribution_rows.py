"""Revenue of each channel by attribution models; the rows of a model add up to the revenue exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from reporting.page.record_rows import AttributionRow
from reporting.statistics.markov_removal import is_enough, markov_removal
from reporting.views.figure_texts import FigureMaker
from reporting.views.metric_inputs import MILLION
from reporting.views.page_sums import PageSums
from store import touch_queries
from store.credit_rollups import SUBMIT, WIN, touched_channels

if TYPE_CHECKING:
    from sqlalchemy import Connection

SHOWN = ("first", "last")
"""Models that are shown beside the chosen one."""
MARKOV = "markov"


def attribution_rows(connection: Connection, sums: PageSums, make: FigureMaker) -> tuple[AttributionRow, ...]:
    """Return a row a channel; none without money or wins."""
    if not make.reader.money or not sums.total.leads.get("won"):
        return ()
    scope, days = sums.filters.scope, sums.days
    chosen = sums.filters.model or sums.settings.report.attribution
    models = [model for model in dict.fromkeys((*SHOWN, chosen)) if model != MARKOV]
    basis = WIN if sums.filters.view == "calendar" else SUBMIT
    credits = touched_channels(connection, scope, basis, days.first, days.last, models)
    amounts: dict[str, Mapping[str, int]] = {
        model: {channel: by_model[model] for channel, by_model in credits.items()} for model in models
    }
    if chosen == MARKOV:
        shares = _markov(connection, sums, sum(amounts[SHOWN[0]].values()))
        amounts |= {} if shares is None else {MARKOV: shares}
    channels = sorted({channel for of_model in amounts.values() for channel in of_model})
    rows = [
        AttributionRow(channel, {model: of_model.get(channel, 0) / MILLION for model, of_model in amounts.items()})
        for channel in channels
    ]
    main = chosen if chosen in amounts else SHOWN[0]
    return tuple(sorted(rows, key=lambda row: -row.amounts[main]))


def _markov(connection: Connection, sums: PageSums, revenue_micros: int) -> Mapping[str, int] | None:
    """Return the data-driven credit; None below 300 wins, or 5 in a channel."""
    counts: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    for path in touch_queries.every_path(connection, sums.filters.scope, sums.days.first, sums.days.last):
        counts[tuple(channel for _, channel in path.touches)][path.won_at is None] += 1
    paths = {path: (wins, losses) for path, (wins, losses) in counts.items()}
    if not is_enough(paths):
        return None
    shares = markov_removal(paths)
    return None if shares is None else shares.divide(revenue_micros)
