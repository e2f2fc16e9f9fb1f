"""Is a platform ready to bid on value? How often each stage comes, by what people can be found, what they agreed to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Float, cast, func, select

from conversions.person_identifiers import read, written
from leadworth.consent import Consent
from leadworth.platform_catalog import platforms
from store import consents
from store.idempotency_records import stamp
from store.schema import export_events, export_people

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from conversions.encryption import IdentifierCipher
    from leadworth.settings import Settings

PERIOD = timedelta(days=30)
MOST_OPENED = 5_000
ORDER = ("won", "qualified", "lead")
"""The deepest stage that is frequent enough is the best goal."""


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
        platform = platforms()[self.destination]
        least, most = platform.goal_share
        for stage in ORDER:
            count = self.stages[stage]
            share = count / self.stages["lead"] if self.stages["lead"] else 1.0
            if count >= platform.fewest_conversions and (stage == "lead" or least <= share <= most):
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
        kinds = platforms()[destination].match_by
        return {kind: self.ids[kind] / self.people if self.people else 0.0 for kind in kinds}


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
    found, kinds = Coverage(len(rows)), {kind for platform in platforms().values() for kind in platform.match_by}
    for row in rows:
        content: Any = seal.open(row.sealed)
        identity = read(content["identity"])
        found.ids.update(kinds & written(identity).keys())
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
