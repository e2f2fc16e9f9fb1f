"""`leadworth backup` and `restore` of a whole project: moved, while the service writes, across a version step."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from leadworth.errors import InputError, LeadworthError, StoreError
from leadworth.key_derivation import key_for
from leadworth.settings import load_settings
from models.bundle import Bundle
from models.model_registry import ModelRegistry
from serving import api_keys
from serving.recovery.backup_manifest import MANIFEST, STORE, read_backup_manifest
from serving.recovery.backup_writer import write_backup
from serving.recovery.project_parts import project_parts
from serving.recovery.recovery_commands import backup, restore
from serving.recovery.restore_plan import plan_restore, restore_backup
from store.decision_store import DecisionStore
from store.engine import open_store
from store.migrate import revisions
from store.spool import Spool, StoreEntry
from tests.make_bundle import make_bundle
from tests.make_registry import make_registry
from tests.store.rows import decision_row

TOML = """
currency = "EUR"
[leads]
path = "leads.csv"
[mql]
policy = "policy.toml"
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Project folder with a registered champion."""
    folder = tmp_path_factory.mktemp("template") / "a"
    folder.mkdir()
    (folder / "leadworth.toml").write_text(TOML)
    (folder / "policy.toml").write_text("version = 'own'\n")
    (folder / "leads.csv").write_text("lead_id\n")
    registry = make_registry(folder)
    registry.register(make_bundle().save(folder / "bundle"))
    registry.set_alias("champion", "1")
    shutil.rmtree(folder / "bundle")
    return folder


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Path:
    """The project, with an installation key, an API key, two decisions and one that waits in the spool."""
    folder = tmp_path / "a"
    shutil.copytree(template, folder)
    settings = load_settings(folder / "leadworth.toml")
    key_for(settings, "test")
    (folder / ".leadworth" / "numba").mkdir(parents=True)
    (folder / ".leadworth" / "numba" / "code.nbi").write_bytes(b"machine code")
    with open_store(settings, migrate=True) as engine, engine.begin() as connection:
        api_keys.create(connection, "website", ["score"])
    store = DecisionStore(f"sqlite:///{folder / 'leadworth.db'}", spool=folder / ".leadworth" / "spool")
    store.start()
    asyncio.run(keep(store, ["A", "B"]))
    store.stop()
    spool = Spool(folder / ".leadworth" / "spool")
    spool.append([StoreEntry([decision_row("C")])])
    spool.release()
    return folder


async def keep(store: DecisionStore, leads: list[str]) -> None:
    for lead in leads:
        await store.keep(StoreEntry([decision_row(lead)]))


def back_up(project: Path, target: Path, **options: bool) -> None:
    write_backup(load_settings(project / "leadworth.toml"), "leadworth.toml", target, **options)


def leads_in(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute("SELECT lead_id FROM decisions ORDER BY decision_id")]


def started(folder: Path) -> list[str]:
    """Start and stop a store in a project folder, as the service does; return its leads."""
    store = DecisionStore(f"sqlite:///{folder / 'leadworth.db'}", spool=folder / ".leadworth" / "spool")
    store.start()
    store.stop()
    return leads_in(folder / "leadworth.db")


def run(*arguments: str) -> Result:
    app = typer.Typer()
    app.command("backup")(backup)
    app.command("restore")(restore)
    return CliRunner().invoke(app, list(arguments))


def test_a_restored_and_moved_project_scores_with_its_champion_keys_and_decisions(
    project: Path, tmp_path: Path
) -> None:
    back_up(project, tmp_path / "backup")
    key = key_for(load_settings(project / "leadworth.toml"), "test")
    shutil.rmtree(project)
    moved = tmp_path / "elsewhere" / "b"
    restore_backup(plan_restore(tmp_path / "backup", moved))
    settings = load_settings(moved / "leadworth.toml")
    registry = ModelRegistry.of(settings)
    bundle = Bundle.load(registry.fetch(registry.resolve("champion"), tmp_path / "cache"))
    assert bundle.id == make_bundle().id
    assert key_for(settings, "test") == key
    assert (moved / "policy").exists() is False
    assert (moved / "policy.toml").read_text() == "version = 'own'\n"
    assert started(moved) == ["A", "B", "C"]
    with open_store(settings) as engine, engine.connect() as connection:
        assert [one.name for one in api_keys.every(connection)] == ["website"]
    # MLflow recorded the folder that is gone; a new version is registered all the same.
    assert registry.register(make_bundle(seed=8).save(tmp_path / "new")) == "2"


def test_only_the_owner_may_read_a_backup_and_what_is_restored(project: Path, tmp_path: Path) -> None:
    back_up(project, tmp_path / "backup")
    restore_backup(plan_restore(tmp_path / "backup", tmp_path / "b"))
    for folder in (tmp_path / "backup", tmp_path / "b"):
        for path in (folder, *folder.rglob("*")):
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@contextmanager
def writing(project: Path, kept: list[str]) -> Iterator[None]:
    """Write one decision after the other, as the service does, until the block ends."""
    stopping = threading.Event()
    store = DecisionStore(f"sqlite:///{project / 'leadworth.db'}", spool=project / ".leadworth" / "spool")
    store.start()

    async def write() -> None:
        while not stopping.is_set():
            lead = f"N{len(kept):06}"
            await store.keep(StoreEntry([decision_row(lead)]))
            kept.append(lead)

    thread = threading.Thread(target=lambda: asyncio.run(write()))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
        store.stop()


def wait_for(kept: list[str], count: int) -> None:
    end = time.monotonic() + 60
    while len(kept) < count:
        assert time.monotonic() < end, f"only {len(kept)} decisions were written"
        time.sleep(0.01)


def test_a_backup_while_the_service_writes_is_a_prefix_with_all_that_was_answered_before(
    project: Path, tmp_path: Path
) -> None:
    kept: list[str] = []
    with writing(project, kept):
        for number in range(3):
            wait_for(kept, 50 * (number + 1))
            before = len(kept)
            back_up(project, tmp_path / f"backup-{number}")
            restore_backup(plan_restore(tmp_path / f"backup-{number}", tmp_path / f"b{number}"))
            restored = [lead for lead in started(tmp_path / f"b{number}") if lead.startswith("N")]
            assert restored == [f"N{index:06}" for index in range(len(restored))]
            assert before <= len(restored)
        assert len(kept) > before


def test_a_spool_line_that_is_being_written_is_left_out(project: Path, tmp_path: Path) -> None:
    [file] = (project / ".leadworth" / "spool").glob("*.jsonl")
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"rows": [{"dec')
    back_up(project, tmp_path / "backup")
    assert (tmp_path / "backup" / ".leadworth" / "spool" / file.name).read_bytes() == whole


def test_roll_back_to_the_backup_made_before_an_upgrade(project: Path, tmp_path: Path) -> None:
    back_up(project, tmp_path / "backup")
    with closing(sqlite3.connect(project / "leadworth.db")) as connection:  # a newer version has migrated the store
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with (
        pytest.raises(StoreError, match="newer leadworth"),
        open_store(load_settings(project / "leadworth.toml"), migrate=True),
    ):
        pass
    back_up(project, tmp_path / "newer")
    with pytest.raises(StoreError, match=r"newer leadworth: its store has revision 9999"):
        plan_restore(tmp_path / "newer", tmp_path / "b")
    restore_backup(plan_restore(tmp_path / "backup", project), force=True)
    assert started(project) == ["A", "B", "C"]
    [replaced] = project.glob("leadworth.db.replaced-*")
    assert leads_in(replaced) == ["A", "B"]


def test_upgrade_migrates_a_restored_store(project: Path, tmp_path: Path) -> None:
    from store.engine import open_engine
    from tests.store.test_migrate import move

    engine = open_engine(f"sqlite:///{project / 'leadworth.db'}")
    move(engine, "0005")
    engine.dispose()
    back_up(project, tmp_path / "backup")
    assert read_backup_manifest(tmp_path / "backup").store.revision == "0005"
    restore_backup(plan_restore(tmp_path / "backup", tmp_path / "b"))
    with open_store(load_settings(tmp_path / "b" / "leadworth.toml")) as engine:
        assert len(set(revisions(engine))) == 1
    assert started(tmp_path / "b") == ["A", "B", "C"]


def test_a_running_store_is_not_replaced(project: Path, tmp_path: Path) -> None:
    back_up(project, tmp_path / "backup")
    with writing(project, []), pytest.raises(StoreError, match=r"in use|is writing"):
        restore_backup(plan_restore(tmp_path / "backup", project), force=True)
    assert not list(project.glob("*.replaced-*"))


def test_what_killed_backups_left_is_removed(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backups = tmp_path / "backups"
    for name in ("partial", "replaced"):
        (backups / f".monday.0123abcd.{name}").mkdir(parents=True)
        (backups / f".friday.0123abcd.{name}").mkdir()
    back_up(project, backups / "monday")
    assert {path.name for path in backups.iterdir()} == {
        "monday",
        ".monday.0123abcd.replaced",  # when the backup began, it was the only one of Monday
        ".friday.0123abcd.replaced",
    }
    back_up(project, backups / "tuesday")
    assert {path.name for path in backups.iterdir()} == {"monday", "tuesday", ".friday.0123abcd.replaced"}

    def meanwhile(*arguments: object) -> Iterator[Path]:
        with monkeypatch.context() as patched:
            patched.setattr("serving.recovery.backup_writer.project_parts", project_parts)
            back_up(project, backups / "thursday")
        return project_parts(*arguments)

    monkeypatch.setattr("serving.recovery.backup_writer.project_parts", meanwhile)
    back_up(project, backups / "wednesday")
    assert (backups / "wednesday" / MANIFEST).is_file()


def test_nothing_is_replaced_without_force(project: Path, tmp_path: Path) -> None:
    back_up(project, tmp_path / "backup")
    with pytest.raises(InputError, match="has a backup already"):
        back_up(project, tmp_path / "backup")
    with pytest.raises(InputError, match="not a backup"):
        back_up(project, project, force=True)
    back_up(project, tmp_path / "backup", force=True)
    with pytest.raises(InputError, match=r"something already: .*leadworth\.db"):
        restore_backup(plan_restore(tmp_path / "backup", project))
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("name", [STORE, ".leadworth/installation.key", "registry.db", "leadworth.toml"])
@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_damaged_backup_is_refused_before_anything_is_written(
    project: Path, tmp_path: Path, name: str, damage: str
) -> None:
    back_up(project, tmp_path / "backup")
    file = tmp_path / "backup" / name
    if damage == "missing":
        file.unlink()
    else:
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content)
    with pytest.raises(InputError, match=name):
        plan_restore(tmp_path / "backup", tmp_path / "b")
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("name", ["../x", "/etc/x"])
def test_a_manifest_cannot_name_a_file_outside(project: Path, tmp_path: Path, name: str) -> None:
    back_up(project, tmp_path / "backup")
    manifest = tmp_path / "backup" / MANIFEST
    content = json.loads(manifest.read_text())
    content["files"][name] = content["files"][STORE]
    manifest.write_text(json.dumps(content))
    with pytest.raises(InputError, match="outside"):
        plan_restore(tmp_path / "backup", tmp_path / "b")


@pytest.mark.parametrize("change", [{"format": 2}, {"unknown": 1}])
def test_a_manifest_of_a_newer_version_is_refused(project: Path, tmp_path: Path, change: dict[str, int]) -> None:
    back_up(project, tmp_path / "backup")
    manifest = tmp_path / "backup" / MANIFEST
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | change))
    with pytest.raises(InputError, match=r"newer|format"):
        plan_restore(tmp_path / "backup", tmp_path / "b")


def test_another_secret_is_refused(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADWORTH_SECRET", "a" * 40)
    project = request.getfixturevalue("project")
    back_up(project, tmp_path / "backup")
    text = (tmp_path / "backup" / MANIFEST).read_text()
    assert "a" * 40 not in text
    monkeypatch.setenv("LEADWORTH_SECRET", "b" * 40)
    with pytest.raises(InputError, match="not the secret"):
        plan_restore(tmp_path / "backup", tmp_path / "b")
    monkeypatch.delenv("LEADWORTH_SECRET")
    with pytest.raises(InputError, match="not set now"):
        plan_restore(tmp_path / "backup", tmp_path / "b")
    monkeypatch.setenv("LEADWORTH_SECRET", "a" * 40)
    plan_restore(tmp_path / "backup", tmp_path / "b")


def test_without_pg_dump_the_rest_is_copied_and_the_command_fails(
    project: Path, postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADWORTH_SERVING__STORE", postgres)
    with open_store(load_settings(project / "leadworth.toml"), migrate=True):
        pass
    monkeypatch.setattr("store.database_copy.shutil.which", lambda name: None)
    done = run("backup", str(tmp_path / "backup"), "--config", str(project / "leadworth.toml"))
    assert isinstance(done.exception, StoreError)
    assert "postgresql-client" in str(done.exception)
    manifest = read_backup_manifest(tmp_path / "backup")
    assert {"registry.db", ".leadworth/installation.key"} <= set(manifest.files)
    assert (manifest.store, STORE in manifest.files) == (None, False)
    with pytest.raises(InputError, match="has no store"):
        plan_restore(tmp_path / "backup", tmp_path / "b")


def test_commands_show_what_they_do_and_a_dry_run_writes_nothing(project: Path, tmp_path: Path) -> None:
    config = ["--config", str(project / "leadworth.toml")]
    shown = run("backup", str(tmp_path / "backup"), "--dry-run", *config)
    assert (shown.exit_code, (tmp_path / "backup").exists()) == (0, False)
    assert "decisions" in shown.stdout
    assert "leads.csv" in shown.stdout
    made = run("backup", str(tmp_path / "backup"), *config)
    assert made.exit_code == 0, made.output
    assert not list((tmp_path / "backup").rglob("*.nbi"))
    checked = run("restore", str(tmp_path / "backup"), "--to", str(tmp_path / "b"), "--dry-run")
    assert (checked.exit_code, (tmp_path / "b").exists()) == (0, False)
    assert "nothing was written" in checked.stdout
    restored = run("restore", str(tmp_path / "backup"), "--to", str(tmp_path / "b"))
    assert restored.exit_code == 0, restored.output
    assert "leadworth doctor" in restored.stdout
    again = run("restore", str(tmp_path / "backup"), "--to", str(tmp_path / "b"))
    assert isinstance(again.exception, LeadworthError)


def test_a_project_that_was_never_served_can_be_backed_up(template: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    shutil.copytree(template, folder)
    back_up(folder, tmp_path / "backup")
    assert read_backup_manifest(tmp_path / "backup").store is None
    assert restore_backup(plan_restore(tmp_path / "backup", tmp_path / "b")) is None
    assert not (folder / "leadworth.db").exists()
    assert not (folder / ".leadworth").exists()
