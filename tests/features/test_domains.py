from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publicsuffixlist import PSLFILE, PublicSuffixList

from features.domains import host_of, is_disposable, registrable


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


@pytest.mark.parametrize("domain", ["gmial.com", "hotmial.com", "hotmai.com"])
def test_the_misspelt_domain_of_a_large_provider_is_not_disposable(domain: str) -> None:
    assert not is_disposable(domain)


@pytest.mark.parametrize("host", ["com", "", ".", "..", "a" * 300 + ".de", "co.uk"])
def test_hosts_without_a_registrable_domain(host: str) -> None:
    assert registrable(host) is None


LIBRARY = PublicSuffixList()


def test_registrable_domains_are_those_of_the_list() -> None:
    with open(PSLFILE, encoding="utf-8") as file:
        rules = {line.split(" ")[0].strip().lstrip("!*.") for line in file if not line.startswith("//")} - {""}
    hosts = {f"{prefix}{rule}" for rule in rules for prefix in ("", "acme.", "www.acme.") if "." in f"{prefix}{rule}"}
    assert {host: registrable(host) for host in hosts} == {host: LIBRARY.privatesuffix(host) for host in hosts}


LABELS = st.sampled_from(["", "acme", "ACME", "co", "uk", "ck", "www", "xn--p1ai", "bücher", "de", "a b", "*"])


@given(labels=st.lists(LABELS, min_size=1, max_size=4))
def test_odd_hosts_have_the_registrable_domain_of_the_list(labels: list[str]) -> None:
    host = ".".join(labels)
    if "." in host and not host.startswith("."):
        assert registrable(host) == LIBRARY.privatesuffix(host.rstrip("."))
