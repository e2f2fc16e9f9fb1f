"""Reader of yes and no, in every language's spreadsheet, CRM and form."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from leadworth.readers.flag_words import LOST, NO, NOT, NOT_JOINED, OPEN, WON, YES
from leadworth.readers.placeholders import VALUE_PLACEHOLDERS
from leadworth.readers.text_reader import LONGEST_VALUE, trimmed_text
from leadworth.unreadable import Unreadable

Outcome = Literal["won", "lost"]
NOT_A_FLAG = Unreadable("neither yes nor no")
_NUMBER = re.compile(r"([01])[.,]0+")
_FORMULA = re.compile(r"=?([^\W\d_]+)\(\)|=([^\W\d_]+)|=?[\"']([^\"']+)[\"']?")
"""Also marked as text by a spreadsheet, or in quotes."""
_JOINED = re.compile(r"(?<=[^\W_])\s*[_/\-\u2010-\u2015]+\s*(?=[^\W_])")
_SPACES = re.compile(r"\s+")
_IGNORED = str.maketrans("", "", "\ufe0e\ufe0f\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\xad")


def read_flag(value: Any, outcome: Outcome | None = None) -> bool | Unreadable | None:
    """Return whether a value means yes; None where it is missing.

    Parameters
    ----------
    value
        Of any type.
    outcome
        For a flag that says whether a deal is won or lost: the words of that outcome are yes, those of the other
        outcome and of an open deal are no.

    Examples
    --------
    >>> read_flag("WAHR"), read_flag("FALSCH"), read_flag("0.00"), read_flag("on"), read_flag("✗"), read_flag("-")
    (True, False, False, True, False, None)
    >>> read_flag("Closed Won", "won"), read_flag("Lost", "lost"), read_flag("Open", "won"), read_flag("perhaps").reason
    (True, True, False, 'neither yes nor no')
    >>> read_flag("'TRUE"), read_flag("closed_won", "won"), read_flag("noch nicht gewonnen", "won")
    (True, True, False)
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float, Decimal)):
        if isinstance(value, float | Decimal) and math.isnan(value):
            return None
        return bool(value) if value in (0, 1) else NOT_A_FLAG
    written = trimmed_text(value)
    if written is None:
        return None
    if len(written) > LONGEST_VALUE:
        return NOT_A_FLAG
    word = folded(written)
    formula = _FORMULA.fullmatch(word)
    word = word.rstrip(".!。") or word if formula is None else formula[1] or formula[2] or formula[3]
    meaning = _meaning(word, outcome)
    if meaning is None and outcome is not None:
        meaning = _in_words(word, outcome)
    if meaning is not None:
        return meaning
    number = _NUMBER.fullmatch(word)
    if number is not None:
        return number[1] == "1"
    return None if written in VALUE_PLACEHOLDERS else NOT_A_FLAG


def _meaning(word: str, outcome: Outcome | None) -> bool | None:
    """Return the meaning of a folded word; of one with a symbol ("✅ won"), that of the word, unless they differ."""
    words = _vocabulary(outcome)
    meaning = words.get(word)
    symbols = [] if meaning is not None or word.isascii() else [char for char in word if _is_symbol(char)]
    if not symbols:
        return meaning
    bare = words.get(_SPACES.sub(" ", "".join(char for char in word if char not in symbols)).strip())
    others = {words[symbol] for symbol in symbols if symbol in words}
    return bare if others <= {bare} else None


def _in_words(word: str, outcome: Outcome) -> bool | None:
    """Return the meaning of an outcome with other separators ("closed_won"), or behind a word that means not."""
    spaced = _JOINED.sub(" ", word)
    words = _vocabulary(outcome)
    if spaced in words:
        return words[spaced]
    denied = [spaced.removeprefix(f"{no} ") for no in NOT if spaced.startswith(f"{no} ")]
    denied += [spaced.removeprefix(no) for no in NOT_JOINED if spaced.startswith(no)]
    return False if any(rest in _outcome_words() for rest in denied) else None


@cache
def _outcome_words() -> set[str]:
    return _all_cases((*WON, *LOST))


def _is_symbol(char: str) -> bool:
    return unicodedata.category(char) == "So" or char in "✓✔✗✘√"


def folded(written: str) -> str:
    """Return a text for comparison: without case, variants of characters and repeated spaces.

    Examples
    --------
    >>> folded("ＴＲＵＥ"), folded("Doğru "), folded("VERDADEIRO")
    ('true', 'doğru', 'verdadeiro')
    """
    if written.isascii():
        return _SPACES.sub(" ", written).strip().casefold()
    plain = unicodedata.normalize("NFKC", written.translate(_IGNORED)).replace("İ", "i").casefold()
    return _SPACES.sub(" ", unicodedata.normalize("NFC", plain)).strip()


@cache
def _vocabulary(outcome: Outcome | None) -> dict[str, bool]:
    words = dict.fromkeys(_all_cases(YES), True) | dict.fromkeys(_all_cases(NO), False)
    if outcome is not None:
        words |= dict.fromkeys(_all_cases(OPEN), False)
        words |= dict.fromkeys(_all_cases(WON), outcome == "won")
        words |= dict.fromkeys(_all_cases(LOST), outcome == "lost")
    return words


def _all_cases(words: Iterable[str]) -> set[str]:
    """Return folded words, also as they fold from capitals of Turkish and Greek."""
    return {
        folded(form) for word in words for form in (word, word.upper(), word.replace("i", "ı"), word.replace("ı", "i"))
    }
