"""Parts of facts from the decision log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from features.lead_origin import LeadOrigin
from leadworth.money import conversion_rate
from reporting.facts.campaign_matching import CampaignMatcher, LeadCampaign
from reporting.facts.fact_builder import LeadParts
from store.campaign_matches import ClickCampaign
from store.decided_leads import DecidedLead
from store.decision_log import Row

if TYPE_CHECKING:
    from leadworth.channel_groups import ChannelGroups
    from leadworth.settings import Settings

FORM, API = "form", "api"
_MONEY = ("expected_revenue", "predicted_value")


def in_currency(decided: DecidedLead, settings: Settings) -> DecidedLead:
    """Return the decisions about a lead with their money in the currency of the settings.

    Raises
    ------
    ConfigurationError
        If a decision is in another currency, and `[currencies]` has no rate for it.
    """
    return replace(
        decided,
        at_submit=_converted(decided.at_submit, settings),
        newest=_converted(decided.newest, settings),
    )


def _converted(row: Row, settings: Settings) -> Row:
    if row["currency"] == settings.currency:
        return row
    rate = conversion_rate(row["currency"], settings, "decisions of the store")
    return {**row, "currency": settings.currency, **{name: row[name] * rate for name in _MONEY}}


def decided_parts(
    leads: Mapping[str, DecidedLead],
    clicks: Mapping[str, ClickCampaign],
    matcher: CampaignMatcher,
    groups: ChannelGroups,
) -> list[LeadParts]:
    """Return the parts of leads that the service scored.

    Parameters
    ----------
    leads
        Lead id -> its decisions.
    clicks
        Digest of a click id -> campaign of the click.
    matcher, groups
        Find campaigns and channels.
    """
    parts = []
    for lead_id, decided in leads.items():
        row = decided.at_submit
        origin = origin_of_row(row, groups)
        campaign = LeadCampaign(
            origin.channel, origin.source, origin.campaign, row["campaign_id"], row["click_platform"], row["click"]
        )
        parts.append(
            LeadParts(
                lead_id,
                submitted_at=datetime.fromisoformat(row["submitted_at"] or row["scored_at"]),
                origin=origin,
                match=matcher.match(campaign, clicks),
                account_key=row["account_key"] or "",
                entry=row["entry"] or (FORM if row["form_id"] else API),
                decided=decided,
            )
        )
    return parts


def origin_of_row(row: Row, groups: ChannelGroups) -> LeadOrigin:
    """Return where a lead came from as its decision says, with the channel by the present rules."""
    channel = groups.channel_of(
        row["source"], row["medium"], row["campaign"], entry=row["entry"], click_platform=row["click_platform"]
    )
    return LeadOrigin(
        source=row["source"],
        medium=row["medium"],
        campaign=row["campaign"],
        channel=channel,
        campaign_id=row["campaign_id"],
        click_platform=row["click_platform"],
        click_id=None,
        entry=row["entry"],
        country=row["country"],
        domain=None,
    )
