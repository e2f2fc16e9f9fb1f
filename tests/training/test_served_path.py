"""What is evaluated is what is served."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from leadworth.settings import Settings
from training.gate_rules import parity_rule
from training.pipeline import TrainingResult
from training.served_path import Parity, file_value, served_forecast, with_extras


def test_the_evaluated_leads_have_the_same_value_from_the_file(training: TrainingResult) -> None:
    assert training.forward is not None
    parity = training.forward.parity
    assert parity.leads == len(training.forward.leads)
    assert parity.served == pytest.approx(parity.evaluated, rel=1e-9)
    assert parity_rule(parity).passed


def test_a_changed_file_fails(training: TrainingResult) -> None:
    assert training.forward is not None
    parity = training.forward.parity
    served = parity_rule(replace(parity, served=parity.evaluated * 0.97))
    assert not served.passed
    assert "3.0 % less value than the evaluation" in served.text
    assert parity_rule(Parity(10, 5.0, math.nan)).passed


def test_the_value_of_a_file_is_that_of_the_scored_table(
    training: TrainingResult, settings: Settings, tmp_path: Path
) -> None:
    known = training.known.leads.head(200)
    forecast = served_forecast(training.bundle, known)
    assert file_value(training.bundle, settings, known["lead_id"]) == pytest.approx(forecast.value.sum())
    rows = pd.read_csv(settings.resolve(settings.leads.path), dtype="str")
    first = rows.loc[rows[settings.leads.id].isin(known["lead_id"])]
    pd.concat([first, first.head(20)]).to_csv(tmp_path / "leads.csv", index=False)
    leads = settings.leads.model_copy(update={"path": str(tmp_path / "leads.csv")})
    again = settings.model_copy(update={"leads": leads})
    assert file_value(training.bundle, again, known["lead_id"]) == pytest.approx(forecast.value.sum())
    database = settings.leads.model_copy(update={"path": "sqlite:///crm.db"})
    assert math.isnan(file_value(training.bundle, settings.model_copy(update={"leads": database}), known["lead_id"]))


def test_absent_extra_columns_are_missing() -> None:
    leads = with_extras(pd.DataFrame({"lead_id": ["a"]}), {"Seats": "numeric", "Plan": "categorical"})
    assert leads["extras.Seats"].dtype == np.float64
    assert leads[["extras.Seats", "extras.Plan"]].isna().to_numpy().all()
