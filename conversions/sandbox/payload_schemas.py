"""Field types that the payload schemas of several platforms share."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, IPvAnyAddress, StringConstraints, TypeAdapter

from leadworth.money import is_currency

DAY_SECONDS = 86_400
CLOCK_SECONDS = 60
"""How far ahead of the platform's clock an event may be."""
HASH = re.compile(r"[0-9a-f]{64}")
CLICK_ID = re.compile(r"[\w-]{5,500}", re.ASCII)
"""Characters of a click id in base64url."""
_ENCODED_ID = re.compile(r"[\w.~-]{5,1000}", re.ASCII)
_ANALYTICS_ID = re.compile(r"[0-9]{1,20}\.[0-9]{9,11}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_META_COOKIE = re.compile(r"fb\.[0-2]\.([0-9]{13}|[0-9]{10})\.[\w.~-]+", re.ASCII)
_NO_VALUES = frozenset(
    ("undefined", "null", "none", "nil", "nan", "empty", "unknown", "missing", "test", "gclid", "fbclid")
)
"""Words that scripts write where they have no id."""
_address: TypeAdapter[IPvAnyAddress] = TypeAdapter(IPvAnyAddress)


def is_click_id(text: str, pattern: re.Pattern[str] = CLICK_ID) -> bool:
    """Return whether a text can be a click id: its characters, and no word for no value.

    Examples
    --------
    >>> is_click_id("Cj0KCQiA0x"), is_click_id("undefined"), is_click_id("(not set)")
    (True, False, False)
    """
    return pattern.fullmatch(text) is not None and text.casefold() not in _NO_VALUES


def is_analytics_id(text: str) -> bool:
    """Return whether a text is a client id of Google Analytics, and not one of its cookies.

    Examples
    --------
    >>> is_analytics_id("1234567890.1764000000"), is_analytics_id("GA1.1.1234567890.1764000000")
    (True, False)
    """
    return _ANALYTICS_ID.fullmatch(text) is not None


def meta_cookie_seconds(cookie: str) -> float | None:
    """Return the time in a cookie of Meta, in seconds since 1970; None for another text."""
    match = _META_COOKIE.fullmatch(cookie)
    return match and int(match[1]) / (1e3 if len(match[1]) == 13 else 1)


def _click_id(text: str) -> str:
    if not is_click_id(text, _ENCODED_ID):
        raise ValueError("not a click id")
    return text


def _currency(text: str) -> str:
    if not is_currency(text):
        raise ValueError("not a code of ISO 4217")
    return text


def _ip(text: str) -> str:
    _address.validate_python(text)
    return text


def _cookie(text: str) -> str:
    if meta_cookie_seconds(text) is None:
        raise ValueError("not a cookie of Meta")
    return text


def _client_id(text: str) -> str:
    if not is_analytics_id(text):
        raise ValueError("not a client id")
    return text


Hash = Annotated[str, StringConstraints(pattern=rf"^{HASH.pattern}$")]
Currency = Annotated[str, AfterValidator(_currency)]
EncodedId = Annotated[str, AfterValidator(_click_id)]
MetaCookie = Annotated[str, AfterValidator(_cookie)]
AnalyticsId = Annotated[str, AfterValidator(_client_id)]
IpAddress = Annotated[str, AfterValidator(_ip)]
Money = Annotated[float, Field(ge=0, allow_inf_nan=False)]
EventId = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class Element(BaseModel):
    """An element of a payload; an unknown field is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)
