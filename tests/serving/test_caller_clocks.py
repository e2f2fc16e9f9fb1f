"""A server whose clock is wrong: its leads are scored by the service's clock, and the doctor names it."""

from __future__ import annotations

import asyncio
import stat
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from features.velocity_keys import micros
from leadworth.form_settings import FormSettings
from leadworth.health_findings import Severity
from leadworth.records import Lead
from leadworth.settings import Settings
from serving import doctor_checks
from serving.caller_clocks import CLOCK_FILE, LATEST_LEADS, CallerClocks, read_differences
from tests.serving.running import FolderRegistry, client_of, key_of, settings_in

PERSON = {"email": "sara.conti@conti-forni.it", "first_name": "Sara", "last_name": "Conti", "form_id": "contact"}


@pytest.fixture
def configured(tmp_path: Path) -> Settings:
    forms = FormSettings(protected=("contact",), per_minute=0)
    return settings_in(tmp_path, api_keys=True).model_copy(update={"forms": forms})


@pytest.fixture
def service(configured: Settings, registry: FolderRegistry) -> Iterator[TestClient]:
    with client_of(configured, registry) as client:
        client.headers["Authorization"] = f"Bearer {key_of(client, 'admin')}"
        yield client


def post(service: TestClient, behind: float, **fields: object) -> dict[str, object]:
    at = datetime.now(UTC) - timedelta(seconds=behind)
    answer = service.post("/v1/scores", json=PERSON | fields | {"submitted_at": at.isoformat()})
    assert answer.status_code == 200
    return dict(answer.json())


@pytest.mark.parametrize("behind", [-7_200, -90, 0, 19, 70, 180, 3_600])
def test_a_wrong_clock_makes_nobody_fast_and_no_token_bad(service: TestClient, behind: float) -> None:
    """A form of 20 seconds; by the caller's clock it was sent at once, before the token was issued, or tomorrow."""
    enrichment = service.app.state.scoring.enrichment
    received = datetime.now(UTC) + timedelta(seconds=20)
    lead = Lead(
        **PERSON, form_token=enrichment.signer.issue("contact"), submitted_at=received - timedelta(seconds=behind)
    )
    assert service.portal is not None
    completed, event = service.portal.call(enrichment.complete, lead, received, "shop")
    assert completed.token_state == "ok"
    assert 19 <= completed.form_seconds <= 21
    assert completed.submitted_at == received
    assert event.at == micros(received)


def test_the_doctor_names_the_caller_and_the_metric_has_its_skew(service: TestClient, configured: Settings) -> None:
    for _ in range(5):
        post(service, 70)
    post(service, -86_400)  # one wrong time is not a wrong clock
    file = configured.resolve(CLOCK_FILE)
    end = time.monotonic() + 10
    while not file.exists() and time.monotonic() < end:  # a thread writes it
        time.sleep(0.01)
    (key_id,) = read_differences(file)
    assert f'leadworth_caller_clock_seconds{{caller="{key_id}"}} 70.' in service.get("/metrics").text
    findings = [finding for finding in doctor_checks.store(configured) if finding.level is Severity.WARN]
    assert [finding.name for finding in findings] == ["clock"]
    assert f"key 'test' ({key_id}) has a clock 70 s slow" in findings[0].what


def test_a_right_clock_and_late_leads_are_no_finding(service: TestClient, configured: Settings) -> None:
    post(service, 0.2)
    post(service, 86_400)
    late = [{"submitted_at": (datetime.now(UTC) - timedelta(seconds=300)).isoformat()}]
    assert service.post("/v1/scores/batch", json={"leads": late}).json()["scored"] == 1
    assert not configured.resolve(CLOCK_FILE).exists()
    assert all(finding.level is Severity.OK for finding in doctor_checks.store(configured))


def test_a_clock_that_was_set_right_is_forgotten(tmp_path: Path) -> None:
    file = tmp_path / CLOCK_FILE
    clocks = CallerClocks(file)
    note(clocks, "key", 70.0)
    assert read_differences(file)["key"].wrong
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    note(clocks, "key", *[0.3] * LATEST_LEADS)
    assert not read_differences(file)["key"].wrong
    note(CallerClocks(file), "other", -9.0)  # of another process
    assert set(read_differences(file)) == {"key", "other"}


def note(clocks: CallerClocks, caller: str, *behind: float) -> None:
    """Note differences; the end of the event loop waits for the writing threads."""

    async def run() -> None:
        for seconds in behind:
            clocks.note(caller, seconds)

    asyncio.run(run())


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"key": [1]}', b'{"key": ["x", 1, "2026-06-01T00:00:00Z"]}'])
def test_a_damaged_file_is_no_finding(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "clocks.json"
    file.write_bytes(content)
    assert read_differences(file) == {}


def test_old_differences_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "clocks.json"
    file.write_bytes(b'{"key": [70.0, 3, "2020-06-01T00:00:00Z"]}')
    assert read_differences(file) == {}
