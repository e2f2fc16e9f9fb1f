"""One connector with its peer over HTTP and a mirror, and what people do in the CRM, for every connector alike."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import stamina
from sqlalchemy import event

from crm.connector import Connector
from crm.mirror_sync import MirrorSync, SyncReport, crm_cipher
from crm.mirror_values import written
from crm.sandbox.crm_peer import CrmPeer
from leadworth.crm_catalog import ObjectRole, crms
from leadworth.crm_records import CrmField, CrmRecord, RecordLink, RecordState
from leadworth.fault_injection import Faults, Wait
from leadworth.http_client import HttpClient
from leadworth.peer_server import serve_peer
from leadworth.settings import Settings
from store import crm_aliases, crm_links
from store.crm_mirror import CrmMirror
from store.engine import open_engine
from store.migrate import upgrade
from store.mirror_scope import PRESENT

ROLES = (ObjectRole.LEAD, ObjectRole.DEAL, ObjectRole.COMPANY)
MOST_SYNCS = 60


class KilledError(BaseException):
    """End of the process, as `kill -9`: no handler of the program may see it."""


class CountedClient(HttpClient):
    """HTTP client that calls a function before each request."""

    def __init__(self, timeout_seconds: float, before: Callable[[], None]) -> None:
        super().__init__(timeout_seconds)
        self._before = before

    def request(self, *arguments: Any, **options: Any) -> Any:
        self._before()
        return super().request(*arguments, **options)


def peer_of(name: str) -> CrmPeer:
    """Return the peer of a CRM, without limits per second where its tests have such a one."""
    tests = f"tests.crm.connectors.{name}.{name}_account"
    file = Path(__file__).parent / "connectors" / name / f"{name}_account.py"
    if file.exists():
        return cast("CrmPeer", importlib.import_module(tests).quick_peer())
    return cast("CrmPeer", importlib.import_module(f"crm.connectors.{name}.peer").peer())


class ConnectorBench:
    """A CRM account, its connector and its mirror."""

    def __init__(self, name: str, folder: Path, peer: CrmPeer, address: str, store: str) -> None:
        self.name = name
        self.peer = peer
        self.account = peer.account
        values = {**peer.settings(address), "quota_share": 1.0}
        self.settings = Settings(currency="EUR", leads={}, crm={name: values}, secret="s" * 32, folder=folder)
        self.left: int | None = None
        self.engine = open_engine(store)
        upgrade(self.engine)
        event.listen(self.engine, "begin", lambda _: self._step())
        section = self.settings.crm.section(name)
        connect = importlib.import_module(f"crm.connectors.{name}.connector").connect
        self.connector: Connector = connect(section, CountedClient(section.timeout_seconds, self._step), "EUR")
        info = self.connector.info
        self.lead = self.connector.lead_object
        self.deal = next(iter(info.with_role(ObjectRole.DEAL)), self.lead)
        self.objects = [item for item in info.objects if item == self.lead or info.objects[item].role in ROLES]
        self.stages = [stage.value for stage in self.connector.stages() if stage.object == self.deal]
        self.fields = {info.columns["email"], info.columns["company"], info.deal.stage, info.deal.amount}

    def close(self) -> None:
        self.connector.close()
        self.engine.dispose()

    def sync(self, *, kill_after: int | None = None, **options: Any) -> SyncReport | None:
        """Synchronise; None if the run was killed after that many requests and transactions."""
        self.left = kill_after
        try:
            return MirrorSync(self.engine, self.connector, self.settings, clock=self.account.clock.now, **options).run()
        except KilledError:
            return None
        finally:
            self.left = None

    def rest(self) -> SyncReport:
        """Let everything become visible, and synchronise until all sweeps are done."""
        report = None
        for _ in range(2):
            self.account.clock.advance(days=8)
            report = self.sync()
        assert report is not None
        return report

    @contextmanager
    def without_field(self, object_name: str, field: str) -> Iterator[None]:
        """Let the field list of the account be without a field."""
        listed = self.connector.fields

        def fewer(name: str) -> list[CrmField]:
            return [item for item in listed(name) if (name, item.name) != (object_name, field)]

        with patch.object(self.connector, "fields", fewer):
            yield

    def mirror(self) -> dict[str, dict[str, Any]]:
        """Return object -> id -> what the mirror holds."""
        result = {}
        with self.engine.connect() as connection:
            mirror = CrmMirror(connection, self.name, crm_cipher(self.settings))
            for name in self.objects:
                rows = [row.record for part in mirror.scan(name, RecordState) for row in part]
                ids = [record.record_id for record in rows]
                links = crm_links.of_records(mirror, name, ids)
                survivors = crm_aliases.survivors(mirror, name, ids)
                result[name] = {
                    record.record_id: self._entry(
                        record,
                        {self._followed(mirror, link) for link in links.get(record.record_id, ())},
                        survivors.get(record.record_id, ""),
                    )
                    for record in rows
                }
        return result

    def known_at(self, lead: str) -> datetime:
        """Return the time from which the mirror knew the present version of a lead."""
        with self.engine.connect() as connection:
            mirror = CrmMirror(connection, self.name, crm_cipher(self.settings))
            return mirror.read(self.lead, [lead])[lead].known_at

    def truth(self) -> dict[str, dict[str, Any]]:
        """Return object -> id -> what the account holds."""
        result = {}
        for name in self.objects:
            records = self.account.truth(name)
            result[name] = {
                key: self._entry(
                    record, {(link.to_object, link.to_id) for link in record.links or ()}, _survivor(records, key)
                )
                for key, record in records.items()
            }
        return result

    def check(self) -> None:
        """Compare the mirror with the account; records that ended before the mirror saw them may be absent."""
        mirror, truth = self.mirror(), self.truth()
        for name in self.objects:
            known = {
                key: entry for key, entry in truth[name].items() if key in mirror[name] or entry["state"] in PRESENT
            }
            for key in known.keys() | mirror[name].keys():
                here, there = mirror[name].get(key), known.get(key)
                assert here == there, f"{name} {key}: {here} in the mirror, {there} in the account"

    def _entry(self, record: CrmRecord, links: set[tuple[str, str]], survivor: str) -> dict[str, Any]:
        if record.state not in PRESENT:
            # Some CRMs do not tell a merge into a record that was deleted afterwards.
            followed = survivor if survivor and self._is_present(record.object, survivor) else ""
            return {"state": RecordState.DELETED, "survivor": followed}
        values = {key: written(value) for key, value in record.values.items() if key in self.fields}
        told = self.connector.info.objects[record.object].links
        return {
            "state": record.state,
            "values": {key: value for key, value in values.items() if value is not None},
            "links": {(name, key) for name, key in links if name in told and self._is_present(name, key)},
        }

    def _is_present(self, name: str, key: str) -> bool:
        """Return whether a record is compared and there: CRMs differ in whether they show links to deleted ones."""
        return name in self.objects and key in self.account.of(name) and self.account.of(name)[key].state in PRESENT

    def _followed(self, mirror: CrmMirror, link: RecordLink) -> tuple[str, str]:
        survivors = crm_aliases.survivors(mirror, link.to_object, [link.to_id])
        return link.to_object, survivors.get(link.to_id, link.to_id)

    def _step(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise KilledError


@contextmanager
def connector_bench(
    name: str, folder: Path, *, faults: float = 0.0, seed: int = 0, store: str = ""
) -> Iterator[ConnectorBench]:
    """Serve the peer of a CRM and connect with it; failed requests are repeated without a wait."""
    peer = peer_of(name)
    drawn = Faults(0.0, seed, Wait(late=0.0, retry_after=0.0))
    with stamina.set_testing(True, attempts=MOST_SYNCS), serve_peer(peer, faults=drawn) as address:
        bench = ConnectorBench(name, folder, peer, address, store or f"sqlite:///{folder / 'store.db'}")
        drawn.rate = faults
        try:
            yield bench
        finally:
            bench.close()


def _survivor(records: Any, key: str) -> str:
    survivor = ""
    while records[key].merged_into:
        survivor = key = records[key].merged_into
    return survivor


def names() -> list[str]:
    """Return the names of all connectors."""
    return list(crms())
