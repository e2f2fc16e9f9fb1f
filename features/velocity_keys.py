"""Velocity keys: digests of the attributes that leads of one sender or campaign have in common.

The attributes are the IP address, its network, the company's mail domain, the phone, the browser with the order of
its headers, the behaviour on the form and the message. Keys are digests, so that the velocity store holds no
personal data. `features.velocity_counter` defines the counts. Times are integer microseconds since 1970.
"""

from __future__ import annotations

import hashlib
import math
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any, TypeVar
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.collector_payload import number, parse, read_payloads
from features.countries import region_of
from features.feature_group import LONGEST_TEXT
from features.lexicon import words_of
from features.mail_address import providers_and_domains, read_address
from features.message_kernel import smallest_runs
from features.payload_kernel import NAMES
from features.phone_metadata import look_up
from leadworth.arrays import Indices

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
"""Kind of key -> field of the lead -> length of the window in seconds, ascending."""
KINDS = tuple(WINDOWS)
DOMAIN = KINDS.index("domain")
DOMAIN_AGE = "domain_age_days"
MAX_COUNT = 1_000
"""Counts are capped here: larger counts carry no further information."""
FIELDS = (*(field for windows in WINDOWS.values() for field in windows), DOMAIN_AGE)
INPUTS = ("lead_id", "email", "phone", "country", "ip", "user_agent", "headers", "lw_data", "message")
"""Fields of a lead that its keys are made from."""

_OCTET = "25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9]"
_IPV4 = re.compile(rf"({_OCTET})\.({_OCTET})\.({_OCTET})\.(?:{_OCTET})")
_MIN_WORDS = 8
_DIGITS = re.compile(r"\D+")
_NO_DIGITS = bytes(code for code in range(128) if not chr(code).isdigit())
_SHAPE = (("keys", 2), ("ik_med", 4), ("hold_med", 4), ("mv", 2), ("path", 20), ("first_ms", 250), ("ms", 500))
"""Numbers of the behavioural payload that make up the behaviour key, and the step to which each is rounded."""
_LEAST_NUMBERS = 5
_TOUCH = NAMES.index("touch")

R = TypeVar("R")
MICROSECONDS = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_KEY, _ONE = bytes(8), bytes([1, *bytes(7)])
_PACKED = struct.Struct(f"<{len(KINDS)}q")


SECRET_PURPOSE = "velocity"
"""Purpose of the key of stored digests; see `leadworth.key_derivation.key_for`."""


@dataclass(frozen=True, slots=True)
class VelocityKeys:
    """Velocity keys of a lead.

    Attributes
    ----------
    person
        Digest of the person, 64 bits.
    of
        Digest by kind of key, in the order of `KINDS`; 0 where the lead lacks the attribute. The kind is part of
        the digest, so keys of different kinds differ.
    """

    person: int
    of: tuple[int, ...]

    @property
    def domain(self) -> int:
        """Digest of the company's mail domain; 0 where the lead has none."""
        return self.of[DOMAIN]

    def packed(self) -> bytes:
        """Return the digests of the keys as little-endian 64-bit integers."""
        return _PACKED.pack(*self.of)


def micros(at: datetime) -> int:
    """Return a timezone-aware time in microseconds since 1970.

    Examples
    --------
    >>> micros(datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC))
    1000005
    """
    return (at - _EPOCH) // timedelta(microseconds=1)


def keys_of(lead: Mapping[str, Any], secret: bytes = b"") -> VelocityKeys:
    """Return the velocity keys of a lead, given as a mapping of its fields.

    Parameters
    ----------
    lead
        Fields of the lead.
    secret
        Key of the digests. Digests that are stored need one, because addresses and phone numbers can be enumerated;
        counts are the same with any.

    Examples
    --------
    >>> first = keys_of({"lead_id": "1", "email": "Ada@Acme.example", "ip": "203.0.113.7"})
    >>> second = keys_of({"lead_id": "2", "email": "bob@acme.example", "ip": "203.0.113.9"})
    >>> [kind for kind, key in zip(KINDS, first.of) if key], first.person == second.person
    (['ip', 'domain', 'net'], False)
    >>> [kind for kind, key, other in zip(KINDS, first.of, second.of) if key and key == other]
    ['domain', 'net']
    """
    phone = phone_key(lead.get("phone"), lead.get("country"))
    values = {
        **_addresses(lead.get("ip")),
        "domain": own_domain(lead.get("email")),
        "phone": phone,
        "headers": _browser(lead.get("user_agent"), lead.get("headers")),
        "behaviour": behaviour_key(lead.get("lw_data")),
        "message": message_key(lead.get("message")),
    }
    return VelocityKeys(
        _digest("person", secret, _person(lead.get("email"), phone, lead.get("lead_id"))),
        tuple(_digest(kind, secret, values[kind]) for kind in KINDS),
    )


