"""`leadworth export` against the local sandbox of the platforms."""

from __future__ import annotations

import json
import logging
import re
import socket
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import update
from typer.testing import CliRunner, Result

from conversions.export_command import app
from conversions.sandbox.peer_servers import Sandbox, variables
from leadworth.cli import COMMANDS
from leadworth.errors import ConfigurationError, InputError, RegistryError
from simulation import simulate
from simulation.export_files import write
from store.engine import open_engine
from store.schema import export_events, export_receipts
from store.timestamps import stamp
from tests.make_bundle import make_bundle
from tests.make_registry import make_registry


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bundle().save(tmp_path_factory.mktemp("bundle") / "one")


@pytest.fixture
def business(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with two CRM exports and a leadworth.toml, and a sandbox of the platforms."""
    write(simulate(leads=900, months=4, seed=11, end=datetime.now(UTC).date()), tmp_path)
    monkeypatch.setenv("LEADWORTH_SECRET", "s" * 40)
    with Sandbox().run() as sandbox:
        for name, value in variables(sandbox).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("LEADWORTH_EXPORT__GOOGLE_FILE__ACTIONS", '{"lead": "Lead"}')
        yield tmp_path


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "-c", str(folder / "leadworth.toml")])


def test_all_commands_in_order(business: Path, bundle: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    outputs = []

    def ok(*arguments: str, code: int = 0) -> str:
        done = run(business, *arguments)
        assert done.exit_code == code, done.output
        outputs.append(done.output)
        return done.output

    planned = ok("plan", "--dry-run", "--bundle", str(bundle))
    assert "would be added" in planned
    assert re.search(r"meta: not added: lead \d+.*: older than the platform's window", planned)
    assert re.search(r"linkedin: not added: .*qualified \d+.*: waits until the stage before it is sent", planned)
    assert "events added" in ok("plan", "--bundle", str(bundle)).replace("\n", " ")
    report = business / "report.json"
    assert "nothing was sent" in ok("run", "--dry-run", "--report", str(report))
    shown = json.loads(report.read_text())
    assert shown["google"]
    assert shown["google"][0]["body"]["userData"]["userIdentifiers"][0] == {"emailAddress": "[redacted]"}
    assert "accepted" in ok("run")
    assert "sent value, EUR" in ok("status")
    state = json.loads(ok("status", "--json"))
    assert {one["destination"] for one in state["platforms"]} >= {"google", "meta", "linkedin", "microsoft", "tiktok"}
    assert state["alarms"] == []
    engine = open_engine(f"sqlite:///{business / 'leadworth.db'}")
    with engine.begin() as connection:
        lead = (
            connection.execute(export_events.select().where(export_events.c.sent_value.is_not(None))).mappings().first()
        )
        assert lead is not None
    assert "accepted" in ok("explain", lead["lead_id"], "--bundle", str(bundle))
    assert "not known: the CRM was not read" in ok("explain", lead["lead_id"], "--no-crm")
    assert "0 events requeued" in ok("retry")
    assert "is the best primary goal" in ok("doctor").replace("\n", " ")
    assert "Recorded" in ok("consent", lead["lead_id"], "--no-data", "--source", "a letter")
    assert "without the ramp" in ok("approve", lead["model_version"])
    ok("run")
    with engine.begin() as connection:  # four days later, a third was never processed
        connection.execute(
            update(export_receipts).values(sent_at=stamp(datetime.now(UTC) - timedelta(days=4)), processed=0)
        )
    assert "ALARM" in ok("status", code=2)
    text = "\n".join([*outputs, report.read_text(), caplog.text])
    assert "sandbox" not in caplog.text.replace("sandbox.server", "")
    leads = (business / "leads.csv").read_text().splitlines()[1:]
    emails = {cell for line in leads for cell in line.split('"') if "@" in cell and " " not in cell}
    assert len(emails) > 300
    assert not [email for email in emails if email in text]
    assert "EAIaIQobChMI" not in text
    engine.dispose()
    files = list((business / "exports").glob("google_file-*.csv"))
    assert files
    assert all(oct(file.stat().st_mode)[-3:] == "600" for file in files)


def test_consent_values_that_are_not_understood_are_counted(business: Path, bundle: Path) -> None:
    leads = business / "leads.csv"
    rows = pd.read_csv(leads, dtype="str", keep_default_na=False)
    rows["Ads Consent"], rows["Personal Ads Consent"] = "ask ada@acme.io later", "granted"
    rows.to_csv(leads, index=False)
    expected = f"{len(rows)} values of 1 kinds are not understood and count as not granted: 'ask [redacted] later'"
    assert expected in " ".join(run(business, "plan", "--bundle", str(bundle)).output.split())
    assert expected in " ".join(run(business, "doctor").output.split())
    assert "accepted" not in run(business, "run").output
    leads.unlink()
    assert "the leads cannot be read" in " ".join(run(business, "doctor").output.split())


def test_report_of_a_platform_is_compared_with_the_outbox(business: Path, bundle: Path) -> None:
    run(business, "plan", "--bundle", str(bundle))
    run(business, "run")
    engine = open_engine(f"sqlite:///{business / 'leadworth.db'}")
    with engine.begin() as connection:
        rows = connection.execute(export_events.select().where(export_events.c.sent_value.is_not(None))).mappings()
        days = [row["happened_at"][:10] for row in rows if row["destination"] == "google"]
    engine.dispose()
    old = {
        day: days.count(day) for day in days if date.fromisoformat(day) < datetime.now(UTC).date() - timedelta(days=4)
    }
    good, bad = business / "good.csv", business / "bad.csv"
    good.write_text("day,conversions\n" + "".join(f"{day},{count}\n" for day, count in old.items()))
    bad.write_text("day,conversions\n" + "".join(f"{day},{count // 2}\n" for day, count in old.items()))
    assert run(business, "compare", "google", str(good)).exit_code == 0
    assert run(business, "compare", "google", str(bad)).exit_code == 2
    bad.write_text("day,conversions\n2026-01-01,many\n")
    refused = run(business, "compare", "google", str(bad))
    assert isinstance(refused.exception, InputError)
    assert "line 2" in str(refused.exception)


def test_settings_without_a_platform(tmp_path: Path) -> None:
    (tmp_path / "leadworth.toml").write_text('currency = "EUR"\n[leads]\npath = "leads.csv"\n')
    done = run(tmp_path, "run")
    assert isinstance(done.exception, ConfigurationError)
    assert "sandbox" in str(done.exception)


def test_unknown_lead(business: Path) -> None:
    assert isinstance(run(business, "explain", "nobody").exception, InputError)
    assert isinstance(run(business, "consent", "nobody").exception, InputError)


def test_unknown_version_is_not_approved(business: Path) -> None:
    make_registry(business).register(make_bundle().save(business / "bundle"))
    refused = run(business, "approve", "banana")
    assert isinstance(refused.exception, RegistryError)
    assert "no version 'banana'; allowed: 1" in str(refused.exception)
    assert "Values of model 1" in run(business, "approve", "1").output


def test_consent_of_a_lead_that_is_not_known_is_recorded_with_a_warning(business: Path, bundle: Path) -> None:
    first = pd.read_csv(business / "leads.csv", dtype="str")["Lead ID"].iloc[-1]
    early = run(business, "consent", first, "--no-data")
    assert (early.exit_code, "Recorded" in early.output, f"no lead {first!r}" in early.output) == (0, True, True)
    run(business, "plan", "--bundle", str(bundle))
    assert "no lead" not in run(business, "consent", first, "--no-data").output
    assert "no consent is recorded, or it was withdrawn" in " ".join(
        (run(business, "run").output + run(business, "explain", first).output).split()
    )


def test_lead_that_is_too_old_for_a_platform_is_explained(business: Path, bundle: Path) -> None:
    ids = pd.read_csv(business / "leads.csv", dtype="str")["Lead ID"]
    run(business, "plan", "--bundle", str(bundle))
    texts = [run(business, "explain", lead, "--bundle", str(bundle)).output for lead in ids.iloc[[-350, -300]]]
    assert all(re.search(r"meta, lead.*: too old for meta: \d\d days, at most 7\n", text) for text in texts)
    assert not re.search(r"google, lead", texts[0].partition("No event:")[2])
    without = run(business, "explain", ids.iloc[-350])
    assert "why other stages have no event is not known" in without.output


def test_platform_that_is_not_set_up(business: Path) -> None:
    assert isinstance(run(business, "run", "--to", "myspace").exception, ConfigurationError)


def test_consent_cannot_be_assumed_where_the_law_requires_it(business: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADWORTH_EXPORT__CONSENT__ASSUME_GRANTED_IN", '["US", "DE"]')
    refused = run(business, "status")
    assert isinstance(refused.exception, ConfigurationError)
    assert "DE" in str(refused.exception)


def test_command_is_registered() -> None:
    assert COMMANDS["export"].target == "conversions.export_command:app"


def test_sandbox_names_a_port_that_is_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        result = CliRunner().invoke(app, ["sandbox", "--port", str(listener.getsockname()[1])])
    assert isinstance(result.exception, ConfigurationError)
    assert "choose another --port" in str(result.exception)


def test_past_month_is_replayed_against_a_sandbox_of_that_time(
    tmp_path: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(simulate(leads=300, months=2, seed=11, end=date(2025, 3, 1)), tmp_path)
    monkeypatch.setenv("LEADWORTH_SECRET", "s" * 40)
    with Sandbox(clock=lambda: datetime(2025, 3, 1, 2, tzinfo=UTC)).run() as sandbox:
        for name, value in variables(sandbox).items():
            monkeypatch.setenv(name, value)
        as_of = ("--as-of", "2025-03-01T02:00")
        assert "0 events" in run(tmp_path, "plan", "--bundle", str(bundle)).output
        assert run(tmp_path, "plan", "--bundle", str(bundle), *as_of).exit_code == 0
        for name in ("meta", "google"):
            assert run(tmp_path, "run", "--to", name, *as_of).exit_code == 0
            assert sandbox.of(name).counters["accepted"] > 0
            assert not sandbox.of(name).refused
        assert "ALARM" in run(tmp_path, "status").output
        done = run(tmp_path, "status", *as_of)
        assert (done.exit_code, "ALARM" in done.output) == (0, False)
        monkeypatch.setenv("LEADWORTH_EXPORT__META__ENDPOINT", "https://graph.facebook.com")
        refused = run(tmp_path, "run", "--to", "meta", *as_of)
        assert isinstance(refused.exception, ConfigurationError)
