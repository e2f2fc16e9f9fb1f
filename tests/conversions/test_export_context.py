"""Opening the settings, the store and the platforms of an export command."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conversions.export_context import open_export
from leadworth.errors import ConfigurationError, InputError, StoreError
from store.engine import is_new

SETTINGS = 'currency = "EUR"\n[leads]\npath = "leads.csv"\n'


def config(folder: Path, more: str = "") -> Path:
    file = folder / "leadworth.toml"
    file.write_text(SETTINGS + more)
    return file


def test_store_is_migrated_and_platforms_are_selected_by_name(tmp_path: Path) -> None:
    section = '[export.meta]\ndataset = "1"\ntoken = "t"\nactions = { lead = "Lead" }\n'
    with open_export(config(tmp_path, section)) as export:
        assert not is_new(export.engine)
        assert [platform.name for platform in export.select(None)] == ["meta"]
        assert export.select("meta")[0].name == "meta"
        with pytest.raises(ConfigurationError, match="meta"):
            export.select("google")


def test_settings_without_a_platform(tmp_path: Path) -> None:
    with open_export(config(tmp_path)) as export, pytest.raises(ConfigurationError, match="names no ad platform"):
        export.select(None)


def test_store_that_does_not_answer(tmp_path: Path) -> None:
    section = '[serving]\nstore = "postgresql://127.0.0.1:5999/nowhere"\n'
    with pytest.raises(StoreError, match="did not answer"), open_export(config(tmp_path, section)):
        pass


def test_clock_of_a_replay_and_of_the_present(tmp_path: Path) -> None:
    with open_export(config(tmp_path)) as export:
        clock, moment = export.clock("2025-03-01T02:00")
        assert clock() == moment == datetime(2025, 3, 1, 2, tzinfo=UTC)
        clock, moment = export.clock(None)
        assert moment is None
        assert clock() > datetime(2025, 3, 1, 2, tzinfo=UTC)
        with pytest.raises(InputError, match="as-of"):
            export.clock("yesterday or so")


@pytest.mark.parametrize(
    ("endpoint", "local"),
    [("http://127.0.0.1:8900", True), ("localhost:8901", True), ("", False), ("https://127.0.0.1.example.org", False)],
)
def test_a_replay_needs_platforms_on_this_machine(tmp_path: Path, endpoint: str, local: bool) -> None:
    section = f'[export.meta]\ndataset = "1"\ntoken = "t"\nendpoint = "{endpoint}"\n'
    with (
        open_export(config(tmp_path, section)) as export,
        nullcontext() if local else pytest.raises(ConfigurationError),
    ):
        export.require_local(export.select(None))
