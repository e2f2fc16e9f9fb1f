from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from leadworth.errors import InputError
from reporting.views.report_filters import parse_filters
from simulation import simulate
from simulation.parameters import scenarios
from simulation.report_demo.replays import Replay, replay_of, replays
from simulation.world import Simulation


def world(replay: Replay, number: int, leads: int) -> Simulation:
    words = replay.simulate_options(replay.views[number], seed=3)
    options = dict(zip(words[::2], words[1::2], strict=True))
    return simulate(
        options["--scenario"],
        leads=leads,
        months=float(options["--months"]),
        seed=int(options["--seed"]),
        end=date.fromisoformat(options["--end"]),
        new_days=int(options["--new-days"]),
    )


@pytest.mark.parametrize("name", list(replays()))
def test_scenarios_and_filters_exist(name: str) -> None:
    replay = replay_of(name)
    assert replay.scenario in scenarios()
    for view in replay.views:
        assert view.scenario is None or view.scenario in scenarios()
        assert parse_filters(view.query, ["Display"]).period in view.query
        assert view.file.endswith(".html")


def test_an_unknown_replay_is_refused_with_the_names() -> None:
    with pytest.raises(InputError, match="cheap-lead"):
        replay_of("cheap")


def test_a_later_export_is_of_the_same_leads() -> None:
    early, late = (world(replay_of("cheap-lead"), number, 600) for number in (0, 1))
    columns = ["lead_id", "submitted_at", "channel", "campaign", "junk", "win_probability", "revenue", "won_at"]
    known = len(early.leads)
    pd.testing.assert_frame_equal(early.truth[columns][:known], late.truth[columns][:known])
    assert len(early.leads) < len(late.leads) == 600
    assert len(early.stages) < len(late.stages)


def test_a_crm_that_is_connected_later_is_of_the_same_leads() -> None:
    before, after = (world(replay_of("no-crm"), number, 600) for number in (0, 1))
    pd.testing.assert_frame_equal(before.truth.drop(columns="won_by_end"), after.truth.drop(columns="won_by_end"))
    assert before.stages.empty
    assert not after.stages.empty
