"""Webhooks worked off against the local HubSpot account, with the real store and a small bundle."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from conversions.export_context import ExportContext
from conversions.outbox_writer import OutboxWriter
from crm.connectors.hubspot.connector import HubSpotConnector
from crm.connectors.hubspot.hubspot_events import read_events
from crm.crm_connection import open_connector
from crm.mirror_sync import crm_cipher
from leadworth.crm_records import CrmRecord, CrmValue, RecordEvent, RecordLink, RecordWriteResult, ScoreRow
from leadworth.encryption import IdentifierCipher
from leadworth.errors import ConfigurationError
from leadworth.http_errors import BusyError
from models.bundle import Bundle
from serving.rescoring import event_worker
from serving.rescoring.event_worker import KEPT, EventWorker, WorkedBatch, watch
from serving.rescoring.open_lead_scores import score_open_leads
from store import crm_events
from store.crm_events import EventTask
from store.crm_mirror import CrmMirror
from store.mirror_schema import crm_events as events_table
from store.mirror_schema import crm_scores
from store.schema import erasures
from tests.serving.rescoring.shop import OURS, Shop, shop

NAMES = (f"p{number}" for number in count())


@dataclass
class Watched:
    """A business whose webhooks arrive in the store.

    The leads are scored by the first model until `second` is set, whose scores are written whatever they are.
    """

    business: Shop
    worker: EventWorker
    models: list[Bundle]

    def leads(self, number: int, domain: str = "", company: str = "") -> list[str]:
        """Return new leads, scored by the first model; with a domain of their own if none is given."""
        found = []
        for name in (next(NAMES) for _ in range(number)):
            key = self.business.lead(name, domain or name, days=20.0, firstname=name)
            if company:
                self.business.peer.account.link("contacts", key, RecordLink("companies", company, "primary"))
            found.append(key)
        return found

    def settle(self) -> None:
        """Work off everything with the first model; the second one scores from now on."""
        self.deliver()
        del self.models[1:]
        self.work()
        self.models.append(Bundle.load(self.business.folder / "2"))
        self.business.peer.account.writes.clear()

    def deliver(self, *, reverse: bool = False) -> int:
        """Store what happened since the last call; return how many events were new."""
        events = self.business.peer._events.news()
        if reverse:
            events.reverse()
        with self.business.engine.begin() as connection:
            return crm_events.add(connection, "hubspot", list(read_events(json.dumps(events).encode())), self.now())

    def work(self) -> WorkedBatch:
        self.business.peer.account.clock.advance(seconds=11)
        return self.worker.work()

    def now(self) -> datetime:
        return self.business.peer.account.clock.now()

    def edit(self, lead: str, **values: CrmValue) -> None:
        self.business.peer.account.edit("contacts", lead, values)

    def waiting(self) -> dict[EventTask, int]:
        with self.business.engine.connect() as connection:
            return crm_events.count_waiting(connection, "hubspot")

    def mirrored(self, object_name: str, key: str) -> CrmRecord:
        with self.business.engine.connect() as connection:
            mirror = CrmMirror(connection, "hubspot", crm_cipher(self.business.settings))
            return mirror.read(object_name, [key])[key].record

    def written(self) -> list[str]:
        """Return the leads that the CRM was written to."""
        return sorted(item.record_id for item in self.business.peer.account.writes)


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory, bundles: Path) -> Iterator[Watched]:
    with shop(tmp_path_factory.mktemp("watched"), bundles) as business:
        business.lead("first")
        business.night()
        models = [business.bundle]
        with open_connector(business.settings, "hubspot") as connector:
            clock = business.peer.account.clock
            yield Watched(business, EventWorker(export_of(business), connector, lambda: models[-1], clock.now), models)


def export_of(business: Shop) -> ExportContext:
    cipher = IdentifierCipher.from_settings(business.settings)
    return ExportContext(business.settings, business.engine, {}, OutboxWriter({}, cipher, 30))


def test_a_new_lead_is_scored_once_it_is_ten_seconds_old(crm: Watched) -> None:
    crm.settle()
    [ada] = crm.leads(1)
    crm.deliver()
    assert crm.worker.work().idle
    batch = crm.work()
    assert (batch.changed, batch.requests, batch.scored, batch.writes.written) == (1, 1, 1, 1)
    assert crm.business.held(ada)["lw_model"] == "2"
    assert (crm.waiting(), crm.written()) == ({}, [ada])


def test_own_writes_and_repeated_events_do_nothing(crm: Watched) -> None:
    [ada] = crm.leads(1)
    crm.settle()
    crm.edit(ada, numemployees=900)
    assert crm.deliver() == 1
    assert crm.work().requests == 1
    assert crm.written() == [ada]
    assert crm.deliver() == 0  # events of our own fields
    echo = RecordEvent("echo", "contacts", ada, crm.now())
    with crm.business.engine.begin() as connection:
        assert crm_events.add(connection, "hubspot", [echo, echo], crm.now()) == 1
    batch = crm.work()
    assert (batch.events, batch.changed, batch.requests, batch.scored) == (1, 0, 0, 0)
    assert crm.written() == [ada]


def test_a_deal_that_closes_rescores_the_other_leads_of_the_account(crm: Watched) -> None:
    leads = crm.leads(3, company=crm.business.peer.account.create("companies", {"name": "Acme"}))
    others = crm.leads(2)
    deal = crm.business.deal(leads[0], "qualifiedtobuy")
    crm.settle()
    crm.business.peer.account.edit("deals", deal, {"dealstage": "closedlost"})
    crm.deliver()
    batch = crm.work()
    assert (batch.changed, batch.scored) == (1, 2)
    assert crm.written() == sorted(leads[1:])
    assert all(crm.business.held(lead)["lw_model"] == "1" for lead in others)


def test_scores_of_some_leads_are_those_of_a_run_of_all(crm: Watched) -> None:
    ids = [*crm.leads(5, domain="several"), *crm.leads(1)]
    crm.settle()
    crm.edit(ids[2], numemployees=5_000)
    crm.edit(ids[5], numemployees=1)
    crm.deliver()
    assert crm.work().scored == 6  # the mail domain of a business: its leads are one decision
    table = score_open_leads(crm.business.settings, crm.models[-1], "hubspot", crm.now()).table.set_index("lead_id")
    for lead in ids:
        held = crm.business.held(lead)
        assert float(str(held["lw_predicted_value"])) == pytest.approx(table.loc[lead, "account_value"], abs=0.006)
        assert float(str(held["lw_win_probability"])) == pytest.approx(table.loc[lead, "win_probability"], abs=1e-4)
    assert table.loc[ids[2], "account_value"] < table.loc[ids[2], "predicted_value"]


def test_associations_and_deletions_change_the_account_of_the_others(crm: Watched) -> None:
    account = crm.business.peer.account
    company = account.create("companies", {"name": "Acme"})
    [ada] = crm.leads(1, company=company)
    [bob] = crm.leads(1)
    crm.settle()
    account.link("contacts", bob, RecordLink("companies", company, "primary"))
    crm.deliver(reverse=True)
    assert crm.work().scored == 2
    account.unlink("contacts", bob, RecordLink("companies", company, "primary"))
    crm.deliver()
    assert crm.work().scored == 2
    account.link("contacts", bob, RecordLink("companies", company, "primary"))
    crm.deliver()
    crm.work()
    crm.business.peer.account.writes.clear()
    account.delete("contacts", ada)
    crm.deliver()
    batch = crm.work()
    assert (batch.changed, batch.scored) == (1, 1)
    assert crm.mirrored("contacts", ada).values == {}


def test_a_merge_leaves_one_lead(crm: Watched) -> None:
    ada, bob = crm.leads(2)
    deal = crm.business.deal(bob, "qualifiedtobuy")
    crm.settle()
    crm.business.peer.account.merge("contacts", ada, bob)
    crm.deliver()
    batch = crm.work()
    assert (batch.scored, crm.written()) == (1, [ada])
    crm.business.peer.account.edit("deals", deal, {"dealstage": "closedlost"})
    crm.deliver()
    batch = crm.work()
    assert (batch.requests, batch.scored) == (1, 0)


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


def test_a_crm_that_is_away_is_asked_later_and_costs_no_other_object(
    crm: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = crm.leads(2)
    deal = crm.business.deal(bob, "qualifiedtobuy")
    crm.settle()
    crm.edit(ada, numemployees=100_000)
    crm.business.peer.account.edit("deals", deal, {"amount": 5_000})
    crm.deliver()
    read = HubSpotConnector.read

    def away(self: HubSpotConnector, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> object:
        if object_name == "contacts":
            raise BusyError("HubSpot is busy")
        return read(self, object_name, ids, fields)

    with monkeypatch.context() as patched:
        patched.setattr(HubSpotConnector, "read", away)
        batch = crm.work()
        assert (batch.events, batch.changed) == (1, 1)
        assert "1 events of contacts wait: the other system is busy" in batch.failures[0]
        assert crm.written() == [bob]
    assert crm.work().changed == 1
    assert crm.written() == sorted([ada, bob])


def test_a_person_whom_the_crm_erased_is_erased_here(crm: Watched) -> None:
    ada, bob = crm.leads(2)
    crm.settle()
    crm.business.peer.batches.erase("contacts", {"objectId": ada})
    crm.deliver()
    assert crm.work().erased == 1
    assert crm.mirrored("contacts", ada).values == {}
    assert crm.mirrored("contacts", bob).values["email"]
    with crm.business.engine.connect() as connection:
        mirror = CrmMirror(connection, "hubspot", crm_cipher(crm.business.settings))
        assert mirror.erased_ids("contacts", [ada, bob]) == {ada}
        scored = connection.execute(select(crm_scores.c.record_id)).scalars().all()
        assert ada not in scored
        assert bob in scored
        assert connection.execute(select(erasures)).all()
    crm.work()
    assert (crm.waiting(), crm.written()) == ({}, [])


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
