"""Normalise e-mail addresses, phone numbers and names as each platform does before hashing.

A platform matches a person only where both sides hash the same text, and platforms differ: Google drops the dots and
the part after "+" of Gmail addresses, Meta keeps them; Google's phone numbers begin with "+", Meta's do not.

A hash of an address can be reversed by trying addresses: it is personal data too.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    format_number,
    is_possible_number,
    is_valid_number,
    parse,
)

from conversions.email_syntax import is_address
from features.phone_metadata import dialled
from leadworth.readers.email_reader import read_email
from leadworth.readers.phone_reader import read_phone
from leadworth.readers.text_reader import REPLACEMENT, trimmed_text
from leadworth.unreadable import readable

_DOTTED = re.compile("\u0130|i\u0307")
_GMAIL = ("gmail.com", "googlemail.com")


@dataclass(frozen=True)
class Normaliser:
    """Normalisation rules of one platform.

    Attributes
    ----------
    gmail
        Whether variants of one Gmail address are made equal: no dots, nothing from "+" on.
    plus
        Whether a phone number begins with "+".
    """

    gmail: bool = False
    plus: bool = True

    def email(self, address: str | None) -> str | None:
        """Return an e-mail address in the platform's form; None where it is not valid or a placeholder.

        The capital of a Turkish keyboard is its letter "i", without the combining dot of `str.lower`.

        Examples
        --------
        >>> Normaliser(gmail=True).email(" Cloudy.San.Francisco+Shopping@Gmail.com ")
        'cloudysanfrancisco@gmail.com'
        >>> Normaliser().email(" Cloudy.San.Francisco+Shopping@Gmail.com "), Normaliser().email("a b@c.de")
        ('cloudy.san.francisco+shopping@gmail.com', None)
        >>> Normaliser().email("ADA@İSTANBUL.COM"), Normaliser().email("noemail@noemail.com")
        ('ada@istanbul.com', None)
        """
        if address is None:
            return None
        written = read_email(address) or ""
        text = written.lower() if written.isascii() else _DOTTED.sub("i", written).lower()
        user, _, domain = text.partition("@")
        if not is_address(user, domain):
            return None
        if self.gmail and domain in _GMAIL:
            user = user.partition("+")[0].replace(".", "")
            if not user:
                return None
        return f"{user}@{domain}"

    def phone(self, number: str | None, region: str | None) -> str | None:
        """Return a phone number with its country code; None where it is not valid.

        Parameters
        ----------
        number
            As written.
        region
            Country of the person, two letters; its rules apply to national numbers.

        Examples
        --------
        >>> Normaliser().phone("030 123456", "DE"), Normaliser(plus=False).phone("+49 (0)30 123456", None)
        ('+4930123456', '4930123456')
        """
        e164 = None if number is None else _e164(number, region)
        return e164 if e164 is None or self.plus else e164[1:]

    def name(self, name: str | None) -> str | None:
        """Return a name in lower case; None where it is empty, or a letter of it was lost in decoding.

        Examples
        --------
        >>> Normaliser().name(" Ada "), Normaliser().name("  ")
        ('ada', None)
        """
        trimmed = trimmed_text(name) or ""
        return None if REPLACEMENT in trimmed else trimmed.lower() or None


def sha256(text: str | None) -> str | None:
    """Return the SHA-256 of a text as 64 lower-case hexadecimal digits; None for None.

    Examples
    --------
    >>> sha256("ada@example.org")[:8], sha256(None)
    ('cfe00dde', None)
    """
    return None if text is None else hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


@lru_cache(maxsize=10_000)
def _e164(written: str, region: str | None) -> str | None:
    text = readable(read_phone(written))
    if text is None:
        return None
    try:
        number = parse(dialled(text, region), region)
        code = str(number.country_code)
        if len(code) > 1 and not text.startswith(("+", "0")) and str(number.national_number).startswith(code):
            # The country code twice: a number that was stored without its plus sign.
            international = parse(f"+{number.national_number}", None)
            if is_possible_number(international):
                return format_number(international, PhoneNumberFormat.E164)
    except NumberParseException:
        return None
    return format_number(number, PhoneNumberFormat.E164) if is_valid_number(number) else None
