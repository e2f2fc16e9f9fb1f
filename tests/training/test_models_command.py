"""`leadworth models` on a real registry."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from leadworth.errors import LeadworthError
from models.model_registry import ModelRegistry
from tests.make_bundle import make_bundle
from tests.make_registry import make_registry
from training.models_command import app
from training.promotion_gate import GateDecision, GateRule
from training.registration import champion_of, register


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    registry = make_registry(folder)
    (folder / "leadworth.toml").write_text('currency = "EUR"\n[leads]\npath = "leads.csv"\n', "utf-8")
    for seed, passed in ((1, True), (2, False), (3, True)):
        made = register(
            registry,
            make_bundle(seed=seed).save(folder / f"bundle-{seed}"),
            GateDecision((GateRule(passed, f"log loss against average lead: {seed}"),), champion_of(registry)),
            metrics={"auc": 0.7 + seed / 100, "log_loss": 0.3},
            params={},
            card=f"# Card of seed {seed}\n",
        )
        assert (made.version, made.promoted) == (str(seed), passed)
    return folder


@pytest.fixture
def registry(folder: Path) -> ModelRegistry:
    return ModelRegistry(f"sqlite:///{folder / 'mlflow.db'}")


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--config", str(folder / "leadworth.toml")], env={"COLUMNS": "160"})


def text_of(result: Result) -> str:
    return " ".join((result.output + str(result.exception or "")).split())


def test_list_shows_metrics_aliases_and_status(folder: Path) -> None:
    lines = run(folder, "list").output.splitlines()
    third, second, first = (next(line for line in lines if line.startswith(f"{number} ")) for number in "321")
    assert "@champion" in third
    assert "0.73" in third
    assert "champion, passed the gate" in third
    assert "failed the gate" in second
    assert "  -  " in second
    assert "was champion" in first


def test_show_takes_an_alias_and_prints_the_card(folder: Path) -> None:
    shown = text_of(run(folder, "show", "champion"))
    assert "version 3" in shown
    assert "pass log loss against average lead: 3" in shown
    assert "Card of seed 3" in shown


def test_promotion_and_rollback(folder: Path, registry: ModelRegistry) -> None:
    assert "already" in text_of(run(folder, "promote", "3"))
    refused = run(folder, "promote", "2")
    assert isinstance(refused.exception, LeadworthError)
    assert "it did not pass the promotion gate" in text_of(refused)
    assert "--reason" in text_of(run(folder, "promote", "2", "--force"))
    assert registry.resolve("champion") == "3"
    forced = text_of(run(folder, "promote", "2", "--force", "--reason", "agreed with sales"))
    assert "Version 2 is champion now; before: 3" in forced
    assert "forced: agreed with sales" in text_of(run(folder, "list"))
    stale = text_of(run(folder, "promote", "1"))
    assert "compared with version none, but version 2 is champion now" in stale
    assert "Version 3 is champion again; version 2 stays registered" in text_of(run(folder, "rollback"))
    assert registry.resolve("champion") == "3"
    assert "rolled back" in text_of(run(folder, "list"))
    assert "Version 1 is champion again" in text_of(run(folder, "rollback"))
    assert "no earlier champion" in text_of(run(folder, "rollback"))


def test_an_unknown_version_lists_the_registered_ones(folder: Path) -> None:
    assert "no version '9'; allowed: 3, 2, 1" in text_of(run(folder, "show", "9"))


def test_a_registry_without_versions_says_to_train(tmp_path: Path) -> None:
    registry = make_registry(tmp_path)
    registry._client.delete_registered_model(registry.model)
    (tmp_path / "leadworth.toml").write_text('currency = "EUR"\n[leads]\n', "utf-8")
    assert "No version is registered. What to do: run `leadworth train`" in text_of(run(tmp_path, "list"))


def test_a_version_that_cannot_be_loaded_is_not_promoted_or_rolled_back_to(tmp_path: Path) -> None:
    registry = make_registry(tmp_path)
    (tmp_path / "leadworth.toml").write_text('currency = "EUR"\n[leads]\n', "utf-8")
    for seed in (1, 2):
        registry.promote(registry.register(make_bundle(seed=seed).save(tmp_path / f"bundle-{seed}")), "test")
    source = registry._client.get_model_version(registry.model, "1").run_id
    shutil.rmtree(tmp_path / "mlartifacts" / source)
    for arguments in (("rollback",), ("promote", "1", "--force", "--reason", "test")):
        assert "version 1 cannot become champion, because it cannot be loaded" in text_of(run(tmp_path, *arguments))
    assert registry.resolve("champion") == "2"


def test_without_a_champion_a_version_that_passed_the_gate_is_promoted(tmp_path: Path) -> None:
    registry = make_registry(tmp_path)
    (tmp_path / "leadworth.toml").write_text('currency = "EUR"\n[leads]\n', "utf-8")
    tags = {"gate": "passed", "gate_champion": "7"}
    registry.register(make_bundle(seed=1).save(tmp_path / "bundle"), tags=tags)
    assert "Version 1 is champion now" in text_of(run(tmp_path, "promote", "1"))


def test_without_a_registry_the_advice_is_to_train(tmp_path: Path) -> None:
    (tmp_path / "leadworth.toml").write_text('currency = "EUR"\n[leads]\n', "utf-8")
    assert "leadworth train" in text_of(run(tmp_path, "list"))
    assert not (tmp_path / "mlflow.db").exists()
