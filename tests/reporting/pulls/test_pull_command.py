"""The command `leadworth spend pull`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from leadworth.errors import ConfigurationError
from leadworth.settings import load_settings
from reporting.imports.store_import import store_import
from reporting.pulls import pull_command
from reporting.pulls.pull_peer import PullPeer
from reporting.pulls.report_source import FetchedDays
from reporting.pulls.source_sandbox import peer_of, serve_sources
from store.engine import open_store
from tests.reporting.pulls.pull_bench import LAST_DAY, NOW, PullBench

app = typer.Typer()
app.command("pull")(pull_command.pull)
app.command("sandbox")(pull_command.sandbox)
SETTINGS = 'currency = "EUR"\n[leads]\npath = "leads.csv"\n[report.rates."{month}"]\nUSD = 0.9\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "leadworth.toml"
    file.write_text(SETTINGS.format(month=f"{LAST_DAY:%Y-%m}"), encoding="utf-8")
    return file


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[PullPeer]]:
    monkeypatch.setattr(pull_command, "utc_now", lambda: NOW)  # at 23:00 UTC it is the next day in an account's zone
    made = [peer_of("meta", LAST_DAY), peer_of("brevo", LAST_DAY)]
    with serve_sources(made) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield made


def call(config: Path, *words: str) -> Any:
    return CliRunner().invoke(app, ["pull", *words, "--config", str(config)], catch_exceptions=False)


def test_all_sources_are_pulled_and_their_sums_printed(config: Path, peers: list[PullPeer]) -> None:
    result = call(config, "all")
    assert result.exit_code == 0, result.output
    assert "meta" in result.output
    assert "brevo" in result.output
    settings = load_settings(config)
    with open_store(settings, migrate=True) as engine:
        for peer in peers:
            bench = PullBench(peer, settings, engine)
            names = {name for name, _ in peer.sums()}
            assert {key: value for key, value in bench.sums().items() if key[0] in names} == bench.truth()


def test_a_dry_run_leaves_no_store(config: Path, peers: list[PullPeer]) -> None:
    result = call(config, "meta", "--dry-run")
    assert result.exit_code == 0
    assert "nothing was stored" in result.output
    assert not list(config.parent.glob("**/*.db"))


def test_a_part_that_fails_is_named_and_the_others_are_stored(
    config: Path, peers: list[PullPeer], monkeypatch: pytest.MonkeyPatch
) -> None:
    peers[0].token = "another"
    result = call(config, "all")
    assert result.exit_code == pull_command.MISSING
    assert "[report.sources.meta]" in result.output
    assert "sandbox-token" not in result.output
    settings = load_settings(config)
    with open_store(settings, migrate=True) as engine:
        bench = PullBench(peers[1], settings, engine)
        assert bench.sums() == bench.truth()


def test_days_of_a_file_are_refused_until_they_are_to_be_replaced(
    config: Path, peers: list[PullPeer], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(config)
    fetched: list[FetchedDays] = []
    with open_store(settings, migrate=True) as engine:
        bench = PullBench(peers[0], settings, engine)
        monkeypatch.setattr(bench.store, "store", fetched.append)
        bench.pull(since=LAST_DAY)
        [part] = fetched
        store_import(engine, settings, replace(part.batch, origin="file export.csv"), now=NOW)
    result = call(config, "meta")
    assert result.exit_code == pull_command.MISSING
    assert "file export.csv" in result.output
    assert call(config, "meta", "--replace-source").exit_code == 0


def test_a_range_of_days_is_that_of_the_options(config: Path, peers: list[PullPeer]) -> None:
    result = call(config, "meta", "--since", str(LAST_DAY), "--until", str(LAST_DAY))
    assert f"{LAST_DAY} to {LAST_DAY}" in result.output


@pytest.mark.parametrize(("words", "reason"), [(["myspace"], "no source"), (["tiktok"], "no account")])
def test_a_source_that_is_none_or_not_in_use_is_refused(config: Path, words: list[str], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        call(config, *words)


def test_no_source_in_use_is_refused(config: Path) -> None:
    with pytest.raises(ConfigurationError, match="no source has an account"):
        call(config, "all")


def test_secrets_that_are_missing_are_named_with_their_variables(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADWORTH_REPORT__SOURCES__META__ACCOUNTS", json.dumps(["1"]))
    result = call(config, "meta")
    assert result.exit_code == pull_command.MISSING
    assert "LEADWORTH_REPORT__SOURCES__META__TOKEN" in result.output


def test_a_sandbox_of_an_unknown_source_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no source"):
        CliRunner().invoke(app, ["sandbox", "myspace"], catch_exceptions=False)
