"""Keep people out of logs, metrics and artefacts: pseudonyms to join by, redaction of text."""

from __future__ import annotations

import hashlib
import hmac
import re

from pydantic import SecretStr

from leadworth.errors import ConfigurationError
from leadworth.records import CLICK_IDS

REDACTED = "[redacted]"
PERSONAL = frozenset({
    "email", "phone", "first_name", "last_name", "message", "ip", "lw_data", "form_token", *CLICK_IDS,
})  # fmt: skip
"""Fields of a lead that are never written in the clear."""

KEY_LENGTH = 32
"""Characters that the key of pseudonyms has at least."""

_WORD = r"[^\s@,;<>\"()\[\]]"
_GAP = r"[\s().\-/]{0,3}"
_PATTERN = re.compile(
    "|".join(
        (
            rf"(?<!{_WORD}){_WORD}+(?:@|%40)[^\s,;<>\"()\[\]]+",  # e-mail, also inside a URL
            rf"\b(?:{'|'.join(CLICK_IDS)})[\"']?\s*[=:]\s*[\"']?[\w.%\-]+",  # click id behind its name
            r"\bfb\.\d\.\d+\.[\w\-]+",  # Meta's cookies
            r"(?<![\w\-])(?=[\w\-]*[a-z])(?=[\w\-]*[A-Z])(?=[\w\-]*\d)[\w\-]{24,1024}",  # token: click id, API key
            rf"(?:\+|(?<![\w.\-])00)\d(?:{_GAP}\d){{6,14}}(?![\w\-])",  # international phone
            rf"(?<![\w.\-])\(?0\d(?:{_GAP}\d){{6,12}}(?![\w\-])",  # national phone with the trunk zero
            r"(?<![\w.\-])\(?\d{3}\)?[ .\-]{1,2}\d{3}[ .\-]\d{4}(?![\w\-])",  # North American phone
            r"(?<![\w.\-])\d{10,15}(?![\w\-])",  # phone without any separator
        )
    )
)


def pseudonym(value: str, key: SecretStr) -> str:
    """Return the HMAC-SHA256 of a value as 64 hexadecimal digits.

    The same value and key give the same pseudonym, so that tables can be joined by it; without the
    key nobody can test a guess. The value is taken as it is: normalise it first.

    Raises
    ------
    ConfigurationError
        Where the key has fewer than 32 characters.

    Examples
    --------
    >>> pseudonym("ada@example.org", SecretStr("a key of at least thirty-two characters"))[:12]
    '30bf892cdee2'
    """
    secret = key.get_secret_value()
    if len(secret) < KEY_LENGTH:
        raise ConfigurationError(
            f"the key of pseudonyms has {len(secret)} characters",
            allowed=f"{KEY_LENGTH} or more",
            do="set LEADWORTH_SECRET to a long random text and keep it: a new key breaks every join",
        )
    return hmac.new(secret.encode(), value.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()


def redact(text: str) -> str:
    """Return a text with e-mail addresses, phone numbers and click ids blanked.

    It rather blanks too much than too little: a bare number of 10 to 15 digits counts as a phone.
    Dates and times in ISO 8601, UUIDs and hexadecimal hashes are left.

    Examples
    --------
    >>> redact("lead 7 of ada@example.org, +39 02 1234 5678, ?gclid=Cj0KCQ")
    'lead 7 of [redacted], [redacted], ?[redacted]'
    """
    return _PATTERN.sub(REDACTED, text)
