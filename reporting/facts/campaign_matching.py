"""Campaign of a lead among those with spend: by click, id, name or alias, in this order, else unmatched.

A lead gets one key, and spend keeps its own: nothing is joined row by row, so no match can raise the sum of the cost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadworth.campaign_keys import BY_NAME, UNMATCHED, account_number, campaign_key, is_placeholder, normalised_name
from reporting.facts.campaign_aliases import CampaignAlias

if TYPE_CHECKING:
    from leadworth.channel_groups import ChannelGroups
    from store.campaign_matches import ClickCampaign, SpendCampaign


@dataclass(frozen=True, slots=True)
class LeadCampaign:
    """What a lead says about its campaign.

    Attributes
    ----------
    channel
        Channel group of the lead.
    source, campaign
        As received.
    campaign_id
        Id in a parameter of the link.
    click_platform, click
        Platform of the click id, and the digest of the id.
    """

    channel: str
    source: str | None
    campaign: str | None
    campaign_id: str | None = None
    click_platform: str | None = None
    click: str | None = None


@dataclass(frozen=True, slots=True)
class CampaignMatch:
    """Campaign of a lead.

    Attributes
    ----------
    key
        Key of the campaign.
    name
        Newest name at the platform, else as the lead has it.
    matched_by
        `click`, `id`, `name`, `alias`, or empty.
    channel
        Channel of the campaign's spend, where all of it has one, such as Cross-network; else empty.
    """

    key: str
    name: str
    matched_by: str
    channel: str = ""


class CampaignMatcher:
    """Finds the campaigns of leads.

    Parameters
    ----------
    campaigns
        Campaigns with spend, once for each name they had, the newest name last.
    aliases
        Written by a person.
    groups
        Names the ad platform of a source.
    """

    def __init__(
        self, campaigns: Sequence[SpendCampaign], aliases: Sequence[CampaignAlias], groups: ChannelGroups
    ) -> None:
        self._groups = groups
        self._aliases = aliases
        self._names = {row.campaign_key: row.name for row in campaigns}
        self._by_id: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._by_name: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._channels: dict[str, set[str]] = defaultdict(set)
        for row in campaigns:
            if not row.campaign_id.startswith(BY_NAME):
                self._by_id[row.platform, row.campaign_id].add(row.campaign_key)
            if name := normalised_name(row.name):
                self._by_name[row.platform, name].add(row.campaign_key)
            self._channels[row.campaign_key].add(row.channel)
        self._platforms = {row.platform for row in campaigns}

    def match(self, lead: LeadCampaign, clicks: Mapping[str, ClickCampaign]) -> CampaignMatch:
        """Return the campaign of a lead.

        Parameters
        ----------
        lead
            What it says.
        clicks
            Digest of a click id -> campaign of the click.
        """
        click = clicks.get(lead.click) if lead.click else None
        if click is not None:
            known = campaign_key(click.platform, account_number(click.account_id), click.campaign_id, None)
            return self._matched(known, "click", lead.campaign)
        places = self._places(lead)
        name = normalised_name(lead.campaign)
        for number, platforms in self._ids(lead, places):
            if key := self._only(self._by_id, platforms, number):
                return self._matched(key, "id")
        if name:
            if key := self._only(self._by_name, places, name):
                return self._matched(key, "name")
            if key := self._of_alias(places or self._platforms, name):
                return self._matched(key, "alias")
        return CampaignMatch(*self._unmatched(lead, name, places), "")

    def _matched(self, key: str, how: str, own_name: str | None = None) -> CampaignMatch:
        channels = self._channels.get(key, set())
        channel = next(iter(channels)) if len(channels) == 1 else ""
        return CampaignMatch(key, self._names.get(key) or own_name or "", how, channel)

    def _places(self, lead: LeadCampaign) -> list[str]:
        """Return the ad platform that the click id or the source of a lead names."""
        platform = lead.click_platform or self._groups.platform_of_source(lead.source)
        return [platform] if platform else []

    def _ids(self, lead: LeadCampaign, places: Sequence[str]) -> list[tuple[str, Iterable[str]]]:
        """Return the texts that may be an id, each with the platforms of which it may be one."""
        texts: list[tuple[str, Iterable[str]]] = []
        if lead.campaign_id and not is_placeholder(lead.campaign_id):
            texts.append((lead.campaign_id.strip(), places or self._platforms))
        if lead.campaign and lead.campaign.strip().isdigit():
            texts.append((lead.campaign.strip(), places))
        return texts

    @staticmethod
    def _only(index: Mapping[tuple[str, str], set[str]], places: Iterable[str], text: str) -> str | None:
        """Return the campaign that fits; None where several do, since a wrong one is worse than none."""
        keys = {key for place in places for key in index.get((place, text), ())}
        return keys.pop() if len(keys) == 1 else None

    def _of_alias(self, places: Iterable[str], name: str) -> str | None:
        for alias in self._aliases:
            if alias.platform in places and alias.fits(name):
                by_name = self._only(self._by_name, [alias.platform], normalised_name(alias.campaign))
                return by_name or self._only(self._by_id, [alias.platform], alias.campaign)
        return None

    def _unmatched(self, lead: LeadCampaign, name: str, places: Sequence[str]) -> tuple[str, str]:
        """Return key and name of a lead without spend: its own campaign where no spend was imported or is to be."""
        expected = lead.channel in PAID and (set(places) & self._platforms if places else self._platforms)
        if expected or not name:
            return UNMATCHED, lead.campaign if name and lead.campaign else ""
        return campaign_key(None, None, None, lead.campaign), lead.campaign or ""


PAID = frozenset(
    {"Cross-network", "Paid Shopping", "Paid Search", "Paid Social", "Paid Video", "Display", "Paid Other"}
)
"""Channels that ad platforms bill."""
