"""CRM files that grow day by day hold what is known on the day, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pandas as pd

from crm.lead_history import read_history
from leadworth.settings import load_settings
from simulation.auction.replayed_crm import LEADS, STAGES, ReplayedCrm
from simulation.csv_columns import LATER_COLUMNS
from simulation.world import Simulation, simulate


def _world() -> Simulation:
    return simulate(leads=400, months=6, seed=3)


def _known(crm: ReplayedCrm) -> tuple[pd.DataFrame, pd.DataFrame]:
    return pd.read_csv(crm.folder / LEADS), pd.read_csv(crm.folder / STAGES, parse_dates=["stage_at"])


def test_files_hold_the_won_leads_and_their_events_up_to_the_day(tmp_path: Path) -> None:
    world = _world()
    crm = ReplayedCrm(world, tmp_path)
    middle = world.start + timedelta(days=90)
    early = world.leads[world.leads["Created"] < middle]["Lead ID"].tolist()
    won = early[::2]
    crm.add(won, middle)
    leads, stages = _known(crm)
    assert leads["Lead ID"].tolist() == won
    assert not set(LATER_COLUMNS) & set(leads)
    events = world.events[world.events["lead_id"].isin(won) & (world.events["stage_at"] < middle)]
    assert len(stages) == len(events) > 0
    assert set(stages["lead_id"]) <= set(won)
    assert (stages["stage_at"].dt.tz_localize("UTC") < middle).all()


def test_growing_day_by_day_gives_the_rows_of_one_export(tmp_path: Path) -> None:
    world = _world()
    grown, once = ReplayedCrm(world, tmp_path / "grown"), ReplayedCrm(world, tmp_path / "once")
    for day in range(120):
        begin, end = world.start + timedelta(days=day), world.start + timedelta(days=day + 1)
        new = world.leads[(world.leads["Created"] >= begin) & (world.leads["Created"] < end)]["Lead ID"].tolist()
        grown.add(new, end)
    once.add(world.leads[world.leads["Created"] < end]["Lead ID"].tolist(), end)
    for first, second in zip(_known(grown), _known(once), strict=True):
        by = list(first.columns)[:2] + (["stage_at"] if "stage_at" in first else [])
        columns = {"by": by, "ignore_index": True}
        pd.testing.assert_frame_equal(first.sort_values(**columns), second.sort_values(**columns))


def test_settings_read_the_files_without_a_fixed_day(tmp_path: Path) -> None:
    world = _world()
    crm = ReplayedCrm(world, tmp_path)
    crm.add(world.leads["Lead ID"].tolist(), world.end)
    settings = load_settings(crm.write_settings("[export]\nleast = 2.5"))
    history = read_history(settings)
    assert settings.training.as_of is None
    assert settings.export.least == 2.5
    assert len(history.leads) == len(world.leads)
    assert history.outcomes["won"].sum() == world.truth["won_by_end"].sum()
