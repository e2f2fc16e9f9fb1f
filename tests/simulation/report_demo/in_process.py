"""Commands of a replay in this process, which saves the imports of each."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from unittest import mock

import pytest

from leadworth.cli import load


def run_here(folder: Path, title: str, *arguments: str, variables: Mapping[str, str] | None = None) -> str:
    """Run one command of leadworth and return its output; see `simulation.demo_processes.run_step`."""
    del folder
    output = io.StringIO()
    environment = mock.patch.dict(os.environ, dict(variables or {}))
    with redirect_stdout(output), environment, pytest.raises(SystemExit) as ended:
        load(arguments[0])(list(arguments[1:]), prog_name=f"leadworth {arguments[0]}")
    assert not ended.value.code, f"{title}: {output.getvalue()}"
    return output.getvalue()
