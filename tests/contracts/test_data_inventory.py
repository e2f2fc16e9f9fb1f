"""Every table and column of the store is in the inventory of personal data, and nothing else is."""

from __future__ import annotations

import pytest
from sqlalchemy import Table

from leadworth.retention_settings import RetentionSettings
from store.data_inventory import CACHES, FILES, TABLES
from store.person_index import OF_LEADS
from store.schema import metadata
from store.stored_data import StoredData

DESCRIBED = {data.name: data for data in TABLES}


def test_every_table_is_described() -> None:
    assert set(DESCRIBED) == set(metadata.tables)
    assert len(DESCRIBED) == len(TABLES)


@pytest.mark.parametrize("table", metadata.tables.values(), ids=str)
def test_every_column_is_described_once(table: Table) -> None:
    names = [name for group in DESCRIBED[table.name].columns for name in group.split()]
    assert sorted(names) == sorted(table.c.keys())


@pytest.mark.parametrize("data", [*TABLES, *FILES, *CACHES], ids=lambda data: data.name)
def test_nothing_is_left_open(data: StoredData) -> None:
    assert all((data.content, data.subjects, data.purpose, data.protection, data.readers, data.erasure))
    assert data.kept(RetentionSettings())


def test_erasure_reaches_every_table_of_leads() -> None:
    assert {table.name for table in OF_LEADS} == {
        name for name, table in metadata.tables.items() if "lead_id" in table.c
    }


def test_every_setting_of_retention_is_used() -> None:
    texts = " ".join(data.kept(RetentionSettings()) for data in (*TABLES, *FILES))
    assert [name for name in RetentionSettings.model_fields if name not in texts] == []
