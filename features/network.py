"""The network a lead came from, and whether it agrees with what the lead says of its country.

Offline: the country of an address comes from the package iptocc (allocations of the registries) where a
CDN did not say it, the kind of network from a list of autonomous systems. Databases of addresses differ
in 3 to 9 % of cases and people travel, so that a mismatch is a hint and never more. Relays and company
gateways are neutral: their address says nothing about the visitor's country.
"""

from __future__ import annotations

from functools import cache, lru_cache

import iptocc

from features.base import NAN, Cell, Feature, Group, truth
from features.collector import parse
from features.countries import region_of
from features.lexicon import load
from features.numbering import look_up

_NEUTRAL = frozenset({"relay", "gateway"})
_KINDS = {float(number): kind for kind, part in load("networks.toml").items() for number in part["numbers"]}
_NOWHERE = ("UTC", "Etc/UTC", "GMT")


@lru_cache(maxsize=20_000)
def country_of(ip: str | None) -> str | None:
    """Return the country to which an address is allocated, or None.

    Examples
    --------
    >>> country_of("8.8.8.8"), country_of("10.0.0.1"), country_of("nonsense")
    ('US', None, None)
    """
    if ip is None:
        return None
    try:
        found = iptocc.country_code(ip.strip())
    except (ValueError, TypeError):  # TypeError: half of a surrogate pair
        return None
    return str(found) if found else None


@cache
def _zones() -> dict[str, frozenset[str]]:
    """Return time zone -> countries, from the table of the time zone database."""
    from importlib.resources import files

    lines = (files("tzdata.zoneinfo") / "zone1970.tab").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    single = (files("tzdata.zoneinfo") / "zone.tab").read_text(encoding="utf-8").splitlines()
    rows += [line.split("\t") for line in single if line and not line.startswith("#")]
    zones: dict[str, set[str]] = {}
    for countries, _, zone, *_ in rows:
        zones.setdefault(zone, set()).update(countries.split(","))
    return {zone: frozenset(countries) for zone, countries in zones.items()}


def _differs(one: str | None, other: str | None) -> float:
    return NAN if one is None or other is None else truth(one != other)


def compute(
    ip: str | None,
    ip_country: str | None,
    asn: float | None,
    country: str | None,
    phone: str | None,
    lw_data: str | None,
) -> tuple[Cell, ...]:
    """Return the features of the network.

    Examples
    --------
    >>> names = [feature.name for feature in GROUP.features]
    >>> cells = compute(None, "IT", 3269.0, "Italy", "+39 333 1234567", '{"v":1,"tz":"America/New_York"}')
    >>> found = dict(zip(names, cells, strict=True))
    >>> found["network_phone_elsewhere"], found["network_zone_elsewhere"], found["network_hosting"]
    (0.0, 1.0, 0.0)
    """
    kind = None if asn is None else _KINDS.get(asn, "other")
    here = (ip_country or country_of(ip) or "").strip().upper() or None
    here = None if kind in _NEUTRAL else here
    seen = parse(lw_data) or {}
    zone = seen.get("tz")
    lands = _zones().get(zone, frozenset()) if isinstance(zone, str) else frozenset()
    region = region_of(country)
    called = look_up(phone, region).region if phone is not None else None
    return (
        NAN if kind is None else truth(kind == "hosting"),
        NAN if kind is None else truth(kind in _NEUTRAL),
        _differs(here, region),
        _differs(here, called),
        truth(here not in lands) if here is not None and lands else NAN,
        truth(region not in lands) if region is not None and lands else NAN,
        truth(zone in _NOWHERE) if isinstance(zone, str) else NAN,
    )


GROUP = Group(
    "network",
    ("ip", "ip_country", "asn", "country", "phone", "lw_data"),
    (
        Feature("network_hosting", "flag", "Network", "From a network of servers", "Not from a network of servers"),
        Feature(
            "network_neutral",
            "flag",
            "Network",
            "Through a privacy relay or a company's gateway",
            "Through no relay or gateway",
        ),
        Feature(
            "network_country_elsewhere",
            "flag",
            "Address and country",
            "Address is in another country than the lead",
            "Address is in the lead's country",
        ),
        Feature(
            "network_phone_elsewhere",
            "flag",
            "Address and phone",
            "Address is in another country than the phone",
            "Address is in the country of the phone",
        ),
        Feature(
            "network_zone_elsewhere",
            "flag",
            "Address and time zone",
            "Time zone is of another country than the address",
            "Time zone is of the address's country",
        ),
        Feature(
            "network_zone_country_elsewhere",
            "flag",
            "Time zone and country",
            "Time zone is of another country than the lead",
            "Time zone is of the lead's country",
        ),
        Feature("network_zone_utc", "flag", "Time zone", "Time zone of no place (UTC)", "Time zone of a place"),
    ),
    compute,
)

GROUPS = (GROUP,)
