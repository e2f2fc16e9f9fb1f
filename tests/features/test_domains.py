from __future__ import annotations

import pytest

from features.domains import host_of, registrable


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("HTTPS://www.Acme.de:8080/x?y#z", "acme.de"),
        ("acme.de/x", "acme.de"),
        ("user:pw@acme.de", "acme.de"),
        ("n/a", None),
        ("http://", None),
    ],
)
def test_host_of_a_url(address: str, host: str | None) -> None:
    assert host_of(address) == host


@pytest.mark.parametrize("host", ["com", "", ".", "..", "a" * 300 + ".de", "co.uk"])
def test_hosts_without_a_registrable_domain(host: str) -> None:
    assert registrable(host) is None
