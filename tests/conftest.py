"""What all tests share."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# As the command does, before any test loads an OpenMP library.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
# Rich asks for the width once, when `leadworth.console` is imported.
os.environ["COLUMNS"] = "160"

# Time limits fail at random on a loaded machine; seeds that change make a failure hard to repeat.
settings.register_profile("leadworth", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("leadworth")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep settings of the person's shell out of the tests."""
    for name in os.environ:
        if name.startswith("LEADWORTH_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_COLOR", "1")
