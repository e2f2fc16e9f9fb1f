"""Scores of open leads in the CRM equal those of a file and over HTTP, for the same leads at the same age."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from crm.score_fields import SCORE_FIELDS, ScoreKind
from leadworth.settings import JunkSettings, Settings
from serving.batch.partitioned_run import score_partitioned
from serving.batch.score_job import ScoreJob
from serving.rescoring.nightly_run import run_nightly
from tests.serving.rescoring.shop import Shop, shop
from tests.serving.running import FolderRegistry, client_of, settings_in

NUMBERS = ("win_probability", "expected_revenue", "predicted_value", "junk_probability")
FIELDS = {"email": "email", "company": "company", "employees": "numemployees"}
DECIMALS = {field.name: field.decimals for field in SCORE_FIELDS if field.kind is ScoreKind.NUMBER}


def file_scores(business: Shop, leads: list[str], folder: Path, as_of: datetime) -> pd.DataFrame:
    """Score a file with the same leads, open since their creation."""
    records = [business.peer.account.of("contacts")[key] for key in leads]
    rows: list[dict[str, object]] = [
        {"id": record.record_id, "created": record.created_at.isoformat(), "won": "no"}
        | {name: record.values[field] for name, field in FIELDS.items()}
        for record in records
    ]
    folder.mkdir()
    pd.DataFrame(rows).to_csv(folder / "leads.csv", index=False)
    source = {"path": "leads.csv", "id": "id", "submitted_at": "created", "columns": {name: name for name in FIELDS}}
    settings = Settings(currency="EUR", leads=source, outcomes={"won": "won"}, folder=folder)
    score_partitioned(ScoreJob(folder / "leads.csv", business.bundle, settings, as_of), folder / "scores.parquet")
    return pd.read_parquet(folder / "scores.parquet").set_index("id")


def test_the_crm_a_file_and_http_hold_the_same_scores(tmp_path: Path, bundles: Path, registry: FolderRegistry) -> None:
    with shop(tmp_path, bundles) as business:
        leads = [
            business.lead(f"p{number}", f"firm{number}", days=0.02 * 3.0**number, numemployees=4**number)
            for number in range(8)
        ]
        business.peer.account.clock.advance(minutes=10)
        now = business.peer.account.clock.now()
        result = run_nightly(business.settings, business.bundle, business.engine, clock=lambda: now)
        assert result.scores.units == len(leads)  # leads of one account share one decision, and its value
        mirror = result.scores.table.set_index("lead_id")
        file = file_scores(business, leads, tmp_path / "file", now)
        held = {key: business.held(key) for key in leads}
    (tmp_path / "http").mkdir()
    certain = settings_in(tmp_path / "http").model_copy(update={"junk": JunkSettings(exploration_rate=0.0)})
    with client_of(certain, registry) as client:
        for key in leads:
            record = business.peer.account.of("contacts")[key]
            body = {name: record.values[field] for name, field in FIELDS.items()}
            body |= {"lead_id": key, "submitted_at": record.created_at.isoformat()}
            body |= {"age_days": (now - record.created_at) / timedelta(days=1)}
            answer = client.post("/v1/scores", json=body).json()
            for name in NUMBERS:
                assert mirror.loc[key, name] == pytest.approx(file.loc[key, name], rel=1e-9)
                assert mirror.loc[key, name] == pytest.approx(answer[name], rel=1e-9)
                decimals = DECIMALS[f"lw_{name}"]
                assert float(str(held[key][f"lw_{name}"])) == round(answer[name], decimals)
            assert held[key]["lw_verdict"] == answer["verdict"] == file.loc[key, "verdict"]
    assert mirror["expected_revenue"].nunique() >= 2
