"""Arrivals follow the intensity of channels and days."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from simulation import Simulation, parameters
from simulation.channels import Calendar, campaign_shares, draw_arrivals, intensity


def test_the_calendar_ends_at_the_export() -> None:
    calendar = Calendar(datetime(2026, 3, 1, tzinfo=UTC), 31)
    assert calendar.start == datetime(2026, 1, 29, tzinfo=UTC)
    assert calendar.months().tolist() == [0] * 3 + [1] * 28
    assert calendar.weekdays()[0] == calendar.start.weekday()
    assert calendar.passed(np.array([0, 30])).tolist() == [0.0, 1.0]


def test_shares_of_campaigns_add_up_to_one() -> None:
    late = np.array([False, True])
    for channel in parameters().channels.values():
        shares = campaign_shares(channel, late, np.array([0.0, 1.0]), 1.5)
        assert shares.sum(axis=0) == pytest.approx([1.0, 1.0])


def test_arrivals_follow_the_expected_numbers() -> None:
    world, calendar = parameters(), Calendar(datetime(2026, 3, 1, tzinfo=UTC), 400)
    arrivals = draw_arrivals(world, calendar, 30_000, 1)
    assert len(arrivals) == 30_000
    assert (np.diff(arrivals.seconds) >= 0).all()
    expected = intensity(world, calendar).sum(axis=1)
    counts = np.bincount(arrivals.channel, minlength=len(expected))
    assert counts / 30_000 == pytest.approx(expected / expected.sum(), abs=0.02)


def test_the_world_drifts(base: Simulation) -> None:
    half = base.truth["submitted_at"] >= base.start + (base.end - base.start) / 2
    early, late = base.truth[~half], base.truth[half]
    assert (late["channel"] == "pmax").mean() > 1.2 * (early["channel"] == "pmax").mean()
    assert late["junk"].mean() > early["junk"].mean() + 0.01
    assert late["wins"].mean() < early["wins"].mean()
    assert (base.truth["submitted_at"].dt.day_of_week < 5).mean() > 0.75
