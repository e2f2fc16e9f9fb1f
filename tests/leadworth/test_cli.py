"""The command starts quickly, imports lazily, and fails with readable messages."""

from __future__ import annotations

import errno
import importlib.util
import os
import stat
import subprocess
import sys
import types
from pathlib import Path

import pytest
import structlog
import typer

from leadworth import __version__, cli
from leadworth.errors import LeakageError

HEAVY = ("mlflow", "lightgbm", "pandas", "numpy", "sqlalchemy", "fastapi", "pydantic", "rich", "altair", "sklearn")


def run(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, "-m", "leadworth", *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """Register a module with a command `try`."""
    module = types.ModuleType("try_command")

    def attempt(count: int = 1) -> None:
        """Attempt it.

        Parameters
        ----------
        count
            How often.
        """
        raise LeakageError(f"{count} columns reveal the outcome", allowed="none", do="ignore [them]")

    module.attempt = attempt
    monkeypatch.setitem(sys.modules, "try_command", module)
    monkeypatch.setitem(cli.COMMANDS, "try", cli.LazyCommand("try_command:attempt", "Attempt it"))
    return module


def test_help_lists_every_command_and_imports_nothing_heavy() -> None:
    code, _, trace = run_with_imports("--help")
    assert code == 0
    for package in (
        "store",
        "crm",
        "features",
        "models",
        "connectors",
        "reporting",
        "training",
        "serving",
        "simulation",
        *HEAVY,
    ):
        assert package not in trace, f"leadworth --help imports {package}"


def run_with_imports(*arguments: str) -> tuple[int, str, set[str]]:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "leadworth", *arguments], capture_output=True, text=True, check=False
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return done.returncode, done.stdout, {line.rsplit("|", 1)[1].strip().split(".")[0] for line in lines}


def test_help_names_every_command() -> None:
    _, out, _ = run("--help")
    for name in cli.COMMANDS:
        assert f"  {name} " in out


def test_version() -> None:
    assert run("--version") == (0, f"leadworth {__version__}\n", "")


def test_a_misspelt_command_is_answered_with_the_nearest() -> None:
    code, _, err = run("trian")
    assert code == 2
    assert "Did you mean 'train'?" in err


def test_no_command_shows_the_help() -> None:
    code, out, err = run()
    assert code == 2
    assert "simulate" in out + err


@pytest.mark.parametrize("entry", cli.COMMANDS.values(), ids=cli.COMMANDS)
def test_every_entry_of_the_table_leads_to_a_module(entry: cli.LazyCommand) -> None:
    module, _, attribute = entry.target.partition(":")
    assert attribute
    assert importlib.util.find_spec(module) is not None


@pytest.mark.usefixtures("command")
def test_an_error_becomes_a_message_and_an_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["try", "--count", "3"])
    assert stopped.value.code == LeakageError.exit_code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "Error: 3 columns reveal the outcome",
        "Allowed: none",
        "What to do: ignore [them]",
    ]


def test_a_path_that_cannot_be_written_is_named(
    command: types.ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def write() -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "model-card")

    monkeypatch.setattr(command, "attempt", write)
    with pytest.raises(SystemExit) as ended:
        cli.main(["try"])
    assert ended.value.code == 1
    assert "model-card cannot be written or read: Permission denied" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["the import", "the command"])
def test_ctrl_c_ends_readably_wherever_it_comes(
    command: types.ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    if place == "the command":
        monkeypatch.setattr(command, "attempt", stop)
    else:
        monkeypatch.setattr(command, "__getattr__", lambda _: stop(), raising=False)
        monkeypatch.delattr(command, "attempt")
    with pytest.raises(SystemExit) as ended:
        cli.main(["try"])
    assert ended.value.code == 130
    assert "Interrupted. What was finished" in capsys.readouterr().err


@pytest.mark.usefixtures("command")
def test_the_help_of_a_command_stops_before_the_sections_of_numpydoc(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["try", "-h"])
    out = capsys.readouterr().out
    assert stopped.value.code == 0
    assert "Usage: leadworth try" in out
    assert "Attempt it." in out
    assert "How often." not in out


def test_a_group_keeps_its_commands(command: types.ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    group = typer.Typer(help="Do several things.")

    @group.command("first")
    def first() -> None:
        """Do the first."""

    @group.command("second")
    def second() -> None:
        """Do the second."""

    command.attempt = group
    with pytest.raises(SystemExit):
        cli.main(["try", "-h"])
    out = capsys.readouterr().out
    assert "first" in out
    assert "Do the second." in out
    assert "--install-completion" not in out


@pytest.mark.usefixtures("command")
def test_openmp_waits_passively_unless_set_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    with pytest.raises(SystemExit):
        cli.main(["try"])
    assert cli.os.environ["OMP_WAIT_POLICY"] == "passive"
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    with pytest.raises(SystemExit):
        cli.main(["try"])
    assert cli.os.environ["OMP_WAIT_POLICY"] == "active"


@pytest.mark.usefixtures("command")
def test_only_the_owner_may_read_what_a_command_creates(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with pytest.raises(SystemExit):
            cli.main(["try"])
        (tmp_path / "scored.csv").write_text("lead_id")
        assert stat.S_IMODE((tmp_path / "scored.csv").stat().st_mode) == 0o600
    finally:
        os.umask(before)


def test_logs_of_a_command_are_redacted_on_standard_error(
    command: types.ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    def log() -> None:
        structlog.get_logger("worker").warning("store did not answer", error="key ada@example.org")
        structlog.get_logger("worker").info("champion loaded")

    command.attempt = log
    with pytest.raises(SystemExit) as ended:
        cli.main(["try"])
    printed = capsys.readouterr()
    assert (ended.value.code, printed.out) == (0, "")
    assert "store did not answer" in printed.err
    assert "ada@example.org" not in printed.err
    assert "champion loaded" not in printed.err
