"""Readiness of platforms for value bidding: frequency of each stage, and leads with identifiers and consent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from conversions.event_repairs import repair_identifiers
from conversions.person_identifiers import from_json, to_json
from leadworth.consent import PURPOSES, Consent
from leadworth.platform_catalog import platforms
from store import consents, lead_identifiers, outbox_totals

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from leadworth.encryption import IdentifierCipher
    from leadworth.settings import Settings

PERIOD = timedelta(days=30)
LEAD_LIMIT = 5_000
GOALS = ("lead", "qualified", "won")
"""Stages in the order in which they are worth bidding for, if leads have different values."""
GOALS_WITHOUT_VALUES = ("qualified", "lead", "won")


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
        return platforms()[self.destination].fewest_conversions

    @property
    def goal(self) -> str | None:
        """The stage to bid for, or None if none is frequent enough.

        Values at submit, restated as leads mature, earned more in the simulated ad market than any later stage: a later
        one is rarer and known later. Without different values, qualified leads earned more than form fills. The figures
        are in `docs/explanation/proof-of-values.md`.
        """
        goals = GOALS if self.values > 1 else GOALS_WITHOUT_VALUES
        return next((stage for stage in goals if self._frequent(stage)), None)

    def _frequent(self, stage: str) -> bool:
        least, most = platforms()[self.destination].goal_share
        count = self.stages[stage]
        share = count / self.stages["lead"] if self.stages["lead"] else 1.0
        return count >= self.conversions_needed and (stage == "lead" or least <= share <= most)


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
    repairs
        Correction or omission of an optional field -> leads.
    """

    leads: int = 0
    identifiers: Counter[str] = field(default_factory=Counter)
    consents: Counter[str] = field(default_factory=Counter)
    recorded: int = 0
    repairs: Counter[str] = field(default_factory=Counter)

    def shares(self, destination: str) -> dict[str, float]:
        """Return the share of leads that have each identifier of a platform."""
        names = platforms()[destination].match_by
        return {name: self.identifiers[name] / self.leads if self.leads else 0.0 for name in names}


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
    names = {name for platform in platforms().values() for name in platform.match_by}
    result = Coverage(len(rows))
    for row in rows:
        identity = from_json(cipher.decrypt(row["sealed"]))
        identity, repairs = repair_identifiers(identity)
        result.repairs.update(repairs)
        result.identifiers.update(names & to_json(identity)["identity"].keys())
        consent = consent_of.get(row["lead_id"], Consent()).settled(row["region"], assumed)
        result.consents.update(purpose for purpose in PURPOSES if getattr(consent, purpose))
        result.recorded += row["lead_id"] in consent_of
    return result
