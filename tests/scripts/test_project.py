"""The list of packages is the same everywhere in pyproject.toml and the Makefile."""

from __future__ import annotations

import re
from typing import Any

from scripts import project


def test_every_list_of_packages_is_the_same() -> None:
    packages = project.packages()
    tool: Any = project.settings()["tool"]
    cycles = next(c for c in tool["importlinter"]["contracts"] if c["type"] == "acyclic_siblings")
    lists = {
        "mypy": tool["mypy"]["packages"],
        "coverage": tool["coverage"]["run"]["source_pkgs"],
        "import-linter": tool["importlinter"]["root_packages"],
        "import cycles": cycles["ancestors"],
        "deptry": tool["deptry"]["known_first_party"],
        "pytest": tool["pytest"]["ini_options"]["testpaths"],
    }
    for name, listed in lists.items():
        assert [entry for entry in listed if entry not in {"tests", "README.md", "scripts"}] == packages, name
    makefile = re.search(r"^PACKAGES := (.+)$", (project.ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert makefile is not None
    assert makefile.group(1).split() == packages


def test_every_package_exists_and_is_under_version_control() -> None:
    files = {project.relative(path) for path in project.files()}
    for package in project.packages():
        assert f"{package}/__init__.py" in files
    assert len(project.modules()) > 100


def test_layers_contain_every_package() -> None:
    tool: Any = project.settings()["tool"]
    layers = next(c for c in tool["importlinter"]["contracts"] if c["type"] == "layers")["layers"]
    assert sorted(name for layer in layers for name in layer.split(" | ")) == sorted(project.packages())
