from __future__ import annotations

import csv
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crm.lead_history import read_history
from leadworth.settings import load_settings
from simulation import simulate
from simulation.export_files import write

FILES = (
    *("leads.csv", "new-leads.csv", "stages.csv", "spend.csv", "sessions.csv", "truth.csv", "leadworth.toml"),
    *("google-ads.csv", "meta-ads.csv", "linkedin-ads.csv", "events.csv", "ga4.csv"),
)


def _digests(folder: Path) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}


def test_same_seed_same_bytes_in_another_process(tmp_path: Path) -> None:
    scenarios = (None, "two-speeds", "spring-clean", "worst-first", "archived")
    lines = [
        "from pathlib import Path",
        "from simulation import simulate",
        "from simulation.export_files import write",
        f"for name in {scenarios}:",
        "    world = simulate(name, leads=500, months=9, new_days=30, seed=5, features=5)",
        f"    write(world, Path({str(tmp_path / 'there')!r}) / str(name))",
    ]
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONHASHSEED": "123", "TZ": "Asia/Seoul"}
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True, cwd=root, env=environment)
    for name in scenarios:
        write(simulate(name, leads=500, months=9, new_days=30, seed=5, features=5), tmp_path / str(name))
        assert _digests(tmp_path / str(name)) == _digests(tmp_path / "there" / str(name))
    assert len({str(_digests(tmp_path / str(name))) for name in scenarios}) == len(scenarios)
    assert not list(tmp_path.rglob("*.part"))


def test_files_are_plain_csv(tmp_path: Path) -> None:
    rows = write(simulate(leads=700, months=9), tmp_path)
    for name, count in rows.items():
        with (tmp_path / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
        assert len(lines) == count + 1
        assert {len(line) for line in lines} == {len(lines[0])}


def test_the_settings_read_the_files(tmp_path: Path) -> None:
    world = simulate(leads=3_000, months=18, features=6)
    write(world, tmp_path)
    history = read_history(load_settings(tmp_path / "leadworth.toml"))
    assert len(history.leads) == 3_000
    assert history.leads["lead_id"].tolist() == world.truth["lead_id"].tolist()
    assert (history.leads["submitted_at"] == world.truth["submitted_at"]).all()
    outcomes = history.outcomes.set_index("lead_id").reindex(world.truth["lead_id"])
    won = outcomes["won"].fillna(False).astype(bool).to_numpy()
    assert (won == world.truth["won_by_end"].to_numpy()).all()
    paid = outcomes["revenue"].dropna()
    assert paid.to_numpy() == pytest.approx(world.truth.set_index("lead_id")["revenue"][paid.index].to_numpy())
    assert 0.9 < len(paid) / won.sum() <= 1
    assert set(history.extras) >= {"Company Age", "Product Interest", "Measure 01", "Group 03"}
    fields = [c for c in history.leads.columns if not c.startswith("extras.")]
    assert len(fields) >= 42


def test_no_outcomes_can_be_read(tmp_path: Path) -> None:
    write(simulate("no-back-end-data", leads=200, months=4), tmp_path)
    history = read_history(load_settings(tmp_path / "leadworth.toml"))
    assert len(history.leads) == 200
    assert not history.outcomes["won"].any()


def test_bad_rows_are_extra_and_rejected(tmp_path: Path) -> None:
    write(simulate(leads=300, months=5), tmp_path, bad_rows=7)
    with (tmp_path / "leads.csv").open(encoding="utf-8") as file:
        assert sum(1 for _ in file) == 308
    counts = read_history(load_settings(tmp_path / "leadworth.toml")).counts
    assert (counts.leads.rows_in, counts.leads.rows_kept, counts.leads.rows_rejected) == (307, 300, 7)
