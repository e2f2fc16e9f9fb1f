"""IP network of a lead: kind of network, and agreement of its country with the lead, the phone and the time zone.

Offline. The country of an address comes from the CDN or else from the package iptocc (allocations of the
registries), the kind of network from a list of autonomous systems. Address databases differ in 3 to 9 % of cases
and people travel, so a mismatch is only a hint. Privacy relays and company gateways are neutral: their address is
unrelated to the visitor's country.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import iptocc
import numpy as np

from features.collector_payload import parse, read_payloads
from features.countries import region_of
from features.feature_group import NAN, Cell, Feature, FeatureGroup, truth
from features.lexicon import load
from features.phone_metadata import look_up
from leadworth.arrays import Matrix

_NEUTRAL = frozenset({"relay", "gateway"})
_KINDS = {float(number): kind for kind, part in load("networks.toml").items() for number in part["numbers"]}
_UTC_ZONES = ("UTC", "Etc/UTC", "GMT")


def country_of(ip: str | None) -> str | None:
    """Return the country that an IP address is allocated to, or None.

    Examples
    --------
    >>> country_of("8.8.8.8"), country_of("10.0.0.1"), country_of("nonsense")
    ('US', None, None)
    """
    if ip is None:
        return None
    try:
        country = iptocc.country_code(ip.strip())
    except (ValueError, TypeError):  # TypeError: lone surrogate
        return None
    return str(country) if country else None


@cache
def _zones() -> dict[str, frozenset[str]]:
    """Return time zone -> countries, from the tables of the time zone database."""
    from importlib.resources import files

    lines = (files("tzdata.zoneinfo") / "zone1970.tab").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    single = (files("tzdata.zoneinfo") / "zone.tab").read_text(encoding="utf-8").splitlines()
    rows += [line.split("\t") for line in single if line and not line.startswith("#")]
    zones: dict[str, set[str]] = {}
    for countries, _, zone, *_ in rows:
        zones.setdefault(zone, set()).update(countries.split(","))
    return {zone: frozenset(countries) for zone, countries in zones.items()}


def _differs(a: str | None, b: str | None) -> float:
    return NAN if a is None or b is None else truth(a != b)


def compute(
    ip: str | None, ip_country: str | None, asn: float | None, country: str | None, phone: str | None
) -> tuple[Cell, ...]:
    """Return the features of the network.

    Examples
    --------
    >>> compute(None, "IT", 3269.0, "Italy", "+1 650 253 0000")
    (0.0, 0.0, 0.0, 1.0)
    """
    kind = None if asn is None else _KINDS.get(asn, "other")
    address_country = _address_country(ip, ip_country, asn)
    lead_country = region_of(country)
    phone_country = look_up(phone, lead_country).region if phone is not None else None
    return (
        NAN if kind is None else truth(kind == "hosting"),
        NAN if kind is None else truth(kind in _NEUTRAL),
        _differs(address_country, lead_country),
        _differs(address_country, phone_country),
    )


def compute_zone(
    ip: str | None, ip_country: str | None, asn: float | None, country: str | None, lw_data: str | None
) -> tuple[Cell, ...]:
    """Return the features of the browser's time zone.

    Examples
    --------
    >>> compute_zone(None, "IT", 3269.0, "Italy", '{"v":1,"tz":"America/New_York"}')
    (1.0, 1.0, 0.0)
    """
    zone = (parse(lw_data) or {}).get("tz")
    return _zone(zone if isinstance(zone, str) else None, ip, ip_country, asn, country)


def compute_zone_rows(*columns: Sequence[Any]) -> Matrix:
    """Return the features of `compute_zone` of n leads, shape (3, n)."""
    zones = read_payloads(tuple(columns[-1])).zones()
    return np.array([*map(_zone, zones, *columns[:-1])], dtype=np.float64).T


def _zone(
    zone: str | None, ip: str | None, ip_country: str | None, asn: float | None, country: str | None
) -> tuple[Cell, ...]:
    """Return the features of a time zone."""
    if zone is None:
        return (NAN, NAN, NAN)
    countries = _zones().get(zone, frozenset())
    address_country = _address_country(ip, ip_country, asn)
    lead_country = region_of(country)
    return (
        truth(address_country not in countries) if address_country is not None and countries else NAN,
        truth(lead_country not in countries) if lead_country is not None and countries else NAN,
        truth(zone in _UTC_ZONES),
    )


def _address_country(ip: str | None, ip_country: str | None, asn: float | None) -> str | None:
    """Return the country of an address; None if unknown, or behind a relay or gateway."""
    if asn is not None and _KINDS.get(asn) in _NEUTRAL:
        return None
    return (ip_country or country_of(ip) or "").strip().upper() or None


GROUP = FeatureGroup(
    "network",
    ("ip", "ip_country", "asn", "country", "phone"),
    (
        Feature("network_hosting", "flag", "Network", "Sent from a hosting network", "Not sent from a hosting network"),
        Feature(
            "network_neutral",
            "flag",
            "Network",
            "Sent through a privacy relay or company gateway",
            "Not sent through a relay or gateway",
        ),
        Feature(
            "network_country_elsewhere",
            "flag",
            "IP address and country",
            "IP address is in another country than the lead",
            "IP address is in the lead's country",
        ),
        Feature(
            "network_phone_elsewhere",
            "flag",
            "IP address and phone",
            "IP address is in another country than the phone",
            "IP address is in the country of the phone",
        ),
    ),
    compute,
    version=2,
)

ZONE = FeatureGroup(
    "network_zone",
    ("ip", "ip_country", "asn", "country", "lw_data"),
    (
        Feature(
            "network_zone_elsewhere",
            "flag",
            "IP address and time zone",
            "Time zone belongs to another country than the IP address",
            "Time zone belongs to the country of the IP address",
            use="junk",
        ),
        Feature(
            "network_zone_country_elsewhere",
            "flag",
            "Time zone and country",
            "Time zone belongs to another country than the lead",
            "Time zone belongs to the lead's country",
            use="junk",
        ),
        Feature(
            "network_zone_utc",
            "flag",
            "Time zone",
            "Time zone of the browser is UTC",
            "Time zone of the browser is not UTC",
            use="junk",
        ),
    ),
    compute_zone,
    needs="collector",
    compute_rows=compute_zone_rows,
)

GROUPS = (GROUP, ZONE)
