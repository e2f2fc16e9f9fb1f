"""Encryption of identifiers at rest, and pseudonyms of persons and transactions."""

from __future__ import annotations

import hmac
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from leadworth.errors import ConfigurationError
from leadworth.key_derivation import key_for

if TYPE_CHECKING:
    from leadworth.settings import Settings


_NONCE_BYTES = 12


class IdentifierCipher:
    """Encrypts identifiers with AES-256-GCM, and makes pseudonyms with HMAC-SHA256.

    Each text has a random nonce of 96 bits, with which NIST SP 800-38D (section 8.3) allows 2^32 texts of one key.

    Parameters
    ----------
    key
        32 bytes, the same in all processes of an installation.

    Examples
    --------
    >>> cipher = IdentifierCipher(b"k" * 32)
    >>> cipher.decrypt(cipher.encrypt({"email": "ada@example.org"}))
    {'email': 'ada@example.org'}
    >>> cipher.transaction_id("ada@example.org", "lead")
    'lw-61a7135eb882dc68f0d5790d-lead'
    """

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)
        self._key = key

    @classmethod
    def from_settings(cls, settings: Settings) -> IdentifierCipher:
        """Return the cipher of an installation."""
        return cls(key_for(settings, "export"))

    def encrypt(self, content: Mapping[str, object]) -> str:
        """Return a mapping of JSON values, encrypted: nonce, text and tag in URL-safe Base64."""
        nonce = os.urandom(_NONCE_BYTES)
        text = json.dumps(content, separators=(",", ":")).encode()
        return urlsafe_b64encode(nonce + self._aead.encrypt(nonce, text, None)).decode()

    def decrypt(self, encrypted: str) -> dict[str, object]:
        """Return the mapping that `encrypt` encrypted.

        Raises
        ------
        ConfigurationError
            If it was encrypted with another secret, or changed.
        """
        try:
            sealed = urlsafe_b64decode(encrypted)
            content: dict[str, object] = json.loads(
                self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
            )
        except (InvalidTag, ValueError):
            raise ConfigurationError(
                "identifiers in the store were encrypted with another secret",
                do="set LEADWORTH_SECRET to the secret they were encrypted with",
            ) from None
        return content

    def pseudonym(self, email: str) -> str:
        """Return the pseudonym of a person; case and surrounding spaces of the address do not count."""
        return self.digest("person", email.strip().lower(), 32)

    def phone_digest(self, number: str) -> str:
        """Return the digest of a phone number; see `conversions.person_entry.written_phones`."""
        return self.digest("phone", number, 32)

    def click_digest(self, click_id: str) -> str:
        """Return the digest of a click id, by which the campaign of the click is found."""
        return self.digest("click", click_id, 32)

    def account_key(self, name: str) -> str:
        """Return the digest of a company: its registrable domain, or its id in the CRM."""
        return self.digest("account", name, 32)

    def lead_digest(self, lead_id: str) -> str:
        """Return the digest of a lead id, by which an erased lead is recognised."""
        return self.digest("lead", lead_id, 32)

    def entry_id(self, row: Mapping[str, object]) -> str:
        """Return the id of an index entry: equal for equal entries."""
        return self.digest("entry", json.dumps(row), 32)

    def transaction_id(self, lead_id: str, stage: str) -> str:
        """Return the transaction id of a lead's stage, which does not reveal the lead id."""
        return f"lw-{self.digest('transaction', lead_id, 24)}-{stage}"

    def phone_pseudonym(self, phone: str, region: str | None = None) -> str:
        """Return the pseudonym of a phone number; its spelling does not count.

        Parameters
        ----------
        phone
            Number as written.
        region
            Country of numbers without a country code, ISO 3166 with two letters.
        """
        import phonenumbers

        try:
            number = phonenumbers.format_number(phonenumbers.parse(phone, region), phonenumbers.PhoneNumberFormat.E164)
        except phonenumbers.NumberParseException:
            number = "".join(char for char in phone if char.isdecimal())
        return self.digest("phone", number, 32)

    def digest(self, purpose: str, text: str, digits: int) -> str:
        """Return a keyed digest of a text for one purpose, in hexadecimal digits."""
        message = f"{purpose}\n{text}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, message, "sha256").hex()[:digits]
