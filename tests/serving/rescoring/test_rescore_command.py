"""`leadworth rescore` as people run it: at night, then with webhooks."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from crm.connectors.hubspot.hubspot_events import read_events
from serving.rescoring import event_worker
from serving.rescoring.event_worker import EventWorker, WorkedBatch
from serving.rescoring.rescore_command import rescore
from store import crm_events
from tests.serving.rescoring.shop import Shop, shop

TOML = """
currency = "EUR"
secret = "{secret}"
[leads]
path = "crm:hubspot"
submitted_at = "created_at"
columns = {{ email = "email", company = "company", employees = "numemployees" }}
[outcomes]
path = "crm:hubspot"
lead_id = "lead_id"
won = "won"
[crm.hubspot]
endpoint = "{section.endpoint}"
searches_per_second = 1000
token = "{token}"
"""
APP = typer.Typer()
APP.command()(rescore)


def run(business: Shop, *options: str, code: int = 0) -> str:
    section = business.settings.crm.section("hubspot")
    file = business.settings.folder / "leadworth.toml"
    file.write_text(TOML.format(secret="s" * 32, section=section, token=business.peer.token))
    bundle = str(business.folder / "1")
    result = CliRunner().invoke(APP, ["-c", str(file), "--no-export", "--bundle", bundle, *options])
    assert result.exit_code == code, result.output
    return f"{result.output}{result.exception or ''}"


def test_what_the_crm_refused_is_said_again_with_the_remedy(tmp_path: Path, bundles: Path) -> None:
    with shop(tmp_path, bundles) as business:
        business.lead("ada")
        rules = business.peer.objects.rules_of("contacts").rules
        rules["lw_win_probability"] = (0.99, 1.0)
        reason = "1 VALIDATION_ERROR INVALID_NUMBER_RANGE lw_win_probability"
        first = run(business, code=1)
        assert f"the CRM refused scores: {reason}" in first
        assert "run `leadworth rescore --retry-refused`" in first
        rules.clear()
        second = run(business)
        assert f"Warning: not sent again: {reason}" in second
        assert "run `leadworth rescore --retry-refused`" in second
        assert "1 written" in run(business, "--retry-refused")
        assert "not sent again" not in run(business)


def test_leads_are_scored_at_night_and_when_a_webhook_comes(
    tmp_path: Path, bundles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def once(worker: EventWorker, report: Callable[[WorkedBatch], None], stop: threading.Event) -> None:
        assert not stop.is_set()
        report(worker.work())

    monkeypatch.setattr(event_worker, "watch", once)
    with shop(tmp_path, bundles) as business:
        ada = business.lead("ada")
        assert "1 written, 0 unchanged, 0 refused, 0 waiting" in run(business)
        bob = business.lead("bob")
        found = list(read_events(json.dumps(business.peer._events.news()).encode()))
        with business.engine.begin() as connection:
            crm_events.add(connection, "hubspot", found, datetime.now(UTC) - timedelta(seconds=11))
        printed = run(business, "--watch")
        assert "Waiting for webhooks of HubSpot" in printed
        assert "1 records changed, 1 open leads scored, 1 written, 0 unchanged, 0 refused" in printed
        assert business.held(ada)
        assert business.held(bob)
        assert "0 written, 2 unchanged" in run(business)
