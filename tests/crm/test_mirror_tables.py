from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crm.lead_history import read_history
from crm.mirror_sync import MirrorSync, crm_cipher
from crm.rejects import Rejects
from crm.sandbox.peer_account import PeerAccount, PeerClock
from crm.table_sources import gather, open_source
from leadworth.crm_records import CrmStage, RecordLink, StageMeaning
from leadworth.crm_section import CrmSection
from leadworth.errors import ConfigurationError, InputError
from leadworth.settings import JoinedTable, Settings
from store.crm_erasure import erase_person
from store.engine import open_engine, store_url
from store.migrate import upgrade
from tests.crm.memory_connector import MemoryConnector

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
OUTCOMES = {
    "path": "crm:memory",
    "lead_id": "lead_id",
    "deal_id": "deal_id",
    **{name: name for name in ("stage", "stage_at", "won", "won_at", "lost", "lost_at", "revenue", "currency")},
    "known_at": "known_at",
}


class Clock(PeerClock):
    def now(self) -> datetime:
        return START + self.offset


class Crm:
    """A CRM that people work in, and its mirror."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.account = PeerAccount(self.clock)
        self.connector = MemoryConnector(self.account, page_rows=50)
        self.settings = Settings(
            currency="EUR",
            leads={
                "path": "crm:memory",
                "submitted_at": "created_at",
                "columns": {"email": "email", "source": "source", "company": "company"},
            },
            outcomes=OUTCOMES,
            secret="s" * 32,
            folder=folder,
        )

    def lead(self, **values: Any) -> str:
        return self.account.create("leads", {"email": "ada@example.org", "source": "ads", **values})

    def deal(self, *leads: str, **values: Any) -> str:
        key = self.account.create("deals", {"stage": "open", "amount": 100.0, "currency": "EUR", **values})
        for lead in leads:
            self.account.link("leads", lead, RecordLink("deals", key))
        return key

    def later(self, days: float = 1) -> None:
        self.clock.advance(days=days)

    def move(self, deal: str, stage: str, **values: Any) -> datetime:
        self.later()
        self.account.edit("deals", deal, {"stage": stage, **values})
        return self.clock.now()

    def sync(self) -> None:
        self.clock.advance(minutes=5)
        engine = open_engine(store_url(self.settings))
        upgrade(engine)
        MirrorSync(engine, self.connector, self.settings, section=CrmSection(), clock=self.clock.now).run()
        engine.dispose()

    def rows(self, source: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = gather(open_source(self.settings, source, Rejects(None))).rows.to_pylist()
        return rows

    def outcomes(self) -> dict[str, Any]:
        table = read_history(self.settings).outcomes
        return {row.pop("lead_id"): row for row in table.to_dict("records")}


@pytest.fixture
def crm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crm:
    made = Crm(tmp_path)

    @contextmanager
    def opened(settings: Settings, name: str, *, offline: bool = False) -> Iterator[MemoryConnector]:
        assert (name, offline) == ("memory", True)
        yield made.connector

    monkeypatch.setattr("crm.mirror_tables.open_connector", opened)
    return made


def test_leads_have_the_fields_of_the_submit_without_those_of_sales(crm: Crm) -> None:
    company = crm.account.create("companies", {"name": "Acme"})
    lead = crm.lead(status="New", size=12.0)
    crm.account.link("leads", lead, RecordLink("companies", company, "primary"))
    crm.sync()
    (row,) = crm.rows(crm.settings.leads)
    assert row == {
        "lead_id": lead,
        "created_at": START.isoformat(),
        "account": company,
        "email": "ada@example.org",
        "source": "ads",
        "company": None,
        "size": "12",
    }


def test_a_late_field_that_the_settings_name_is_as_known_at_submit(crm: Crm) -> None:
    lead = crm.lead(status="New")
    crm.sync()
    crm.later()
    crm.account.edit("leads", lead, {"status": "Bought"})
    crm.sync()
    source = crm.settings.leads.model_copy(update={"columns": {"medium": "status"}})
    crm.settings = crm.settings.model_copy(update={"leads": source})
    assert [row["status"] for row in crm.rows(source)] == ["New"]


def test_a_deal_that_was_moved_back_is_open(crm: Crm) -> None:
    lead = crm.lead()
    deal = crm.deal(lead)
    crm.move(deal, "won")
    crm.move(deal, "open")
    crm.sync()
    outcome = crm.outcomes()[lead]
    assert (outcome["won"], outcome["lost"]) == (False, False)
    won_at = crm.move(deal, "won")
    crm.sync()
    outcome = crm.outcomes()[lead]
    assert (outcome["won"], outcome["won_at"], outcome["revenue"]) == (True, won_at, 100.0)


def test_a_lost_deal_that_is_won_later_is_won(crm: Crm) -> None:
    lead = crm.lead()
    deal = crm.deal(lead)
    crm.move(deal, "lost")
    won_at = crm.move(deal, "won", amount=250.0)
    crm.sync()
    outcome = crm.outcomes()[lead]
    assert (outcome["won"], outcome["lost"], outcome["won_at"], outcome["revenue"]) == (True, False, won_at, 250.0)
    assert [stage for stage, _ in outcome["stages"]] == ["Open", "Lost", "Won"]


def test_a_deal_of_several_leads_counts_once(crm: Crm) -> None:
    first, second = crm.lead(), crm.lead()
    crm.move(crm.deal(first, second), "won")
    crm.sync()
    assert [row["revenue"] for row in crm.outcomes().values()] == [50.0, 50.0]


def test_the_outcome_of_a_merged_lead_follows_to_the_survivor(crm: Crm) -> None:
    first, second = crm.lead(), crm.lead()
    crm.move(crm.deal(second), "won")
    crm.sync()
    crm.account.merge("leads", first, second)
    crm.sync()
    history = read_history(crm.settings)
    assert history.leads["lead_id"].tolist() == [first]
    assert crm.outcomes()[first]["won"]


def test_deleted_and_erased_leads_are_left_out(crm: Crm) -> None:
    kept, deleted, erased = crm.lead(), crm.lead(), crm.lead(email="bob@example.org")
    crm.deal(erased)
    crm.sync()
    crm.account.delete("leads", deleted)
    crm.sync()
    engine = open_engine(store_url(crm.settings))
    with engine.begin() as connection:
        erase_person(connection, crm_cipher(crm.settings), crm.clock.now(), emails=["bob@example.org"])
    engine.dispose()
    crm.sync()
    assert [row["lead_id"] for row in crm.rows(crm.settings.leads)] == [kept]
    assert [row["lead_id"] for row in crm.rows(crm.settings.outcomes)] == [None]


def test_what_cannot_be_read_says_what_to_do(crm: Crm, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="leadworth crm sync memory"):
        crm.rows(crm.settings.leads)
    with pytest.raises(ConfigurationError, match="joined table"):
        open_source(crm.settings, JoinedTable(path="crm:memory", column="a", meets="b"), Rejects(None))


def test_leads_closed_by_their_own_status_need_no_deal(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    stages = [*crm.connector.stages(), CrmStage("leads", "Junk", "Disqualified", StageMeaning.LOST)]
    monkeypatch.setattr(crm.connector, "stages", lambda: stages)
    lead, other, with_deal = crm.lead(status="New"), crm.lead(status="New"), crm.lead(status="Junk")
    crm.deal(with_deal)
    crm.sync()
    crm.later()
    crm.account.edit("leads", lead, {"status": "Junk"})
    at = crm.clock.now()
    crm.sync()
    outcomes = crm.outcomes()
    assert (outcomes[lead]["lost"], outcomes[lead]["lost_at"]) == (True, at)
    assert other not in outcomes
    assert not outcomes[with_deal]["lost"]
