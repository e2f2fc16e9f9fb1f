"""Readiness of platforms for value bidding: frequency of each stage, and leads with identifiers and consent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from conversions.person_identifiers import from_json
from leadworth.consent import PURPOSES, Consent
from store import consents, lead_identifiers, outbox_totals

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from conversions.encryption import IdentifierCipher
    from leadworth.settings import Settings

PERIOD = timedelta(days=30)
LEAD_LIMIT = 5_000
DEFAULT_CONVERSIONS = 20
CONVERSIONS_NEEDED = {
    "google": 15,
    "google_ads": 15,
    "microsoft": 15,
    "ga4": 15,
    "google_file": 15,
    "microsoft_file": 15,
}
"""Conversions in 30 days that value bidding needs; at other platforms `DEFAULT_CONVERSIONS`."""
META_SHARE = (0.01, 0.40)
"""Share of Meta's leads that should reach the stage it optimises for, within 28 days."""
STAGES_BY_DEPTH = ("won", "qualified", "lead")
IDENTIFIERS: Mapping[str, tuple[str, ...]] = {
    "google": ("gclid", "gbraid", "wbraid", "email", "phone"),
    "google_ads": ("gclid", "gbraid", "wbraid", "email", "phone"),
    "google_file": ("gclid",),
    "meta": ("meta_lead_id", "fbc", "fbclid", "fbp", "email", "phone"),
    "linkedin": ("li_fat_id", "email"),
    "microsoft": ("msclkid", "email", "phone"),
    "microsoft_file": ("msclkid",),
    "tiktok": ("ttclid", "email", "phone"),
    "ga4": ("ga_client_id",),
}
"""Identifiers that a platform matches by."""


@dataclass
class Readiness:
    """Stage counts of one platform and campaign over 30 days.

    Attributes
    ----------
    destination, campaign
        Names; campaign "" is all of them.
    stages
        Stage -> leads that reached it.
    values
        Different values among them.
    """

    destination: str
    campaign: str
    stages: Counter[str] = field(default_factory=Counter)
    values: int = 0

    @property
    def conversions_needed(self) -> int:
        """Conversions in 30 days that value bidding needs at this platform."""
        return CONVERSIONS_NEEDED.get(self.destination, DEFAULT_CONVERSIONS)

    @property
    def goal(self) -> str | None:
        """The deepest stage that is frequent enough, or None."""
        for stage in STAGES_BY_DEPTH:
            count = self.stages[stage]
            share = count / self.stages["lead"] if self.stages["lead"] else 1.0
            unsuitable = self.destination == "meta" and stage != "lead" and not META_SHARE[0] <= share <= META_SHARE[1]
            if count >= self.conversions_needed and not unsuitable:
                return stage
        return None


@dataclass
class Coverage:
    """Identifiers and consent of the leads of the last 30 days.

    Attributes
    ----------
    leads
        Leads counted.
    identifiers
        Identifier -> leads that have it.
    consents
        Purpose -> leads for which consent is granted.
    recorded
        Leads of which any consent is recorded.
    """

    leads: int = 0
    identifiers: Counter[str] = field(default_factory=Counter)
    consents: Counter[str] = field(default_factory=Counter)
    recorded: int = 0

    def shares(self, destination: str) -> dict[str, float]:
        """Return the share of leads that have each identifier of a platform."""
        return {name: self.identifiers[name] / self.leads if self.leads else 0.0 for name in IDENTIFIERS[destination]}


def readiness(connection: Connection, now: datetime) -> dict[str, list[Readiness]]:
    """Return by platform the readiness over all campaigns, then of each campaign, the largest first."""
    by_name: dict[tuple[str, str], Readiness] = {}
    for count in outbox_totals.stage_counts(connection, now - PERIOD):
        for campaign in ("", count.campaign or "(none)"):
            entry = by_name.setdefault((count.destination, campaign), Readiness(count.destination, campaign))
            entry.stages[count.stage] += count.leads
            entry.values = max(entry.values, count.values)
    result: dict[str, list[Readiness]] = {}
    for entry in sorted(by_name.values(), key=lambda entry: (entry.campaign != "", -entry.stages["lead"])):
        result.setdefault(entry.destination, []).append(entry)
    return result


def coverage(connection: Connection, settings: Settings, cipher: IdentifierCipher, now: datetime) -> Coverage:
    """Return the identifiers and consent of the newest leads of the last 30 days, at most 5,000."""
    rows = lead_identifiers.submitted_since(connection, now - PERIOD, LEAD_LIMIT)
    consent_of = consents.of_leads(connection, [row["lead_id"] for row in rows])
    assumed = {country.upper() for country in settings.export.consent.assume_granted_in}
    names = {name for listed in IDENTIFIERS.values() for name in listed}
    result = Coverage(len(rows))
    for row in rows:
        content: Any = cipher.decrypt(row["sealed"])
        identity = from_json(content["identity"])
        result.identifiers.update(name for name in names if getattr(identity, name))
        consent = consent_of.get(row["lead_id"], Consent()).settled(row["region"], assumed)
        result.consents.update(purpose for purpose in PURPOSES if getattr(consent, purpose))
        result.recorded += row["lead_id"] in consent_of
    return result
