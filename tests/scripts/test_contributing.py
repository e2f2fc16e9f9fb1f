"""The commands and paths of CONTRIBUTING.md exist, and the commands run."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys

import pytest

from scripts import project

TEXT = (project.ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COMMANDS = sorted(
    {
        line.strip()
        for block in re.findall(r"^ *```sh\n(.*?)^ *```", TEXT, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
        if line.strip()
    }
)
PATHS = sorted(
    {path for path in re.findall(r"`([\w./-]+/[\w./-]*)`", TEXT) if not path.startswith(("docs/reference/", "."))}
)
MAKE_TARGETS = set(re.findall(r"^([a-z-]+):", (project.ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_there_are_commands_and_paths() -> None:
    assert len(COMMANDS) >= 6
    assert len(PATHS) >= 10


@pytest.mark.parametrize("path", PATHS)
def test_every_path_exists(path: str) -> None:
    assert (project.ROOT / path).exists()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`make ([a-z-]+)`", TEXT))))
def test_every_make_target_exists(target: str) -> None:
    assert target in MAKE_TARGETS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_names_what_exists(command: str) -> None:
    program, *arguments = shlex.split(command)
    if program == "make":
        assert set(arguments) <= MAKE_TARGETS
    elif arguments[0] == "-m":
        assert program == ".venv/bin/python"
        assert importlib.util.find_spec(arguments[1]) is not None
    else:
        assert program == ".venv/bin/pytest"
        assert [path for path in arguments if not (project.ROOT / path).exists()] == []


@pytest.mark.slow
@pytest.mark.parametrize("command", [command for command in COMMANDS if not command.startswith("make ")])
def test_every_command_runs(command: str) -> None:
    program, *arguments = shlex.split(command)
    module = ["-m", "pytest", "-q"] if program.endswith("pytest") else []
    environment = {**os.environ, "PYTHONPATH": str(project.ROOT)}
    done = subprocess.run(
        [sys.executable, *module, *arguments],
        cwd=project.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=3_600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-4_000:]
