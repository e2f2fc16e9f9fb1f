"""Consent columns of the nightly file: a changed value is a newer record, both ways."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversions.consent_changes import changed_consents, with_entries
from conversions.plan_inputs import read_plan_inputs
from conversions.planner import PlanResult, plan
from leadworth.settings import Settings
from store import consents, decision_log, feedback
from store.consents import ConsentOrigin
from tests.conversions.export_setup import ExportSetup, export_at
from tests.conversions.test_plan_inputs import ConstantBundle
from tests.store.rows import decision_row

NOW = datetime.now(UTC)
SUBMITTED = NOW - timedelta(days=1)
RESTATING = ("google_ads", "microsoft")


class Nights:
    """A CRM export that is read every night."""

    def __init__(self, export: ExportSetup, folder: Path) -> None:
        self.export, self.folder = export, folder
        columns = {"email": "Email", "country": "Country", "consent_ad_user_data": "Ads", "gclid": "gclid"}
        columns |= {
            "consent_ad_personalization": "Personal",
            "consent_source": "Source",
            "msclkid": "msclkid",
            "ga_client_id": "GA",
        }
        leads = {"path": "leads.csv", "id": "Id", "submitted_at": "Created", "columns": columns}
        stages = {"path": "stages.csv", "key": "Id", "stage": "Stage", "stage_at": "At", "won_stages": ["Won"]}
        settings = {"qualified_stages": ["Meeting"], "consent": {"assume_granted_in": ["US"]}}
        self.settings = Settings(currency="EUR", folder=folder, leads=leads, outcomes=stages, export=settings)

    def night(
        self, *rows: tuple[str, str], stages: tuple[tuple[str, str], ...] = (), country: str = "DE"
    ) -> PlanResult:
        lines = [
            f"{lead},{SUBMITTED.isoformat()},{lead}@firm.example,{country},{answer},{answer},form 7,"
            f"Cj0KCQ{lead},{number + 1:032x},{number}.1764000000"
            for number, (lead, answer) in enumerate(rows)
        ]
        header = "Id,Created,Email,Country,Ads,Personal,Source,gclid,msclkid,GA"
        (self.folder / "leads.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        reached = [f"{lead},{stage},{(NOW - timedelta(hours=2)).isoformat()}" for lead, stage in stages]
        (self.folder / "stages.csv").write_text("\n".join(["Id,Stage,At", *reached]) + "\n", encoding="utf-8")
        engine = self.export.engine
        inputs = read_plan_inputs(self.settings, ConstantBundle(), engine)  # type: ignore[arg-type]
        return plan(self.settings, inputs, self.export.writer, engine, lambda _: None)

    def send(self) -> None:
        self.export.make_due()
        self.export.send_all()

    def states(self, lead: str, stage: str) -> set[str]:
        return {row["state"] for row in self.export.rows() if (row["lead_id"], row["stage"]) == (lead, stage)}


@pytest.fixture
def nights(export: ExportSetup, tmp_path: Path) -> Nights:
    return Nights(export, tmp_path)


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Nights]:
    with export_at(f"sqlite:///{tmp_path / 'store.db'}", tmp_path) as setup:
        yield Nights(setup, tmp_path)


def test_withdrawal_and_another_word_for_consent(nights: Nights) -> None:
    nights.night(("V-0", "yes"), ("V-4", "granted"))
    nights.send()
    result = nights.night(("V-0", "no"), ("V-4", "yes"), stages=(("V-0", "Meeting"), ("V-4", "Meeting")))
    nights.send()
    assert result.consents == {"withdrawn": 1}
    assert nights.states("V-0", "qualified") == {"suppressed"}
    assert nights.states("V-4", "qualified") == {"accepted"}
    retracted = {row["destination"] for row in nights.export.rows() if row["kind"] == "retraction"}
    assert retracted == set(RESTATING), "where a platform can take a conversion back"


def test_withdrawal_stops_what_waits(local: Nights) -> None:
    local.night(("V-0", "yes"))
    local.night(("V-0", "no"))
    local.send()
    assert local.states("V-0", "lead") == {"suppressed"}
    assert not any(local.export.sandbox.of(name).values for name in local.export.sandbox.peers)


def test_consent_that_is_granted_again_sends_what_waited_for_it(nights: Nights) -> None:
    nights.night(("V-0", "no"))
    nights.send()
    assert nights.states("V-0", "lead") == {"suppressed"}
    result = nights.night(("V-0", "yes"))
    assert (result.consents, result.resumed > 0) == ({"granted": 1}, True)
    nights.send()
    assert nights.states("V-0", "lead") == {"accepted"}
    assert nights.night(("V-0", "yes")).consents == {}
    assert nights.night(("V-0", "")).consents == {"withdrawn": 1}
    assert nights.night(("V-0", "")).consents == {}
    assert nights.night(("V-0", "granted")).consents == {"granted": 1}


def test_a_record_has_source_and_time(local: Nights) -> None:
    local.night(("V-0", "yes"))
    local.night(("V-0", "no"))
    with local.export.engine.connect() as connection:
        record = consents.records_of_leads(connection, ["V-0"])["V-0"]["ad_user_data"]
    assert (record.granted, record.source, record.origin) == (False, "form 7", "crm")
    assert datetime.fromisoformat(record.given_at) >= NOW


def test_a_column_that_nobody_changed_does_not_undo_a_withdrawal(local: Nights) -> None:
    local.night(("V-0", "yes"))
    with local.export.engine.begin() as connection:
        consents.record(connection, "V-0", {"ad_user_data": False}, "letter", datetime.now(UTC))
    assert local.night(("V-0", "yes")).consents == {}
    local.send()
    assert local.states("V-0", "lead") == {"suppressed"}


def test_a_first_value_does_not_undo_a_withdrawal_after_the_form(local: Nights) -> None:
    with local.export.engine.begin() as connection:
        consents.record(connection, "V-0", {"ad_user_data": False}, "letter", datetime.now(UTC))
    local.night(("V-0", "yes"))
    local.send()
    assert local.states("V-0", "lead") == {"suppressed"}


def test_a_refusal_in_the_column_holds_although_the_form_was_granted(local: Nights) -> None:
    with local.export.engine.begin() as connection:
        granted = {"ad_user_data": True, "ad_personalization": True}
        consents.record(connection, "V-0", granted, "form", datetime.now(UTC))
    local.night(("V-0", "no"))
    local.send()
    assert local.states("V-0", "lead") == {"suppressed"}


def test_what_is_not_understood_is_a_refusal_even_where_consent_is_assumed(local: Nights) -> None:
    local.night(("V-0", "ask me later"), country="US")
    local.send()
    assert local.states("V-0", "lead") == {"suppressed"}


def test_a_lead_called_junk_before_it_was_sent_is_not_exported(local: Nights) -> None:
    local.night(("V-0", "yes"))
    with local.export.engine.begin() as connection:
        decision_log.insert(connection, [decision_row("V-0")])
        feedback.give(connection, "V-0", "junk", given_by="key", why=None)
    local.night(("V-0", "yes"))
    local.send()
    assert local.states("V-0", "lead") == {"suppressed"}
    assert {row["code"] for row in local.export.rows()} == {"junk"}
    assert not any(local.export.sandbox.of(name).values for name in local.export.sandbox.peers)


@given(st.lists(st.sampled_from([True, False, None]), max_size=8))
def test_after_any_night_the_column_holds(answers: list[bool | None]) -> None:
    of_crm: dict[str, Any] = {}
    for number, answer in enumerate(answers):
        lead = {"lead_id": "L", "submitted_at": SUBMITTED, "consent_ad_user_data": answer}
        rows = changed_consents(lead, of_crm, NOW + timedelta(days=number))
        of_crm = with_entries(of_crm, rows)
        entry = of_crm.get("ad_user_data")
        assert (entry is not None and entry.granted) == bool(answer)
        assert entry is None or entry.origin == ConsentOrigin.CRM
        assert changed_consents(lead, of_crm, NOW + timedelta(days=number)) == []
