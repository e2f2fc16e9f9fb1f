from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection

from leadworth.crm_records import RecordLink
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
