"""`leadworth watch` and what the service shows of it, on a store with a flood of bots in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from leadworth.errors import StoreError
from leadworth.settings import Settings
from models.reference import Reference
from monitoring.watch_command import look, seen_in, watch
from serving.alarm_watcher import AlarmWatcher
from store import decision_log, feedback
from store.engine import open_engine
from store.migrate import upgrade
from tests.make_bundle import make_bundle, make_leads
from tests.serving.running import FolderRegistry, client_of, settings_in
from tests.store.test_group_commit import row


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
            made: dict[str, Any] = {
                "decision_id": f"{number:032x}", "scored_at": at.isoformat(timespec="microseconds"), "channel": channel,
                "campaign": "remarketing" if junk else "all", "junk_probability": 0.9 if junk else 0.02,
                "predicted_value": 0.0 if junk else 80.0, "would_be": "reject" if junk else "accept",
                "verdict": "reject" if junk else "accept", "propensity": 0.01 if junk else 1.0,
            }  # fmt: skip
            decision_log.insert(connection, [row(f"L{number}", **made)])
            again = {**made, "decision_id": f"{number + 10_000:032x}", "junk_probability": 0.02}
            decision_log.insert(connection, [row(f"L{number}", **again)])  # rescored at night: counts once
        feedback.give(connection, "L0", "junk", given_by="k", why=None)
    engine.dispose()


@pytest.fixture
def flooded(store_url: str, tmp_path: Path) -> Settings:
    """Settings of a service whose store holds a flood."""
    filled(store_url)
    return settings_in(tmp_path, store=store_url)


def test_it_names_the_channel_the_campaign_and_the_money(flooded: Settings) -> None:
    seen = look(flooded, timedelta(days=365))
    assert seen.leads == 900
    [alarm] = seen.alarms
    assert (alarm.channel, alarm.campaign) == ("display", "remarketing")
    assert alarm.credited == pytest.approx(80.0 * alarm.junk)
    assert (seen.recall.value, seen.recall.accepted_labels) == (0.0, 1)


def test_the_command_ends_with_2_where_an_alarm_stands(
    flooded: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "leadworth.toml"
    store = flooded.serving.store.get_secret_value()
    file.write_text(f'currency = "EUR"\n[leads]\n[serving]\nstore = "{store}"\n')
    for options, expected in (({"as_json": True}, '"remarketing"'), ({"as_json": False}, "Junk has risen")):
        with pytest.raises(Exception) as ended:  # noqa: PT011 - typer's own Exit
            watch(days=365, once=True, every=60.0, config=file, **options)
        assert getattr(ended.value, "exit_code", None) == 2
        said = capsys.readouterr().out
        assert expected in said
        if options["as_json"]:
            assert json.loads(said)["alarms"][0]["at_risk"] > 0


def test_drift_is_measured_against_the_training_leads(tmp_path: Path, registry: FolderRegistry) -> None:
    with client_of(settings_in(tmp_path), registry) as client:
        leads = [{"company": "Acme", "employees": 5_000 + n, "source": "google"} for n in range(260)]
        client.post("/v1/scores/batch", json={"leads": leads})
        bundle = make_bundle()
        matrix = bundle.spec.matrix(make_leads())
        known = Reference.of(bundle.spec.names, matrix, np.ones(len(matrix), dtype=bool))
        loaded = client.app.state.service.champion.current.bundle
        loaded.reference = known
        with client.app.state.service.store.engine.connect() as connection:
            since = datetime.now(UTC) - timedelta(days=1)
            seen = seen_in(connection, client.app.state.service.settings, since, loaded)
    assert "profile_employees_log" in {one.feature for one in seen.drift["all"]}
    assert "engaged" not in seen.drift  # nobody was engaged yet


def test_the_service_shows_alarms_among_its_figures(flooded: Settings, registry: FolderRegistry) -> None:
    with client_of(flooded, registry) as client:
        service = client.app.state.service
        AlarmWatcher(flooded, service.store).look()
        told = client.get("/metrics").text
    assert 'leadworth_junk_alarm{channel="display"} 1.0' in told
    assert 'leadworth_junk_alarm{channel="search"} 0.0' in told
    assert 'leadworth_money_at_risk{channel="display"}' in told


def test_the_service_looks_by_itself(flooded: Settings, registry: FolderRegistry) -> None:
    often = flooded.model_copy(update={"serving": flooded.serving.model_copy(update={"watch_seconds": 0.05})})
    with client_of(often, registry) as client:
        told, end = "", datetime.now(UTC) + timedelta(seconds=10)
        while 'leadworth_junk_alarm{channel="display"} 1.0' not in told:
            assert datetime.now(UTC) < end
            told = _figures(client)


def _figures(client: TestClient) -> str:
    return str(client.get("/metrics").text)


def test_a_store_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="did not answer"):
        look(settings_in(tmp_path, store="postgresql://nobody@127.0.0.1:1/x"), timedelta(days=1))
