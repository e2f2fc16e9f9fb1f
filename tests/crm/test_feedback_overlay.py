"""Feedback of the service laid over the labels of the CRM."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from crm.feedback_overlay import read_feedback, with_feedback
from crm.outcome_fold import OUTCOME_COLUMNS, fold
from crm.outcome_table import empty_facts
from leadworth.errors import StoreError
from leadworth.settings import OutcomesSource, Settings
from simulation import simulate
from simulation.export_files import write
from store.engine import open_engine
from store.feedback import give
from store.migrate import upgrade
from tests.store.rows import decision_row
from training.labels import label


@pytest.fixture
def settings(store_url: str, tmp_path: Path) -> Settings:
    """Settings of a service whose store holds labels: A junk, then not; B junk; C engaged; D lost."""
    from store import decision_log

    engine = open_engine(store_url)
    upgrade(engine)
    with engine.begin() as connection:
        decision_log.insert(connection, [decision_row(lead) for lead in "ABCD"])
        for lead, label_given in (("A", "junk"), ("B", "junk"), ("A", "not_junk"), ("C", "engaged"), ("D", "lost")):
            assert give(connection, lead, label_given, given_by="k", why=None)
    engine.dispose()
    return Settings(currency="EUR", leads={}, serving={"store": store_url}, folder=tmp_path)


AWAY = "postgresql://127.0.0.1:5999/nowhere"
LEADS = pd.DataFrame(
    {
        "lead_id": pd.Series(list("ABCE"), dtype="str"),
        "submitted_at": pd.Series(pd.to_datetime(["2026-01-01"] * 4, utc=True)).astype("datetime64[us, UTC]"),
    }
)


def empty_outcomes() -> pd.DataFrame:
    return fold(pd.Series([], dtype="str"), empty_facts(0), OutcomesSource())


def test_newest_label_of_a_lead_counts(settings: Settings) -> None:
    labels = read_feedback(settings).set_index("lead_id")
    assert labels["junk"].to_dict() == {"A": False, "B": True, "C": False, "D": False}
    assert labels["engaged"].to_dict() == {"A": True, "B": False, "C": True, "D": False}


def test_labels_override_the_crm_and_add_leads_without_an_outcome(settings: Settings) -> None:
    crm = empty_outcomes().reindex(range(2))
    crm = crm.assign(lead_id=["A", "C"], won=False, lost=False, junk=[True, True], engaged=False)
    crm["stages"] = [(), ()]
    merged = with_feedback(crm, LEADS, read_feedback(settings)).set_index("lead_id")
    assert merged["junk"].to_dict() == {"A": False, "C": False, "B": True}
    assert merged["engaged"].to_dict() == {"A": True, "C": True, "B": False}
    assert list(merged.reset_index().columns) == list(OUTCOME_COLUMNS)


def test_feedback_after_the_snapshot_does_not_count(settings: Settings) -> None:
    outcomes = with_feedback(empty_outcomes(), LEADS, read_feedback(settings))
    now, before = datetime(2030, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    dispositions = [label(LEADS, outcomes, as_of=at, horizon_days=365)["disposition"].tolist() for at in (now, before)]
    assert dispositions[0] == ["engaged", "junk", "engaged", "unknown"]
    assert dispositions[1] == ["unknown"] * 4


def test_store_that_does_not_exist_yet_has_no_feedback(store_url: str, tmp_path: Path) -> None:
    new = Settings(currency="EUR", leads={}, serving={"store": store_url}, folder=tmp_path)
    feedback = read_feedback(new)
    assert feedback.empty
    assert with_feedback(empty_outcomes(), LEADS, feedback).empty
    assert list(tmp_path.iterdir()) == []


def test_store_that_does_not_answer_is_an_error(tmp_path: Path) -> None:
    away = Settings(currency="EUR", leads={}, serving={"store": AWAY}, folder=tmp_path)
    with pytest.raises(StoreError, match=r"feedback cannot be read.*no connection.*check that it runs"):
        read_feedback(away)


def test_file_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("not a database, but long enough to have a header" * 20)
    settings = Settings(currency="EUR", leads={}, serving={"store": "sqlite:///store.db"}, folder=tmp_path)
    with pytest.raises(StoreError, match="feedback cannot be read"):
        read_feedback(settings)


@pytest.mark.slow
def test_training_stops_where_the_store_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(simulate(leads=60, months=6, seed=3), tmp_path)
    monkeypatch.setenv("LEADWORTH_SERVING__STORE", AWAY)
    done = subprocess.run(
        [sys.executable, "-m", "leadworth", "train", "-c", str(tmp_path / "leadworth.toml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == StoreError.exit_code
    assert "the feedback cannot be read" in done.stderr
    assert "LEADWORTH_SERVING__STORE" in done.stderr
