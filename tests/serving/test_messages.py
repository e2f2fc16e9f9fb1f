"""Messages of the service advise only commands that exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from leadworth.cli import COMMANDS, load

ROOT = Path(__file__).parents[2]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def texts() -> Iterator[str]:
    """Yield all string constants of the package."""
    for path in (ROOT / "serving").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_advised_commands_exist() -> None:
    advised = [match.split() for text in texts() for match in re.findall(r"`leadworth ([a-z]+(?: [a-z]+)?)", text)]
    assert len(advised) > 10
    for command, *rest in advised:
        assert command in COMMANDS, command
        subcommands = getattr(load(command), "commands", {})
        assert not rest or not subcommands or rest[0] in subcommands, (command, rest)


def test_advised_make_targets_exist() -> None:
    advised = {target for text in texts() for target in re.findall(r"`make ([a-z-]+)`", text)}
    assert "setup" in advised
    assert advised <= TARGETS
    assert not [text for text in texts() if re.search(r": make [a-z]+$", text)]
