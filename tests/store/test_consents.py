"""Log of consent."""

from __future__ import annotations

from sqlalchemy import Connection

from leadworth.consent import Consent
from store import consents, outbox
from tests.store.rows import NOW


def test_newest_entry_of_each_purpose_holds(connection: Connection) -> None:
    first = consents.rows_of("A", Consent(True, False), "form", NOW)
    outbox.add(connection, {"consents": first})
    consents.record(connection, "A", {"ad_user_data": False}, "letter", NOW)
    consents.record(connection, "B", {"ad_personalization": True}, "letter", NOW)
    assert consents.of_leads(connection, ["A", "B", "C"]) == {"A": Consent(False, False), "B": Consent(None, True)}


def test_no_row_without_an_answer(connection: Connection) -> None:
    assert consents.rows_of("A", Consent(), None, NOW) == []
    consents.record(connection, "A", {}, "letter", NOW)
    assert consents.of_leads(connection, ["A"]) == {}
