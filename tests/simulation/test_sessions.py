"""Sessions follow the scenario."""

from __future__ import annotations

import pandas as pd

from simulation import simulate


def test_sessions_up_conversions_down() -> None:
    world = simulate("sessions-up-conversions-down", leads=30_000, months=12)
    day = pd.to_datetime(world.sessions["day"], utc=True)
    last, before = (
        world.sessions[day.between(world.end - pd.Timedelta(days=to), world.end - pd.Timedelta(days=since), "left")]
        for to, since in ((45, 0), (90, 45))
    )
    assert last["sessions"].sum() > 1.5 * before["sessions"].sum()
    assert last["leads"].sum() < 0.8 * before["leads"].sum()
