from __future__ import annotations

from crm.personal_fields import person_digests, plain_fields
from leadworth.crm_records import CrmField, CrmRecord
from leadworth.encryption import IdentifierCipher
from tests.crm.memory_connector import INFO

CIPHER = IdentifierCipher(b"k" * 32)


def digests(**values: str) -> set[str]:
    return set(person_digests(CIPHER, INFO, CrmRecord("leads", "7", values)))


def test_every_address_and_number_of_a_record_is_found_in_any_spelling() -> None:
    ada = CIPHER.pseudonym("ada@example.org")
    assert digests(email="Ada@Example.org ", others="b@example.org; ada@example.org") == {
        ada,
        CIPHER.pseudonym("b@example.org"),
    }
    assert digests(mobile_phone="0049 (30) 123-4567") != digests(mobile_phone="+49 30 1234568")
    assert digests(Phone="+49 30 1234567") == digests(mobile_phone="+49 (30) 123-4567")


def test_sentences_and_short_numbers_are_no_persons() -> None:
    assert digests(note="write to ada@example.org, please", phone="123", size="4930123456789") == set()


def test_only_what_says_nothing_of_a_person_is_plain() -> None:
    fields = [
        CrmField("email", "E-mail", "text"),
        CrmField("roof", "Roof", "text", {"1": "Flat"}),
        CrmField("size", "Size", "Double"),
        CrmField("note", "Note", "textarea"),
    ]
    plain = plain_fields(INFO, "leads", fields)
    assert {"roof", "size", "source", "created", "modified"} <= plain
    assert not {"email", "note", "company"} & plain
