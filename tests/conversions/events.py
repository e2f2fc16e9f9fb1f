"""Events, destinations and a sandbox for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from conversions.conversion_event import ConversionEvent, EventKind, PersonIdentifiers
from conversions.destination import Destination
from conversions.person_identifiers import PLATFORM_IDS
from conversions.platform_factory import destinations
from conversions.sandbox.peer import ACTIONS
from conversions.sandbox.peer_servers import Sandbox
from leadworth.consent import Consent
from leadworth.fault_injection import Faults
from leadworth.platform_catalog import platforms
from leadworth.settings import Settings

ADA = PersonIdentifiers(
    email=" Ada.Lovelace+ads@Gmail.com ",
    phone="030 123456",
    first_name=" Ada ",
    last_name="Lovelace",
    region="DE",
    postal_code="10115",
    ip="203.0.113.7",
    user_agent="Mozilla/5.0",
    platform_ids={
        **{name: f"{name}-test" for name in PLATFORM_IDS if name not in ("meta_lead_id", "fbc", "gbraid", "wbraid")},
        "gclid": "Cj0KCQtest",
        "fbclid": "IwARtest",
        "fbp": "fb.1.1767225600000.123456789",
        "msclkid": "0123456789abcdef0123456789abcdef",
        "li_fat_id": "8f14e45f-ceea-467f-a0c6-b1c1f2d3e4f5",
        "ttclid": "tt-test",
        "ga_client_id": "1234567890.1767225600",
    },
)


def event(number: int = 1, **changes: Any) -> ConversionEvent:
    """Return an event of eight hours ago."""
    happened = (datetime.now(UTC) - timedelta(hours=8)).replace(microsecond=0)
    first = ConversionEvent(
        transaction_id=f"lw-{number:024x}-lead",
        stage="lead",
        kind=EventKind.CONVERSION,
        happened_at=happened,
        updated_at=happened,
        value=Decimal("12.50"),
        currency="EUR",
        identity=ADA,
        consent=Consent(True, True),
    )
    return replace(first, **changes)


def of_person(number: int, **changes: Any) -> ConversionEvent:
    """Return an event of a different person for each number."""
    ids = {"gclid": f"Cj0KCQ{number}", "msclkid": f"{number:032x}", "ga_client_id": f"{number}.1767225600"}
    identity = with_ids(ADA, email=f"p{number}@firm{number}.example", **ids)
    return event(number, **{"identity": identity, **changes})


def with_ids(identity: PersonIdentifiers, email: str | None = ADA.email, **ids: str | None) -> PersonIdentifiers:
    """Return identifiers with other ids of the platforms; None removes one."""
    merged = {**identity.platform_ids, **ids}
    platform_ids = {name: text for name, text in merged.items() if text is not None}
    return replace(identity, email=email, platform_ids=platform_ids)


def settings_for(sandbox: Sandbox, folder: Path, **export: Any) -> Settings:
    """Return settings for all platforms, which send to a sandbox."""
    sections: dict[str, Any] = {name: {"actions": ACTIONS} for name in platforms() if name not in sandbox.peers}
    for name, peer in sandbox.peers.items():
        sections[name] = {**peer.settings(), "requests_per_minute": 100_000}
    for name, value in export.items():
        sections[name] = {**sections.get(name, {}), **value} if isinstance(value, dict) else value
    return Settings(currency="EUR", leads={}, export=sections, secret="s" * 40, folder=folder)


@contextmanager
def running_platforms(
    folder: Path, faults: Faults | None = None, **export: Any
) -> Iterator[tuple[Sandbox, dict[str, Destination]]]:
    """Run a sandbox; yield it and all destinations."""
    with Sandbox(faults or Faults()).run() as sandbox:
        quick = {"timeout_seconds": 2.0, "lease_seconds": 6.0, **export}
        named = destinations(settings_for(sandbox, folder, **quick))
        yield sandbox, named
        for destination in named.values():
            destination.close()
