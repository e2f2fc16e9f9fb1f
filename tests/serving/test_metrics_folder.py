"""The folder of the workers' metrics: made for the block, and kept where the environment names it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from serving.metrics_folder import MULTIPROC, metrics_folder


def test_the_folder_of_metrics_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MULTIPROC, str(tmp_path / "run" / "metrics"))
    with metrics_folder(2):
        assert (tmp_path / "run" / "metrics").is_dir()
    assert (tmp_path / "run" / "metrics").is_dir()


def test_a_folder_of_its_own_is_removed_with_its_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MULTIPROC, raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with metrics_folder(2):
        folder = Path(os.environ[MULTIPROC])
        assert folder.is_dir()
    assert not folder.exists()
    assert MULTIPROC not in os.environ
