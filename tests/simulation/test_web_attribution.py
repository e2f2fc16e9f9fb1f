"""Click ids and attribution."""

from __future__ import annotations

from features.click_ids import gclid_seconds
from simulation import Simulation


def test_click_ids_tell_their_time(base: Simulation) -> None:
    leads = base.leads.dropna(subset="gclid")
    hours = (leads["Created"].astype("int64") / 1e6 - leads["gclid"].map(gclid_seconds)) / 3600
    assert hours.notna().all()
    assert hours.min() > -0.01
    genuine = ~base.truth["junk"].to_numpy()[leads.index]
    assert hours[genuine].median() < 1
    assert hours[~genuine].quantile(0.9) > 240
