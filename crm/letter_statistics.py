"""Letter statistics of languages: how probable a word is, by pairs of letters in the names of the CLDR."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

EDGE = " "
_UNSEEN_PAIR = 0.02
"""Share of the probability that goes to letters of the alphabet irrespective of the letter before."""
_IMPOSSIBLE = math.log(1e-6)
_SIGN = math.log(1e-2)
_OPENING, _CLOSING = "«„‚“‘¿¡§£€「『（《", "»”’“‘…°ºª²³½®™€、。」』）》，：；！？،؟״׳"
"""Punctuation and other signs before and after words."""
_INSIDE = "’·–—、。・，～\xa0\u200c\u200d"
_CEDILLAS = str.maketrans("șț", "şţ")
"""Romanian letters as code pages have them."""
_COMMON = {"zh": ("gb2312", 0xB0, 0xD7), "zh_Hant": ("big5", 0xA4, 0xC6), "ja": ("shift_jis", 0x88, 0x97)}
"""Codec, and first bytes of the frequent characters in it."""
_COMMON_CHARACTER = math.log(1 / 5000)
_SYLLABLE = math.log(1 / 4000)
_KANA = math.log(1 / 150)
_RARE_CHARACTER = math.log(1e-5)


class LanguageStatistics:
    """Probabilities of the letters of one language.

    Parameters
    ----------
    language
        CLDR language with texts.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        pairs: Counter[tuple[str, str]] = Counter()
        letters: Counter[str] = Counter()
        for word in _words(language):
            spelled = f"{EDGE}{word}{EDGE}"
            pairs.update(pairwise(spelled))
            letters.update(spelled[1:])
        before: Counter[str] = Counter()
        for (first, _), count in pairs.items():
            before[first] += count
        total = letters.total() + 0.5 * len(letters)
        self._letters = {letter: (count + 0.5) / total for letter, count in letters.items()}
        self._pairs = {pair: count / before[pair[0]] for pair, count in pairs.items()}

    def log_probability(self, word: str) -> float:
        """Return the logarithm of the probability of a word as written."""
        spelled = word.lstrip(_OPENING).rstrip(_CLOSING)
        total = _SIGN * (len(word) - len(spelled)) + _IMPOSSIBLE * _case_faults(spelled)
        previous = EDGE
        for letter in f"{spelled.casefold()}{EDGE}" if spelled else "":
            total += self._letter(previous, letter)
            previous = letter
        return total

    def _letter(self, previous: str, letter: str) -> float:
        alone = self._letters.get(letter, 0.0)
        if not alone:
            return _SIGN if letter in _INSIDE else self._character(letter)
        pair = self._pairs.get((previous, letter), 0.0)
        seen = math.log((1 - _UNSEEN_PAIR) * pair + _UNSEEN_PAIR * alone)
        return max(seen, self._character(letter)) if self.language in _COMMON else seen

    def _character(self, letter: str) -> float:
        """Return the logarithm of the probability of a character that the names do not have."""
        if self.language == "ja" and "ぁ" <= letter <= "ヶ":
            return _KANA
        if self.language == "ko" and "가" <= letter <= "힣":
            return _SYLLABLE
        if letter.isascii():
            return _RARE_CHARACTER if letter.isalnum() else _IMPOSSIBLE
        if self.language in _COMMON:
            codec, first, last = _COMMON[self.language]
            encoded = letter.encode(codec, "ignore")
            if len(encoded) == 2 and unicodedata.category(letter) == "Lo":
                return _COMMON_CHARACTER if first <= encoded[0] <= last else _RARE_CHARACTER
        return _IMPOSSIBLE


def _case_faults(word: str) -> int:
    """Return the number of capitals that are not ASCII inside a word with small letters, as in the wrong code page."""
    if word.isascii() or word == word.upper():
        return 0
    capitals = sum(letter.isupper() and not letter.isascii() for letter in word[1:])
    return capitals + sum(one > "\x7f" and one.islower() and two.isupper() for one, two in pairwise(word))


@cache
def statistics_of(language: str) -> LanguageStatistics:
    """Return the statistics of a language."""
    return LanguageStatistics(language)


def _words(language: str) -> Iterator[str]:
    """Yield the words of the names of countries, languages, currencies, months and days in a language."""
    from babel import Locale

    locale = Locale.parse(language)
    names = [*locale.territories.values(), *locale.languages.values(), *locale.currencies.values()]
    names += [name for width in ("wide", "abbreviated") for name in locale.months["format"][width].values()]
    names += [*locale.days["format"]["wide"].values(), *locale.scripts.values()]
    for name in names:
        for word in name.casefold().split():
            spelled = word.strip("()[],.;:/-'’")
            if spelled:
                yield spelled
                if language == "ro" and spelled.translate(_CEDILLAS) != spelled:
                    yield spelled.translate(_CEDILLAS)
