"""Reader of e-mail addresses: without what mail programs, spreadsheets and clipboards add."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from leadworth.readers.text_reader import read_text

LONGEST_EMAIL = 320
"""64 characters, "@" and 255 characters (RFC 3696, section 3)."""
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\xad\x00-\x1f\x7f-\x9f]")
_IN_BRACKETS = re.compile(r"<\s*([^<>\s]+@[^<>\s]+)\s*>[\s;,.]*$")
_LINK = re.compile(r"\[([^\[\]\s]+@[^\[\]\s]+)\]\(mailto:\1\)", re.IGNORECASE)
"""Of Markdown."""
_REMARK = re.compile(r"(?<=[\w>])(?:\s+\([^()@]*\))+[\s;,.]*$")
_BEFORE = r"[\s,;:!?'\"`´’‘“”„«»<>()\[\]{}|/\\#=]*"
_SCHEME = re.compile(rf"(?:{_BEFORE}(?:(?:mailto|smtp|e-?mail|mail)\s*:|(?:e-?mail|mail)\s*=)\s*)+", re.IGNORECASE)
_LEADING = re.compile(_BEFORE)
_TRAILING = re.compile(r"[^\w\ufffd]*(?:_[^\w\ufffd]*)*\Z")
"""Punctuation, spaces and symbols: a domain ends with a letter or a digit."""
_QUOTES = "'\"`´’‘“”„«»"
_USUAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9.-]*[A-Za-z0-9]")


def read_email(value: Any) -> str | None:
    r"""Return an address, or the text as written where it is none; None where it is missing.

    What surrounds an address is removed: names, schemes, quotes, brackets, and any punctuation after the domain. What
    is not an address is kept: that a visitor wrote none is evidence. It is never hashed.

    Examples
    --------
    >>> read_email("Ada Lovelace <ada@acme.example>"), read_email("mailto:ada@acme.example?subject=x")
    ('ada@acme.example', 'ada@acme.example')
    >>> read_email("\u200bada@acme.example\ufeff,"), read_email("asdf"), read_email("null")
    ('ada@acme.example', 'asdf', None)
    >>> read_email("[ada@acme.example](mailto:ada@acme.example)"), read_email("ada@acme.example (work)")
    ('ada@acme.example', 'ada@acme.example')
    >>> read_email("'ada'@acme.example"), read_email("/ada@acme.example?")
    ('ada@acme.example', 'ada@acme.example')
    """
    written = read_text(value, LONGEST_EMAIL)
    if written is None or _USUAL.fullmatch(written):
        return written
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", written))[:LONGEST_EMAIL].strip()
    text = _REMARK.sub("", _LINK.sub(r"\1", text))
    bracketed = _IN_BRACKETS.search(text)
    if bracketed is not None:
        text = bracketed[1]
    scheme = _SCHEME.match(text)
    if scheme is not None:
        text = text[scheme.end() :].partition("?")[0]
    user, at, domain = _without_leading_marks(_LEADING.sub("", text, count=1)).rpartition("@")
    if not domain.startswith("["):
        domain = _TRAILING.sub("", domain)
    cleaned = f"{user.rstrip(_QUOTES)}{at}{domain}"
    if "@" in cleaned.strip("@"):
        return cleaned
    return text or None


def _without_leading_marks(text: str) -> str:
    """Return a text without punctuation and symbols of other scripts at its start, such as "【" and "➤"."""
    first = next((index for index, char in enumerate(text) if not _is_mark(char)), len(text))
    return text[first:]


def _is_mark(char: str) -> bool:
    return char == " " or (not char.isascii() and unicodedata.category(char)[0] in "PSZ")
