"""Campaign: campaign tags, landing page and referrer."""

from __future__ import annotations

from features.domains import host_of
from features.feature_group import Cell, Compute, Feature, FeatureGroup, as_category, key


def _path(landing_page: str | None) -> tuple[Cell, ...]:
    """Return the path of a URL; a value that is not a URL is returned whole.

    Examples
    --------
    >>> _path("https://acme.example/Pricing/?utm_source=x"), _path("/"), _path("a1b2c3")
    (('/pricing',), ('/',), ('a1b2c3',))
    """
    if landing_page is None:
        return (None,)
    rest = landing_page[:2_000].partition("?")[0].partition("#")[0]
    _, scheme, after = rest.partition("://")
    if scheme:
        rest = "/" + after.partition("/")[2]
    return (key(rest.rstrip("/") or "/"),)


def _host(referrer: str | None) -> tuple[Cell, ...]:
    return (key(host_of(referrer)),)


def _group(name: str, field: str, label: str, compute: Compute, *, keep: bool = False) -> FeatureGroup:
    feature = Feature(name, "category", label, keep_with=(field,) if keep else ())
    return FeatureGroup(name, (field,), (feature,), compute)


GROUPS = (
    _group("campaign_source", "source", "Source", as_category, keep=True),
    _group("campaign_medium", "medium", "Medium", as_category),
    _group("campaign_name", "campaign", "Campaign", as_category),
    _group("campaign_content", "content", "Ad content", as_category),
    _group("campaign_term", "term", "Search term", as_category),
    _group("campaign_landing_path", "landing_page", "Landing page", _path),
    _group("campaign_referrer_host", "referrer", "Referrer", _host),
)
