from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from crm.connectors.hubspot.peer import HubSpotPeer
from crm.mirror_sync import sync_job
from crm.sandbox.crm_peer import CrmPeer
from leadworth.cli import main
from leadworth.crm_catalog import crms
from leadworth.crm_records import RecordWriteResult, ScoreRow
from leadworth.peer_server import serve_peer
from leadworth.settings import load_settings
from store import crm_scores
from store.engine import open_store
from store.store_lease import store_lease
from tests.crm.connector_bench import peer_of

NAME = next(iter(crms()), "")
pytestmark = pytest.mark.skipif(not NAME, reason="no connector is installed")


@contextmanager
def account_of(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CrmPeer]:
    """Serve a local account of a CRM with three leads, and name it in the environment."""
    monkeypatch.chdir(folder)
    made = peer_of(name)
    made.account.clock.advance(days=-1)
    info = crms()[name]
    for number in range(3):
        made.account.create(info.lead_objects[0], {info.columns["email"]: f"p{number}@example.org"})
    made.account.clock.offset = timedelta(0)
    with serve_peer(made) as address:
        for key, value in made.settings(address).items():
            monkeypatch.setenv(f"LEADWORTH_CRM__{name.upper()}__{key.upper()}", value)
        monkeypatch.setenv("LEADWORTH_SECRET", "s" * 40)
        yield made


@pytest.fixture
def peer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CrmPeer]:
    with account_of(NAME, tmp_path, monkeypatch) as made:
        yield made


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Return the exit code of the command and what it printed."""
    with pytest.raises(SystemExit) as ended:
        main(["crm", *words])
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out + printed.err


def test_from_the_token_to_the_first_mirror(peer: CrmPeer, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = run(capsys, "connect", NAME, "--currency", "EUR", "--create-fields")
    assert code == 0, text
    assert f"Next: leadworth crm sync {NAME}, then leadworth train" in text
    settings = load_settings("leadworth.toml")
    assert (settings.leads.path, settings.outcomes.path) == (f"crm:{NAME}", f"crm:{NAME}")
    assert settings.leads.columns["email"] == crms()[NAME].columns["email"]
    code, text = run(capsys, "sync")
    assert code == 0, text
    assert "complete" in text
    code, text = run(capsys, "status")
    assert code == 0
    lead = crms()[NAME].lead_objects[0]
    assert re.search(rf"{lead}\s+3\s+0\s+0\s+0\s+3", text), text
    code, text = run(capsys, "doctor")
    assert code == 0, text


def test_a_dry_run_stores_nothing(peer: CrmPeer, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "connect", NAME, "--currency", "EUR", "--no-create-fields")
    code, text = run(capsys, "sync", "--dry-run")
    assert code == 0
    assert "nothing was stored" in text
    assert "No run yet" in run(capsys, "status")[1]


def test_a_second_run_at_the_same_time_does_nothing_and_says_so(
    peer: CrmPeer, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "connect", NAME, "--currency", "EUR", "--no-create-fields")
    with open_store(load_settings("leadworth.toml"), migrate=True) as engine, store_lease(engine, sync_job(NAME)):
        code, text = run(capsys, "sync")
        assert (code, "another run of leadworth reads this CRM" in text) == (9, True)
    code, text = run(capsys, "sync")
    assert (code, "complete" in text) == (0, True)


def test_score_fields_that_are_created_again_are_filled_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with account_of("hubspot", tmp_path, monkeypatch) as peer:
        assert isinstance(peer, HubSpotPeer)
        assert run(capsys, "connect", "hubspot", "--currency", "EUR", "--create-fields")[0] == 0
        assert not (tmp_path / "leadworth.db").exists()
        with open_store(load_settings("leadworth.toml"), migrate=True) as engine:
            rows, now = [ScoreRow("7", {"lw_band": "A"})], peer.account.clock.now()
            with engine.begin() as connection:
                crm_scores.want(connection, "hubspot", "contacts", rows, now)
                crm_scores.note_results(connection, "hubspot", "contacts", rows, [RecordWriteResult("7")], now)
            peer.objects.rules_of("contacts").removed.add("lw_band")
            assert "Created for contacts: lw_band" in run(capsys, "connect", "hubspot", "--create-fields")[1]
            with engine.connect() as connection:
                assert crm_scores.of_records(connection, "hubspot", "contacts", ["7"])["7"].written is None


def test_a_file_that_has_leads_keeps_them(peer: CrmPeer, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "leadworth.toml"
    before = 'currency = "EUR"\n\n[leads]\npath = "leads.csv"\n\n[mql]\nmargin = 0.7\n'
    file.write_text(before)
    code, text = run(capsys, "connect", NAME, "--no-create-fields")
    assert code == 0, text
    assert "stay as they are" in text
    content = tomllib.loads(file.read_text())
    assert content["leads"] == {"path": "leads.csv"}
    assert content["crm"][NAME] == {"fields": []}
    assert run(capsys, "connect", NAME, "--no-create-fields", "--force")[0] == 0
    content = tomllib.loads(file.read_text())
    assert (content["leads"]["path"], content["mql"]) == (f"crm:{NAME}", {"margin": 0.7})


def test_what_is_missing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, text = run(capsys, "connect", NAME)
    assert code == 2
    assert f"LEADWORTH_CRM__{NAME.upper()}__" in text
    code, text = run(capsys, "connect", "acme")
    assert code == 2
    assert "there is no connector for 'acme'" in text
    Path("leadworth.toml").write_text('currency = "EUR"\n[leads]\n')
    code, text = run(capsys, "sync")
    assert code == 2
    assert "no CRM has credentials" in text
    code, text = run(capsys, "status", NAME)
    assert code == 0
    assert f"leadworth crm sync {NAME}" in text
    code, text = run(capsys, "sync", "--config", "other.toml")
    assert code == 2
    assert "leadworth crm connect NAME" in text


@pytest.mark.parametrize(
    ("options", "variable", "value", "said"),
    [
        (("--timezone", "CET/Berlin"), "", "", "timezone 'CET/Berlin' does not exist"),
        (("--currency", "euro"), "", "", "'euro' is not an ISO 4217 code"),
        ((), "QUOTA_SHARE", "much", "QUOTA_SHARE"),
        ((), "TOCKEN", "x", "there is no such setting"),
        ((), "ENDPOINT", "127.0.0.1:8920", "must begin with https://"),
    ],
)
def test_what_is_wrong_for_a_new_file_is_said_and_nothing_is_written(
    peer: CrmPeer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    variable: str,
    value: str,
    said: str,
) -> None:
    del peer
    if variable:
        monkeypatch.setenv(f"LEADWORTH_CRM__{NAME.upper()}__{variable}", value)
    code, text = run(capsys, "connect", NAME, *options)
    assert code == 2
    assert said in text
    assert not Path("leadworth.toml").exists()


@pytest.mark.parametrize("name", sorted(crms()))
def test_connect_does_not_advise_to_create_the_fields_that_it_creates(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    advice = f"run `leadworth crm connect {name} --create-fields`"
    with account_of(name, tmp_path, monkeypatch):
        text = run(capsys, "connect", name, "--currency", "EUR", "--no-create-fields")[1]
        is_missing = "Score fields that" in text  # the administrator of the other local accounts made them before
        assert is_missing is (name in ("hubspot", "odoo", "pipedrive", "zoho"))
        assert ("They were not created; --create-fields does it" in text) is is_missing
        assert advice not in text
        text = run(capsys, "connect", name, "--create-fields", "--force")[1]
        assert ("Created for" in text) is is_missing
        assert advice not in text
