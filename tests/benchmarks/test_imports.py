"""Benchmarks run by hand; here they are only imported, so that a rename does not break them unnoticed."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path.relative_to(ROOT / "benchmarks").with_suffix("").as_posix().replace("/", ".")
    for path in (ROOT / "benchmarks").rglob("*.py")
    if path.stem != "__init__"
)


@pytest.mark.parametrize("name", MODULES)
def test_benchmark_imports(name: str) -> None:
    importlib.import_module(f"benchmarks.{name}")
