"""Rows of imported spend, traffic, counts and queries, as files and interfaces deliver them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

ImportKind = Literal["spend", "traffic", "metrics", "queries"]


METRIC_NAMES = (
    "email_sent",
    "email_delivered",
    "email_trackable",  # delivered to people whose opens can be measured
    "email_opens",  # people, without those of Apple's proxy
    "email_clicks",  # people
    "email_subscribes",
    "email_unsubscribes",
    "email_complaints",
    "webinar_registered",
    "webinar_attended",
    "event_registered",
    "event_attended",
    "downloads",
    "social_reactions",
    "social_comments",
    "social_shares",
    "social_impressions",
    "social_likes",
    "inbound_links",
    "sign_ups",
    "log_ins",
    "customers",  # on that day
    "customers_lost",
)
"""Counts that the report knows; others are stored under their own name."""


@dataclass(frozen=True)
class SpendRow:
    """Cost and counts of one campaign on one day of the account's zone.

    Attributes
    ----------
    platform
        Name of the platform: google_ads, meta, linkedin, microsoft, tiktok, or one of the user's.
    campaign_id
        Empty where the source has only a name.
    network
        Network or placement as the source writes it; empty where it does not say.
    country
        ISO 3166-1 alpha-2; empty where the source does not say.
    cost
        In whole units of `currency`; a credit is negative.
    impressions, clicks, invalid_clicks
        None where the source has no value, which is not 0.
    eligible_impressions
        Impressions divided by the impression share.
    eligible_is_bound
        Whether the share was a bound such as "< 10%", so that the eligible impressions are at least this many.
    """

    platform: str
    account_id: str
    campaign_id: str
    campaign_name: str
    network: str
    country: str
    day: date
    currency: str
    cost: Decimal
    impressions: int | None = None
    clicks: int | None = None
    invalid_clicks: int | None = None
    eligible_impressions: float | None = None
    eligible_is_bound: bool = False


@dataclass(frozen=True)
class TrafficRow:
    """Sessions of one source, medium and campaign on one day of the property's zone.

    Attributes
    ----------
    channel
        As the analytics tool groups it; None to group it by our channels.
    users
        Of this day and row only: users do not add up.
    session_seconds
        Sum of the lengths, or of the engagement, of all sessions.
    """

    property_id: str
    day: date
    source: str
    medium: str
    campaign_id: str
    campaign_name: str
    country: str
    channel: str | None
    sessions: int
    engaged_sessions: int
    users: int | None = None
    views: int | None = None
    session_seconds: int | None = None
    key_events: int | None = None


@dataclass(frozen=True)
class MetricRow:
    """Count of one name on one day: e-mails delivered, webinar attendees, downloads, log-ins.

    Attributes
    ----------
    campaign
        Name of the campaign, or empty.
    """

    name: str
    account_id: str
    day: date
    campaign: str
    count: int


@dataclass(frozen=True)
class QueryRow:
    """Clicks of one search query on one day.

    Attributes
    ----------
    kind
        Only paid clicks have a cost.
    query
        Empty for the total of the day: a search engine lists the queries that many people sent only, so the total is
        more than the sum of the queries.
    """

    account_id: str
    kind: Literal["organic", "paid"]
    day: date
    query: str
    country: str
    clicks: int
    impressions: int
    cost: Decimal | None
    currency: str


ImportRow: TypeAlias = SpendRow | TrafficRow | MetricRow | QueryRow


@dataclass(frozen=True)
class ImportBatch:
    """Whole days of one account, which replace what is stored of these days.

    Attributes
    ----------
    platform
        Name of the platform or tool.
    account_id
        Account of the platform, property of the analytics tool, list of the mailing tool; the same in all rows.
    origin
        "file NAME" or "interface".
    zone
        IANA name of the zone of the days; empty where the source does not say.
    first_day, last_day
        Days that are replaced; a day without rows among them becomes empty.
    rows
        All of the kind's type.
    rows_read, rows_set_aside
        Rows of the source, and those of them that could not be used.
    source_total
        Total that the source itself states: cost of spend, sessions of traffic, count of metrics, clicks of queries.
    quality
        What the source says about its own figures, such as "sampled 62 %"; empty for nothing.
    covers
        Names of metrics, or kinds of queries, whose days are replaced even where no row has them.
    """

    kind: ImportKind
    platform: str
    account_id: str
    origin: str
    zone: str
    first_day: date
    last_day: date
    rows: Sequence[ImportRow]
    rows_read: int
    rows_set_aside: int = 0
    source_total: Decimal | None = None
    quality: str = ""
    covers: tuple[str, ...] = ()