def keys_of_columns(columns: Mapping[str, Sequence[str | None]], rows: int, secret: bytes) -> tuple[Indices, Indices]:
    """Return the persons and the keys of `keys_of` of many leads; each distinct value is read once.

    Parameters
    ----------
    columns
        Values of each of `INPUTS` that the leads have, each of length `rows`.
    rows
        Number of leads.
    secret
        As for `keys_of`.

    Returns
    -------
    Arrays of shape (rows,) and (rows, kinds).
    """
    missing: list[str | None] = [None] * rows
    ids, emails, phones, countries, ips, browsers, headers, payloads, messages = (
        columns.get(name, missing) for name in INPUTS
    )
    addresses = _of_distinct(_addresses, ips)
    phone_keys = [*map(phone_key, phones, countries)]
    values: dict[str, Sequence[str | None]] = {
        "ip": [address["ip"] for address in addresses],
        "net": [address["net"] for address in addresses],
        "domain": [domain for _, domain in providers_and_domains(emails)],
        "phone": phone_keys,
        "headers": [*map(_browser, browsers, headers)],
        "behaviour": behaviour_keys(payloads),
        "message": message_keys(messages),
    }
    people = _digests("person", secret, [*map(_person, emails, phone_keys, ids)])
    return people, np.array([_digests(kind, secret, values[kind]) for kind in KINDS]).T


def _of_distinct(function: Callable[[str | None], R], values: Sequence[str | None]) -> list[R]:
    """Return the results of a function, calling it once for each distinct value."""
    results = {value: function(value) for value in {*values}}
    return [*map(results.__getitem__, values)]


def _person(email: str | None, phone: str | None, lead_id: str | None) -> str:
    """Return the text of the person with an address, the key of a phone, or else the id of the lead."""
    return str(email or phone or lead_id or "").strip().casefold()


def _digests(kind: str, secret: bytes, values: Sequence[str | None]) -> Indices:
    """Return the digests of many values of one kind; each distinct value is read once."""
    distinct = [*{*values}]
    digests = _raw_digests(kind, secret, distinct)
    numbers = np.frombuffer(b"".join(digests), dtype="<i8")
    positions = dict(zip(distinct, range(len(distinct)), strict=True))
    return numbers[[*map(positions.__getitem__, values)]]


def _raw_digests(kind: str, secret: bytes, values: Sequence[str | None]) -> list[bytes]:
    """Return the digests of values as 8 bytes, which are zero only where the value is missing."""
    copy = _hasher(kind, secret).copy
    digests = []
    for value in values:
        if value is None:
            digests.append(_NO_KEY)
            continue
        hasher = copy()
        hasher.update(value.encode("utf-8", "surrogatepass"))
        digest = hasher.digest()
        digests.append(digest if digest != _NO_KEY else _ONE)
    return digests


def _digest(kind: str, secret: bytes, value: str | None) -> int:
    """Return the digest of a value as an integer of 64 bits; 0 where it is missing."""
    [digest] = _raw_digests(kind, secret, [value])
    return int.from_bytes(digest, "little", signed=True)


# A new hasher takes 1 us, a copy of one a third of it.
@lru_cache(maxsize=64)
def _hasher(kind: str, secret: bytes) -> hashlib.blake2b:
    return hashlib.blake2b(digest_size=8, person=kind.encode(), key=secret)


def _addresses(ip: str | None) -> dict[str, str | None]:
    """Return the address and its network of 2^8 (IPv4) or 2^80 (IPv6) addresses, in their shortest notation."""
    if ip is None:
        return {"ip": None, "net": None}
    plain = _IPV4.fullmatch(ip)
    if plain is not None:  # ip_address takes 6 us
        first, second, third = map(int, plain.groups())
        return {"ip": ip, "net": f"4:{first << 16 | second << 8 | third}"}
    try:
        address = ip_address(ip.strip())
    except ValueError:
        return {"ip": None, "net": None}
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    prefix = 24 if address.version == 4 else 48
    return {"ip": str(address), "net": f"{address.version}:{int(address) >> (address.max_prefixlen - prefix)}"}


def own_domain(email: str | None) -> str | None:
    """Return the registrable domain of an e-mail address; None for free and disposable providers and relays.

    Examples
    --------
    >>> own_domain("ada@mail.acme.co.uk"), own_domain("ada@gmail.com"), own_domain("x@mailinator.com")
    ('acme.co.uk', None, None)
    """
    return None if email is None else read_address(email).own_domain


