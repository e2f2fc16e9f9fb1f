"""A file that is written again has its old content until the new one is complete."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from leadworth.atomic_files import replacing, write_json


def _write_half(path: Path) -> None:
    with replacing(path) as unfinished:
        unfinished.write_text('{"rows": ')
        raise RuntimeError("full")


def test_an_error_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "counts.json"
    write_json(path, {"rows": 1})
    with pytest.raises(RuntimeError, match="full"):
        _write_half(path)
    assert json.loads(path.read_text()) == {"rows": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["counts.json"]


def test_the_content_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "counts.json"
    synced = []

    def note(descriptor: int) -> None:
        synced.append((os.fstat(descriptor).st_size, path.exists()))

    monkeypatch.setattr(os, "fsync", note)
    write_json(path, {"rows": 1})
    assert synced == [(len(path.read_bytes()), False)]


def test_two_writers_do_not_share_an_unfinished_file(tmp_path: Path) -> None:
    path = tmp_path / "counts.json"
    with replacing(path) as first, replacing(path) as second:
        assert first != second
        first.write_text("1")
        second.write_text("2")
    assert path.read_text() == "1"
