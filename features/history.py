"""By which keys a lead is compared with the leads before it.

A key stands for something that two leads can have in common: the address, its network, the own mail
domain, the phone, the browser with the order of its headers, the way the form was filled in, the message.
Keys are digests, so that what is counted by them holds nothing personal. A count is the number of
distinct other people whose latest lead with the same key came within the window before this one; a
person who sends again does not count against himself.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from zlib import crc32

from features.collector import number, parse
from features.countries import region_of
from features.domains import free_domains, is_disposable, registrable
from features.email import domain_of
from features.lexicon import words_of
from features.numbering import look_up

MINUTE, DAY = 60.0, 86_400.0
WINDOWS: dict[str, dict[str, float]] = {
    **{
        kind: {f"recent_{kind}_10m": 10 * MINUTE, f"recent_{kind}_24h": DAY, f"recent_{kind}_30d": 30 * DAY}
        for kind in ("ip", "domain", "phone")
    },
    **{
        kind: {f"recent_{kind}_10m": 10 * MINUTE, f"recent_{kind}_24h": DAY} for kind in ("net", "headers", "behaviour")
    },
    "message": {"recent_message_24h": DAY, "recent_message_30d": 30 * DAY},
}
"""Kind of key -> field of the lead -> window in seconds before it."""
DOMAIN_AGE = "domain_age_days"
REMEMBERED_DAYS = 180.0
"""How long the first lead of a mail domain is remembered."""
MOST = 1_000
"""Counts end here: a thousand others and more say the same."""
FIELDS = (*(field for windows in WINDOWS.values() for field in windows), DOMAIN_AGE)
INPUTS = (
    "lead_id", "email", "phone", "country", "ip", "user_agent", "headers", "lw_data", "message",
)  # fmt: skip
"""Fields of a lead from which its keys are made."""

_FEWEST_WORDS = 8
_DIGITS = re.compile(r"\D+")
_SHAPE = (("keys", 2), ("ik_med", 4), ("hold_med", 4), ("mv", 2), ("path", 20), ("first_ms", 250), ("ms", 500))
"""Numbers of the collector that tell one way to fill in a form from another, and how coarsely."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Who sent a lead, and what it can have in common with others: digests by kind, and those of its mail domain."""

    person: str
    of: Mapping[str, str]

    @property
    def domain(self) -> str | None:
        """Digest of the own mail domain."""
        return self.of.get("domain")


def keys_of(lead: Mapping[str, Any]) -> Keys:
    """Return the keys of a lead, given as its fields.

    Examples
    --------
    >>> first = keys_of({"lead_id": "1", "email": "Ada@Acme.example", "ip": "203.0.113.7"})
    >>> second = keys_of({"lead_id": "2", "email": "bob@acme.example", "ip": "203.0.113.9"})
    >>> sorted(first.of), first.person == second.person
    (['domain', 'ip', 'net'], False)
    >>> [kind for kind in first.of if first.of[kind] == second.of[kind]]
    ['net', 'domain']
    """
    found = {
        **_addresses(lead.get("ip")),
        "domain": own_domain(lead.get("email")),
        "phone": phone_key(lead.get("phone"), lead.get("country")),
        "headers": _browser(lead.get("user_agent"), lead.get("headers")),
        "behaviour": behaviour_key(lead.get("lw_data")),
        "message": message_key(lead.get("message")),
    }
    person = lead.get("email") or found["phone"] or lead.get("lead_id") or ""
    return Keys(
        _digest("person", str(person).strip().casefold()),
        {kind: _digest(kind, value) for kind, value in found.items() if value is not None},
    )


def _digest(kind: str, value: str) -> str:
    return hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=10, person=kind.encode()).hexdigest()


def _addresses(ip: str | None) -> dict[str, str | None]:
    try:
        address = ip_address((ip or "").strip())
    except ValueError:
        return {"ip": None, "net": None}
    kept = 24 if address.version == 4 else 48
    size = address.max_prefixlen
    return {"ip": str(address), "net": f"{address.version}:{int(address) >> (size - kept)}"}


def own_domain(email: str | None) -> str | None:
    """Return the registered domain of an address unless anybody gets one there.

    Examples
    --------
    >>> own_domain("ada@mail.acme.co.uk"), own_domain("ada@gmail.com"), own_domain("x@mailinator.com")
    ('acme.co.uk', None, None)
    """
    domain = domain_of(email)
    if domain is None or domain in free_domains() or is_disposable(domain):
        return None
    return registrable(domain)


def phone_key(phone: str | None, country: str | None) -> str | None:
    """Return the digits of a phone number, the same for its national and international notation.

    Examples
    --------
    >>> phone_key("0171 2345678", "Germany") == phone_key("+49 171 2345678", None)
    True
    """
    if phone is None:
        return None
    found = look_up(phone, region_of(country))
    digits = _DIGITS.sub("", phone).lstrip("0")
    if len(digits) < 6:
        return None
    return f"{found.region}:{digits[-8:]}" if found.region else digits[-8:]


def _browser(user_agent: str | None, headers: str | None) -> str | None:
    return None if headers is None else f"{user_agent}\n{headers.casefold()}"


def behaviour_key(lw_data: str | None) -> str | None:
    """Return how a form was filled in, coarsely, or None where too little of it was seen to be telling.

    Examples
    --------
    >>> typed = '{"v":1,"keys":%d,"ik_med":52,"hold_med":51,"mv":1,"path":30,"first_ms":700,"ms":5100}'
    >>> behaviour_key(typed % 60) == behaviour_key(typed % 61), behaviour_key('{"v":1,"ms":5100}')
    (True, None)
    """
    seen = parse(lw_data)
    if seen is None or seen.get("touch"):
        return None
    numbers = [(number(seen, name), step) for name, step in _SHAPE]
    if sum(not math.isnan(value) for value, _ in numbers) < 5:
        return None
    return ",".join("" if math.isnan(value) else str(int(value // step)) for value, step in numbers)


def message_key(message: str | None) -> str | None:
    """Return a sketch of a message that near-duplicates share; None for one of fewer than eight words.

    The sketch is that run of three words whose checksum is the smallest (min-hash: two messages share it with
    the chance of the Jaccard similarity of their runs; Broder 1997, "On the resemblance and containment of
    documents"), numbers left out.

    Examples
    --------
    >>> pitch = "Hello {}, we offer the best search engine work for your site and rank it first on every page"
    >>> message_key(pitch.format("Eve")), message_key(pitch.format("Bob")), message_key("Call me")
    ('your site and', 'your site and', None)
    """
    if message is None:
        return None
    words = [word for word in words_of(message) if word.isalpha()]
    if len(words) < _FEWEST_WORDS:
        return None
    runs = map(" ".join, zip(words, words[1:], words[2:], strict=False))
    return min((crc32(run.encode("utf-8", "surrogatepass")), run) for run in runs)[1]
