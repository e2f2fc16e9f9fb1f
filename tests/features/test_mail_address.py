"""Parts of e-mail addresses and their providers."""

from __future__ import annotations

import pytest

from features.domains import LISTS, disposable_domains, is_relay
from features.mail_address import domain_of, read_address


@pytest.mark.parametrize(
    ("address", "provider", "own"),
    [
        ("ada@mail.acme.co.uk", "own domain", "acme.co.uk"),
        ("ada@gmail.com", "free", None),
        ("ada@x.mailinator.com", "throw-away", None),
        ("ada@user.33mail.com", "relay", None),
        ("ada@notmozmail.com", "own domain", "notmozmail.com"),
        ("asdf", None, None),
        ("ada@", None, None),
        ("@acme.de", None, None),
    ],
)
def test_provider(address: str, provider: str | None, own: str | None) -> None:
    mail = read_address(address)
    assert (mail.provider, mail.own_domain) == (provider, own)
    assert (domain_of(address) is None) == (provider is None)


@pytest.mark.parametrize("domain", LISTS["relay"])
def test_a_relay_is_no_throw_away_provider(domain: str) -> None:
    """Some relays are on the list of disposable domains, too: people keep their addresses."""
    assert is_relay(domain)
    assert read_address(f"x@{domain}").provider == "relay"


def test_a_relay_is_looked_up_before_the_disposable_domains() -> None:
    assert set(LISTS["relay"]) & disposable_domains(), "no relay is listed as disposable: delete this test"


@pytest.mark.parametrize(
    ("address", "chosen"),
    [
        ("ada@acme.de", True),
        ("x7@duck.com", False),
        ("info@acme.de", False),
        ("user+1@acme.de", False),
        ("asdf", False),
    ],
)
def test_who_chose_the_local_part(address: str, chosen: bool) -> None:
    assert read_address(address).chosen_by_person == chosen
