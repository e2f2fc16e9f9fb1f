"""Is a platform ready to bid on value? How often each stage comes, by what people can be found, what they agreed to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Float, cast, func, select

from conversions.person_identifiers import read
from leadworth.consent import Consent
from store import consents
from store.idempotency_records import stamp
from store.schema import export_events, export_people

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from conversions.encryption import IdentifierCipher
    from leadworth.settings import Settings

PERIOD = timedelta(days=30)
MOST_OPENED = 5_000
FEWEST = {"google": 15, "google_ads": 15, "microsoft": 15, "ga4": 15, "google_file": 15, "microsoft_file": 15}
"""Conversions in 30 days below which value bidding has nothing to learn from; elsewhere 20."""
OTHERWISE = 20
META_SHARE = (0.01, 0.40)
"""Share of Meta's leads that should reach the stage it optimises for, within 28 days."""
ORDER = ("won", "qualified", "lead")
"""The deepest stage that is frequent enough is the best goal."""
IDS: Mapping[str, tuple[str, ...]] = {
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


@dataclass
class Readiness:
    """Of one platform and campaign over 30 days.

    Attributes
    ----------
    destination, campaign
        Whose; campaign "" is all of them.
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
    def goal(self) -> str | None:
        """The deepest stage that comes often enough, or None."""
        fewest = FEWEST.get(self.destination, OTHERWISE)
        for stage in ORDER:
            count = self.stages[stage]
            share = count / self.stages["lead"] if self.stages["lead"] else 1.0
            rare = self.destination == "meta" and stage != "lead" and not META_SHARE[0] <= share <= META_SHARE[1]
            if count >= fewest and not rare:
                return stage
        return None


@dataclass
class Coverage:
    """By what the people of the last 30 days can be found, and what they agreed to.

    Attributes
    ----------
    people
        Leads looked at.
    ids
        Kind of identifier -> leads that have it.
    consents
        Purpose -> leads for which it holds.
    recorded
        Leads of which any consent is recorded.
    """

    people: int = 0
    ids: Counter[str] = field(default_factory=Counter)
    consents: Counter[str] = field(default_factory=Counter)
    recorded: int = 0

    def of(self, destination: str) -> dict[str, float]:
        """Return the share of people by identifier, for those that a platform reads."""
        return {kind: self.ids[kind] / self.people if self.people else 0.0 for kind in IDS[destination]}


def readiness(connection: Connection, now: datetime) -> Iterator[Readiness]:
    """Yield the readiness of each platform, as a whole and by campaign, the largest campaigns first."""
    events = export_events.c
    asked = (
        select(
            events.destination, events.campaign, events.stage, func.count(),
            func.count(func.distinct(cast(events.value, Float))),
        )
        .where(events.version == 1, events.happened_at > stamp(now - PERIOD))
        .group_by(events.destination, events.campaign, events.stage)
    )  # fmt: skip
    found: dict[tuple[str, str], Readiness] = {}
    for destination, campaign, stage, count, values in connection.execute(asked):
        for name in {"", campaign or "(none)"}:
            one = found.setdefault((destination, name), Readiness(destination, name))
            one.stages[stage] += int(count)
            one.values = max(one.values, int(values))
    yield from sorted(found.values(), key=lambda one: (one.destination, one.campaign != "", -one.stages["lead"]))


def coverage(connection: Connection, settings: Settings, seal: IdentifierCipher, now: datetime) -> Coverage:
    """Return by what the people of the last 30 days can be found; of very many, the newest."""
    people = export_people.c
    asked = (
        select(people.lead_id, people.sealed, people.region)
        .where(people.submitted_at > stamp(now - PERIOD))
        .order_by(people.submitted_at.desc())
        .limit(MOST_OPENED)
    )
    rows = list(connection.execute(asked))
    agreed = consents.of_leads(connection, [row.lead_id for row in rows])
    assumed = {country.upper() for country in settings.export.consent.assume_granted_in}
    found, kinds = Coverage(len(rows)), {kind for listed in IDS.values() for kind in listed}
    for row in rows:
        content: Any = seal.open(row.sealed)
        identity = read(content["identity"])
        found.ids.update(kind for kind in kinds if getattr(identity, kind))
        settled = agreed.get(row.lead_id, Consent()).settled(row.region, assumed)
        found.consents.update(
            purpose for purpose in ("ad_user_data", "ad_personalization") if getattr(settled, purpose)
        )
        found.recorded += row.lead_id in agreed
    return found


def by_platform(found: Iterator[Readiness]) -> dict[str, list[Readiness]]:
    """Return readiness grouped by platform, the whole of it first."""
    grouped: dict[str, list[Readiness]] = defaultdict(list)
    for one in found:
        grouped[one.destination].append(one)
    return dict(grouped)
