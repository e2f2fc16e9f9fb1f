"""The registry against a real MLflow: versions, aliases, files and errors."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from pathlib import Path

import pytest

from leadworth.errors import RegistryError
from leadworth.settings import Settings
from models.bundle import Bundle
from models.model_registry import ModelRegistry
from tests.make_bundle import make_bundle
from tests.make_registry import make_registry


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> ModelRegistry:
    folder = tmp_path_factory.mktemp("registry")
    made = make_registry(folder)
    (folder / "figures").mkdir()
    (folder / "figures" / "calibration.svg").write_text("<svg/>", "utf-8")
    for seed in (7, 8, 9):
        bundle = make_bundle(seed=seed).save(folder / f"bundle-{seed}")
        made.register(
            bundle,
            metrics={"log_loss": 0.3 + seed / 100},
            params={"seed": seed},
            tags={"as_of": "2026-06-01"},
            figures=folder / "figures",
            card=f"# Model of seed {seed}\n",
        )
    return made


def test_versions_come_newest_first_with_their_figures(registry: ModelRegistry) -> None:
    newest = registry.versions()[0]
    assert [version.version for version in registry.versions()] == ["3", "2", "1"]
    assert (newest.metrics, newest.params) == ({"log_loss": 0.39}, {"seed": "9"})
    assert newest.tags["as_of"] == "2026-06-01"
    assert newest.tags["bundle_id"] == make_bundle(seed=9).id
    assert registry.card("2") == "# Model of seed 8\n"


def test_a_fetched_bundle_is_the_registered_one(registry: ModelRegistry, tmp_path: Path) -> None:
    folder = registry.fetch("2", tmp_path / "cache")
    bundle = Bundle.load(folder)
    assert (bundle.id, bundle.version) == (make_bundle(seed=8).id, "2")
    assert bundle.trained_at == registry.versions()[1].registered_at
    before = folder.stat().st_mtime_ns
    assert registry.fetch("2", tmp_path / "cache") == folder
    assert folder.stat().st_mtime_ns == before


@pytest.mark.parametrize("tag", ["/../../..", "..", "ABC/", "a" * 11 + "/"])
def test_a_tag_of_the_registry_names_no_folder(registry: ModelRegistry, tmp_path: Path, tag: str) -> None:
    before = registry.versions()[0].tags["bundle_id"]
    client = registry._writer()
    client.set_model_version_tag(registry.model, "3", "bundle_id", tag)
    try:
        with pytest.raises(RegistryError, match="not hexadecimal"):
            registry.fetch("3", tmp_path / "cache")
    finally:
        client.set_model_version_tag(registry.model, "3", "bundle_id", before)


def test_rollback_goes_back_through_the_champions(registry: ModelRegistry) -> None:
    registry.set_alias("challenger", "1")
    assert registry.promote("1", "first") is None
    registry.set_alias("challenger", "2")
    assert registry.promote("2", "better") == "1"
    assert registry.promote("2", "again") is None
    assert registry.resolve("champion") == "2"
    with pytest.raises(RegistryError, match="challenger"):
        registry.resolve("challenger")
    assert registry.promote("3", "better still") == "2"
    assert registry.rollback() == ("3", "2")
    assert registry.rollback() == ("2", "1")
    assert registry.resolve("champion") == "1"
    with pytest.raises(RegistryError, match="no earlier champion"):
        registry.rollback()
    aliases = {version.version: version.aliases for version in registry.versions()}
    assert aliases == {"1": ("champion",), "2": (), "3": ()}
    registry.set_alias("champion", "3")  # set outside leadworth
    assert registry.rollback() == ("3", "1")


def test_rollback_skips_a_deleted_version(tmp_path: Path) -> None:
    made = make_registry(tmp_path)
    for seed in (1, 2, 3):
        made.promote(made.register(make_bundle(seed=seed).save(tmp_path / f"bundle-{seed}")), "test")
    made._client.delete_model_version(made.model, "2")
    assert made.rollback() == ("3", "1")
    with pytest.raises(RegistryError, match="no earlier champion"):
        made.rollback()


def test_an_interrupted_promotion_or_rollback_changes_no_earlier_champion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_registry(tmp_path)
    for seed in (1, 2):
        made.promote(made.register(make_bundle(seed=seed).save(tmp_path / f"bundle-{seed}")), "test")
    made.register(make_bundle(seed=3).save(tmp_path / "bundle-3"))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    set_tag, set_alias = made._client.set_registered_model_tag, made._client.set_registered_model_alias
    monkeypatch.setattr(made._client, "set_registered_model_alias", killed)
    with pytest.raises(KeyboardInterrupt):
        made.promote("3", "test")
    monkeypatch.setattr(made._client, "set_registered_model_alias", set_alias)
    assert "promoted" not in made.versions()[0].tags
    monkeypatch.setattr(made._client, "set_registered_model_tag", killed)
    with pytest.raises(KeyboardInterrupt):
        made.promote("3", "test")
    monkeypatch.setattr(made._client, "set_registered_model_tag", set_tag)
    assert made.resolve("champion") == "3"
    monkeypatch.setattr(made._client, "set_registered_model_alias", killed)
    with pytest.raises(KeyboardInterrupt):
        made.rollback()
    monkeypatch.setattr(made._client, "set_registered_model_alias", set_alias)
    assert made.resolve("champion") == "3"
    assert made.rollback() == ("3", "2")
    assert made.rollback() == ("2", "1")


def test_a_version_whose_run_was_deleted_for_good_is_listed_without_figures(tmp_path: Path) -> None:
    made = make_registry(tmp_path)
    made.register(make_bundle(seed=1).save(tmp_path / "bundle"), metrics={"auc": 0.8})
    run = str(made._client.get_model_version(made.model, "1").run_id)
    made._client._tracking_client.store._hard_delete_run(run)  # as `mlflow gc` does
    (version,) = made.versions()
    assert (version.version, version.metrics, version.params) == ("1", {}, {})


def registry_in(folder: Path) -> ModelRegistry:
    return ModelRegistry.of(Settings(currency="EUR", leads={}, folder=folder))


def test_a_moved_folder_reads_and_registers_in_its_new_place(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new place"
    old.mkdir()
    bundle = make_bundle(seed=7).save(tmp_path / "bundle")
    make_registry(old).register(bundle, card="# First\n")
    shutil.move(old, new)
    moved = registry_in(new)

    assert Bundle.load(moved.fetch("1", tmp_path / "cache")).id == make_bundle(seed=7).id
    assert moved.card("1") == "# First\n"
    assert moved.register(bundle, card="# Second\n") == "2"
    assert not old.exists()
    shutil.move(new, old)
    assert (registry_in(old).card("1"), registry_in(old).card("2")) == ("# First\n", "# Second\n")


def test_nothing_personal_is_logged(registry: ModelRegistry, tmp_path: Path) -> None:
    for file in Path(registry.uri.removeprefix("sqlite:///")).parent.rglob("*example*.json"):
        assert "@" not in file.read_text("utf-8")


def test_an_unknown_version_is_an_error_with_advice(registry: ModelRegistry, tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"version 99.*leadworth models list"):
        registry.fetch("99", tmp_path)


def test_reading_creates_no_database(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="no registry at"):
        ModelRegistry(f"sqlite:///{tmp_path / 'none.db'}").resolve("champion")
    assert not list(tmp_path.iterdir())


def test_an_unreachable_server_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(RegistryError, match="check that") as caught:
        ModelRegistry("http://ada:secret@127.0.0.1:9").resolve("champion")
    assert "secret" not in str(caught.value)


def test_a_damaged_database_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    file.write_bytes(b"no database at all" * 99)
    with pytest.raises(RegistryError, match=r"mlflow\.db"):
        ModelRegistry(f"sqlite:///{file}").versions()


def test_an_error_of_the_database_is_told_without_statement_and_traceback(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    made = make_registry(tmp_path)
    made.register(make_bundle(seed=1).save(tmp_path / "bundle"))
    with sqlite3.connect(made.uri.removeprefix("sqlite:///")) as database:
        database.execute("DROP TABLE registered_model_aliases")
    with pytest.raises(RegistryError, match=r"did not respond .promote version 1 of leadworth") as caught:
        made.promote("1", "test")
    assert "SQL" not in str(caught.value)
    assert capfd.readouterr().err == ""


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_registry(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(made._client, "log_artifacts", full)
    with pytest.raises(RegistryError, match=r"cannot be written: No space left on device.*free space"):
        made.register(make_bundle(seed=1).save(tmp_path / "bundle"))


def test_the_settings_name_the_registry(tmp_path: Path) -> None:
    settings = Settings(currency="EUR", leads={}, folder=tmp_path)
    registry = ModelRegistry.of(settings)
    assert (registry.uri, registry.artifacts) == (
        f"sqlite:///{tmp_path}/mlflow.db",
        (tmp_path / "mlartifacts").as_uri(),
    )
    server = ModelRegistry.of(
        settings.model_copy(update={"registry": settings.registry.model_copy(update={"uri": "http://x"})})
    )
    assert (server.uri, server.artifacts) == ("http://x", None)
