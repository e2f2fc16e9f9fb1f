"""`leadworth erase` on a service that has scored people, sent their values and still has some in its spool."""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisAwayError
from starlette.testclient import TestClient

from leadworth.errors import InputError, StoreError
from leadworth.records import Lead
from store.schema import metadata
from tests.serving.personal_data.installation import Installation, installed, served
from tests.serving.running import FolderRegistry

WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
REDIS = f"redis://127.0.0.1:6379/{11 + WORKER % 5}"
"""A database for each worker of pytest-xdist: the service's keys have one prefix."""
AWAY = "redis://127.0.0.1:9/0"


def person(first: str, last: str, number: int) -> dict[str, Any]:
    """Return the fields of a person's lead, each of which nobody else has."""
    return {
        "lead_id": f"CRM-{first}-{number}77",
        "submitted_at": (datetime.now(UTC) - timedelta(hours=8)).isoformat(),
        "email": f"{first}@{last}-bau.de".lower(),
        "phone": f"+49 171 23456{number}",
        "first_name": first,
        "last_name": last,
        "company": f"{last} Bau",
        "job_title": "Head of Buying",
        "message": f"Please send a quote for 20 seats to the office of {first} {last} in the town hall, thank you",
        "gclid": f"Cj0KCQ{first}{number}abcdef",
        "campaign": f"spring-{first}",
        "source": "google",
        "entry": "form",
        "country": "DE",
        "consent_ad_user_data": True,
        "consent_ad_personalization": True,
    }


ZELDA, BOB = person("Zelda", "Marinelli", 61), person("Bruno", "Castellani", 72)
WHY = "Zelda Marinelli, met at the fair"


def names_of(fields: dict[str, Any]) -> list[bytes]:
    """Return texts that name a person, of which no other contains one."""
    words = [fields[name] for name in ("lead_id", "email", "phone", "first_name", "last_name", "gclid")]
    return [word.encode() for word in (*words, fields["phone"].replace(" ", ""))]


def traces(texts: dict[str, bytes], fields: dict[str, Any]) -> dict[str, bytes]:
    """Return the places that name a person, and by what."""
    return {place: word for place, text in texts.items() for word in names_of(fields) if word.lower() in text.lower()}


def use(client: TestClient, installation: Installation) -> None:
    """Let two people send leads in every way, and let the staff and the export work on them."""
    for fields in (BOB, ZELDA):
        lead_id, key = fields["lead_id"], {"idempotency-key": f"key-{fields['phone'][-2:]}"}
        assert client.post("/v1/scores", json=fields, headers=key).status_code == 200
        form = {name: fields[name] for name in ("email", "phone", "first_name", "last_name", "message", "gclid")}
        assert client.post("/v1/forms/contact/leads", data=form).status_code == 202
        feedback = {"label": "engaged", "why": WHY if fields is ZELDA else "Bruno, by phone"}
        assert client.post(f"/v1/leads/{lead_id}/feedback", json=feedback).status_code == 201
        consent = {"ad_user_data": True, "source": f"letter of {fields['first_name']}"}
        assert client.post(f"/v1/leads/{lead_id}/consent", json=consent).status_code == 201
        if installation.settings.export.google.in_use():
            assert installation.run("export", "run").exit_code == 0
        installation.spool(client, Lead(**{**fields, "lead_id": f"SPOOLED-{lead_id}"}))


@pytest.fixture
def cache() -> Iterator[str]:
    """URL of a Redis whose keys of leadworth are gone afterwards."""
    client = Redis.from_url(REDIS, socket_connect_timeout=1)
    try:
        client.ping()
    except RedisAwayError:
        pytest.skip(f"no Redis at {REDIS}")
    for key in client.scan_iter("leadworth:*"):
        client.delete(key)
    yield REDIS
    for key in client.scan_iter("leadworth:*"):
        client.delete(key)
    client.close()


def check_erased(installation: Installation, client: TestClient, before: dict[str, list[dict[str, Any]]]) -> None:
    """Check that nothing names Zelda, and that of Bob everything is there."""
    assert traces(installation.texts(), ZELDA) == {}
    copy = installation.folder.parent / "copy"
    shutil.copytree(installation.folder, copy)
    assert traces({str(path): path.read_bytes() for path in copy.rglob("*") if path.is_file()}, ZELDA) == {}
    after = installation.rows()
    for name in metadata.tables:
        of_bob = [row for row in before[name] if BOB["lead_id"] in str(row.get("lead_id"))]
        assert [row for row in after[name] if row in of_bob] == of_bob
    assert client.get(f"/v1/leads/{ZELDA['lead_id']}/history").status_code == 404
    assert client.get(f"/v1/scores/{ZELDA['lead_id']}").status_code == 404
    assert client.get(f"/v1/leads/{BOB['lead_id']}/history").status_code == 200


