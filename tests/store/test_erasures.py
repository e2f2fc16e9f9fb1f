"""Receipts of erasures."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, select

from leadworth.encryption import IdentifierCipher
from store import erasures
from store.row_ids import new_row_id
from store.schema import erasures as table
from tests.store.rows import NOW


def keyed(lead: str) -> str:
    return f"keyed {lead}"


def test_erased_leads_and_persons_are_recognised(connection: Connection) -> None:
    digests = [("lead", "keyed A"), ("lead", "keyed B"), ("email", "p1"), ("phone", "n1")]
    erasures.add(connection, new_row_id(), digests, "{}", NOW)
    later = NOW + timedelta(days=1)
    erasures.add(connection, new_row_id(), [("email", "p1")], "{}", later)
    assert erasures.erased_leads(connection, ["A", "C"], keyed) == {"A"}
    assert erasures.erased_persons(connection, ["p1", "p2", "n1"]) == {"p1": later, "n1": NOW}
    assert erasures.erased_leads(connection, [], keyed) == set()


def test_earlier_receipts_are_recognised_and_get_digests(connection: Connection) -> None:
    erasures.add(connection, new_row_id(), [("clear", "A"), ("clear", "B")], "{}", NOW)
    assert erasures.erased_leads(connection, ["A", "C"], keyed) == {"A"}
    assert erasures.key_earlier(connection, keyed) == 2
    assert erasures.key_earlier(connection, keyed) == 0
    assert erasures.erased_leads(connection, ["A", "C"], keyed) == {"A"}
    assert set(connection.execute(select(table.c.digest)).scalars()) == {"keyed A", "keyed B"}


def test_leads_of_an_erased_person_are_recognised_by_the_address(connection: Connection) -> None:
    cipher = IdentifierCipher(b"k" * 32)
    digests = [("lead", cipher.lead_digest("A")), ("email", cipher.pseudonym("ada@example.org"))]
    erasures.add(connection, new_row_id(), digests, "{}", NOW)
    later = NOW + timedelta(seconds=1)
    leads = [
        ("A", None, later),
        ("B", "Ada@Example.org ", NOW),
        ("C", "ada@example.org", later),
        ("D", "eve@example.org", NOW),
        ("E", None, NOW),
    ]
    assert erasures.erased_among(connection, cipher, leads) == {"A", "B"}
