"""The repository: its root, its packages and its files."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def settings() -> dict[str, object]:
    """Return the content of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def packages() -> list[str]:
    """Return the names of the product's packages, as pyproject.toml lists them for the wheel.

    Examples
    --------
    >>> "leadworth" in packages()
    True
    """
    table: object = settings()
    for key in ("tool", "hatch", "build", "targets", "wheel", "packages"):
        assert isinstance(table, dict)
        table = table[key]
    assert isinstance(table, list)
    return list(map(str, table))


def modules() -> list[Path]:
    """Return the Python files of all packages."""
    return [path for package in packages() for path in sorted((ROOT / package).rglob("*.py"))]


def files() -> list[Path]:
    """Return the files under version control."""
    command = ["git", "ls-files", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [ROOT / name for name in names if name]


def relative(path: Path) -> str:
    """Return a path as seen from the root, or as it is where it is outside."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
