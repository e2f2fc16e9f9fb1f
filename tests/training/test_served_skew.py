"""Inputs that are always missing when leads are scored stop a promotion, those of sound histories do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from leadworth.settings import Settings
from monitoring.skew_finding import SkewKind
from store import decision_log
from store.engine import open_store
from store.timestamps import stamp
from tests.store.rows import vector_rows
from training.gate_rules import GateDecision
from training.pipeline import TrainingResult
from training.promotion_gate import with_inputs
from training.served_skew import latest_leads, served_inputs, served_skew

FIELD = "job_title"


@pytest.fixture
def own(settings: Settings, tmp_path: Path) -> Settings:
    """Settings of the simulated CRM with a decision store of their own."""
    return settings.model_copy(update={"folder": tmp_path})


def serve(settings: Settings, bundle_id: str, matrix: np.ndarray, at: datetime) -> None:
    """Log decisions of a champion."""
    rows = [{**row, "scored_at": stamp(at)} for row in vector_rows(bundle_id, matrix)]
    with open_store(settings, migrate=True) as engine, engine.begin() as connection:
        decision_log.insert(connection, rows)


def test_the_latest_leads_are_those_of_45_days(training: TrainingResult) -> None:
    leads = training.known.leads
    submitted = latest_leads(leads)["submitted_at"]
    assert submitted.max() == leads["submitted_at"].max()
    assert timedelta(days=40) < submitted.max() - submitted.min() < timedelta(days=45)
    assert latest_leads(leads.assign(submitted_at=pd.NaT)).empty


def test_a_sound_history_passes(training: TrainingResult, own: Settings) -> None:
    served = served_inputs(training.bundle, training.known.leads, own, training.bundle)
    assert served.stopping == []
    assert with_inputs(GateDecision(()), served.stopping).promote


def test_an_input_that_the_served_path_lacks_stops(training: TrainingResult) -> None:
    bundle = training.bundle
    without = latest_leads(training.known.leads).drop(columns=FIELD)
    [finding] = [f for f in served_skew(bundle, bundle.spec.matrix(without), 0.01) if f.input == FIELD]
    assert finding.kind is SkewKind.ALWAYS_MISSING


def test_an_input_that_no_decision_of_the_service_had_stops(training: TrainingResult, own: Settings) -> None:
    bundle = training.bundle
    own = own.model_copy(update={"skew_limit": 0.01})
    matrix = bundle.spec.matrix(latest_leads(training.known.leads).drop(columns=FIELD))
    serve(own, bundle.id, matrix, datetime.now(UTC))
    served = served_inputs(bundle, training.known.leads, own, bundle)
    assert FIELD in served.unserved
    [(sentence, remedy)] = [pair for pair in served.stopping if pair[0].startswith(FIELD)]
    assert f"{FIELD} is missing in 100% of the leads that the service scored in the last 45 days" in sentence
    assert remedy.startswith(f"map {FIELD}")
    decision = with_inputs(GateDecision(()), served.stopping)
    assert not decision.promote
    assert decision.reasons[-1] == f"FAIL  {'; '.join(served.stopping[-1])}"
    assert decision.remedies[-1] == served.stopping[-1][1]
    assert served_inputs(bundle, training.known.leads, own, None).unserved == frozenset()


def test_old_decisions_and_those_of_other_models_do_not_count(training: TrainingResult, own: Settings) -> None:
    bundle = training.bundle
    matrix = bundle.spec.matrix(latest_leads(training.known.leads).drop(columns=FIELD))
    serve(own, bundle.id, matrix, datetime.now(UTC) - timedelta(days=46))
    serve(own, "another", matrix, datetime.now(UTC))
    assert served_inputs(bundle, training.known.leads, own, bundle).unserved == frozenset()


def test_an_input_that_some_decisions_had_does_not_stop(training: TrainingResult, own: Settings) -> None:
    bundle = training.bundle
    latest = latest_leads(training.known.leads)
    serve(own, bundle.id, bundle.spec.matrix(latest.drop(columns=FIELD)), datetime.now(UTC))
    serve(own, bundle.id, bundle.spec.matrix(latest.dropna(subset=FIELD).head(3)), datetime.now(UTC))
    assert served_inputs(bundle, training.known.leads, own, bundle).stopping == []


def test_findings_that_are_not_always_missing_warn(training: TrainingResult, own: Settings) -> None:
    leads = training.known.leads
    recent = leads["submitted_at"] > leads["submitted_at"].max() - timedelta(days=45)
    half = recent & (np.arange(len(leads)) % 4 > 0)
    changed = leads.assign(**{FIELD: leads[FIELD].where(~half)})
    served = served_inputs(training.bundle, changed, own.model_copy(update={"skew_limit": 0.001}), None)
    assert FIELD in {finding.input for finding in served.others}
    assert not [text for text, _ in served.stopping if text.startswith(FIELD)]
    [finding] = [finding for finding in served.others if finding.input == FIELD]
    assert "leads of the latest 45 days, as they are scored" in served.sentence(finding)
    assert replace(served, findings=[]).others == []
