"""`leadworth watch` and the metrics of the service, on a store with a flood of bots."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy.exc import OperationalError

from leadworth.errors import StoreError
from leadworth.settings import Settings
from monitoring.junk_alarms import JunkMonitor
from monitoring.watch_command import WatchResult, measure, watch
from store import decision_log, feedback
from store.engine import open_engine, open_store
from store.migrate import upgrade
from tests.serving.running import FolderRegistry, client_of, settings_in
from tests.store.rows import decision_row


def filled(url: str, rows: int = 900) -> None:
    """Write decisions of 100 days: from lead 700 on, 60 % of display are suspects."""
    engine, rng = open_engine(url), np.random.default_rng(3)
    upgrade(engine)
    start = datetime.now(UTC) - timedelta(days=100)
    with engine.begin() as connection:
        for number in range(rows):
            channel = "display" if number % 2 else "search"
            junk = rng.random() < (0.6 if number > 700 and number % 2 else 0.04)
            at = start + timedelta(days=number / 9)
            values: dict[str, Any] = {
                "decision_id": f"{number:032x}",
                "scored_at": at.isoformat(timespec="microseconds"),
                "channel": channel,
                "campaign": "remarketing" if junk else "all",
                "junk_probability": 0.9 if junk else 0.02,
                "predicted_value": 0.0 if junk else 80.0,
                "would_be": "reject" if junk else "accept",
                "verdict": "reject" if junk else "accept",
                "propensity": 0.01 if junk else 1.0,
            }
            decision_log.insert(connection, [decision_row(f"L{number}", **values)])
            again = {**values, "decision_id": f"{number + 10_000:032x}", "junk_probability": 0.02}
            decision_log.insert(connection, [decision_row(f"L{number}", **again)])  # rescored at night: counts once
        feedback.give(connection, "L0", "junk", given_by="k", why=None)
    engine.dispose()


@pytest.fixture
def flooded(store_url: str, tmp_path: Path) -> Settings:
    """Settings of a service whose store holds a flood."""
    filled(store_url)
    return settings_in(tmp_path, store=store_url)


def look_at(settings: Settings) -> WatchResult:
    with open_store(settings) as engine, engine.connect() as connection:
        return measure(connection, settings, JunkMonitor(timedelta(days=365)), None)


def test_it_names_the_channel_the_campaign_and_the_money(flooded: Settings) -> None:
    result = look_at(flooded)
    assert result.leads == 900
    [alarm] = result.alarms
    assert (alarm.channel, alarm.campaign) == ("display", "remarketing")
    assert alarm.credited == pytest.approx(80.0 * alarm.junk)
    assert (result.recall.value, result.recall.accepted_labels) == (0.0, 1)
    assert result.undecided == 0.0


def test_the_command_ends_with_2_where_there_is_an_alarm(
    flooded: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "leadworth.toml"
    store = flooded.serving.store.get_secret_value()
    file.write_text(f'currency = "EUR"\n[leads]\n[serving]\nstore = "{store}"\n')
    warnings = ""
    for options, expected in (({"as_json": True}, '"remarketing"'), ({"as_json": False}, "Junk has risen")):
        with pytest.raises(Exception) as ended:  # noqa: PT011 - typer's own Exit
            watch(days=365, once=True, every=60.0, config=file, **options)
        assert getattr(ended.value, "exit_code", None) == 2
        output, warned = capsys.readouterr()
        warnings += warned
        assert expected in output
        if options["as_json"]:
            assert json.loads(output)["alarms"][0]["at_risk"] > 0
    assert warnings.count("without a model, junk is what was not accepted") == 1


def test_drift_is_measured_against_the_training_leads(tmp_path: Path, registry: FolderRegistry) -> None:
    with client_of(settings_in(tmp_path), registry) as client:
        leads = [{"company": "Acme", "employees": 5_000 + n, "source": "google"} for n in range(260)]
        client.post("/v1/scores/batch", json={"leads": leads})
        loaded = client.app.state.scoring.champion.current.bundle
        with client.app.state.store.engine.connect() as connection:
            monitor = JunkMonitor(timedelta(days=1))
            result = measure(connection, client.app.state.settings, monitor, loaded)
    assert "profile_employees_log" in {drift.feature for drift in result.drift["all"]}
    assert "engaged" not in result.drift  # there is no feedback yet


def test_an_unreachable_store_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="did not answer"):
        look_at(settings_in(tmp_path, store="postgresql://user@127.0.0.1:1/x"))


def test_it_looks_again_when_the_store_was_away(
    flooded: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "leadworth.toml"
    file.write_text(f'currency = "EUR"\n[leads]\n[serving]\nstore = "{flooded.serving.store.get_secret_value()}"\n')
    answers = iter([OperationalError("SELECT", {}, Exception("ada@example.org")), None])

    def restarting(*arguments: Any) -> WatchResult:
        if (error := next(answers, KeyboardInterrupt())) is not None:
            raise error
        return measure(*arguments)

    monkeypatch.setattr("monitoring.watch_command.measure", restarting)
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(KeyboardInterrupt):
        watch(days=365, once=False, every=60.0, as_json=False, config=file)
    printed = capsys.readouterr()
    assert "Warning: the store did not answer" in printed.err
    assert "ada@example.org" not in printed.err
    assert "Junk has risen" in printed.out
    answers = iter([OperationalError("SELECT", {}, Exception("restarting"))])
    with pytest.raises(StoreError):
        watch(days=365, once=True, every=60.0, as_json=False, config=file)
