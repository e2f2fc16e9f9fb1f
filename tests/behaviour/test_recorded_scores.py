"""Scores of a recorded bundle are unchanged.

`tests/behaviour/recorded` holds a bundle, 5,000 leads of the simulated CRM and their scores. After an intended
change of scores, record them again: `python -m tests.behaviour.test_recorded_scores`; after a change of features or
of the format of bundles with `--bundle`, which trains a new one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from leadworth.records import Lead
from leadworth.settings import load_settings
from models.bundle import Bundle
from models.bundle_loading import load_bundle

FOLDER = Path(__file__).parent / "recorded"
AT = datetime(2026, 6, 1, tzinfo=UTC)
NUMBERS = ("win_probability", "expected_revenue", "predicted_value", "junk_probability", "automation_probability")
AGED_LEADS = 400


def _plain(scores: pd.DataFrame) -> pd.DataFrame:
    """Return what is compared: numbers, decisions, and codes with contributions of the reasons."""
    reasons = [
        [(one["kind"], one["code"], one["contribution"]) for one in json.loads(text)] for text in scores["reasons"]
    ]
    return pd.DataFrame(
        {
            "lead_id": scores["lead_id"].astype(str),
            **{name: scores[name].astype(float) for name in NUMBERS},
            "verdict": scores["verdict"].astype(str),
            "mql": scores["mql"].astype(bool),
            "mql_rule": [str(text).partition(":")[0] for text in scores["mql_reason"]],
            "reason_codes": [" ".join(f"{kind}/{code}" for kind, code, _ in row) for row in reasons],
            "contributions": [[np.nan if part is None else part for _, _, part in row] for row in reasons],
        }
    )


def _score_file(out: Path) -> pd.DataFrame:
    """Score the recorded leads with `leadworth score`."""
    command = [sys.executable, "-m", "leadworth", "score", str(FOLDER / "leads.parquet"), "--at-submit"]
    command += ["--bundle", str(FOLDER / "bundle"), "-c", str(FOLDER / "leadworth.toml"), "-o", str(out)]
    environment = os.environ | {"LEADWORTH_SERVING__STORE": f"sqlite:///{out.parent.absolute()}/store.db"}
    environment["LEADWORTH_SECRET"] = "a secret of this test, longer than thirty-two"
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    scored = pq.read_table(out).to_pandas()
    return _plain(scored.rename(columns={scored.columns[0]: "lead_id"}))


def _leads(rows: int) -> list[Lead]:
    """Return the first leads as the service would receive them."""
    from crm.lead_batches import LeadFile
    from crm.rejects import Rejects

    settings = load_settings(FOLDER / "leadworth.toml")
    bundle = Bundle.load(FOLDER / "bundle")
    file = LeadFile(FOLDER / "leads.parquet", settings.leads, settings.zone, bundle.spec.extras, Rejects(None))
    _, table = next(file.batches(rows))
    records = table.astype(object).where(table.notna(), None).to_dict("records")
    return [Lead(**{str(name).removeprefix("extras."): value for name, value in row.items()}) for row in records]


def _score_one_by_one() -> pd.DataFrame:
    """Score the first leads alone, each as one that is open for some days."""
    bundle = Bundle.load(FOLDER / "bundle")
    scores = [
        bundle.score(lead, scored_at=AT, age_days=float(number % 120)).model_dump(mode="json")
        for number, lead in enumerate(_leads(AGED_LEADS))
    ]
    return _plain(pd.DataFrame([row | {"reasons": json.dumps(row["reasons"])} for row in scores]))


def _assert_same(now: pd.DataFrame, recorded: pd.DataFrame) -> None:
    for name in ("lead_id", "verdict", "mql", "mql_rule", "reason_codes"):
        pd.testing.assert_series_equal(now[name], recorded[name], check_dtype=False)
    for name in NUMBERS:
        np.testing.assert_allclose(now[name], recorded[name], rtol=1e-9, atol=1e-12, err_msg=name)
    for one, other in zip(now["contributions"], recorded["contributions"], strict=True):
        np.testing.assert_allclose(one, other, rtol=0.0, atol=2e-6)  # reasons are rounded to six digits


@pytest.mark.parametrize("name", ["scores", "aged_scores"])
def test_scores_are_those_recorded(name: str, tmp_path: Path) -> None:
    now = _score_file(tmp_path / "scored.parquet") if name == "scores" else _score_one_by_one()
    _assert_same(now, pd.read_parquet(FOLDER / f"{name}.parquet"))


def record(*, new_bundle: bool) -> None:
    """Record the scores again, of a bundle trained on a new simulated CRM if the old one cannot be read."""
    if new_bundle:
        with tempfile.TemporaryDirectory() as folder:
            _train(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        scores = _score_file(Path(folder) / "scored.parquet")
    scores.to_parquet(FOLDER / "scores.parquet", compression="zstd")
    _score_one_by_one().to_parquet(FOLDER / "aged_scores.parquet", compression="zstd")


def _train(folder: Path) -> None:
    """Simulate a CRM, train on it, and replace the recorded bundle."""
    config = ["-c", str(folder / "leadworth.toml")]
    simulate = ["simulate", str(folder), "--leads", "12000", "--months", "18", "--end", AT.date().isoformat()]
    for command in (simulate, ["train", *config]):
        subprocess.run([sys.executable, "-m", "leadworth", *command], check=True)
    bundle = load_bundle(load_settings(folder / "leadworth.toml"), None)
    shutil.rmtree(FOLDER / "bundle")
    bundle.save(FOLDER / "bundle")


if __name__ == "__main__":
    record(new_bundle="--bundle" in sys.argv)
