"""Feedback of the service laid over the labels of the CRM."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from crm.feedback_overlay import read_feedback, with_feedback
from crm.outcome_table import OUTCOME_COLUMNS, empty_facts, fold
from leadworth.settings import OutcomesSource, Settings
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
        for lead, said in (("A", "junk"), ("B", "junk"), ("A", "not_junk"), ("C", "engaged"), ("D", "lost")):
            assert give(connection, lead, said, given_by="k", why=None)
    engine.dispose()
    return Settings(currency="EUR", leads={}, serving={"store": store_url}, folder=tmp_path)


LEADS = pd.DataFrame({
    "lead_id": pd.Series(list("ABCE"), dtype="str"),
    "submitted_at": pd.Series(pd.to_datetime(["2026-01-01"] * 4, utc=True)).astype("datetime64[us, UTC]"),
})  # fmt: skip


def empty_outcomes() -> pd.DataFrame:
    return fold(pd.Series([], dtype="str"), empty_facts(0), OutcomesSource())


def test_the_latest_label_of_a_lead_counts(settings: Settings) -> None:
    said = read_feedback(settings).set_index("lead_id")
    assert said["junk"].to_dict() == {"A": False, "B": True, "C": False, "D": False}
    assert said["engaged"].to_dict() == {"A": True, "B": False, "C": True, "D": False}


def test_it_overrides_the_crm_and_adds_what_the_crm_does_not_have(settings: Settings) -> None:
    crm = empty_outcomes().reindex(range(2))
    crm = crm.assign(lead_id=["A", "C"], won=False, lost=False, junk=[True, True], engaged=False)
    crm["stages"] = [(), ()]
    found = with_feedback(crm, LEADS, read_feedback(settings)).set_index("lead_id")
    assert found["junk"].to_dict() == {"A": False, "C": False, "B": True}
    assert found["engaged"].to_dict() == {"A": True, "C": True, "B": False}
    assert list(found.reset_index().columns) == list(OUTCOME_COLUMNS)


def test_a_snapshot_before_the_feedback_does_not_know_it(settings: Settings) -> None:
    outcomes = with_feedback(empty_outcomes(), LEADS, read_feedback(settings))
    now, before = datetime(2030, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    told = [label(LEADS, outcomes, as_of=at, horizon_days=365)["disposition"].tolist() for at in (now, before)]
    assert told[0] == ["engaged", "junk", "engaged", "unknown"]
    assert told[1] == ["unknown"] * 4


def test_without_a_store_there_is_nothing(tmp_path: Path) -> None:
    found = read_feedback(Settings(currency="EUR", leads={}, folder=tmp_path))
    assert found.empty
    assert with_feedback(empty_outcomes(), LEADS, found).empty
