"""How unlike a name a run of letters is.

Letter trigrams of given names and surnames of some seventy countries (see `features/data/README.md`),
folded to a-z. One is the point that 0.5 % of held-out real names pass, the countries weighing alike.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib import resources
from operator import add

_SPECIAL = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ə": "e", "ŋ": "n"}
)  # fmt: skip
EDGE = "`"  # stands before a in ASCII: start and end of a word
STEP = 0.2  # nats between two marks of the file
FIRST_MARK = 35  # "#" is 0 nats


def _read() -> tuple[dict[str, float], float, float, float]:
    """Return nats of each trigram, then the expected nats a letter, the scale and the weight of shortness."""
    lines = (resources.files("features") / "data" / "letters.txt").read_text(encoding="ascii").splitlines()
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
    """Every character of a decomposed text: marks vanish, what is no letter parts words."""

    def __missing__(self, code: int) -> int | None:
        letter = chr(code)
        kept = None if unicodedata.combining(letter) else code if letter.isalpha() else ord(" ")
        if code < 0x3000:
            self[code] = kept
        return kept


_LETTERS = _Letters()


def fold(text: str) -> str | None:
    """Return a text in a-z with single spaces between words, or None where letters of other scripts stand in it.

    Examples
    --------
    >>> fold("Łukasz Müller-Öztürk"), fold("O'Neill"), fold("김민준")
    ('lukasz muller ozturk', 'o neill', None)
    """
    folded = text.casefold()
    if not folded.isascii():
        folded = unicodedata.normalize("NFKD", folded.translate(_SPECIAL))
    words = " ".join(folded.translate(_LETTERS).split())
    return words if words.isascii() else None


@lru_cache(maxsize=50_000)
def strangeness(word: str) -> float:
    """Return how unlike a name a word in a-z is: about 0 for names, above 1 for keys hit at random.

    Words of few letters say little and are drawn towards 0.

    Examples
    --------
    >>> [round(strangeness(word), 1) for word in ("anna", "szczepanski", "xkqzvwpt")]
    [-0.4, 0.0, 4.7]
    """
    size = len(word)
    if size == 0:
        return 0.0
    edged = f"{EDGE}{EDGE}{word[:64]}{EDGE}"
    count = len(edged) - 2
    trigrams = map(add, map(add, edged, edged[1:]), edged[2:])
    total = sum(map(_NATS.__getitem__, trigrams))
    return (total / count - _EXPECTED) / _SCALE * count / (count + _SHORT)
