"""Revenue of each channel by attribution models; the rows of a model add up to the revenue exactly."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from reporting.page.record_rows import AttributionRow
from reporting.statistics.attribution_models import AttributionModel, TouchPath, attribute
from reporting.statistics.markov_removal import is_enough, markov_removal
from reporting.views.figure_texts import FigureMaker
from reporting.views.metric_inputs import MILLION
from reporting.views.page_sums import PageSums
from store import touch_queries
from store.drill_down import moments_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.touch_queries import LeadPath

SHOWN = ("first", "last")
"""Models that are shown beside the chosen one."""
MARKOV = "markov"
_DAY_SECONDS = 86_400.0
_WHOLE = {AttributionModel.FIRST: 0, AttributionModel.LAST: -1}
"""Model that credits one touch with everything -> its position."""


def attribution_rows(connection: Connection, sums: PageSums, make: FigureMaker) -> tuple[AttributionRow, ...]:
    """Return a row a channel; none without money or wins."""
    if not make.reader.money or not sums.total.leads.get("won"):
        return ()
    scope, days = sums.filters.scope, sums.days
    won_between = moments_of(days.first, days.last, sums.zone) if sums.filters.view == "calendar" else None
    paths = list(touch_queries.won_paths(connection, scope, days.first, days.last, won_between))
    chosen = sums.filters.model or sums.settings.report.attribution
    models = dict.fromkeys((*SHOWN, chosen))
    amounts: dict[str, Mapping[str, int]] = {}
    for model in models:
        if model != MARKOV:
            amounts[model] = credit(AttributionModel(model), paths)
        elif (shares := _markov(connection, sums, paths)) is not None:
            amounts[model] = shares
    channels = sorted({channel for of_model in amounts.values() for channel in of_model})
    rows = [
        AttributionRow(channel, {model: of_model.get(channel, 0) / MILLION for model, of_model in amounts.items()})
        for channel in channels
    ]
    main = chosen if chosen in amounts else SHOWN[0]
    return tuple(sorted(rows, key=lambda row: -row.amounts[main]))


def credit(model: AttributionModel, paths: Iterable[LeadPath]) -> dict[str, int]:
    """Return the revenue of each channel by a model, in millionths; it adds up to the revenue of the paths.

    Deals whose paths have the same shape are divided together, except by time decay, which needs the ages.
    """
    by_shape: dict[tuple[tuple[str, ...], TouchPath], int] = defaultdict(int)
    credits: dict[str, int] = defaultdict(int)
    place = _WHOLE.get(model)
    for path in paths:
        if place is not None or len(path.touches) == 1:  # one touch has it all
            for _, channel in path.touches:
                credits[channel] += 0
            credits[path.touches[place or 0][1]] += path.revenue_micros
        else:
            by_shape[_shape(model, path)] += path.revenue_micros
    for (channels, shape), revenue in by_shape.items():
        for channel, amount in zip(channels, attribute(model, shape, revenue).cents, strict=True):
            credits[channel] += amount
    return dict(credits)


def _shape(model: AttributionModel, path: LeadPath) -> tuple[tuple[str, ...], TouchPath]:
    moments = [at for at, _ in path.touches]
    channels = tuple(channel for _, channel in path.touches)
    lead = max(bisect_right(moments, path.submitted_at) - 1, 0)
    opportunity = None if path.quote_at is None else max(bisect_right(moments, path.quote_at) - 1, 0)
    ages: tuple[float, ...] = tuple(float(len(moments) - place) for place in range(len(moments)))
    if model is AttributionModel.DECAY and path.won_at is not None:
        won = datetime.fromisoformat(path.won_at)
        ages = tuple((won - datetime.fromisoformat(at)).total_seconds() / _DAY_SECONDS for at in moments)
    return channels, TouchPath(ages, lead, opportunity)


def _markov(connection: Connection, sums: PageSums, won: list[LeadPath]) -> Mapping[str, int] | None:
    """Return the data-driven credit; None below 300 wins, or 5 in a channel."""
    counts: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    for path in touch_queries.every_path(connection, sums.filters.scope, sums.days.first, sums.days.last):
        counts[tuple(channel for _, channel in path.touches)][path.won_at is None] += 1
    paths = {path: (wins, losses) for path, (wins, losses) in counts.items()}
    if not is_enough(paths):
        return None
    shares = markov_removal(paths)
    return None if shares is None else shares.divide(sum(path.revenue_micros for path in won))