@pytest.mark.slow
def test_nothing_names_an_erased_person(
    store_url: str,
    cache: str,
    tmp_path: Path,
    registry: FolderRegistry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    home = tmp_path / "home"
    home.mkdir()
    store = f"sqlite:///{home / 'leadworth.db'}" if store_url.startswith("sqlite") else store_url
    with installed(home, store, monkeypatch, redis=cache) as installation, served(installation, registry) as client:
        use(client, installation)
        before = installation.rows()
        persons = {str(row["velocity_person"]) for row in before["person_index"] if "Zelda" in row["lead_id"]}
        places = traces(installation.texts(), ZELDA)
        assert {"decisions", "feedback", "answers", "consents", "export_people", "export_events"} <= set(places)
        assert any("spool" in place for place in places)
        assert any(digest in text.decode() for text in installation.cached().values() for digest in persons)
        scored = home / "scored.csv"
        scored.write_text(f"lead_id,score\n{BOB['lead_id']},1\n{ZELDA['lead_id']},2\n")
        command = ("--email", ZELDA["email"].upper())
        preview = installation.run("erase", *command, "--dry-run", "--json")
        assert preview.exit_code == 0, preview.output
        assert installation.rows() == before
        done = installation.run("erase", *command, "--yes", "--json")
        assert done.exit_code == 0, done.output
        receipt = json.loads(done.stdout)
        assert (receipt["done"], receipt["leads"], receipt["left"]) == (True, 3, [])
        assert receipt["cache_entries"] > 0
        assert {"path": "scored.csv", "lines": 1} in receipt["files"]
        exported = [home / file["path"] for file in receipt["files"] if file["path"].startswith("exports")]
        assert exported
        for file in (scored, *exported):
            file.unlink()
        assert sum(receipt["retractions"].values()) >= 1
        check_erased(installation, client, before)
        assert not any(digest in text.decode() for text in installation.cached().values() for digest in persons)
        for record in installation.rows()["erasures"]:
            assert not any(word.decode() in str(record) for word in names_of(ZELDA))
        # The rest is done by a second run, as after an interruption; then the retractions are sent.
        again = installation.run("erase", *command, "--yes")
        assert (again.exit_code, "erased before" in again.output) == (0, True), again.output
        assert installation.run("export", "run").exit_code == 0
        assert traces(installation.texts(), ZELDA) == {}
        repeated = client.post("/v1/scores", json=ZELDA, headers={"idempotency-key": "key-61"})
        assert "idempotent-replayed" not in repeated.headers
        log = "\n".join(record.getMessage() for record in caplog.records if record.name != "httpx2")  # the test's own
        logged = {"log": log.encode(), "output": "".join(capfd.readouterr()).encode()}
        assert traces(logged, ZELDA) == {}


@pytest.mark.parametrize(("how", "field"), [("--phone", "phone"), ("--lead", "lead_id"), ("--email", "email")])
def test_a_person_is_found_without_platforms(
    how: str, field: str, cache: str, tmp_path: Path, registry: FolderRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    store = f"sqlite:///{home}/leadworth.db"
    with (
        installed(home, store, monkeypatch, redis=cache, platforms=False) as installation,
        served(installation, registry) as client,
    ):
        use(client, installation)
        before = installation.rows()
        done = installation.run(
            "erase", how, ZELDA[how.removeprefix("--") + ("_id" if how == "--lead" else "")], "--yes"
        )
        assert done.exit_code == 0, done.output
        check_erased(installation, client, before)


def test_refusals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: FolderRegistry) -> None:
    with installed(tmp_path, f"sqlite:///{tmp_path}/s.db", monkeypatch, platforms=False) as installation:
        assert isinstance(installation.run("erase").exception, InputError)
        nobody = installation.run("erase", "--email", "nobody@nowhere.example", "--yes").exception
        assert isinstance(nobody, InputError)
        assert "nothing of this person" in str(nobody)
        with served(installation, registry) as client:
            client.post("/v1/scores", json=ZELDA)
        before = installation.rows()
        unconfirmed = installation.run("erase", "--lead", ZELDA["lead_id"]).exception
        assert isinstance(unconfirmed, InputError)
        monkeypatch.setenv("LEADWORTH_SERVING__REDIS", AWAY)
        assert isinstance(installation.run("erase", "--lead", ZELDA["lead_id"], "--yes").exception, StoreError)
        assert installation.rows() == before
