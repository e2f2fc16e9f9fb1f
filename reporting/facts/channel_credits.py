"""Revenue of each won lead, divided between the channels that it touched, by each attribution model.

The amounts of a lead are integers that add up to its revenue, so sums over leads add up to the revenue exactly.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from reporting.statistics.attribution_models import AttributionModel, TouchPath, attribute
from store import touch_queries
from store.credit_rollups import SUBMIT, WIN, Cell, replace_credits
from store.credit_schema import CREDITS
from store.lead_rollups import spans
from store.timestamps import stamp
from store.touch_queries import LeadPath
from store.zone_days import begin_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

MODELS = tuple(AttributionModel(name.removesuffix("_micros")) for name in CREDITS)
"""Models in the order of the columns of the rollup."""
_DAY_SECONDS = 86_400.0


def rewrite_submit_credits(connection: Connection, days: Collection[str]) -> int:
    """Divide the revenue of the leads that were submitted on some days again; return how many rows were written."""
    paths = touch_queries.won_paths(connection, days)
    return replace_credits(connection, SUBMIT, days, channel_credits(paths, lambda path: path.day))


def rewrite_win_credits(connection: Connection, days: Collection[str], zone: tzinfo) -> int:
    """Divide the revenue of the leads that were won on some days of a zone again; return how many rows were written."""

    def day_of(path: LeadPath) -> str:
        return str(datetime.fromisoformat(path.won_at or path.submitted_at).astimezone(zone).date())

    written = 0
    for first, last in spans(days):
        begin, end = begin_of(first, zone), begin_of(last + timedelta(days=1), zone)
        credits = channel_credits(touch_queries.paths_won_between(connection, stamp(begin), stamp(end)), day_of)
        inside = [str(first + timedelta(days=number)) for number in range((last - first).days + 1)]
        written += replace_credits(connection, WIN, inside, credits)
    return written


def channel_credits(paths: Iterable[LeadPath], day_of: Callable[[LeadPath], str]) -> dict[Cell, list[int]]:
    """Return the revenue of each cell by model, in millionths.

    Parameters
    ----------
    paths
        Won leads with their touches.
    day_of
        Day on which a lead counts.
    """
    credits: dict[Cell, list[int]] = {}
    for path in paths:
        key = (day_of(path), path.channel, path.campaign_key, path.country)
        if len(path.touches) == 1:  # one touch has it all
            _add(credits, (*key, path.touches[0][1]), [path.revenue_micros] * len(MODELS))
            continue
        shape = _shape(path)
        by_model = [attribute(model, shape, path.revenue_micros).cents for model in MODELS]
        for (_, touched), *amounts in zip(path.touches, *by_model, strict=True):
            _add(credits, (*key, touched), amounts)
    return credits


def _add(credits: dict[Cell, list[int]], cell: Cell, amounts: list[int]) -> None:
    known = credits.get(cell)
    credits[cell] = amounts if known is None else [old + new for old, new in zip(known, amounts, strict=True)]


def _shape(path: LeadPath) -> TouchPath:
    moments = [at for at, _ in path.touches]
    lead = max(bisect_right(moments, path.submitted_at) - 1, 0)
    opportunity = None if path.quote_at is None else max(bisect_right(moments, path.quote_at) - 1, 0)
    end = datetime.fromisoformat(path.won_at or moments[-1])
    ages = tuple((end - datetime.fromisoformat(at)).total_seconds() / _DAY_SECONDS for at in moments)
    return TouchPath(ages, lead, opportunity)
