from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text

from leadworth.crm_records import CrmRecord, RecordState
from leadworth.encryption import IdentifierCipher
from store import crm_aliases
from store.crm_mirror import CrmMirror

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEAD = CrmRecord("leads", "7", {"Email": "ada@example.org", "Status": "New", "Empty": None}, NOW, NOW, "rep")


@pytest.fixture
def mirror(connection: Connection) -> CrmMirror:
    return CrmMirror(connection, "acme", IdentifierCipher(b"k" * 32))


def test_a_record_is_read_as_it_was_stored_and_is_not_legible(mirror: CrmMirror) -> None:
    assert mirror.store("leads", [LEAD], NOW).new == ["7"]
    row = mirror.read("leads", ["7", "8"])
    assert list(row) == ["7"]
    assert row["7"].record == replace(LEAD, values={"Email": "ada@example.org", "Status": "New"})
    stored = mirror.connection.execute(text("SELECT * FROM crm_records")).all()
    assert "ada" not in str(stored)


def test_the_same_version_is_written_once(mirror: CrmMirror) -> None:
    mirror.store("leads", [LEAD], NOW)
    result = mirror.store("leads", [LEAD, LEAD], NOW + timedelta(1))
    assert (result.written, result.unchanged) == (0, 2)
    assert mirror.read("leads", ["7"])["7"].known_at == NOW


def test_a_moved_time_alone_is_no_new_version(mirror: CrmMirror) -> None:
    mirror.store("leads", [LEAD], NOW)
    result = mirror.store(
        "leads", [replace(LEAD, modified_at=NOW + timedelta(1), modified_by="us")], NOW + timedelta(1)
    )
    assert (result.touched, result.changed) == (["7"], [])
    assert [(row.record.record_id, row.known_at) for part in mirror.scan("leads") for row in part] == [("7", NOW)]


def test_deleted_records_keep_no_values_and_can_return(mirror: CrmMirror) -> None:
    mirror.store("leads", [LEAD], NOW, persons={"7": ["d"]})
    mirror.store("leads", [CrmRecord("leads", "7", state=RecordState.DELETED)], NOW)
    gone = mirror.read("leads", ["7"])["7"].record
    assert (gone.state, gone.values, gone.created_at) == (RecordState.DELETED, {}, NOW)
    assert mirror.of_person(["d"]) == []
    mirror.store("leads", [LEAD], NOW, persons={"7": ["d"]})
    assert mirror.read("leads", ["7"])["7"].record.values == {"Email": "ada@example.org", "Status": "New"}
    assert mirror.of_person(["d"]) == [("leads", "7")]


def test_a_scan_returns_every_record_once(mirror: CrmMirror) -> None:
    mirror.store("leads", [replace(LEAD, record_id=f"{i}") for i in range(2_500)], NOW)
    found = [row.record.record_id for part in mirror.scan("leads") for row in part]
    assert len(found) == len(set(found)) == 2_500
    assert mirror.counts() == {"leads": {RecordState.LIVE: 2_500}}


@pytest.mark.parametrize("pages", [["md"], ["dm"], ["m", "d"], ["d", "m"], ["md", "d"], ["m", "dd", "md"], ["d", "md"]])
def test_a_merge_holds_over_a_deletion_in_any_order_and_on_any_pages(mirror: CrmMirror, pages: list[str]) -> None:
    kinds = {
        "m": CrmRecord("leads", "7", state=RecordState.MERGED, merged_into="8"),
        "d": CrmRecord("leads", "7", state=RecordState.DELETED, modified_at=NOW + timedelta(1)),
    }
    mirror.store("leads", [LEAD, replace(LEAD, record_id="8")], NOW)
    for page in pages:
        mirror.store("leads", [kinds[kind] for kind in page], NOW)
    assert mirror.read("leads", ["7"])["7"].record.state is RecordState.MERGED
    assert crm_aliases.survivors(mirror, "leads", ["7"]) == {"7": "8"}
    assert mirror.store("leads", [kinds["m"], kinds["d"]], NOW).written == 0
