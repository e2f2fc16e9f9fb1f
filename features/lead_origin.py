"""Where a lead came from: source, medium, campaign, ad platform, channel, way in and country."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from features.countries import region_of
from features.domains import host_of, registrable
from features.mail_address import read_address
from leadworth.campaign_keys import is_placeholder
from leadworth.channel_groups import ChannelGroups

CAMPAIGN_IDS = ("utm_id", "gad_campaignid", "hsa_cam")
"""Parameters of a link in which platforms and tools write the id of the campaign."""
LONGEST_ID = 64
LONGEST_ENTRY = 16
_IN_LINK = re.compile(rf"[?&]({'|'.join(CAMPAIGN_IDS)})=([^&#\s]+)")


class LeadOrigin(NamedTuple):
    """Where a lead came from; None where it does not say.

    Attributes
    ----------
    source, medium, campaign
        As received.
    channel
        Channel group.
    campaign_id
        Id of the campaign at the platform, as a parameter of the link says.
    click_platform
        Ad platform whose click id the lead carries.
    click_id
        The first click id.
    entry
        How the lead came in.
    country
        ISO 3166, two letters.
    domain
        Registrable domain of the company.
    """

    source: str | None
    medium: str | None
    campaign: str | None
    channel: str
    campaign_id: str | None
    click_platform: str | None
    click_id: str | None
    entry: str | None
    country: str | None
    domain: str | None


def origin_of(lead: Mapping[str, Any], groups: ChannelGroups, extras: Mapping[str, Any] | None = None) -> LeadOrigin:
    """Return where a lead came from.

    Parameters
    ----------
    lead
        Fields of the lead.
    groups
        Channels of the settings.
    extras
        Fields that are not declared.

    Examples
    --------
    >>> from leadworth.channel_groups import shipped
    >>> link = "https://acme.example/demo?gad_campaignid=987&gclid=Cj0"
    >>> origin = origin_of({"gclid": "Cj0", "landing_page": link, "country": "Italia"}, shipped())
    >>> origin.channel, origin.click_platform, origin.campaign_id, origin.country
    ('Paid Search', 'google_ads', '987', 'IT')
    """
    source, medium, campaign, entry = lead.get("source"), lead.get("medium"), lead.get("campaign"), lead.get("entry")
    platform, click_id = click_of(lead, groups)
    country = region_of(lead.get("country")) or region_of(lead.get("ip_country"))
    return LeadOrigin(
        source=source,
        medium=medium,
        campaign=campaign,
        channel=groups.channel_of(source, medium, campaign, entry=entry, click_platform=platform),
        campaign_id=_campaign_id(lead.get("landing_page"), extras or {}),
        click_platform=platform,
        click_id=click_id,
        entry=entry[:LONGEST_ENTRY].casefold() if entry else None,
        country=country,
        domain=company_domain(lead.get("email"), lead.get("website")),
    )


def channel_of_lead(lead: Mapping[str, Any], groups: ChannelGroups) -> str:
    """Return the channel of a lead.

    Examples
    --------
    >>> from leadworth.channel_groups import shipped
    >>> channel_of_lead({"source": "fb", "medium": "cpc"}, shipped())
    'Paid Social'
    """
    tags = (lead.get("source"), lead.get("medium"), lead.get("campaign"))
    return groups.channel_of(*tags, entry=lead.get("entry"), click_platform=click_of(lead, groups)[0])


def click_of(lead: Mapping[str, Any], groups: ChannelGroups) -> tuple[str | None, str | None]:
    """Return platform and click id of a lead, the most reliable one first; None without one.

    Examples
    --------
    >>> from leadworth.channel_groups import shipped
    >>> click_of({"fbclid": "IwAR", "msclkid": "77"}, shipped())
    ('microsoft', '77')
    """
    for field, name in groups.click_platforms.items():
        click_id = lead.get(field)
        if click_id:
            return name, click_id
    return None, None


def company_domain(email: str | None, website: str | None) -> str | None:
    """Return the registrable domain of a company: of its own mail domain, else of its web site.

    Examples
    --------
    >>> company_domain("ada@mail.acme.co.uk", None), company_domain("ada@gmail.com", "www.acme.example/about")
    ('acme.co.uk', 'acme.example')
    """
    own = read_address(email).own_domain if email else None
    host = None if own or not website else host_of(website)
    return own or (registrable(host) if host else None)


def _campaign_id(link: str | None, extras: Mapping[str, Any]) -> str | None:
    for name in CAMPAIGN_IDS:
        written = extras.get(name)
        value = "" if written is None else str(written).strip()
        if value and not is_placeholder(value):
            return value[:LONGEST_ID]
    if not link or "?" not in link:
        return None
    found = dict(_IN_LINK.findall(link))
    values = (found[name] for name in CAMPAIGN_IDS if name in found and not is_placeholder(found[name]))
    return next((value[:LONGEST_ID] for value in values), None)
