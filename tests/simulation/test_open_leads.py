"""The truth of open leads is what happens when the same leads are worked again and again."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from simulation import world as worlds
from simulation.channels import DAY_SECONDS, Calendar
from simulation.deals import draw_deals
from simulation.ground_truth import Drawn
from simulation.loss_closing import open_share
from simulation.open_leads import chances_if_open, still_open
from simulation.parameters import parameters
from simulation.sales_process import draw_sales

LEADS = 50
TIMES = 2_000
MECHANISMS = (
    None,
    "two-speeds",
    "slow-giants",
    "speeding-up",
    "never-closed",
    "all-closed",
    "spring-clean",
    "worst-first",
    "sinking",
    "new-offer",
)


def repeated(parts: Any, rows: np.ndarray) -> Any:
    """Return a record of arrays at some rows."""
    arrays = {field.name: getattr(parts, field.name)[rows] for field in dataclasses.fields(parts)}
    return type(parts)(**arrays)


def drawn_world(scenario: str | None) -> Drawn:
    calendar = Calendar(datetime(2026, 10, 1, tzinfo=UTC), 500)
    return worlds._draw(parameters(scenario), calendar, 500, 3, 0)


def test_junk_never_wins_and_closed_leads_have_no_truth() -> None:
    drawn = drawn_world(None)
    still = drawn.open_leads
    assert (still.win_probability[still.is_open & drawn.classes.junk] == 0).all()
    assert np.isnan(still.value[~still.is_open]).all()
    assert (still.value[still.is_open & ~drawn.classes.junk] > 0).all()
    age = (drawn.calendar.end_seconds - drawn.arrivals.seconds) / DAY_SECONDS
    assert not still.is_open[age > drawn.parameters.world.horizon_days].any()


@pytest.mark.parametrize("scenario", MECHANISMS)
def test_chances_of_open_leads_are_those_of_many_repetitions(scenario: str | None) -> None:
    drawn = drawn_world(scenario)
    world = drawn.parameters
    genuine = np.flatnonzero(~drawn.classes.junk & (drawn.arrivals.day > 200))
    leads = genuine[:: len(genuine) // LEADS][:LEADS]
    kinds = (drawn.arrivals, drawn.classes, drawn.persons, drawn.chances)
    truth, value = chances_if_open(
        world, drawn.calendar, repeated(drawn.arrivals, leads), *(repeated(p, leads) for p in (kinds[3], drawn.deals))
    )

    arrivals, classes, persons, chances = (repeated(part, np.repeat(leads, TIMES)) for part in kinds)
    deals = draw_deals(world, arrivals, persons, seed=5)
    history = draw_sales(world, drawn.calendar, arrivals, classes, persons, chances, deals, seed=6)
    is_open = still_open(world, drawn.calendar, arrivals, history).reshape(LEADS, TIMES)
    won = history.wins.reshape(LEADS, TIMES)
    share = open_share(world, drawn.calendar, repeated(drawn.arrivals, leads), repeated(drawn.chances, leads))
    lost, lost_open = (~won).sum(axis=1), (is_open & ~won).sum(axis=1)
    deviations = (lost_open - share * lost) / np.sqrt(np.maximum(share * (1 - share) * lost, 1.0))
    assert abs(deviations.mean()) < 4 / np.sqrt(LEADS)
    assert np.sqrt((deviations**2).mean()) < 1.35
    wins = won & is_open
    revenue = np.where(wins, deals.revenue.reshape(LEADS, TIMES), 0.0)
    count = is_open.sum(axis=1)
    assert count.sum() > 0.05 * LEADS * TIMES
    expected = truth * count
    assert abs(wins.sum() - expected.sum()) < 4 * np.sqrt((expected * (1 - truth)).sum())
    deviations = (wins.sum(axis=1) - expected) / np.sqrt(np.maximum(expected * (1 - truth), 1.0))
    assert np.sqrt((deviations**2).mean()) < 1.35
    # Deals are heavy-tailed: money is compared for all leads together.
    spread = np.sqrt(((revenue - np.where(is_open, value[:, None], 0.0)) ** 2).sum())
    assert abs(revenue.sum() - (value * count).sum()) < 4 * spread
    assert spread < 0.1 * revenue.sum()
