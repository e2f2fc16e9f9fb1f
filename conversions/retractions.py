"""Retractions: versions that take a conversion back, with no more identifiers than the platform needs for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from conversions.capabilities import Capabilities
from conversions.conversion_event import EventKind
from conversions.outbox_writer import next_version
from leadworth.money import amount
from leadworth.platform_catalog import platforms

if TYPE_CHECKING:
    from leadworth.encryption import IdentifierCipher
    from store.outbox import Row


def retraction(limits: Capabilities, last: Mapping[str, Any], payload: str | None, now: datetime) -> Row:
    """Return the retraction that follows the `last` version of a transaction."""
    return next_version(
        now,
        limits,
        last,
        EventKind.RETRACTION,
        value=str(amount(0, last["currency"])),
        currency=last["currency"],
        expected=False,
        payload=payload,
    )


def retraction_payload(cipher: IdentifierCipher, sealed: str, destination: str) -> str:
    """Return the click ids by which a platform finds the conversion, encrypted, without the other identifiers."""
    identity: Any = cipher.decrypt(sealed)["identity"]
    info = platforms().get(destination)
    names = (*(info.click_ids if info else ()), "region")
    return cipher.encrypt({"identity": {name: identity[name] for name in names if name in identity}})
