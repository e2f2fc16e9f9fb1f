from __future__ import annotations

import math

from features.ip_network import GROUPS
from tests.features.cells import cells


def network(ip: str | None = None, **fields: object) -> dict[str, object]:
    values = {"ip": ip, "ip_country": None, "asn": None, "country": None, "phone": None, "lw_data": None, **fields}
    return {
        name: cell for group in GROUPS for name, cell in cells(group, *[values[name] for name in group.inputs]).items()
    }


def test_an_address_abroad_differs_and_a_relay_is_neutral() -> None:
    assert network("8.8.8.8", country="Italy")["network_country_elsewhere"] == 1.0
    assert network("8.8.8.8", country="USA")["network_country_elsewhere"] == 0.0
    relay = network(
        "8.8.8.8", country="Italy", asn=36183.0, phone="+39 333 1234567", lw_data='{"v":1,"tz":"Europe/Rome"}'
    )
    assert relay["network_neutral"] == 1.0
    assert all(math.isnan(relay[f"network_{name}_elsewhere"]) for name in ("country", "phone", "zone"))  # type: ignore[arg-type]
    assert relay["network_zone_country_elsewhere"] == 0.0


def test_hosting_networks() -> None:
    assert network(asn=24940.0)["network_hosting"] == 1.0
    assert network(asn=3269.0)["network_hosting"] == 0.0
    assert math.isnan(network("10.0.0.1")["network_hosting"])  # type: ignore[arg-type]


def test_time_zone_of_several_countries() -> None:
    for country in ("Germany", "Denmark", "Sweden"):
        assert network(country=country, lw_data='{"v":1,"tz":"Europe/Berlin"}')["network_zone_country_elsewhere"] == 0.0
    assert network(country="Japan", lw_data='{"v":1,"tz":"UTC"}')["network_zone_utc"] == 1.0
