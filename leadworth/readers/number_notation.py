"""Notation of numbers: digits and separators, signs, currencies, magnitudes and units around them."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from leadworth.readers.number_words import (
    ABOUT,
    BEFORE_AMOUNT,
    BY_CURRENCY,
    MAGNITUDES,
    UNITS,
    currency_marks,
    iso_codes,
)
from leadworth.unreadable import Unreadable

Mark = Literal[".", ","]
Part = Literal["currency", "magnitude", "unit", "percent", "minus", "plus", "open", "close", "about"]

NOT_A_NUMBER = Unreadable("not a number")
SEPARATORS = Unreadable("separators of a number in the wrong places")
_TABLE = str.maketrans(
    {
        **dict.fromkeys("−‐‑‒–—﹣－", "-"),
        **dict.fromkeys("’‘ʼ′´`＇ʹ", "'"),
        **dict.fromkeys("٫", "."),
        **dict.fromkeys("٬،", ","),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u061c\xad\u202a\u202b\u202c\u202d\u202e", ""),
        **dict.fromkeys("\u2066\u2067\u2068\u2069\x00", ""),
    }
)
_SPACES = re.compile(r"\s+")
_OF_SPREADSHEET = re.compile(r"""="([^"]*)"|'(?=[-+(]?[0-9])(.*?)'?""", re.DOTALL)
"""How a spreadsheet marks a number that is text."""
_NO_FRACTION = re.compile(r"(?<=\d)(?P<dash>[.,:]\s?-{1,2}|\s?/-)(?=\D*$)|(?<=\d)[.,](?=\D*$)")
_WHOLE = re.compile(
    r"(?P<head>[^0-9.,]*(?:[.,](?![0-9])[^0-9.,]*)*)(?P<core>[.,]?[0-9](?:.*[0-9])?)(?P<tail>.*)", re.DOTALL
)
_WHOLE_YEN = re.compile(r"(?:¥|jpy).*\d(?=\s?-$)|.*\d\s?円(?=\s?-$)")
"""An amount in yen ends with a dash: it has no fraction, as in "¥12,000-"; it is not negative."""
_CORE = re.compile(r"[.,]?[0-9][0-9.,' ]*")
_EXPONENT = re.compile(r"(?P<digits>[+-]?[0-9]+(?:[.,][0-9]+)?)[eE](?P<power>[+-]?[0-9]{1,3})")
_WESTERN = r"[0-9]{1,3}(?:%s[0-9]{3})+"
_INDIAN = re.compile(r"[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}")
_MYRIAD = r"(?:[十百千십백천]?[万萬만億亿억兆조]|[百千仟천])"
_MYRIADS = re.compile(rf"(?:[0-9][0-9.,]* ?{_MYRIAD} ?)+(?:[0-9][0-9.,]*)?")
_BEFORE_MYRIAD = re.compile(rf"(?:[0-9][0-9.,]* ?{_MYRIAD} ?)*[0-9][0-9.,]*")
_MYRIAD_PART = re.compile(rf"([0-9][0-9.,]*) ?({_MYRIAD})?")
_MYRIAD_END = re.compile(rf" ?{_MYRIAD}")
_CJK = re.compile(r"[\u0e00-\u0e7f\u3000-\u9fff\uac00-\ud7af]")
_TENS = {"十": 10.0, "십": 10.0, "百": 100.0, "백": 100.0}
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Notation:
    """A number as written.

    Attributes
    ----------
    value
        With its sign and magnitude.
    factor
        Its magnitude, 1 without one.
    parts
        Kinds of what surrounds the digits.
    either_way
        A single separator before three digits that may separate thousands or decimals ("1.234"), with no mark known.
    scientific
        Whether a spreadsheet wrote it with an exponent, so that digits may be lost.
    """

    value: float
    factor: float = 1.0
    parts: frozenset[Part] = frozenset()
    either_way: Mark | None = None
    scientific: bool = False


