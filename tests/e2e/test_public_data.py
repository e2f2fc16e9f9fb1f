"""The examples on real data, where these are at hand."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from crm.lead_history import read_history
from leadworth.records import SCORE_COLUMNS
from leadworth.settings import load_settings
from training.leakage_audit import audit
from training.pipeline import NAME, evaluate_split
from training.time_split import forward_split, known_history

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
FILES = {
    "olist_funnel": "olist_funnel/olist_marketing_qualified_leads_dataset.csv.gz",
    "x_education": "x_education/Leads.csv.gz",
    "bank_marketing": "bank_marketing/bank-additional-full.csv.gz",
    "insurance_quotes": "data/quotes.csv",
    "ibm_win_loss": "ibm_win_loss/win_loss.parquet",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"the public data are not there: no folder {DATA}"),
]


def home_of(example: str, folder: Path) -> Path:
    """Copy the settings of an example, with the data that its prepare.py makes, to a folder of its own."""
    source = ROOT / "examples" / example
    home = folder / example
    home.mkdir()
    if (source / "prepare.py").exists():
        made = runpy.run_path(str(source / "prepare.py"), run_name="prepare")["main"]()
        (home / "data").mkdir()
        shutil.copy(made, home / "data")
    settings = (source / "leadworth.toml").read_text()
    (home / "leadworth.toml").write_text(settings.replace("../../../shared/data", DATA.as_posix()))
    return home


@pytest.mark.parametrize(("example", "least", "most"), [("olist_funnel", 0.61, 0.75), ("x_education", 0.87, 0.91)])
def test_an_example_learns_and_is_judged_forward_in_time(
    tmp_path: Path, example: str, least: float, most: float
) -> None:
    settings = load_settings(home_of(example, tmp_path) / "leadworth.toml")
    history = read_history(settings)
    known = known_history(
        history, as_of=None, not_before=settings.training.not_before, horizon_days=settings.horizon_days
    )
    split = forward_split(known, settings.training.test_share)
    evaluated = evaluate_split(known, split, junk=settings.junk, seed=settings.training.seed)
    assert evaluated is not None
    assert least < evaluated.evaluations[NAME].value("auc") < most


@pytest.mark.parametrize(
    ("example", "late"), [("x_education", "Tags"), ("bank_marketing", "duration")], ids=["Tags", "duration"]
)
def test_the_audit_refuses_the_famous_leaks_unless_they_are_ignored(tmp_path: Path, example: str, late: str) -> None:
    settings = load_settings(home_of(example, tmp_path) / "leadworth.toml")
    ignored = tuple(name for name in settings.leads.features.ignore if name != late)
    features = settings.leads.features.model_copy(update={"ignore": ignored})
    leaky = settings.model_copy(update={"leads": settings.leads.model_copy(update={"features": features})})
    refused = {}
    for which in (settings, leaky):
        known = known_history(read_history(which), as_of=None, not_before=None, horizon_days=which.horizon_days)
        refused[which is leaky] = audit(known.leads, known.labels).refused(())
    assert refused == {False: (), True: (late,)}


@pytest.mark.slow
@pytest.mark.parametrize("example", FILES)
def test_an_example_trains_and_scores_by_command(tmp_path: Path, example: str) -> None:
    home = home_of(example, tmp_path)
    leads = home / FILES[example] if FILES[example].startswith("data/") else DATA / FILES[example]
    command(home, "train")
    # Whether the model passes the gate is not what is tested here: bank_marketing is meant to fail it.
    command(home, "models", "promote", "1", "--force", "--reason", "test of the commands")
    command(home, "score", str(leads), "-o", "scored.csv", "--at-submit")
    scored = pd.read_csv(home / "scored.csv", low_memory=False)
    rows = (
        len(pd.read_parquet(leads))
        if leads.suffix == ".parquet"
        else len(pd.read_csv(leads, sep=None, engine="python"))
    )
    rejected = sum(len(pd.read_csv(file)) for file in home.glob("*.rejected.csv") if file.name.startswith("scored"))
    assert len(scored) + rejected == rows
    assert set(SCORE_COLUMNS) <= set(scored.columns)
    assert scored["win_probability"].between(0, 1).all()
    assert (scored["predicted_value"] >= 0).all()


def command(home: Path, *words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "leadworth", *words, "-c", str(home / "leadworth.toml")],
        cwd=home,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
