"""Values of a lead that can be read but cannot be right: an IP address that is none, an unknown country, -5 employees.

They are kept as sent, because an invented value is evidence, and the caller gets a warning. What is derived from them,
such as the country of an address, counts as missing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from socket import AF_INET, AF_INET6, inet_pton

from features.collector_payload import parse
from features.countries import region_of
from leadworth.clock import utc_now
from leadworth.readers.money_reader import LARGEST_AMOUNT
from leadworth.readers.text_reader import REPLACEMENT
from leadworth.records import fields_of
from serving.submit_time import LIVE_SECONDS

MOST_EMPLOYEES = 1e8
_MOST_ASN = 2.0**32 - 1
_NUMBERS = dict.fromkeys(fields_of("number"), LARGEST_AMOUNT) | {"employees": MOST_EMPLOYEES, "asn": _MOST_ASN}
_USUAL_HEADERS = frozenset({*("accept", "accept-encoding", "accept-language", "connection", "host", "user-agent")})
_NO_COUNTRY = frozenset({"XX", "T1", "ZZ"})
"""What a CDN says of an address without a country, or of Tor."""
LOST_LETTERS = "letters were lost, since their bytes are not UTF-8; what to do: send UTF-8 or name the charset"


def implausible(name: str, value: object) -> str | None:
    """Return why a value of a field, as read, cannot be; None where it can.

    Examples
    --------
    >>> implausible("ip", "999.1.1.1"), implausible("employees", 50.0), implausible("company", "Acme")
    ('not an IP address; its features are missing', None, None)
    """
    check = CHECKS.get(name)
    return None if check is None else check(value)


def has_lost_letters(value: object) -> bool:
    """Return whether a value as received has a replacement character, also inside of a list or an object."""
    kind = value.__class__
    if kind is str:
        return REPLACEMENT in value  # type: ignore[operator]
    return (kind is list or kind is dict) and REPLACEMENT in str(value)


def _number(most: float) -> Callable[[float], str | None]:
    def check(number: float) -> str | None:
        if 0.0 <= number <= most:
            return None
        return f"{'negative' if number < 0.0 else 'too large'}; allowed: 0 to {most:,.0f}"

    return check


def _ip(written: str) -> str | None:
    first = written.partition(",")[0].strip()
    try:
        inet_pton(AF_INET6 if ":" in first else AF_INET, first)
    except (OSError, ValueError):  # ValueError: not ASCII
        return "not an IP address; its features are missing"
    return None


def _country(written: str) -> str | None:
    return None if region_of(written) else "not the code or the name of a known country; it counts as a text"


def _address_country(written: str) -> str | None:
    return None if written.upper() in _NO_COUNTRY else _country(written)


def _payload(written: str) -> str | None:
    return "not the JSON object of the collector; it counts as missing" if parse(written) is None else None


def _headers(written: str) -> str | None:
    names = {name.strip() for name in written.casefold().split(",")}
    return "not the names of request headers, joined by commas" if names.isdisjoint(_USUAL_HEADERS) else None


def _moment(at: datetime) -> str | None:
    ahead = (at - utc_now()).total_seconds()
    return None if ahead <= LIVE_SECONDS else "in the future; the time of arrival counts"


CHECKS: dict[str, Callable[..., str | None]] = {
    **{name: _number(most) for name, most in _NUMBERS.items()},
    **dict.fromkeys(fields_of("moment"), _moment),
    "ip": _ip,
    "country": _country,
    "ip_country": _address_country,
    "lw_data": _payload,
    "headers": _headers,
}
