"""The truth is consistent with what the CRM shows."""

from __future__ import annotations

import pandas as pd

from simulation import Simulation


def test_junk_never_wins(base: Simulation) -> None:
    junk = base.truth[base.truth["junk"]]
    assert len(junk) > 5000
    assert not junk["wins"].any()
    assert (junk["win_probability"] == 0).all()


def test_ranking_by_value_beats_ranking_by_probability(base: Simulation) -> None:
    top = len(base.truth) // 5
    by_value = base.truth.nlargest(top, "value")["value"].sum()  # what they are worth, not the luck of a few deals
    by_probability = base.truth.nlargest(top, "win_probability")["value"].sum()
    assert by_value > 1.2 * by_probability


def test_wins_seen_early_are_the_small_ones(base: Simulation) -> None:
    recent = base.truth[(base.truth["submitted_at"] >= base.end - pd.Timedelta(days=180)) & base.truth["wins"]]
    seen = recent["won_by_end"]
    assert 0.3 < seen.mean() < 0.75
    assert recent.loc[seen, "revenue"].mean() < 0.8 * recent.loc[~seen, "revenue"].mean()
