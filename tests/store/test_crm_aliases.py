from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from leadworth.crm_records import CrmRecord, RecordState
from leadworth.encryption import IdentifierCipher
from store import crm_aliases
from store.crm_mirror import CrmMirror

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEAD = CrmRecord("leads", "7", {"Email": "ada@example.org", "Status": "New", "Empty": None}, NOW, NOW, "rep")


@pytest.fixture
def mirror(connection: Connection) -> CrmMirror:
    return CrmMirror(connection, "acme", IdentifierCipher(b"k" * 32))


def test_an_absorbed_record_leads_to_the_survivor_of_any_chain(mirror: CrmMirror) -> None:
    records = [replace(LEAD, record_id=key) for key in "abc"]
    mirror.store("leads", records, NOW)
    mirror.store("leads", [replace(records[1], absorbed=("a",), modified_at=NOW + timedelta(1))], NOW)
    mirror.store("leads", [CrmRecord("leads", "b", state=RecordState.MERGED, merged_into="c")], NOW)
    assert crm_aliases.survivors(mirror, "leads", ["a", "b", "c"]) == {"a": "c", "b": "c"}
    assert crm_aliases.former_ids(mirror, "leads", ["c"]) == {"c": ["a", "b"]}
    assert mirror.ids("leads") == {"c"}
    mirror.store("leads", [CrmRecord("leads", "a", state=RecordState.DELETED)], NOW)
    assert mirror.ids("leads", [RecordState.MERGED]) == {"a", "b"}


def test_a_merge_back_leaves_no_circle(mirror: CrmMirror) -> None:
    crm_aliases.add(mirror, "leads", {"a": "b"}, NOW)
    crm_aliases.add(mirror, "leads", {"x": "b"}, NOW)
    crm_aliases.add(mirror, "leads", {"b": "a"}, NOW)
    assert crm_aliases.survivors(mirror, "leads", ["a", "b", "x"]) == {"b": "a", "x": "a"}


def test_a_record_that_exists_again_is_no_alias(mirror: CrmMirror) -> None:
    mirror.store("leads", [replace(LEAD, record_id="b", absorbed=("a",))], NOW)
    mirror.store("leads", [replace(LEAD, record_id="a")], NOW)
    assert crm_aliases.survivors(mirror, "leads", ["a"]) == {}
    assert mirror.ids("leads") == {"a", "b"}


def test_all_merges_of_an_object(mirror: CrmMirror) -> None:
    crm_aliases.add(mirror, "leads", {"a": "b"}, NOW)
    crm_aliases.add(mirror, "leads", {"b": "c"}, NOW)
    crm_aliases.add(mirror, "deals", {"x": "y"}, NOW)
    assert crm_aliases.merges(mirror, "leads") == {"a": "c", "b": "c"}
