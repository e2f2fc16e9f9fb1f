"""E-mail address checks of the decision policy: test address, own domain."""

from __future__ import annotations

from collections.abc import Sequence

from features import email
from features.mail_address import domain_of

TEST_FEATURE = "email_test"
_INDEX = [feature.name for feature in email.GROUP.features].index(TEST_FEATURE)


def is_test(address: str | None) -> bool:
    """Return whether an e-mail address is a test address.

    Examples
    --------
    >>> is_test("test@test.com"), is_test("[email protected]"), is_test("ada@lovelace.org"), is_test(None)
    (True, True, False, False)
    """
    return address is not None and email.compute(address)[_INDEX] == 1.0


def is_own(address: str | None, domains: Sequence[str]) -> bool:
    """Return whether an e-mail address belongs to one of the domains or a sub-domain.

    Examples
    --------
    >>> is_own("Ada@mail.Acme.example", ["acme.example"]), is_own("ada@notacme.example", ["acme.example"])
    (True, False)
    """
    domain = domain_of(address) if domains else None
    return domain is not None and any(domain == own or domain.endswith("." + own) for own in domains)
