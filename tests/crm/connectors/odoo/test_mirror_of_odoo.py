"""Outcomes from a mirror of Odoo, whose own dates move by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from crm.connectors.odoo.odoo_account import OdooAccount
from crm.connectors.odoo.odoo_values import LEAD
from crm.connectors.odoo.peer import OdooPeer
from crm.mirror_outcomes import outcome_rows
from crm.mirror_sync import crm_cipher
from leadworth.crm_records import RecordState
from store import crm_field_lists
from store.crm_mirror import CrmMirror
from tests.crm.connector_bench import ConnectorBench, connector_bench

BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ConnectorBench]:
    with connector_bench("odoo", tmp_path) as made:
        yield made


def _outcomes(bench: ConnectorBench) -> list[dict[str, Any]]:
    bench.account.clock.advance(hours=1)
    bench.sync()
    with bench.engine.connect() as connection:
        mirror = CrmMirror(connection, "odoo", crm_cipher(bench.settings))
        stages = {LEAD: crm_field_lists.stages_of(connection, "odoo", LEAD)}
        found = list(outcome_rows(mirror, bench.connector.info, LEAD, stages, BRUSSELS))
    return [row for part in found for row in part]


def _edit(bench: ConnectorBench, lead: str, **values: Any) -> datetime:
    """Change a lead a day later, and return when, to the second."""
    bench.account.clock.advance(days=1)
    bench.account.edit(LEAD, lead, {name.replace("__", "/"): value for name, value in values.items()})
    return bench.account.clock.now().replace(microsecond=0)


def _at(text: str | None) -> datetime:
    assert text is not None
    return datetime.fromisoformat(text)


def test_a_deal_is_won_when_it_reached_the_first_stage_of_won_deals(bench: ConnectorBench) -> None:
    account = cast("OdooAccount", bench.account)
    account.create("crm.stage", {"name": "Delivered", "sequence": 5, "is_won": True}, record_id="5")
    lead = account.create(LEAD, {"email_from": "a@example.org", "expected_revenue": 900.0})
    _edit(bench, lead, stage_id=2)
    won_at = _edit(bench, lead, stage_id=4)
    moved_at = _edit(bench, lead, stage_id=5)
    _edit(bench, lead, user_id=2)
    values = account.of(LEAD)[lead].values
    assert _at(str(values["date_closed"])).replace(microsecond=0) == moved_at, "the peer moves the date as Odoo does"
    assert _at(str(values["date_last_stage_update"])) > moved_at
    rows = _outcomes(bench)
    assert [row["stage"] for row in rows] == ["New", "Qualified", "Won", "Delivered"]
    assert [row["won"] for row in rows] == ["false", "false", "true", "true"]
    assert min(_at(row["won_at"]) for row in rows if row["won"] == "true") == won_at
    assert {(row["lead_id"], row["deal_id"], row["revenue"], row["currency"]) for row in rows} == {
        (lead, lead, "900", "EUR")
    }


def test_a_lost_deal_is_archived_and_stays_in_the_outcomes(bench: ConnectorBench) -> None:
    lead = bench.account.create(LEAD, {"email_from": "a@example.org"})
    bench.account.clock.advance(hours=1)
    bench.sync()
    lost_at = _edit(bench, lead, lost_reason_id__name="Too expensive")
    _edit(bench, lead, city="Ghent")
    [opened, lost] = _outcomes(bench)
    assert (opened["lost"], lost["lost"], lost["loss_reason"]) == ("false", "true", "Too expensive")
    assert _at(lost["lost_at"]) == lost_at
    assert bench.mirror()[LEAD][lead]["state"] is RecordState.ARCHIVED


def test_a_deal_that_was_reopened_is_open(bench: ConnectorBench) -> None:
    lead = bench.account.create(LEAD, {"email_from": "a@example.org"})
    _edit(bench, lead, lost_reason_id__name="Too expensive")
    _edit(bench, lead, outcome_stage="3")
    rows = _outcomes(bench)
    assert rows[-1]["stage"] == "Proposition"
    assert not [row for row in rows if "true" in (row["won"], row["lost"])]


def test_a_closed_deal_is_known_without_the_right_to_the_tracking(bench: ConnectorBench) -> None:
    cast("OdooPeer", bench.peer).methods.is_administrator = False
    lead = bench.account.create(LEAD, {"email_from": "a@example.org"})
    bench.account.clock.advance(hours=1)
    bench.sync()
    won_at = _edit(bench, lead, stage_id=4)
    rows = _outcomes(bench)
    assert [(row["stage"], row["won"]) for row in rows] == [("New", "false"), ("Won", "true")]
    assert _at(rows[-1]["won_at"]) == won_at


@pytest.mark.parametrize("hour", [0, 22, 23])
def test_a_day_does_not_move_with_the_zone(bench: ConnectorBench, hour: int) -> None:
    closed = datetime(2026, 3, 28, hour, 30, tzinfo=UTC)
    lead = bench.account.create(
        LEAD, {"outcome_stage": "4", "date_closed": closed.isoformat(), "date_deadline": "2026-03-29"}
    )
    rows = _outcomes(bench)
    assert _at(rows[-1]["closed_at"]) == closed
    [record] = bench.connector.read(LEAD, [lead], ["date_deadline"])
    assert record.values["date_deadline"] == "2026-03-29"


def test_the_outcome_of_an_account_names_its_company(bench: ConnectorBench) -> None:
    company = bench.account.create("res.partner", {"name": "Acme", "is_company": True})
    contact = bench.account.create("res.partner", {"name": "Anna", "parent_id": int(company)})
    lead = bench.account.create(LEAD, {"partner_id": int(contact)})
    assert {(row["lead_id"], row["account"]) for row in _outcomes(bench)} == {(lead, company)}


def test_a_merged_lead_follows_to_its_survivor(bench: ConnectorBench) -> None:
    survivor, absorbed = (bench.account.create(LEAD, {"email_from": f"{name}@example.org"}) for name in "ab")
    bench.account.clock.advance(hours=1)
    bench.sync()
    bench.account.merge(LEAD, survivor, absorbed)
    assert {row["lead_id"] for row in _outcomes(bench)} == {survivor}
    assert bench.mirror()[LEAD][absorbed] == {"state": RecordState.DELETED, "survivor": survivor}
    bench.check()


def test_a_deletion_is_found_in_the_next_run(bench: ConnectorBench) -> None:
    kept, deleted = (bench.account.create(LEAD, {"email_from": f"{name}@example.org"}) for name in "ab")
    bench.account.clock.advance(hours=1)
    bench.sync()
    bench.account.delete(LEAD, deleted)
    bench.account.clock.advance(hours=1)
    report = bench.sync()
    assert report is not None
    assert report.counts[LEAD] == (1, 1)
    assert {key for key, item in bench.mirror()[LEAD].items() if item["state"] is RecordState.LIVE} == {kept}


def test_the_mirror_by_json_rpc_equals_the_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.connectors.odoo.peer.OdooPeer.__init__.__defaults__", (16,))
    with connector_bench("odoo", tmp_path, faults=0.2, seed=3) as bench:
        assert cast("OdooPeer", bench.peer).version == 16
        leads = [bench.account.create(LEAD, {"email_from": f"p{number}@example.org"}) for number in range(6)]
        bench.account.clock.advance(hours=1)
        bench.sync()
        _edit(bench, leads[0], stage_id=4)
        _edit(bench, leads[1], lost_reason_id__name="No budget")
        bench.account.merge(LEAD, leads[2], leads[3])
        bench.account.delete(LEAD, leads[4])
        bench.rest()
        bench.check()
        assert bench.account.clock.offset > timedelta(days=16)
