"""Checks of the made-up platform `reddit`; `test_made_up_platform` runs them where its folder is registered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conversions import erasure
from conversions.bidding_readiness import Readiness, coverage
from conversions.dry_run import dry_run
from conversions.export_context import ExportContext
from conversions.export_doctor import findings
from crm.inference.proposal import propose
from crm.inference.toml_writer import render
from crm.lead_history import read_history
from leadworth.errors import ConfigurationError
from leadworth.health_findings import Severity
from leadworth.log import redacted
from leadworth.privacy import redact
from leadworth.settings import load_settings
from tests.conversions.events import settings_for
from tests.conversions.export_setup import ExportSetup, export_at, lead
from tests.serving.running import FolderRegistry, client_of


@pytest.fixture
def export(tmp_path: Path) -> Iterator[ExportSetup]:
    with export_at(f"sqlite:///{tmp_path / 'store.db'}", tmp_path) as opened:
        yield opened


def test_reddit_has_a_section_and_errors_name_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "leadworth.toml"
    for section, message in (("[export.redit]", "nearest: reddit"), ("[export.reddit]\nadvertisr = 1", "advertiser")):
        file.write_text(f'currency = "EUR"\n[leads]\n{section}\n', encoding="utf-8")
        with pytest.raises(ConfigurationError, match=message):
            load_settings(file)


def test_reddit_is_in_the_doctor(export: ExportSetup) -> None:
    section = export.settings.export.platform("reddit").model_copy(update={"token": type(export.settings.secret)("")})
    exports = export.settings.export.model_copy(update={"reddit": section})
    settings = export.settings.model_copy(update={"export": exports})
    reddit = {"reddit": export.destinations["reddit"]}
    context = ExportContext(settings, export.engine, reddit, export.writer)
    found = [(finding.level, str(finding)) for finding in findings(context, datetime.now(UTC))]
    assert any(level is Severity.FAIL and "LEADWORTH_EXPORT__REDDIT__TOKEN" in text for level, text in found)
    assert any(level is Severity.WARN and "reddit v3.0 ends on 2026-01-31" in text for level, text in found)


def test_reddit_in_a_dry_run_shows_only_what_is_not_personal(export: ExportSetup) -> None:
    export.add(lead(1, rdt_cid="abc"), to=("reddit",))
    [shown] = dry_run(export.engine, [export.worker("reddit")]).report["reddit"]
    assert shown["body"]["tracking_type"] == "Lead"
    assert shown["body"]["currency"] == "EUR"
    assert shown["body"]["user"] == {"click_id": "[redacted]", "email": "[redacted]"}


def test_reddit_counts_in_readiness(export: ExportSetup) -> None:
    export.add(lead(1, rdt_cid="abc"), lead(2), to=("reddit",))
    with export.engine.connect() as connection:
        covered = coverage(connection, export.settings, export.writer.cipher, datetime.now(UTC))
    assert covered.shares("reddit") == {"rdt_cid": 0.5, "email": 1.0}
    few, enough = Readiness("reddit", ""), Readiness("reddit", "")
    few.stages["lead"] = 6
    enough.stages["lead"] = 7
    assert (few.goal, enough.goal) == (None, "lead")


def test_reddit_is_retracted_by_click_id_alone_when_a_person_is_erased(export: ExportSetup) -> None:
    export.add(lead(1, rdt_cid="abc"), to=("reddit",))
    assert export.worker("reddit").work() == {"accepted": 1}
    with export.engine.begin() as connection:
        done = erasure.erase_events(connection, ["L1"], export.destinations, export.writer.cipher, datetime.now(UTC))
    export.make_due()
    assert done.retractions == {"reddit": 1}
    kept: Any = export.writer.cipher.decrypt(export.rows()[-1]["payload"])
    assert kept["identity"] == {"rdt_cid": "abc", "region": "DE"}
    assert export.worker("reddit").work() == {"accepted": 1}
    [values] = export.sandbox.of("reddit").values.values()
    assert values == [10.0, 0.0]


@pytest.mark.parametrize("header", ["rdt_cid", "Reddit Click ID"])
def test_reddit_click_ids_are_recognised_in_an_export(tmp_path: Path, header: str) -> None:
    rows = [
        f"{number},p{number}@acme{number}.io,2026-03-{number % 28 + 1:02},rdt{number:09},{number % 3 == 0}"
        for number in range(60)
    ]
    leads = tmp_path / "leads.csv"
    leads.write_text("\n".join([f"Lead ID,Email,Created,{header},Won", *rows]), encoding="utf-8")
    file = tmp_path / "leadworth.toml"
    file.write_text(render(propose([leads]), tmp_path), encoding="utf-8")
    settings = load_settings(file)
    assert settings.leads.columns["rdt_cid"] == header
    assert read_history(settings).leads["rdt_cid"].str.startswith("rdt").all()


def test_reddit_click_ids_come_over_http_and_are_exported(tmp_path: Path, registry: FolderRegistry) -> None:
    from conversions.export_worker import ExportWorker
    from conversions.sandbox.peer_servers import Sandbox

    fields = {
        "email": "ada@acme.io",
        "country": "DE",
        "message": "A quote for 40 seats, please.",
        "consent_ad_user_data": "granted",
        "consent_ad_personalization": "granted",
    }
    with Sandbox().run() as sandbox:
        settings = settings_for(sandbox, tmp_path)
        serving = settings.serving.model_copy(update={"api_keys": False, "reload_seconds": 0.1})
        with client_of(settings.model_copy(update={"serving": serving}), registry) as client:
            assert client.post("/v1/scores", json={**fields, "lead_id": "L1", "rdt_cid": "server"}).status_code == 200
            form = {**fields, "email": "bob@acme.io", "rdt_cid": "visitor"}
            assert client.post("/v1/forms/contact/leads", data=form).status_code == 202
            state = client.app.state  # type: ignore[attr-defined]
            outbox = state.scoring.outbox
            ExportWorker(state.store.engine, outbox.destinations["reddit"], settings, outbox.cipher).work()
        assert {key.rpartition("|")[2] for key in sandbox.of("reddit").values} == {"server", "visitor"}


def test_reddit_click_ids_are_not_logged() -> None:
    assert redacted(None, "info", {"event": "scored", "rdt_cid": "abc"})["rdt_cid"] == "[redacted]"
    assert redact("/?rdt_cid=abc&page=1") == "/?[redacted]&page=1"
