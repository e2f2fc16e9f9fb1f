"""Identifiers of people at rest: sealed, so that a copy of the database tells nobody who they are."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken

from leadworth.errors import ConfigurationError
from leadworth.key_derivation import key_for

if TYPE_CHECKING:
    from leadworth.settings import Settings


class IdentifierCipher:
    """Seals and opens texts, and gives people and transactions names that tell nothing.

    Parameters
    ----------
    key
        32 bytes, the same in all processes of an installation.

    Examples
    --------
    >>> seal = IdentifierCipher(b"k" * 32)
    >>> seal.open(seal.close({"email": "ada@example.org"}))
    {'email': 'ada@example.org'}
    >>> seal.transaction("ada@example.org", "lead")
    'lw-61a7135eb882dc68f0d5790d-lead'
    """

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(urlsafe_b64encode(key))
        self._key = key

    @classmethod
    def of(cls, settings: Settings) -> IdentifierCipher:
        """Return the seal of an installation."""
        return cls(key_for(settings, "export"))

    def close(self, content: Mapping[str, object]) -> str:
        """Return a mapping of JSON values sealed, as text."""
        return self._fernet.encrypt(json.dumps(content, separators=(",", ":")).encode()).decode()

    def open(self, sealed: str) -> dict[str, object]:
        """Return what was sealed.

        Raises
        ------
        ConfigurationError
            Where it was sealed with another secret.
        """
        try:
            content: dict[str, object] = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken:
            raise ConfigurationError(
                "identifiers in the store were sealed with another secret", do="set LEADWORTH_SECRET as it was"
            ) from None
        return content

    def pseudonym(self, email: str) -> str:
        """Return the name under which a person's leads are found; the address in small letters, no spaces."""
        return self._name("person", email.strip().lower(), 32)

    def transaction(self, lead_id: str, stage: str) -> str:
        """Return the id of what is told of a lead and stage: never a bare number, nothing personal."""
        return f"lw-{self._name('transaction', lead_id, 24)}-{stage}"

    def _name(self, purpose: str, text: str, digits: int) -> str:
        given = f"{purpose}\n{text}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, given, "sha256").hex()[:digits]
