"""Junk model of a simulated CRM: recall of junk without labels, and the false-positive guarantee forward in time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crm.lead_history import read_history
from features.feature_spec import FeatureSpec
from features.lead_cells import fit_spec
from leadworth.settings import JunkSettings, load_settings
from models.junk_model import JunkLabels, JunkModel
from models.scorecard import Scorecard
from simulation import simulate
from simulation.export_files import write
from training.junk_fit import GROUP, FittedJunk, fit_junk_model, junk_labels
from training.labels import label
from training.velocity_backfill import near_duplicates, with_velocity

World = tuple[FeatureSpec, np.ndarray, np.ndarray, JunkLabels, pd.DataFrame]
SETTINGS = JunkSettings(alpha=0.02)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """9,000 leads: training on the earlier 70 %, test on the later ones."""
    folder = tmp_path_factory.mktemp("crm")
    simulation = simulate(leads=9_000, months=18, seed=31)
    write(simulation, folder)
    settings = load_settings(folder / "leadworth.toml")
    history = read_history(settings)
    leads = with_velocity(history.leads)
    cut = leads["submitted_at"].quantile(0.7)
    known = label(leads, history.outcomes, as_of=cut, horizon_days=365)
    early, later = leads.loc[known.index], leads.drop(known.index)
    spec = fit_spec(early, history.extras)
    labels = junk_labels(known.assign(**{GROUP: near_duplicates(early)}))
    truth = simulation.truth.set_index("lead_id").loc[later["lead_id"]]
    return spec, spec.matrix(early), spec.matrix(later), labels, truth


def fit(world: World, labels: JunkLabels | None = None, settings: JunkSettings = SETTINGS) -> FittedJunk:
    spec, early, _, own_labels, _ = world
    return fit_junk_model(early, spec, labels or own_labels, settings, None, 7)


def shares(world: World, fitted: FittedJunk) -> tuple[float, float]:
    """Return the share of junk and of buyers above the threshold."""
    spec, _, later, _, truth = world
    above = fitted.model.log_odds(later, spec.names) > fitted.guarantee.limits(None, len(later))
    junk = truth["junk"].to_numpy(dtype=bool)
    return float(above[junk].mean()), float(above[truth["wins"].to_numpy(dtype=bool)].mean())


def test_most_junk_is_caught_and_the_guarantee_holds(world: World) -> None:
    fitted = fit(world)
    assert isinstance(fitted.model, JunkModel)
    caught, lost = shares(world, fitted)
    assert caught > 0.75
    assert lost < 0.02
    assert fitted.by_rules > 50


@pytest.mark.slow
def test_without_any_junk_label_the_rules_label(world: World) -> None:
    labels = world[3]
    caught, lost = shares(world, fit(world, replace(labels, junk=np.zeros_like(labels.junk))))
    assert caught > 0.65
    assert lost < 0.02


def test_rules_of_two_families_are_rarely_wrong(world: World) -> None:
    spec, _, later, _, truth = world
    flagged = Scorecard.shipped("junk").families(later, spec.names) >= 2
    assert truth["junk"].to_numpy(dtype=bool)[flagged].mean() > 0.95


def test_too_few_buyers_refuse_the_guarantee_but_not_the_model(world: World) -> None:
    fitted = fit(world, settings=JunkSettings(alpha=0.0005))
    assert isinstance(fitted.model, JunkModel)
    assert fitted.guarantee.overall is None
    assert "are needed" in str(fitted.guarantee)
    assert shares(world, fitted) == (0.0, 0.0)


def test_with_too_few_labels_the_scorecard_is_used(world: World) -> None:
    labels = world[3]
    few = replace(labels, engaged=labels.engaged & (np.cumsum(labels.engaged) <= 10))
    fitted = fit(world, few)
    assert isinstance(fitted.model, Scorecard)
    assert "the rule scorecard is used" in fitted.notes[-1]


def test_more_velocity_never_lowers_the_junk_log_odds(world: World) -> None:
    spec, _, later, _, _ = world
    model = fit(world).model
    column = spec.names.index("recent_ip_24h_log")
    before, more = later[:300].copy(), later[:300].copy()
    before[:, column] = 0.0
    more[:, column] = 4.0
    assert (model.log_odds(more, spec.names) >= model.log_odds(before, spec.names) - 1e-9).all()


def test_the_simulated_files_have_the_junk_evidence(tmp_path: Path) -> None:
    write(simulate(leads=300, months=6), tmp_path)
    leads = read_history(load_settings(tmp_path / "leadworth.toml")).leads
    for name in ("lw_data", "token_state", "headers", "ip_country", "asn"):
        assert leads[name].notna().any(), name