def plain_spelling(written: str) -> str | None:
    r"""Return a number in ASCII digits and marks, in lower case; None where it has digits such as ² or ½.

    Examples
    --------
    >>> plain_spelling("１２\u202f５００"), plain_spelling("−٣٫٥"), plain_spelling("12’500 CHF"), plain_spelling("10²")
    ('12 500', '-3.5', "12'500 chf", None)
    """
    marked = _OF_SPREADSHEET.fullmatch(written)
    if marked is not None:
        written = (marked[1] or marked[2] or "").strip()
    if written.isascii():
        spelled = written
    else:
        if any(unicodedata.category(char) == "No" for char in written):
            return None
        spelled = unicodedata.normalize("NFKC", written.translate(_TABLE)).translate(_TABLE)
        spelled = "".join(str(unicodedata.digit(char)) if char.isdecimal() else char for char in spelled)
    return _SPACES.sub(" ", spelled).strip().casefold()


def parse_notation(spelled: str, mark: Mark | None) -> Notation | Unreadable:
    """Parse a number with what surrounds it; the whole text must be understood.

    Parameters
    ----------
    spelled
        Result of `plain_spelling`.
    mark
        Decimal mark of the file; None where it is not known.

    Examples
    --------
    >>> [parse_notation(written, None).value for written in ("$1.20m", "1,25,000", "(500.00)")]
    [1200000.0, 125000.0, -500.0]
    >>> parse_notation("1.2.3", None), parse_notation("12 apples", None)
    (Unreadable(reason='separators of a number in the wrong places'), Unreadable(reason='not a number'))
    """
    if len(spelled) > _LONGEST:
        return NOT_A_NUMBER
    yen = _WHOLE_YEN.match(spelled)
    if yen is not None:
        spelled = yen.group()
    exponent = _EXPONENT.fullmatch(spelled)
    if exponent is not None:
        value = float(f"{exponent['digits'].replace(',', '.')}e{exponent['power']}")
        return Notation(value, scientific=exponent["power"].startswith("+")) if math.isfinite(value) else NOT_A_NUMBER
    price = _NO_FRACTION.search(spelled)
    match = _WHOLE.fullmatch(_NO_FRACTION.sub("", spelled))
    if match is None:
        return NOT_A_NUMBER
    core, rest = match["core"], match["tail"]
    myriad = _MYRIAD_END.match(rest) if _BEFORE_MYRIAD.fullmatch(core) else None
    if myriad is not None:
        core, rest = core + myriad.group(), rest[myriad.end() :]
    head = _surroundings(match["head"].strip(), before=True)
    tail = _surroundings(rest.strip(), before=False)
    if head is None or tail is None:
        return NOT_A_NUMBER
    whole = price is not None and price["dash"] is not None
    digits = _joined(core, "", (",", ".", " ", "'")) if whole else _digits(core, mark)
    if isinstance(digits, Unreadable):
        return digits
    return _assemble(digits, [*head, *tail])


def _assemble(digits: Notation, around: list[tuple[Part, str]]) -> Notation | Unreadable:
    parts = [part for part, _ in around]
    words = [word for part, word in around if part == "currency"]
    signs = parts.count("minus") + parts.count("open") + parts.count("plus")
    if "about" in parts and "minus" in parts:  # "ab-00001" is an id
        return NOT_A_NUMBER
    if signs > 1 or parts.count("open") != parts.count("close") or parts.count("magnitude") > 1 or len(words) > 2:
        return NOT_A_NUMBER
    factor = digits.factor
    for part, word in around:
        if part == "magnitude":
            known = _factor(word, words)
            if known is None or digits.factor != 1.0:
                return Unreadable("magnitude with several meanings")
            factor = known
    sign = -1.0 if {"minus", "open"} & set(parts) else 1.0
    value = sign * _scaled(digits.value, factor / digits.factor)
    return Notation(value, factor, frozenset(parts), digits.either_way)


def _scaled(value: float, factor: float) -> float:
    """Return the product, as a decimal would give it: 1.1 million is 1100000."""
    return float(f"{value * factor:.15g}") if factor != 1.0 else value


def _factor(word: str, currencies: list[str]) -> float | None:
    """Return the factor of a magnitude; None where it has several meanings with these currencies."""
    for known, factor in BY_CURRENCY.get(word, ()):
        if not known or known.intersection(currencies):
            return factor
    return BEFORE_AMOUNT.get(word) or MAGNITUDES.get(word)


