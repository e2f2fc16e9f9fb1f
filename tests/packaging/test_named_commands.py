"""Every command that a message or a page names exists, with its options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from leadworth.cli import COMMANDS, load

ROOT = Path(__file__).parents[2]
PACKAGES = ["leadworth", "store", "crm", "conversions", "monitoring", "features", "models", "training"]
PACKAGES += ["serving", "simulation"]
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
QUOTED = re.compile(r"`((?:leadworth|make) [^`]+)`")
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINE = re.compile(r"^\s*((?:leadworth|make) .*)$", re.MULTILINE)
COMMAND = re.compile(r"^leadworth ([a-z]+)(.*)", re.DOTALL)
HELP = {"--help", "-h"}


def named() -> Iterator[tuple[str, str]]:
    """Yield file and text of each command in backticks, and of each line of a block of shell commands."""
    pages = [*ROOT.glob("docs/**/*.md"), ROOT / "README.md"]
    for file in [*pages, *(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))]:
        content = file.read_text("utf-8")
        lines = [line for block in BLOCK.findall(content) for line in LINE.findall(block)]
        for text in [*QUOTED.findall(content), *lines]:
            yield str(file.relative_to(ROOT)), re.sub(r'"\s*\n\s*f?"', "", text)


@cache
def command_of(name: str) -> Any:
    return load(name)


def fault(text: str) -> str:
    """Return what is wrong with a command; empty if nothing is."""
    words = text.split()
    if words[0] == "make":
        targets = [word.strip(".,;:") for word in words[1:2] if re.fullmatch(r"[a-z-]+[.,;:]?", word)]
        return "" if set(targets) <= TARGETS else f"no target {targets}"
    match = COMMAND.match(text)
    if match is None:
        return ""  # `leadworth --help`, `leadworth.toml`
    name, rest = match[1], match[2]
    if name not in COMMANDS:
        return f"no command {name}"
    command = command_of(name)
    sub = re.match(r" ([a-z][a-z-]*)", rest)
    if getattr(command, "commands", None):
        if sub is None:
            return ""
        chosen = sub[1] if sub[1] in command.commands else getattr(command, "unnamed", None)
        if chosen is None:
            return f"no sub-command {sub[1]}"
        command = command.commands[chosen]
    allowed = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)} | HELP
    unknown = set(re.findall(r"(?<= )--[a-z][a-z-]*", rest.partition("#")[0].partition("|")[0])) - allowed
    return f"no option {', '.join(sorted(unknown))}" if unknown else ""


def test_every_named_command_exists() -> None:
    texts = list(named())
    assert len(texts) > 100
    assert [(file, text, wrong) for file, text in texts if (wrong := fault(text))] == []


def test_a_wrong_command_is_noticed() -> None:
    assert fault("make install") == "no target ['install']"
    assert fault("leadworth fly") == "no command fly"
    assert fault("leadworth models fly 3") == "no sub-command fly"
    assert fault('leadworth models promote 3 --force --because "..."') == "no option --because"
    assert fault('leadworth models promote 3 --force --reason "..."') == ""