def phone_key(phone: str | None, country: str | None) -> str | None:
    """Return the digits of a phone number, equal for its national and international notation.

    Examples
    --------
    >>> phone_key("0171 2345678", "Germany") == phone_key("+49 171 2345678", None)
    True
    """
    if phone is None:
        return None
    region = look_up(phone, region_of(country)).region
    digits = phone.encode().translate(None, _NO_DIGITS).decode() if phone.isascii() else _DIGITS.sub("", phone)
    digits = digits.lstrip("0")
    if len(digits) < 6:
        return None
    return f"{region}:{digits[-8:]}" if region else digits[-8:]


def _browser(user_agent: str | None, headers: str | None) -> str | None:
    return None if headers is None else f"{user_agent}\n{headers.casefold()}"


def behaviour_key(lw_data: str | None) -> str | None:
    """Return the rounded numbers of the behaviour on the form; None on touch devices or with fewer than five numbers.

    Examples
    --------
    >>> typed = '{"v":1,"keys":%d,"ik_med":52,"hold_med":51,"mv":1,"path":30,"first_ms":700,"ms":5100}'
    >>> behaviour_key(typed % 60) == behaviour_key(typed % 61), behaviour_key('{"v":1,"ms":5100}')
    (True, None)
    """
    payload = parse(lw_data)
    if payload is None or payload.get("touch"):
        return None
    return _behaviour([number(payload, name) for name, _ in _SHAPE])


def behaviour_keys(lw_data: Sequence[str | None]) -> list[str | None]:
    """Return `behaviour_key` of the payloads of many leads."""
    payloads = read_payloads(tuple(lw_data))
    numbers = np.column_stack([payloads.numbers(name) for name, _ in _SHAPE])
    enough = np.count_nonzero(~np.isnan(numbers), axis=1) >= _LEAST_NUMBERS
    by_hand = payloads.readable & (payloads.values[:, _TOUCH] == 0) & enough
    rounded = np.floor_divide(numbers[by_hand], [step for _, step in _SHAPE])
    texts = [pa.array(column, from_pandas=True).cast(pa.int64()).cast(pa.string()) for column in rounded.T]
    joined = pc.binary_join_element_wise(*texts, ",", null_handling="replace", null_replacement="")
    keys = np.full(len(lw_data), None, dtype=object)
    keys[by_hand] = joined.to_pylist()
    result: list[str | None] = keys.tolist()
    return result


def _behaviour(numbers: Sequence[float]) -> str | None:
    """Return the key of the numbers of `_SHAPE`."""
    if sum(not math.isnan(value) for value in numbers) < _LEAST_NUMBERS:
        return None
    pairs = zip(numbers, _SHAPE, strict=True)
    return ",".join("" if math.isnan(value) else str(int(value // step)) for value, (_, step) in pairs)


def message_key(message: str | None) -> str | None:
    """Return a min-hash of a message that near-duplicates share; None for fewer than eight words.

    The min-hash is the run of three words with the smallest CRC-32. The probability that two messages share it is
    the Jaccard similarity of their runs (Broder 1997, "On the resemblance and containment of documents"). Words
    with digits are left out.

    Examples
    --------
    >>> pitch = "Hello {}, we offer the best search engine work for your site and rank it first on every page"
    >>> message_key(pitch.format("Eve")), message_key(pitch.format("Bob")), message_key("Call me")
    ('your site and', 'your site and', None)
    """
    if message is None:
        return None
    words = [word for word in words_of(message) if word.isalpha()]
    if len(words) < _MIN_WORDS:
        return None
    encoded = " ".join(words).encode("utf-8", "surrogatepass").split(b" ")
    runs = [*map(b" ".join, zip(encoded, encoded[1:], encoded[2:], strict=False))]
    sums = [*map(crc32, runs)]
    return runs[sums.index(min(sums))].decode("utf-8", "surrogatepass")


def message_keys(messages: Sequence[str | None]) -> list[str | None]:
    """Return `message_key` of many messages."""
    distinct = [message for message in {*messages} if message is not None]
    folded = [message[:LONGEST_TEXT].casefold().encode("utf-8", "surrogatepass") for message in distinct]
    data = np.frombuffer(b"".join(folded), dtype=np.uint8)
    runs, ends = np.empty_like(data), np.zeros(len(folded), dtype=np.int64)
    smallest_runs(data, np.cumsum([*map(len, folded)], dtype=np.int64), _MIN_WORDS, runs, ends)
    written = runs.tobytes()
    keys: dict[str | None, str | None] = {}
    begin = 0
    for message, end in zip(distinct, ends.tolist(), strict=True):
        if end < 0:
            keys[message] = message_key(message)
            continue
        keys[message] = written[begin:end].decode("utf-8", "surrogatepass") or None
        begin = end
    return [*map(keys.get, messages)]