@cache
def _vocabulary(*, before: bool) -> Mapping[str, Part]:
    meanings: list[tuple[Part, Iterable[str]]] = [
        ("currency", currency_marks()),
        ("percent", ("%", "percent", "prozent")),
        ("minus", "-"),
    ]
    if before:
        meanings += [("about", ABOUT), ("magnitude", BEFORE_AMOUNT), ("plus", "+"), ("open", "(")]
    else:
        meanings += [("unit", UNITS), ("magnitude", (*MAGNITUDES, *BY_CURRENCY)), ("close", ")")]
    return {word: part for part, words in meanings for word in words}


# Surroundings repeat in a column: "$", "€", "k".
@cache
def _vocabulary_length(*, before: bool) -> int:
    return max(map(len, _vocabulary(before=before)))


def _surroundings(text: str, *, before: bool) -> list[tuple[Part, str]] | None:
    """Return the parts of the text around the digits; None where it is not understood."""
    if not text:
        return []
    words = _vocabulary(before=before)
    for end in range(min(len(text), _vocabulary_length(before=before)), 0, -1):
        word = text[:end]
        part = words.get(word)
        if part is None or not _ends_here(word, text[end:]):
            continue
        rest = _surroundings(text[end:].lstrip(), before=before)
        if rest is not None:
            return [(part, word), *rest]
    return None


def _ends_here(word: str, rest: str) -> bool:
    """Return whether a word may end before `rest`: not within a word, except in "keur" and next to CJK."""
    if not rest or not rest[0].isalpha() or not word[-1].isalpha():
        return True
    if _CJK.match(word[-1]) or _CJK.match(rest[0]):
        return True
    return (word in MAGNITUDES or word in BY_CURRENCY) and len(word) <= 3 and rest[:3] in iso_codes() and len(rest) == 3


def _digits(core: str, mark: Mark | None) -> Notation | Unreadable:
    core = core.strip()
    if core.isdigit():
        return Notation(float(core)) if len(core) < 300 else NOT_A_NUMBER
    if _MYRIADS.fullmatch(core):
        return _myriads(core, mark)
    if not _CORE.fullmatch(core):
        return NOT_A_NUMBER
    return _grouped_number(core, mark)


def _grouped_number(core: str, mark: Mark | None) -> Notation | Unreadable:
    """Return a number with separators."""
    point = core.rfind(".")
    comma = core.rfind(",")
    if point < 0 and comma < 0:
        return _joined(core, "", (" ", "'"))
    last: Mark = "." if point > comma else ","
    other = "," if last == "." else "."
    whole, _, fraction = core.rpartition(last)
    if not fraction.isdigit():
        return SEPARATORS
    if other in whole or " " in whole or "'" in whole:
        return _joined(whole, fraction, (other, " ", "'"))
    if last in whole:
        return _joined(core, "", (last,))
    if not (len(fraction) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0"):
        return _joined(whole, fraction, ())
    value = f"{whole}.{fraction}" if last == (mark or ".") else whole + fraction
    return Notation(float(value), either_way=last if mark is None else None)


def _joined(whole: str, fraction: str, separators: tuple[str, ...]) -> Notation | Unreadable:
    """Return a number whose digits before the decimal mark are grouped by one of the separators."""
    if not whole or whole.isdigit():
        return Notation(float(f"{whole or '0'}.{fraction or '0'}"))
    for separator in separators:
        if re.fullmatch(_WESTERN % re.escape(separator), whole) or (separator == "," and _INDIAN.fullmatch(whole)):
            return Notation(float(f"{whole.replace(separator, '')}.{fraction or '0'}"))
    return SEPARATORS


def _myriads(core: str, mark: Mark | None) -> Notation | Unreadable:
    """Return the sum of a number such as 1億2000万; the magnitudes must fall."""
    total = 0.0
    last = float("inf")
    for digits, word in _MYRIAD_PART.findall(core):
        number = _digits(digits, mark)
        if isinstance(number, Unreadable):
            return number
        factor = math.prod(_TENS.get(char) or MAGNITUDES[char] for char in word)
        if factor >= last:
            return NOT_A_NUMBER
        total += _scaled(number.value, factor)
        last = factor
    return Notation(total)
