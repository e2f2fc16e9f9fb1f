from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from leadworth.crm_records import CrmRecord, RecordLink, RecordState
from leadworth.encryption import IdentifierCipher
from store import crm_links
from store.crm_mirror import CrmMirror

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DEAL, COMPANY = RecordLink("deals", "1"), RecordLink("companies", "5", "primary")


def test_links_are_those_of_the_last_reading(connection: Connection) -> None:
    mirror = CrmMirror(connection, "acme", IdentifierCipher(b"k" * 32))
    assert crm_links.replace(mirror, "leads", {"7": (DEAL, COMPANY), "8": (DEAL,), "9": ()}, NOW) == ["7", "8"]
    assert crm_links.of_records(mirror, "leads", ["7", "8", "9"]) == {"7": (COMPANY, DEAL), "8": (DEAL,)}
    assert crm_links.to_records(mirror, "deals", ["1", "2"]) == {"1": [("leads", "7"), ("leads", "8")]}
    assert crm_links.replace(mirror, "leads", {"7": (COMPANY,), "8": (DEAL,)}, NOW) == ["7"]
    assert crm_links.of_records(mirror, "leads", ["7"]) == {"7": (COMPANY,)}
    crm_links.delete_of_records(mirror, "leads", ["8"])
    assert crm_links.to_records(mirror, "deals", ["1"]) == {}


def test_of_the_leads_of_one_deal_the_first_that_still_exists_carries_it(connection: Connection) -> None:
    mirror = CrmMirror(connection, "acme", IdentifierCipher(b"k" * 32))
    days = {"6": 0, "7": 3, "8": 2, "9": 1}
    states = {"6": RecordState.DELETED}
    leads = [
        CrmRecord("leads", key, created_at=NOW + timedelta(days=day), state=states.get(key, RecordState.LIVE))
        for key, day in days.items()
    ]
    mirror.store("leads", leads, NOW)
    mirror.store("deals", [CrmRecord("deals", "1"), CrmRecord("deals", "2", state=RecordState.DELETED)], NOW)
    converted = {key: (RecordLink("deals", "1", "converted"),) for key in ("6", "7", "8")}
    others = {"9": (RecordLink("deals", "1"), RecordLink("deals", "2", "converted"))}
    crm_links.replace(mirror, "leads", converted | others, NOW)

    def first(*ids: str) -> dict[str, str]:
        return crm_links.first_of_target(connection, "acme", "leads", ids, "deals", "converted")

    assert first("7", "8", "9") == {"8": "1"}
    assert first("7") == {"8": "1"}
    assert first("9") == {}
