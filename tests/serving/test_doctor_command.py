"""The doctor names what is wrong and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from leadworth.health_findings import HealthFinding, Severity
from leadworth.settings import load_settings
from models.bundle import Bundle
from models.model_registry import ModelRegistry
from serving.doctor_command import doctor, findings
from serving.keys_command import app as keys_app
from store import decision_log
from store.engine import open_store
from tests.make_bundle import make_bundle, make_leads
from tests.make_registry import make_registry
from tests.store.rows import decision_row, vector_rows

TOML = 'currency = "EUR"\n[leads]\npath = "leads.csv"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "leadworth.toml"
    file.write_text(TOML)
    return file


def by_name(config: Path) -> dict[str, HealthFinding]:
    return {finding.name: finding for finding in findings(config)}


def test_without_settings(tmp_path: Path) -> None:
    found = by_name(tmp_path / "leadworth.toml")
    assert found["settings"].level is Severity.FAIL
    assert "leadworth init" in found["settings"].do


def test_before_the_first_training(config: Path) -> None:
    found = by_name(config)
    assert found["registry"].level is Severity.FAIL
    assert "leadworth train" in found["registry"].do
    assert found["store"].level is Severity.WARN
    assert not (config.parent / "leadworth.db").exists()


def test_all_is_well(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = ModelRegistry.of(load_settings(config))
    version = registry.register(make_bundle().save(config.parent / "bundle"))
    registry.set_alias("champion", version)
    runner = CliRunner()
    assert runner.invoke(keys_app, ["create", "shop", "-c", str(config)]).exit_code == 0
    monkeypatch.setenv("LEADWORTH_SECRET", "s" * 32)
    found = by_name(config)
    of_the_machine = {"disk", "lists"}
    wrong = {name for name, finding in found.items() if finding.level is not Severity.OK} - of_the_machine
    assert wrong == set()
    assert "1 may score" in found["keys"].what


def test_the_store_is_away(config: Path) -> None:
    config.write_text(TOML + '[serving]\nstore = "postgresql://nobody:geheim@127.0.0.1:9/none"\n')
    found = by_name(config)["store"]
    assert found.level is Severity.FAIL
    assert "geheim" not in found.what


def test_another_secret_is_named(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADWORTH_SECRET", "a" * 32)
    with open_store(load_settings(config), migrate=True) as engine, engine.begin() as connection:
        decision_log.insert(connection, [decision_row()])
    monkeypatch.setenv("LEADWORTH_SECRET", "b" * 32)
    found = by_name(config)["store"]
    assert found.level is Severity.FAIL
    assert "another secret than LEADWORTH_SECRET" in found.what
    assert found.do.startswith("set that secret")


def test_the_exit_code_tells(config: Path) -> None:
    app = typer.Typer()
    app.command()(doctor)
    done = CliRunner().invoke(app, ["-c", str(config)])
    assert done.exit_code == 1
    assert "FAIL" in done.output


def test_inputs_that_the_latest_leads_lack_are_named(config: Path, tmp_path: Path) -> None:
    settings = load_settings(config)
    registry = make_registry(tmp_path)
    bundle = make_bundle()
    registry.set_alias("champion", registry.register(bundle.save(tmp_path / "bundle")))
    leads = make_leads(100, seed=4)
    with open_store(settings, migrate=True) as engine:
        with engine.begin() as connection:
            decision_log.insert(connection, vector_rows(bundle.id, bundle.spec.matrix(leads)))
        assert by_name(config)["inputs"].level is Severity.OK
        assert "100 latest decisions" in by_name(config)["inputs"].what
        with engine.begin() as connection:
            without = bundle.spec.matrix(leads.drop(columns="employees"))
            decision_log.insert(connection, vector_rows(bundle.id, without))
    named = [finding for finding in findings(config) if finding.name == "inputs"]
    assert all(finding.level is Severity.WARN for finding in named)
    assert any("employees is missing in" in finding.what for finding in named)


def test_a_champion_that_does_not_say_what_its_leads_looked_like(config: Path, tmp_path: Path) -> None:
    settings = load_settings(config)
    registry = make_registry(tmp_path)
    bundle = make_bundle()
    bundle.reference = None
    folder = bundle.save(tmp_path / "bundle")
    registry.set_alias("champion", registry.register(folder))
    with open_store(settings, migrate=True) as engine:
        assert by_name(config)["inputs"].level is Severity.OK  # no decision yet
        bundle = Bundle.load(folder)
        with engine.begin() as connection:
            decision_log.insert(connection, vector_rows(bundle.id, bundle.spec.matrix(make_leads(1))))
    found = by_name(config)["inputs"]
    assert (found.level, found.do) == (Severity.WARN, "train again")
