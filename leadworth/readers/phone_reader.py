"""Reader of phone numbers: without words, and without what a spreadsheet made of them."""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal
from typing import Any

from leadworth.readers.id_reader import LOST_DIGITS
from leadworth.readers.placeholders import VALUE_PLACEHOLDERS
from leadworth.readers.text_reader import read_text
from leadworth.unreadable import Unreadable

LONGEST_PHONE = 60
_USUAL = re.compile(r"\+?[0-9 ()/-]{4,60}|\(\+[0-9][0-9 ()/-]{4,56}[0-9]")
_SCIENTIFIC = re.compile(r"[+']?[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,3}")
_DECIMALS = re.compile(r"(?<=[0-9]{5})[.,]0{1,2}$")
_OVERFLOW = re.compile(r"#{3,}")
_TWICE = re.compile(r"\+[0-9]{1,3}(?:[ ()-]*\+|[ ()-]+00)(?=[ ()-]*[1-9])")
"""A code that a form field was filled with, before a number with its own: "+49 +49 151 ..."."""
_WITH_WORDS = re.compile(r"(?:[^\d+(#*]|\((?!\+?\d))*(?P<number>\+?\(?\+?\d[\d\s()./‐-―−\-\xa0]{5,}\d)(?:[^\d#*]*)")
_PLACES = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\xad]")


def read_phone(value: Any) -> str | Unreadable | None:
    """Return a phone number as written, without words around it, ".0" and apostrophes of a spreadsheet.

    A number in scientific notation is unreadable, because its digits are lost. What is no number is kept as text:
    that a visitor wrote none is evidence.

    Examples
    --------
    >>> read_phone("+43664123456.0"), read_phone("+49-30-123456 (home)"), read_phone("Tel.: 030 123456")
    ('+43664123456', '+49-30-123456', '030 123456')
    >>> read_phone("(+48) 66-8206276"), read_phone("mobile (+48) 66-8206276")
    ('(+48) 66-8206276', '(+48) 66-8206276')
    >>> read_phone("+49 +49 151 23456789"), read_phone("+49 0049 151 23456789")
    ('+49 151 23456789', '+49 151 23456789')
    >>> read_phone("3.9E+11").reason, read_phone("'0664123456"), read_phone(664123456.0), read_phone("call me")
    ('digits are lost to the scientific notation of a spreadsheet', '0664123456', '664123456', 'call me')
    """
    if isinstance(value, float | Decimal) and not isinstance(value, bool):
        if math.isnan(value):
            return None
        if not math.isfinite(value) or value != int(value):
            return LOST_DIGITS
        return str(int(value))[:LONGEST_PHONE]
    written = read_text(value, LONGEST_PHONE)
    if written is not None and written.startswith("+"):
        written = _TWICE.sub("+", written, count=1) if _TWICE.match(written) else written
    if written is None or _USUAL.fullmatch(written):
        return written
    if written in VALUE_PLACEHOLDERS:
        return None
    text = _PLACES.sub("", unicodedata.normalize("NFKC", written))[:LONGEST_PHONE].strip()
    text = text.removeprefix('="').removesuffix('"') if text.startswith('="') else text
    text = text.removeprefix("'").strip()
    if _SCIENTIFIC.fullmatch(text) or _OVERFLOW.fullmatch(text):
        return LOST_DIGITS
    text = _DECIMALS.sub("", text)
    words = _WITH_WORDS.fullmatch(text)
    if words is not None and sum(map(str.isdigit, words["number"])) >= 6:
        text = words["number"].strip()
    return text or None
