"""Webhooks worked off against the local HubSpot account, with the real store and a small bundle."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from crm.connectors.hubspot.connector import HubSpotConnector
from crm.connectors.hubspot.hubspot_writes import ROW_ATTEMPTS
from crm.crm_connection import open_connector
from leadworth.crm_records import RecordWriteResult, ScoreRow
from leadworth.errors import ConfigurationError
from leadworth.http_errors import BusyError
from serving.rescoring import event_worker
from serving.rescoring.event_worker import KEPT, EventWorker, WorkedBatch, watch
from store.mirror_schema import crm_events as events_table
from tests.serving.rescoring.shop import OURS, shop
from tests.serving.rescoring.watched import Watched, export_of


def test_a_new_lead_is_scored_once_it_is_ten_seconds_old(crm: Watched) -> None:
    crm.settle()
    [ada] = crm.leads(1)
    crm.deliver()
    assert crm.worker.work().idle
    batch = crm.work()
    assert (batch.changed, batch.requests, batch.scored, batch.writes.written) == (1, 1, 1, 1)
    assert crm.business.held(ada)["lw_model"] == "2"
    assert (crm.waiting(), crm.written()) == ({}, [ada])


def test_an_edit_between_reading_and_writing_stays(crm: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    [ada] = crm.leads(1)
    crm.settle()
    write = HubSpotConnector.write

    def edited_meanwhile(
        self: HubSpotConnector, object_name: str, rows: Sequence[ScoreRow]
    ) -> Sequence[RecordWriteResult]:
        crm.edit(ada, numemployees=7, jobtitle="CTO")
        return write(self, object_name, rows)

    with monkeypatch.context() as patched:
        patched.setattr(HubSpotConnector, "write", edited_meanwhile)
        crm.edit(ada, numemployees=100_000)
        crm.deliver()
        assert crm.work().writes.written == 1
    values = crm.business.peer.account.of("contacts")[ada].values
    assert (values["numemployees"], values["jobtitle"], values["lw_model"]) == (7, "CTO", "2")
    crm.deliver()
    assert crm.work().changed == 1
    assert str(crm.mirrored("contacts", ada).values["numemployees"]) == "7"
    assert {name for item in crm.business.peer.account.writes for name in item.values} <= OURS


@pytest.mark.parametrize("step", ["read", "links", "score_open_leads", "write_pending", "write"])
def test_a_process_that_is_killed_at_any_step_loses_nothing(
    crm: Watched, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    [ada] = crm.leads(1)
    crm.settle()
    crm.edit(ada, numemployees=100_000)
    crm.deliver()

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(event_worker if "_" in step else HubSpotConnector, step, killed)
        with pytest.raises(KeyboardInterrupt):
            crm.work()
    crm.work()
    assert str(crm.mirrored("contacts", ada).values["numemployees"]) == "100000"
    assert (crm.waiting(), crm.written()) == ({}, [ada])


def test_worked_events_go_after_days(crm: Watched) -> None:
    [ada] = crm.leads(1)
    crm.settle()
    query = select(events_table.c.event_id).where(events_table.c.record_id == ada)
    for moved, kept in ((timedelta(0), True), (KEPT, False)):
        crm.business.peer.account.clock.advance(seconds=moved.total_seconds())
        crm.work()
        with crm.business.engine.connect() as connection:
            assert bool(connection.execute(query).all()) is kept


def test_the_loop_reports_batches_and_ends_when_told(crm: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    [ada] = crm.leads(1)
    crm.settle()
    crm.edit(ada, numemployees=51)
    crm.deliver()
    crm.business.peer.account.clock.advance(seconds=11)
    stop = threading.Event()
    batches: list[WorkedBatch] = []
    monkeypatch.setattr(event_worker, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(HubSpotConnector, "write", failing_once(HubSpotConnector.write))

    def report(batch: WorkedBatch) -> None:
        batches.append(batch)
        if not batch.failures:
            stop.set()

    watch(crm.worker, report, stop)
    assert [bool(batch.failures) for batch in batches] == [True, False]
    assert batches[0].line() == "1 events: 1 records changed, 1 open leads scored, 0 written, 0 unchanged, 0 refused"
    assert batches[1].writes.written == 1


def test_a_record_that_stays_locked_is_tried_later_and_later(crm: Watched) -> None:
    [ada] = crm.leads(1)
    crm.settle()
    crm.edit(ada, numemployees=52)
    crm.deliver()
    crm.business.peer.batches.row_faults[ada] = ["LOCKED"] * ROW_ATTEMPTS
    batch = crm.work()
    assert batch.failures == ["the CRM refused for now, and the next run writes: 1 LOCKED"]
    assert crm.work().writes.written == 1


def failing_once(write: object) -> object:
    calls = count()

    def fails(*given: object) -> object:
        if not next(calls):
            raise BusyError("HubSpot is busy")
        return write(*given)  # type: ignore[operator]

    return fails


def test_a_mirror_that_was_never_filled_is_told(tmp_path: Path, bundles: Path) -> None:
    with (
        shop(tmp_path, bundles) as business,
        open_connector(business.settings, "hubspot") as connector,
        pytest.raises(ConfigurationError, match="crm sync hubspot"),
    ):
        EventWorker(export_of(business), connector, lambda: business.bundle)
