"""`leadworth train` from files to the registry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from leadworth.cli import main
from leadworth.settings import Settings, load_settings
from models.bundle import Bundle
from models.model_registry import CHALLENGER, CHAMPION, ModelRegistry
from simulation.export_files import write
from simulation.world import simulate
from training.gate_rules import GateDecision
from training.registration import Registration
from training.train_command import _conclude


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("business")
    write(simulate(None, leads=2500, months=15, seed=11), folder, 5)
    return folder


@pytest.fixture(scope="module")
def trained(folder: Path) -> ModelRegistry:
    assert _run("train", "--config", str(folder / "leadworth.toml")) == 0
    return ModelRegistry.of(load_settings(folder / "leadworth.toml"))


def test_training_registers_a_version_with_metrics_card_and_charts(trained: ModelRegistry, folder: Path) -> None:
    (version,) = trained.versions()
    assert {CHAMPION, CHALLENGER} & set(version.aliases)
    assert version.metrics["auc"] > 0.6
    assert version.metrics["leads"] == 750
    assert "baseline all open are lost/log_loss" in version.metrics
    assert version.params["lateness"] == "delay"
    card = (folder / "model-card" / "model_card.md").read_text(encoding="utf-8")
    assert trained.card(version.version) == card
    page = (folder / "model-card" / "model_card.html").read_text(encoding="utf-8")
    assert page.count("<figure>") == len(list((folder / "model-card" / "figures").glob("*.svg")))
    assert "the best fifth by predicted value brought" in page
    for chart in ("calibration", "channels", "cohorts", "gains", "visible_share"):
        assert f"figures/{chart}.svg" in card
        assert (folder / "model-card" / "figures" / f"{chart}.svg").is_file()


def test_the_registered_bundle_loads(trained: ModelRegistry, tmp_path: Path) -> None:
    bundle = Bundle.load(trained.fetch("1", tmp_path))
    assert bundle.version == "1"
    assert bundle.meta.counts["leads"] == 2500


def test_bad_rows_are_set_aside(trained: ModelRegistry, folder: Path) -> None:
    del trained
    assert len((folder / "leads.rejected.csv").read_text(encoding="utf-8").splitlines()) == 6


@pytest.mark.slow
def test_a_second_training_on_the_same_data_does_not_replace_the_champion(
    trained: ModelRegistry, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trained.promote("1", "test")
    assert _run("train", "--config", str(folder / "leadworth.toml")) == 0
    assert "too few new wins to compare with the champion" in capsys.readouterr().out
    assert trained.resolve(CHAMPION) == "1"
    assert trained.resolve(CHALLENGER) == "2"
    first, second = (version.tags["bundle_id"] for version in reversed(trained.versions()))
    assert first == second, "the same data and seed give the identical bundle"


@pytest.mark.slow
def test_a_dry_run_registers_nothing_and_warns_of_a_missing_currency_and_a_future_snapshot(
    trained: ModelRegistry, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(trained.versions())
    monkeypatch.setenv("LEADWORTH_CURRENCY", "XXX")
    config = str(folder / "leadworth.toml")
    future = f"{datetime.now(UTC) + timedelta(days=200):%Y-%m-%d}"
    assert _run("train", "--dry-run", "--as-of", future, "--config", config) == 0
    assert len(trained.versions()) == before
    captured = capsys.readouterr()
    printed = captured.err
    assert "XXX" not in captured.out
    assert "Dry run: nothing was registered." in captured.out
    assert "Warning: no currency is set" in printed
    assert f"Warning: the snapshot is {future}, which is in the future" in printed


def test_a_missing_settings_file_is_a_clear_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("train", "--config", str(tmp_path / "leadworth.toml")) == 2
    assert "leadworth init" in capsys.readouterr().err


def test_a_champion_of_another_training_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(currency="EUR", leads={}, folder=tmp_path)
    _conclude(Registration("2", promoted=False, before="1"), GateDecision(()), settings, Path("leadworth.toml"), 1.0)
    printed = capsys.readouterr().out
    assert "version 2 is not in use" in printed
    assert "Version 1 became champion during this training; it was not compared" in printed
    assert "To do: train again" in printed
