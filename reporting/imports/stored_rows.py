"""Rows of the store from imported rows: added up by key, with money converted, campaign key and channel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from leadworth.campaign_keys import BY_NAME, account_number, campaign_key, normalised_name
from leadworth.channel_groups import CHANNELS, ChannelGroups, channel_groups
from reporting.facts.campaign_matching import LeadCampaign
from reporting.facts.money_conversion import converted_micros, micros
from reporting.imports.import_rows import ImportBatch, MetricRow, QueryRow, SpendRow, TrafficRow

if TYPE_CHECKING:
    from leadworth.settings import Settings
    from reporting.facts.campaign_matching import CampaignMatcher

Stored = dict[str, Any]
CROSS_NETWORK = "Cross-network"
_SPEND_KEY = ("campaign_id", "network", "country", "day")
_SPEND_SUMS = ("cost_micros", "impressions", "clicks", "invalid_clicks", "eligible_impressions", "eligible_is_bound")
_TRAFFIC_KEY = ("day", "source", "medium", "campaign_id", "campaign_name", "country")
_TRAFFIC_SUMS = ("sessions", "engaged_sessions", "users", "views", "session_seconds", "key_events")


def stored_rows(batch: ImportBatch, settings: Settings, import_id: str, matcher: CampaignMatcher) -> list[Stored]:
    """Return the rows of the store of a batch, with distinct primary keys.

    Parameters
    ----------
    matcher
        Finds the campaigns of sessions among those with spend, as it does for leads.
    """
    if batch.kind == "traffic":
        return [{**row, "import_id": import_id} for row in _traffic(batch, settings, matcher)]
    make = _MAKERS[batch.kind]
    return [{**row, "import_id": import_id} for row in make(batch, settings)]


def _spend(batch: ImportBatch, settings: Settings) -> Iterable[Stored]:
    groups = channel_groups(settings)
    rows = (_spend_row(row, groups) for row in batch.rows if isinstance(row, SpendRow))
    for row in _added_up(rows, _SPEND_KEY, _SPEND_SUMS, ("campaign_name", "currency")):
        day = batch.first_day.fromisoformat(row["day"])
        yield {**row, "converted_micros": converted_micros(settings, row["cost_micros"], row["currency"], day)}


def _spend_row(row: SpendRow, groups: ChannelGroups) -> Stored:
    account = account_number(row.account_id)
    return {
        "platform": row.platform,
        "account_id": account,
        "campaign_id": row.campaign_id or f"{BY_NAME}{normalised_name(row.campaign_name)}",
        "network": row.network[:64],
        "country": row.country,
        "day": row.day.isoformat(),
        "campaign_name": row.campaign_name,
        "campaign_key": campaign_key(row.platform, account, row.campaign_id, row.campaign_name),
        "channel": groups.channel_of(
            row.platform, "cpc", row.campaign_name, click_platform=row.platform, network=row.network or row.platform
        ),
        "currency": row.currency,
        "cost_micros": micros(row.cost),
        "impressions": row.impressions,
        "clicks": row.clicks,
        "invalid_clicks": row.invalid_clicks,
        "eligible_impressions": row.eligible_impressions,
        "eligible_is_bound": row.eligible_is_bound,
    }


def _traffic(batch: ImportBatch, settings: Settings, matcher: CampaignMatcher) -> Iterable[Stored]:
    groups = channel_groups(settings)
    rows = (_traffic_row(row, batch.quality, groups, matcher) for row in batch.rows if isinstance(row, TrafficRow))
    yield from _added_up(rows, _TRAFFIC_KEY, _TRAFFIC_SUMS)


def _traffic_row(row: TrafficRow, quality: str, groups: ChannelGroups, matcher: CampaignMatcher) -> Stored:
    channel = _channel(row, groups)
    campaign = LeadCampaign(channel, row.source, row.campaign_name, row.campaign_id or None)
    match = matcher.match(campaign, {})
    return {
        "property_id": account_number(row.property_id),
        "day": row.day.isoformat(),
        "source": row.source,
        "medium": row.medium,
        "campaign_id": row.campaign_id,
        "campaign_name": row.campaign_name,
        "country": row.country,
        "channel": match.channel or channel,
        "campaign_key": match.key,
        "sessions": row.sessions,
        "engaged_sessions": row.engaged_sessions,
        "users": row.users,
        "views": row.views,
        "session_seconds": row.session_seconds,
        "key_events": row.key_events,
        "quality": quality,
    }


def _channel(row: TrafficRow, groups: ChannelGroups) -> str:
    """Return the channel of sessions: by their source, as for leads.

    The analytics tool's own is used where the row has no source, and for what no source shows: a campaign that runs on
    many networks.
    """
    if row.channel == CROSS_NETWORK:
        return CROSS_NETWORK
    if row.source or row.medium or not row.channel:
        return groups.channel_of(row.source, row.medium, row.campaign_name)
    return row.channel if row.channel in CHANNELS else "Unassigned"


def _metrics(batch: ImportBatch, settings: Settings) -> Iterable[Stored]:
    groups = channel_groups(settings)
    rows = (
        {
            "name": row.name,
            "account_id": account_number(batch.account_id),
            "day": row.day.isoformat(),
            "campaign_key": campaign_key(None, None, None, row.campaign),
            "channel": groups.channel_of("email", "email") if row.name.startswith("email_") else "",
            "count": row.count,
        }
        for row in batch.rows
        if isinstance(row, MetricRow)
    )
    yield from _added_up(rows, ("name", "day", "campaign_key"), ("count",))


def _queries(batch: ImportBatch, settings: Settings) -> Iterable[Stored]:
    rows = (_query_row(row, batch) for row in batch.rows if isinstance(row, QueryRow))
    sums = ("clicks", "impressions", "cost_micros")
    for row in _added_up(rows, ("kind", "day", "query", "country"), sums, ("currency",)):
        cost = row["cost_micros"]
        day = batch.first_day.fromisoformat(row["day"])
        converted = None if cost is None else converted_micros(settings, cost, row["currency"], day)
        yield {**row, "converted_micros": converted}


def _query_row(row: QueryRow, batch: ImportBatch) -> Stored:
    return {
        "account_id": account_number(batch.account_id),
        "kind": row.kind,
        "day": row.day.isoformat(),
        "query": row.query,
        "country": row.country,
        "clicks": row.clicks,
        "impressions": row.impressions,
        "cost_micros": None if row.cost is None else micros(row.cost),
        "currency": row.currency if row.cost is not None else None,
    }


_MAKERS: Mapping[str, Callable[[ImportBatch, Settings], Iterable[Stored]]] = {
    "spend": _spend,
    "metrics": _metrics,
    "queries": _queries,
}


def _added_up(
    rows: Iterable[Stored], key: Sequence[str], sums: Sequence[str], texts: Sequence[str] = ()
) -> Iterable[Stored]:
    """Return the rows with those of one key added up; a missing count is missing only where all are.

    Of several `texts`, such as spellings of a name, the last in the order of the alphabet is used, whatever the order
    of the rows.
    """
    merged: dict[tuple[Any, ...], Stored] = {}
    for row in rows:
        identity = tuple(row[name] for name in key)
        first = merged.setdefault(identity, row)
        if first is row:
            continue
        for name in sums:
            first[name] = _sum(first[name], row[name])
        for name in texts:
            first[name] = max(first[name] or "", row[name] or "") or None
    return merged.values()


def _sum(first: Any, second: Any) -> Any:
    if first is None or second is None:
        return second if first is None else first
    return (first or second) if isinstance(first, bool) else first + second


def batch_total(batch: ImportBatch) -> Decimal:
    """Return the sum that a source states as its total: cost of spend, sessions, counts, clicks of queries."""
    total = Decimal(0)
    for row in batch.rows:
        if isinstance(row, SpendRow):
            total += row.cost
        elif isinstance(row, TrafficRow):
            total += row.sessions
        elif isinstance(row, MetricRow):
            total += row.count
        else:
            total += row.clicks
    return total
