"""Bring e-mail addresses, phones and names into the one form that each platform hashes.

A platform finds a person only where both sides hash the same text, and no two platforms agree on it:
Google drops the dots and the part behind "+" of Gmail addresses, Meta keeps them; Google's phones begin
with "+", Meta's do not. So there is one `Normaliser` for each.

A hash of an address can be found by trying addresses: it is personal data all the same.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_valid_number, parse

_GMAIL = ("gmail.com", "googlemail.com")


@dataclass(frozen=True)
class Normaliser:
    """How one platform writes what it hashes.

    Attributes
    ----------
    gmail
        Whether Gmail's variants of one address become one: no dots, nothing from "+" on.
    plus
        Whether a phone begins with "+".
    """

    gmail: bool = False
    plus: bool = True

    def email(self, given: str | None) -> str | None:
        """Return an address in the platform's form, or None for what cannot be one.

        Examples
        --------
        >>> GOOGLE.email(" Cloudy.San.Francisco+Shopping@Gmail.com ")
        'cloudysanfrancisco@gmail.com'
        >>> META.email(" Cloudy.San.Francisco+Shopping@Gmail.com "), META.email("nobody"), META.email("a b@c.de")
        ('cloudy.san.francisco+shopping@gmail.com', None, None)
        """
        if given is None:
            return None
        text = given.strip().lower()
        user, at, domain = text.partition("@")
        if not (user and at and "." in domain.strip(".")) or "@" in domain or any(map(str.isspace, text)):
            return None
        if self.gmail and domain in _GMAIL:
            user = user.partition("+")[0].replace(".", "")
            if not user:
                return None
        return f"{user}@{domain}"

    def phone(self, given: str | None, region: str | None) -> str | None:
        """Return a valid phone number with its country code, or None.

        Parameters
        ----------
        given
            As written.
        region
            Country of the person, two letters: national numbers are read by its rules.

        Examples
        --------
        >>> GOOGLE.phone("030 123456", "DE"), META.phone("+49 (0)30 123456", None), GOOGLE.phone("030 123456", None)
        ('+4930123456', '4930123456', None)
        """
        found = None if given is None else _e164(given, region)
        return found if found is None or self.plus else found[1:]

    def name(self, given: str | None) -> str | None:
        """Return a name in small letters, or None for an empty one.

        Examples
        --------
        >>> GOOGLE.name(" Ada "), GOOGLE.name("  ")
        ('ada', None)
        """
        return (given or "").strip().lower() or None


GOOGLE = Normaliser(gmail=True)
META = Normaliser(plus=False)
LINKEDIN = Normaliser()
MICROSOFT = Normaliser()
TIKTOK = Normaliser()


def sha256(text: str | None) -> str | None:
    """Return the SHA-256 of a text as 64 small hexadecimal digits; None of None.

    Examples
    --------
    >>> sha256("ada@example.org")[:8], sha256(None)
    ('cfe00dde', None)
    """
    return None if text is None else hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


@lru_cache(maxsize=10_000)
def _e164(given: str, region: str | None) -> str | None:
    try:
        number = parse(given, region)
    except NumberParseException:
        return None
    if not is_valid_number(number):
        return None
    return format_number(number, PhoneNumberFormat.E164)
