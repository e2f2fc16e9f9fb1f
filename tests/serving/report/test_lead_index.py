"""Leads of the CRM in the index of persons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from features.lead_origin import origin_of
from leadworth.channel_groups import shipped
from leadworth.encryption import IdentifierCipher
from leadworth.settings import Settings
from reporting.facts.crm_parts import CrmLead
from reporting.facts.fact_builder import LeadOutcome
from serving.report.lead_index import indexer
from store.engine import open_engine
from store.migrate import upgrade
from store.person_index import entries_of, leads_of_person

AT = datetime(2026, 11, 1, 10, tzinfo=UTC)
SETTINGS = Settings(currency="EUR", leads={}, secret="a secret of thirty-two characters")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def lead(lead_id: str, **fields: str | None) -> CrmLead:
    return CrmLead(lead_id, AT, fields, origin_of(fields, shipped()), LeadOutcome(), None)


def test_only_leads_with_an_address_or_a_number_are_added_and_once(connection: Connection) -> None:
    add = indexer(SETTINGS)
    leads = [lead("A", email="Ana@acme.it"), lead("B", phone="+39 02 123456"), lead("C", email=None, phone="")]
    assert add(connection, leads) == 2
    assert {entry.lead_id for entry in entries_of(connection, ["A", "B", "C"])} == {"A", "B"}
    assert add(connection, [*leads, lead("D", email="ana@acme.it ")]) == 1
    assert add(connection, []) == 0


def test_a_person_is_found_by_the_digest_and_the_text_is_not_kept(connection: Connection) -> None:
    indexer(SETTINGS)(
        connection, [lead("A", email="Ana@acme.it"), lead("D", email="ana@acme.it"), lead("E", email="e@b.it")]
    )
    digest = IdentifierCipher.from_settings(SETTINGS).pseudonym("ana@acme.it")
    assert leads_of_person(connection, emails=[digest]) == ["A", "D"]
    [entry] = entries_of(connection, ["A"])
    assert (entry.email, entry.phone, entry.velocity_at) == (digest, None, int(AT.timestamp()) * 1_000_000)
