"""A business with a local HubSpot account, a store and a small model, for the tests of rescoring."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine

from crm.connectors.hubspot.peer import HubSpotPeer
from crm.crm_connection import open_connector
from crm.sandbox.peer_account import PeerAccount
from crm.score_fields import SCORE_FIELDS
from leadworth.crm_records import CrmValue, RecordLink
from leadworth.peer_server import serve_peer
from leadworth.settings import Settings
from models.bundle import Bundle
from serving.rescoring.nightly_run import NightlyResult, run_nightly
from store.engine import open_engine, store_url
from store.migrate import upgrade

OURS = {field.name for field in SCORE_FIELDS}


@dataclass
class Shop:
    """A business with a HubSpot account."""

    peer: HubSpotPeer
    settings: Settings
    bundle: Bundle
    engine: Engine
    folder: Path
    """With the bundles of two versions"""

    def lead(self, name: str, company: str = "", days: float = 10.0, **values: CrmValue) -> str:
        at = self.peer.account.clock.now() - timedelta(days=days)
        given = {"email": f"{name}@{company or name}.example", "company": company or name, "numemployees": 50, **values}
        return self.peer.account.create("contacts", given, at=at)

    def deal(self, lead: str, stage: str, **values: CrmValue) -> str:
        deal = self.peer.account.create("deals", {"dealstage": stage, **values})
        self.peer.account.link("deals", deal, RecordLink("contacts", lead))
        return deal

    def night(self, **options: bool) -> NightlyResult:
        self.peer.account.clock.advance(minutes=10)
        return run_nightly(self.settings, self.bundle, self.engine, clock=self.peer.account.clock.now, **options)

    def held(self, lead: str) -> dict[str, CrmValue]:
        values = self.peer.account.of("contacts")[lead].values
        return {name: value for name, value in values.items() if name in OURS}


@contextmanager
def shop(folder: Path, bundles: Path, *, fields: bool = True, **sections: object) -> Iterator[Shop]:
    peer = HubSpotPeer(PeerAccount())
    peer.limits.searches = peer.limits.ten_seconds = 1_000_000
    with serve_peer(peer) as address:
        columns = {"email": "email", "company": "company", "employees": "numemployees"}
        settings = Settings(
            currency="EUR",
            leads={"path": "crm:hubspot", "submitted_at": "created_at", "columns": columns},
            outcomes={
                "path": "crm:hubspot",
                "lead_id": "lead_id",
                "deal_id": "deal_id",
                **{name: name for name in ("stage", "stage_at", "won", "won_at", "lost", "lost_at", "revenue")},
            },
            crm={"hubspot": {**peer.settings(address), "searches_per_second": 1_000}},
            secret="s" * 32,
            folder=folder,
            **sections,
        )
        if fields:
            with open_connector(settings, "hubspot") as connector:
                connector.create_score_fields("contacts")
        engine = open_engine(store_url(settings))
        upgrade(engine)
        yield Shop(peer, settings, Bundle.load(bundles / "1"), engine, bundles)
        engine.dispose()
