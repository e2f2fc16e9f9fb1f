"""Channels of leads, spend and traffic: the rules of GA4's default channel group, with three of our own on top.

A click id decides before what the tags say, a lead that came in offline is "Offline", and the word "shop" in the name
of a campaign makes no shopping of it for a business that sells to businesses. Sources, networks and entries are in
`leadworth/data/channels.toml`; `docs/explanation/channels.md` explains the rules.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from leadworth.campaign_keys import is_placeholder
from leadworth.errors import ConfigurationError

if TYPE_CHECKING:
    from leadworth.settings import Settings

OFFLINE = "Offline"
"""Channel of leads that did not come through a web page: fairs, calls, imported lists."""
CHANNELS = (
    *("Direct", "Cross-network", "Paid Shopping", "Paid Search", "Paid Social", "Paid Video", "Display", "Paid Other"),
    *("Organic Shopping", "Organic Social", "Organic Video", "Organic Search", "AI Assistant", "Email", "Affiliates"),
    *("Referral", "Audio", "SMS", "Mobile Push", OFFLINE, "Unassigned"),
)
"""Names of the channels, in the order of their rules."""
MOST_CACHED = 4_096
"""Visitors write sources and campaigns, so that there is no end of them."""
LONGEST = 200
_PAID = re.compile(r"(.*cp.*|ppc|retargeting|paid.*)")
_SHOP_NAME = re.compile(r"(.*(([^a-df-z]|^)shop|shopping).*)")
_DISPLAY = frozenset({"display", "banner", "expandable", "interstitial", "cpm"})
_SOCIAL = frozenset({"social", "social-network", "social-media", "sm", "social network", "social media"})
_EMAIL = frozenset({"email", "e-mail", "e_mail", "e mail"})
_REFERRAL = frozenset({"referral", "app", "link"})
_NO_MEDIUM = frozenset({"(none)", "(not set)"})
_SHARED_SUFFIXES = frozenset({"co", "com", "org", "net", "or", "ne", "gov", "edu"})


class SourceCategory(BaseModel):
    """Sources of a category; see `leadworth/data/channels.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    names: frozenset[str] = frozenset()
    brands: frozenset[str] = frozenset()
    other_services: frozenset[str] = frozenset()
    mediums: frozenset[str] = frozenset()

    def has(self, source: str) -> bool:
        """Return whether a source, in lower case, is one of the category.

        Examples
        --------
        >>> search = SourceCategory(names={"msn.com"}, brands={"google"}, other_services={"mail"})
        >>> [search.has(source) for source in ("google", "google.co.uk", "mail.google.com", "it.msn.com", "googled.io")]
        [True, True, False, True, False]
        """
        source = source.removeprefix("www.")
        if source in self.names or source in self.brands:
            return True
        if "." not in source or " " in source:
            return False
        labels = source.split(".")
        if any(".".join(labels[begin:]) in self.names for begin in range(1, len(labels) - 1)):
            return True
        suffix = 2 if len(labels) > 2 and labels[-2] in _SHARED_SUFFIXES else 1
        brand = labels[-suffix - 1]
        return brand in self.brands and not self.other_services & set(labels[: -suffix - 1])


class AdPlatform(BaseModel):
    """Sources and click ids of an ad platform; `ads_only`: only ads carry its click id."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: tuple[str, ...]
    click_ids: tuple[str, ...] = ()
    ads_only: bool = True


class Entries(BaseModel):
    """Values of a lead's `entry` that mean a form, and those of other ways online."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    form: frozenset[str]
    other_online: frozenset[str]


class ChannelData(BaseModel):
    """Content of a file of channels."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int
    search: SourceCategory
    social: SourceCategory
    video: SourceCategory
    shopping: SourceCategory
    ai: SourceCategory
    platforms: Mapping[str, AdPlatform]
    networks: Mapping[str, tuple[str, ...]]
    entries: Entries


@dataclass(frozen=True)
class _Touch:
    """Cleaned tags of a lead, a session or a day of spend: lower case, empty where missing."""

    source: str
    medium: str
    campaign: str
    b2b: bool

    @property
    def paid(self) -> bool:
        return _PAID.fullmatch(self.medium) is not None

    @property
    def shop_name(self) -> bool:
        return not self.b2b and is_shop_name(self.campaign)


class ChannelGroups:
    """Assigns channels.

    Parameters
    ----------
    data
        Sources, networks and entries.
    own_domains
        Domains of the business, which are no source: one visit of a shop system or a log-in page would take the credit.

    Examples
    --------
    >>> shipped().channel_of("facebook", "cpm"), shipped().channel_of("dv360", "cpm")
    ('Paid Social', 'Display')
    """

    def __init__(self, data: ChannelData, own_domains: tuple[str, ...] = ()) -> None:
        self.data = data
        self._own = SourceCategory(names=frozenset(name.lower().removeprefix("www.") for name in own_domains))
        self.channel_of = lru_cache(maxsize=MOST_CACHED)(self._channel_of)
        self.platform_of_source = lru_cache(maxsize=MOST_CACHED)(self._platform_of_source)

    @property
    def version(self) -> int:
        """Version of the data."""
        return self.data.version

    @cached_property
    def _networks(self) -> dict[str, str]:
        return {name: channel for channel, names in self.data.networks.items() for name in names}

    @cached_property
    def _sources(self) -> dict[str, str]:
        return {source: name for name, platform in self.data.platforms.items() for source in platform.sources}

    @cached_property
    def click_platforms(self) -> dict[str, str]:
        """Click id -> its platform, in order of reliability."""
        return {field: name for name, platform in self.data.platforms.items() for field in platform.click_ids}

    def is_own(self, source: str | None) -> bool:
        """Return whether a source is a domain of the business."""
        return self._own.has(_clean(source))

    def _platform_of_source(self, source: str | None) -> str | None:
        """Return the ad platform that a source names; None where it names none.

        Examples
        --------
        >>> [shipped().platform_of_source(source) for source in ("FB", "facebook.com", "Google", "newsletter")]
        ['meta', 'meta', 'google_ads', None]
        """
        return self._sources.get(_clean(source).removeprefix("www."))

    def _channel_of(
        self,
        source: str | None,
        medium: str | None,
        campaign: str | None = None,
        *,
        entry: str | None = "form",
        click_platform: str | None = None,
        network: str | None = None,
        b2b: bool = True,
    ) -> str:
        touch = _Touch(_clean(source), _clean(medium), _clean(campaign), b2b)
        if self._own.has(touch.source):
            touch = _Touch("", "", "", b2b)
        entry = _clean(entry) or "form"
        click_platform = {"google": "google_ads"}.get(click_platform or "", click_platform)
        if click_platform and click_platform in self.data.platforms:
            touch = self._of_click(touch, self.data.platforms[click_platform])
        elif entry not in self.data.entries.form and entry not in self.data.entries.other_online:
            return OFFLINE
        elif network is None and not (touch.source or touch.medium or touch.campaign):
            return "Direct" if entry in self.data.entries.form else "Unassigned"
        by_network = self._networks.get(_clean(network))
        return self._of_tags(touch, by_network)

    def _of_click(self, touch: _Touch, platform: AdPlatform) -> _Touch:
        """Return the tags of a click on a platform, where the click id says more than they do."""
        source = touch.source if touch.source in platform.sources else platform.sources[0]
        medium = touch.medium
        if platform.ads_only and not touch.paid and medium not in _DISPLAY:
            medium = "cpc"
        elif not platform.ads_only and source != touch.source and not touch.paid:
            medium = "social"
        return _Touch(source, medium, touch.campaign, touch.b2b)

    def _of_tags(self, touch: _Touch, by_network: str | None) -> str:
        source, medium = touch.source, touch.medium
        data = self.data
        if source == "(direct)" and medium in _NO_MEDIUM:
            return "Direct"
        if "cross-network" in touch.campaign or by_network == "Cross-network":
            return "Cross-network"
        if by_network is not None:
            return by_network
        shopping = data.shopping.has(source) or touch.shop_name
        ai = data.ai.has(source)
        social = data.social.has(source)
        video = data.video.has(source)
        search = not ai and data.search.has(source)
        rules = (
            ("Paid Shopping", shopping and touch.paid),
            ("Paid Search", search and touch.paid),
            ("Paid Social", social and touch.paid),
            ("Paid Video", video and touch.paid),
            ("Display", medium in _DISPLAY),
            ("Paid Other", touch.paid),
            ("Organic Shopping", shopping),
            ("Organic Social", social or medium in _SOCIAL),
            ("Organic Video", video or "video" in medium),
            ("Organic Search", search or medium == "organic"),
            ("AI Assistant", ai or medium in data.ai.mediums),
            ("Email", source in _EMAIL or medium in _EMAIL),
            ("Affiliates", medium == "affiliate"),
            ("Referral", medium in _REFERRAL),
            ("Audio", medium == "audio"),
            ("SMS", "sms" in (source, medium)),
            ("Mobile Push", _is_push(source, medium)),
            (OFFLINE, medium == "offline"),
        )
        return next((channel for channel, holds in rules if holds), "Unassigned")


def _is_push(source: str, medium: str) -> bool:
    return medium.endswith("push") or "mobile" in medium or "notification" in medium or source == "firebase"


def _clean(value: str | None) -> str:
    """Return a tag in lower case; empty where it is missing or a placeholder that no platform filled in."""
    if not value:
        return ""
    value = value[:LONGEST].strip().lower()
    return "" if is_placeholder(value) else value


def is_shop_name(campaign: str) -> bool:
    """Return whether GA4 takes a campaign's name, in lower case, for shopping.

    Examples
    --------
    >>> [is_shop_name(name) for name in ("eshop", "workshop", "shopfloor", "photoshop")]
    [True, False, True, False]
    """
    return _SHOP_NAME.fullmatch(campaign) is not None


@cache
def shipped() -> ChannelGroups:
    """Return the channels of the shipped file."""
    return ChannelGroups(ChannelData.model_validate(_shipped_content()))


def _shipped_content() -> dict[str, Any]:
    text = resources.files("leadworth").joinpath("data/channels.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def read_channels(file: Path) -> ChannelGroups:
    """Return the channels of a file; what it leaves out is as shipped.

    Raises
    ------
    ConfigurationError
        If the file cannot be read, or has other keys than the shipped one.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8-sig"))
        return ChannelGroups(ChannelData.model_validate(_shipped_content() | content))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigurationError(
            f"the channels in {file} cannot be used: {error}",
            allowed=f"the keys {', '.join(ChannelData.model_fields)}, as in leadworth/data/channels.toml",
            do="correct the file, or remove [report] channels",
        ) from error


def channel_groups(settings: Settings) -> ChannelGroups:
    """Return the channels of the settings.

    Raises
    ------
    ConfigurationError
        If `[report] channels` names a file that cannot be used.
    """
    section = settings.report
    file = settings.resolve(section.channels) if section.channels else None
    return _groups(file, tuple(section.own_domains)) if file or section.own_domains else shipped()


@cache
def _groups(file: Path | None, own_domains: tuple[str, ...]) -> ChannelGroups:
    groups = read_channels(file) if file else shipped()
    return ChannelGroups(groups.data, own_domains) if own_domains else groups


def channel_of(
    source: str | None,
    medium: str | None,
    campaign: str | None = None,
    *,
    entry: str | None = "form",
    click_platform: str | None = None,
    network: str | None = None,
    b2b: bool = True,
) -> str:
    """Return the channel of a lead, a session or a day of spend by the shipped rules.

    Parameters
    ----------
    source, medium, campaign
        As received; case does not count, and a placeholder that no platform filled in is missing.
    entry
        How the lead came in; missing counts as a form.
    click_platform
        Platform whose click id the lead carries, such as `google_ads`.
    network
        Network or type of the campaign, as the ad platform writes it.
    b2b
        Whether the word "shop" in the name of a campaign says nothing.

    Examples
    --------
    >>> channel_of("FB", "CPC"), channel_of(None, None), channel_of(None, None, click_platform="google_ads")
    ('Paid Social', 'Direct', 'Paid Search')
    >>> channel_of("google", "cpc", network="CONTENT"), channel_of("google", "cpc", entry="fair")
    ('Display', 'Offline')
    """
    return shipped().channel_of(
        source, medium, campaign, entry=entry, click_platform=click_platform, network=network, b2b=b2b
    )
