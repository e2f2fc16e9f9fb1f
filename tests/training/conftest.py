"""Fixtures of the training tests: a holdout, and a training on a simulated CRM."""

from __future__ import annotations

import pytest

from crm.lead_history import LeadHistory, read_history
from leadworth.settings import Settings, load_settings
from simulation.export_files import write
from simulation.world import simulate
from tests.training.holdouts import random_holdout
from training.holdout import Holdout
from training.pipeline import TrainingResult, train


@pytest.fixture(scope="session")
def holdout() -> Holdout:
    """3,000 leads with revenue; all outcomes are visible."""
    return random_holdout()


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a simulated CRM of 4,000 leads."""
    folder = tmp_path_factory.mktemp("crm")
    write(simulate(None, leads=4000, months=18, seed=3), folder, 0)
    return load_settings(folder / "leadworth.toml")


@pytest.fixture(scope="session")
def history(settings: Settings) -> LeadHistory:
    """Its leads and outcomes."""
    return read_history(settings)


@pytest.fixture(scope="session")
def training(settings: Settings, history: LeadHistory) -> TrainingResult:
    """A training on all of them."""
    return train(settings, history, as_of=None, progress=lambda step: None)
