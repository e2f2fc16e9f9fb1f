"""Formats of click ids, cookies and ids of lead ads; an id of another format is not sent.

Platforms document few of these formats. The patterns are those of the characters in which the ids are written, so that
they refuse templates, placeholders and damage, and no id that is real.
"""

from __future__ import annotations

import re

from leadworth.readers.placeholders import VALUE_PLACEHOLDERS

_ENCODED = re.compile(r"[\w.~-]{1,1000}", re.ASCII)
_PATTERNS = {
    "gclid": re.compile(r"[\w-]{5,500}", re.ASCII),
    "gbraid": re.compile(r"[\w-]{5,500}", re.ASCII),
    "wbraid": re.compile(r"[\w-]{5,500}", re.ASCII),
    "fbc": re.compile(r"fb\.\d\.\d{10,13}\.[\w.~-]{5,1000}", re.ASCII),
    "fbp": re.compile(r"fb\.\d\.\d{10,13}\.[\w.~-]{1,100}", re.ASCII),
    "msclkid": re.compile(r"(?:_uet)?([0-9a-fA-F]{32})"),
    "meta_lead_id": re.compile(r"(?:[a-z_]{1,20}:)?\s*([0-9]{15,16})(?:\.0)?", re.IGNORECASE),
}
_EARLIEST, _LATEST = 1.2e9, 4.0e9
"""Plausible times in a cookie, in seconds since 1970."""
PLACEHOLDERS = frozenset(word.casefold() for word in VALUE_PLACEHOLDERS)
"""Words for a missing value, in small letters."""
_PARTS = re.compile(r"[\W_]+")
_STAND_INS = frozenset(
    {part for word in PLACEHOLDERS for part in _PARTS.split(word) if part.isascii() and part.isalpha()}
    | {*("click", "clickid", "id", "gclid", "gbraid", "wbraid", "dclid", "fbclid", "fbc", "fbp", "msclkid", "ttclid")}
    | {*("twclid", "fat", "li", "ob", "cid", "adid", "ad", "campaign", "campaignid", "value", "token", "param", "here")}
    | {*("your", "my", "the", "insert", "example", "sample", "dummy", "fake", "test", "testing", "debug", "foo", "bar")}
    | {*("true", "false", "yes", "no", "on", "off", "string", "text", "todo", "other", "direct", "organic")}
    | {*("placeholder", "replace", "me", "unset", "unassigned", "nothing", "variable", "macro")}
)
"""Words of macros that were not filled in, of tests and of programs; an id does not consist of them alone."""
_FEWEST_CHARACTERS = 2
_COOKIES = ("fbc", "fbp")
_ANALYTICS_COOKIE = re.compile(
    r"(?:(?:^|.*[;\s])_ga=|^)GA1\.[0-9]+(?:-[0-9]+)?\.([0-9]{1,20}\.[0-9]{9,11})(?:[;\s].*)?"
)
_ANALYTICS_ID = re.compile(
    r"[0-9]{1,20}\.[0-9]{9,11}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[\w+/=-]{16,80}\.[0-9]{9,11}", re.ASCII
)


def valid_id(field: str, written: str) -> str | None:
    """Return an id as the platform reads it; None where it is none.

    Parameters
    ----------
    field
        Field of the lead.
    written
        Its value, trimmed.

    Examples
    --------
    >>> valid_id("meta_lead_id", "l:1234567890123456"), valid_id("gclid", "(not set)"), valid_id("gclid", "Undefined")
    ('1234567890123456', None, None)
    >>> valid_id("ga_client_id", "GA1.2-2.1234567890.1764000000"), valid_id("ga_client_id", "GS1.1.1764000000.5.1")
    ('1234567890.1764000000', None)
    """
    if written.casefold() in PLACEHOLDERS:
        return None
    if field == "ga_client_id":
        return analytics_client_id(written)
    match = _PATTERNS.get(field, _ENCODED).fullmatch(written)
    if match is None or _stands_in(written):
        return None
    return None if field in _COOKIES and not _is_filled(written) else match[match.lastindex or 0]


def _stands_in(written: str) -> bool:
    """Return whether a text consists of words for an id, or of one character that is repeated."""
    plain = written.casefold()
    return len(set(_PARTS.sub("", plain))) < _FEWEST_CHARACTERS or _is_of_words(plain)


def _is_of_words(plain: str) -> bool:
    return all(part in _STAND_INS or not part for part in _PARTS.split(plain))


def _is_filled(cookie: str) -> bool:
    """Return whether the time in a cookie of Meta is plausible, and its id is not a word for one."""
    _, _, at, number = cookie.split(".", 3)
    seconds = int(at) / (1e3 if len(at) > 10 else 1)
    return _EARLIEST < seconds < _LATEST and not _is_of_words(number.casefold())


def analytics_client_id(written: str) -> str | None:
    """Return the client id of Google Analytics, also from the cookie `_ga`; None for a session cookie or another text.

    Examples
    --------
    >>> analytics_client_id("GA1.1.1234567890.1764000000"), analytics_client_id("GS2.1.s1764000000$o1$g0")
    ('1234567890.1764000000', None)
    >>> analytics_client_id("_ga_ABC=GS1.1.1764000000.1.0; _ga=GA1.2.12.1764000000")
    '12.1764000000'
    """
    cookie = _ANALYTICS_COOKIE.fullmatch(written)
    if cookie is not None:
        return cookie[1]
    if not _ANALYTICS_ID.fullmatch(written):
        return None
    return None if "." not in written and _stands_in(written) else written
