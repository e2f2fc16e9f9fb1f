"""Encryption of identifiers and pseudonyms."""

from __future__ import annotations

import pytest

from leadworth.encryption import IdentifierCipher
from leadworth.errors import ConfigurationError

CIPHER = IdentifierCipher(b"k" * 32)


def test_encrypted_identifiers_cannot_be_read_with_another_secret() -> None:
    encrypted = CIPHER.encrypt({"email": "ada@example.org"})
    assert "ada" not in encrypted
    with pytest.raises(ConfigurationError, match="LEADWORTH_SECRET"):
        IdentifierCipher(b"x" * 32).decrypt(encrypted)


def test_pseudonym_ignores_case_and_spaces_and_depends_on_the_secret() -> None:
    assert CIPHER.pseudonym(" Ada@Example.org ") == CIPHER.pseudonym("ada@example.org")
    assert CIPHER.pseudonym("ada@example.org") != IdentifierCipher(b"x" * 32).pseudonym("ada@example.org")


def test_transaction_id_differs_by_lead_and_stage() -> None:
    ids = {CIPHER.transaction_id(lead, stage) for lead in ("A", "B") for stage in ("lead", "won")}
    assert len(ids) == 4
    assert all(len(transaction_id) <= 64 for transaction_id in ids)
