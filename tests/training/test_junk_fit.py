"""Junk learned from a simulated CRM: it catches what nobody labelled, and keeps its promise forward in time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crm.lead_history import read_history
from features.spec import FeatureSpec, fit_spec
from leadworth.settings import JunkSettings, load_settings
from models.junk import Junk, JunkLabels
from models.scorecard import Scorecard
from simulation import simulate
from simulation.export_files import write
from training.junk_fit import GROUP, FittedJunk, junk_labels, learn_junk
from training.labels import label
from training.velocity_backfill import near_duplicates, with_history

World = tuple[FeatureSpec, np.ndarray, np.ndarray, JunkLabels, pd.DataFrame]
PROMISE = JunkSettings(alpha=0.02)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """9,000 leads: the earlier 70 % teach, the later judge."""
    folder = tmp_path_factory.mktemp("crm")
    simulation = simulate(leads=9_000, months=18, seed=31)
    write(simulation, folder)
    settings = load_settings(folder / "leadworth.toml")
    history = read_history(settings)
    leads = with_history(history.leads)
    cut = leads["submitted_at"].quantile(0.7)
    known = label(leads, history.outcomes, as_of=cut, horizon_days=365)
    early, later = leads.loc[known.index], leads.drop(known.index)
    spec = fit_spec(early, history.extras)
    labels = junk_labels(known.assign(**{GROUP: near_duplicates(early)}))
    truth = simulation.truth.set_index("lead_id").loc[later["lead_id"]]
    return spec, spec.matrix(early), spec.matrix(later), labels, truth


def learned(world: World, labels: JunkLabels | None = None, promise: JunkSettings = PROMISE) -> FittedJunk:
    spec, early, _, known, _ = world
    return learn_junk(early, spec, labels or known, promise, None, 7)


def shares(world: World, found: FittedJunk) -> tuple[float, float]:
    """Return the share of junk and of genuine leads above the threshold."""
    spec, _, later, _, truth = world
    above = found.model.log_odds(later, spec.names) > found.guarantee.limits(None, len(later))
    junk = truth["junk"].to_numpy(dtype=bool)
    return float(above[junk].mean()), float(above[~junk].mean())


def test_most_junk_is_caught_and_the_promise_holds(world: World) -> None:
    found = learned(world)
    assert isinstance(found.model, Junk)
    caught, lost = shares(world, found)
    assert caught > 0.75
    assert lost < 0.02
    assert found.by_rules > 50


def test_without_any_label_of_junk_the_rules_teach(world: World) -> None:
    labels = world[3]
    caught, lost = shares(world, learned(world, replace(labels, junk=np.zeros_like(labels.junk))))
    assert caught > 0.65
    assert lost < 0.02


def test_rules_of_two_families_are_hardly_ever_wrong(world: World) -> None:
    spec, _, later, _, truth = world
    spoken = Scorecard.shipped("junk").families(later, spec.names) >= 2
    assert truth["junk"].to_numpy(dtype=bool)[spoken].mean() > 0.95


def test_too_few_buyers_refuse_the_promise_but_not_the_model(world: World) -> None:
    found = learned(world, promise=JunkSettings(alpha=0.0005))
    assert isinstance(found.model, Junk)
    assert found.guarantee.overall is None
    assert "are needed" in str(found.guarantee)
    assert shares(world, found) == (0.0, 0.0)


def test_too_few_labels_leave_it_to_the_rules(world: World) -> None:
    labels = world[3]
    few = replace(labels, engaged=labels.engaged & (np.cumsum(labels.engaged) <= 10))
    found = learned(world, few)
    assert isinstance(found.model, Scorecard)
    assert "the rule scorecard stands in" in found.note


def test_more_of_what_is_suspicious_never_makes_a_lead_less_so(world: World) -> None:
    spec, _, later, _, _ = world
    model = learned(world).model
    place = spec.names.index("recent_ip_24h_log")
    before, more = later[:300].copy(), later[:300].copy()
    before[:, place], more[:, place] = 0.0, 4.0
    assert (model.log_odds(more, spec.names) >= model.log_odds(before, spec.names) - 1e-9).all()


def test_the_simulated_files_carry_the_evidence(tmp_path: Path) -> None:
    write(simulate(leads=300, months=6), tmp_path)
    leads = read_history(load_settings(tmp_path / "leadworth.toml")).leads
    for name in ("lw_data", "token_state", "headers", "ip_country", "asn"):
        assert leads[name].notna().any(), name
