"""The MLflow artefact gives the scores of the bundle, also without leadworth installed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from models.lead_frame import lead_table
from models.mlflow_artefact import PACKAGES, requirements, save_model
from models.mlflow_client import import_mlflow
from tests.make_bundle import NOW, make_bundle, make_leads
from tests.make_registry import make_registry

LEADS = make_leads(12)
AS_SENT = LEADS.rename(columns={"extras.Seats": "Seats", "extras.Plan": "Plan"})


@pytest.fixture(scope="module")
def artefact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("artefact")
    save_model(make_bundle().save(folder / "bundle"), folder / "model")
    return folder / "model"


def test_a_table_as_sent_becomes_the_lead_table() -> None:
    extras = make_bundle().spec.extras
    pd.testing.assert_frame_equal(lead_table(AS_SENT.assign(other=1), extras)[LEADS.columns], LEADS)
    loose = AS_SENT.astype(object).where(AS_SENT.notna(), None)
    pd.testing.assert_frame_equal(lead_table(loose, extras)[LEADS.columns], LEADS)


@pytest.mark.filterwarnings("ignore")
def test_the_function_gives_the_scores_of_the_bundle(artefact: Path) -> None:
    model = import_mlflow().pyfunc.load_model(str(artefact))
    scores = model.predict(AS_SENT)
    expected = make_bundle().score_table(LEADS, scored_at=NOW)
    pd.testing.assert_frame_equal(scores.drop(columns="scored_at"), expected.drop(columns="scored_at"), rtol=1e-9)
    assert len(model.predict(pd.DataFrame({"employees": ["50-100", None], "demo_requested": ["yes", 0]}))) == 2


def test_signature_and_requirements_are_explicit(artefact: Path) -> None:
    pinned = (artefact / "requirements.txt").read_text("utf-8").split()
    assert pinned == requirements()
    assert all("==" in line for line in pinned)
    assert sorted(path.name for path in (artefact / "code").iterdir()) == sorted(PACKAGES)
    given = json.loads((artefact / "input_example.json").read_text("utf-8"))
    assert "email" not in given["columns"]
    assert not list(artefact.rglob("*.pkl"))


@pytest.mark.slow
def test_the_champion_loads_in_a_clean_environment(tmp_path: Path) -> None:
    registry = make_registry(tmp_path)
    registry.promote(registry.register(make_bundle().save(tmp_path / "bundle")), "first")
    (tmp_path / "requirements.txt").write_text("\n".join(requirements()), "utf-8")
    AS_SENT.to_parquet(tmp_path / "leads.parquet")
    uv, python = str(Path(sys.executable).parent / "uv"), str(tmp_path / "venv" / "bin" / "python")
    lock = str(Path(__file__).resolve().parents[2] / "requirements.lock")
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(tmp_path / "venv")], check=True, cwd=tmp_path)
    install = [uv, "pip", "install", "-q", "--python", python, "-r", "requirements.txt", "-c", "constraints.txt"]
    names = subprocess.run(
        [uv, "pip", "compile", "-q", "--no-deps", "--no-header", "--no-annotate", lock],
        check=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    ).stdout
    (tmp_path / "constraints.txt").write_text(names, "utf-8")
    subprocess.run([*install, "pyarrow"], check=True, cwd=tmp_path)
    code = (
        "import mlflow, pandas as pd; mlflow.set_tracking_uri('sqlite:///mlflow.db');"
        "m = mlflow.pyfunc.load_model('models:/leadworth@champion');"
        "m.predict(pd.read_parquet('leads.parquet')).to_json('scores.json', orient='records')"
    )
    subprocess.run([python, "-I", "-c", code], check=True, cwd=tmp_path)
    scores = pd.read_json(tmp_path / "scores.json")
    expected = make_bundle().score_table(LEADS, scored_at=NOW)
    assert scores["win_probability"].to_list() == pytest.approx(expected["win_probability"].to_list(), abs=1e-9)
