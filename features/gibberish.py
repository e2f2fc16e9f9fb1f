"""Gibberish score: how unlikely a word is as a name, by letter trigrams.

The trigrams are those of given names and surnames of some seventy countries (see `features/data/README.md`),
folded to a-z. A score of 1 is exceeded by 0.5 % of held-out real names, with equal weight of each country.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib import resources
from operator import add

_SPECIAL = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ə": "e", "ŋ": "n"}
)
EDGE = "`"  # precedes "a" in ASCII; marks start and end of a word
INITIALS = 3
"""Letters up to which a word may be initials."""
STEP = 0.2  # nats between two successive characters of the file
FIRST_MARK = 35  # "#" is 0 nats


def _read() -> tuple[dict[str, float], float, float, float]:
    """Return the nats of each trigram, the expected nats per letter, the scale and the length prior."""
    lines = (resources.files("features") / "data" / "letter_trigrams.txt").read_text(encoding="ascii").splitlines()
    expected, scale, short = (float(part) for part in lines[0].split())
    alphabet = [chr(code) for code in range(ord(EDGE), ord("z") + 1)]
    pairs = (a + b for a in alphabet for b in alphabet)
    nats = {
        pair + letter: (ord(mark) - FIRST_MARK) * STEP
        for pair, line in zip(pairs, lines[1:], strict=True)
        for letter, mark in zip(alphabet, line, strict=True)
    }
    return nats, expected, scale, short


_NATS, _EXPECTED, _SCALE, _SHORT = _read()


class _Letters(dict[int, int | None]):
    """Translation table that deletes combining marks and replaces non-letters by a space; at most 0x3000 entries."""

    def __missing__(self, code: int) -> int | None:
        character = chr(code)
        replacement = None if unicodedata.combining(character) else code if character.isalpha() else ord(" ")
        if code < 0x3000:
            self[code] = replacement
        return replacement


_LETTERS = _Letters()
_ASCII_LETTERS = bytes(code if chr(code).isalpha() else ord(" ") for code in range(128)).ljust(256)


def fold(text: str) -> str | None:
    """Return a text folded to a-z with single spaces, or None where it contains letters of other scripts.

    Examples
    --------
    >>> fold("Łukasz Müller-Öztürk"), fold("O'Neill"), fold("김민준")
    ('lukasz muller ozturk', 'o neill', None)
    """
    folded = text.casefold()
    if folded.isascii():  # a table of bytes takes a third of the time
        return " ".join(folded.encode().translate(_ASCII_LETTERS).decode().split())
    folded = unicodedata.normalize("NFKD", folded.translate(_SPECIAL)).casefold()  # mathematical capitals
    words = " ".join(folded.translate(_LETTERS).split())
    return words if words.isascii() else None


# Names repeat and one word takes 2 us. At most 20,000 words of 400 letters.
@lru_cache(maxsize=20_000)
def gibberish_score(word: str) -> float:
    """Return the gibberish score of a word in a-z: about 0 for names, above 1 for random letters.

    The score of a short word is shrunk towards 0. Up to three letters are never above 0: they may be initials (jp) or
    an abbreviation (jnr).

    Examples
    --------
    >>> [round(gibberish_score(word), 1) for word in ("anna", "szczepanski", "xkqzvwpt", "xkq")]
    [-0.4, 0.0, 4.4, 0.0]
    """
    size = len(word)
    if size == 0:
        return 0.0
    edged = f"{EDGE}{EDGE}{word[:64]}{EDGE}"
    count = len(edged) - 2
    trigrams = map(add, map(add, edged, edged[1:]), edged[2:])
    total = sum(map(_NATS.__getitem__, trigrams))
    score = (total / count - _EXPECTED) / _SCALE * count / (count + _SHORT)
    return min(score, 0.0) if size <= INITIALS else score
