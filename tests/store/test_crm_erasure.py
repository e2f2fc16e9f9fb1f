from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from leadworth.crm_records import CrmRecord, FieldChange, RecordEvent, ScoreRow
from leadworth.encryption import IdentifierCipher
from store import crm_changes, crm_events, crm_scores
from store.crm_erasure import erase_person
from store.crm_mirror import CrmMirror

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CIPHER = IdentifierCipher(b"k" * 32)
ADA = CrmRecord("leads", "7", {"Email": "ada@example.org", "Status": "New"}, NOW, NOW)


def test_nothing_of_a_person_is_left_and_nothing_comes_back(connection: Connection) -> None:
    mirror = CrmMirror(connection, "acme", CIPHER)
    bob = replace(ADA, record_id="8", values={"Email": "bob@example.org"})
    digests = {"7": [CIPHER.pseudonym("ada@example.org")], "8": [CIPHER.pseudonym("bob@example.org")]}
    mirror.store("leads", [ADA, bob], NOW, tracked=["Status"], persons=digests)
    crm_events.add(connection, "acme", [RecordEvent("e", "leads", "7")], NOW)
    crm_scores.want(connection, "acme", "leads", [ScoreRow("7", {"lw_band": "A"})], NOW)

    assert erase_person(connection, CIPHER, NOW, emails=["Ada@example.org "]) == {("acme", "leads"): ["7"]}

    def trace() -> bool:
        return bool(crm_changes.of_records(mirror, "leads", ["7"])) or bool(
            mirror.read("leads", ["7"])["7"].record.values
        )

    assert not trace()
    assert mirror.read("leads", ["8"])["8"].record == bob
    for table in ("crm_events", "crm_scores"):
        assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0
    later = replace(ADA, values={"Email": "ada@example.org", "Status": "Won"}, modified_at=NOW + timedelta(1))
    mirror.store("leads", [later], NOW, tracked=["Status"], persons=digests)
    crm_changes.add(mirror, [FieldChange("leads", "7", "Status", "Won", NOW)], NOW)
    assert not trace()
    assert mirror.read("leads", ["7"])["7"].erased
    assert mirror.of_person(digests["7"]) == []


def test_a_record_is_erased_with_those_it_absorbed(connection: Connection) -> None:
    mirror = CrmMirror(connection, "acme", CIPHER)
    mirror.store("leads", [replace(ADA, record_id=key) for key in "ab"], NOW)
    mirror.store("leads", [replace(ADA, record_id="b", absorbed=("a",), modified_at=NOW + timedelta(1))], NOW)
    mirror.store("deals", [replace(ADA, object="deals", record_id="a")], NOW)
    erased = erase_person(connection, CIPHER, NOW, records=[("acme", "leads", "a"), ("acme", "leads", "unknown")])
    assert erased == {("acme", "leads"): ["a", "b"]}
    assert mirror.read("deals", ["a"])["a"].record.values
