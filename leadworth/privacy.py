"""Redaction of personal data in logs, metrics, artefacts and error messages."""

from __future__ import annotations

import re

from leadworth.records import CLICK_IDS

REDACTED = "[redacted]"
PERSONAL = frozenset(
    {"email", "phone", "first_name", "last_name", "message", "ip", "lw_data", "form_token", *CLICK_IDS}
)
"""Fields of a lead that are never logged."""

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


def redact(text: str) -> str:
    """Return a text with e-mail addresses, phone numbers and click ids redacted.

    Prefers false positives: a bare number of 10 to 15 digits counts as a phone. Dates and times in ISO 8601, UUIDs
    and hexadecimal hashes are kept.

    Examples
    --------
    >>> redact("lead 7 of ada@example.org, +39 02 1234 5678, ?gclid=Cj0KCQ")
    'lead 7 of [redacted], [redacted], ?[redacted]'
    """
    return _PATTERN.sub(REDACTED, text)
