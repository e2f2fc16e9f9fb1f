"""Signals through the product: trained on the warm-up, and only what the peers accepted reaches the bidder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simulation.auction.product_signal import at_submit_only, staged
from tests.simulation.auction.potential import potential_leads


@pytest.mark.slow
def test_both_signals_report_the_value_of_their_clicks(tmp_path: Path) -> None:
    market = potential_leads(3_000, 365, 390, seed=5)
    warm_up = np.flatnonzero(market.day < 365)
    values = {}
    for signal in (at_submit_only(), staged()):
        signal.folder = tmp_path / signal.name
        signal.start(market, warm_up)
        reported = [signal.report(day, np.flatnonzero(market.day == day)) for day in range(365, 371)]
        signal.close()
        assert signal.trained == [364]
        assert signal.promoted == [364]
        rows = np.concatenate([part.lead for part in reported])
        assert market.bought[rows].all()
        assert (market.day[rows] <= 370).all()
        assert (market.day[rows] >= 365).any()
        latest = np.zeros(len(market))
        for part in reported:
            latest[part.lead] = part.value
        np.testing.assert_array_equal(latest, signal.values())
        values[signal.name] = latest
    first, last = values.values()
    assert ((first > 0) & (last > 0)).sum() > 20
    assert (first != last).any()
