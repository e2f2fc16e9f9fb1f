"""Gibberish score: how unlikely a word is as a name, by letter trigrams.

The trigrams are those of given names and surnames of some seventy countries (see `features/data/README.md`),
folded to a-z. A score of 1 is exceeded by 0.5 % of held-out names of these lists, with equal weight of each country,
and by 0.9 % of names of an independent list (`python -m benchmarks.names`).
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib import resources
from operator import add

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.text_arrays import ascii_bytes
from leadworth.arrays import Indices, Vector

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
_ALPHABET = ord("z") - ord(EDGE) + 1
_NATS_OF_CODES = np.array([*_NATS.values()])  # by the codes of three letters, of which the edge is 0


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


def scores_of_longest(texts: pa.Array) -> Vector:
    """Return the gibberish score of the first of the longest words in a-z of many texts of up to 64 ASCII characters.

    Examples
    --------
    >>> scores = scores_of_longest(pa.array(["jo.szczepanski7", "xkqzvwpt", "12"]))
    >>> scores.tolist() == [gibberish_score(word) for word in ("szczepanski", "xkqzvwpt", "")]
    True
    """
    data, lengths = ascii_bytes(texts)
    starts, ends, rows = _words(data, lengths)
    sizes = ends - starts
    longest = np.zeros(len(texts), dtype=np.int64)
    np.maximum.at(longest, rows, sizes)
    chosen = np.flatnonzero(sizes == longest[rows])
    rows, first = np.unique(rows[chosen], return_index=True)
    chosen = chosen[first]
    scores = np.zeros(len(texts))
    if len(chosen):
        scores[rows] = _scores(data, starts[chosen], sizes[chosen])
    return scores


def _words(data: NDArray[np.uint8], lengths: Indices) -> tuple[Indices, Indices, Indices]:
    """Return begin, end and text of each word in a-z of concatenated texts."""
    row_of = np.repeat(np.arange(len(lengths)), lengths)
    letter = (data >= ord("a")) & (data <= ord("z"))
    joined = letter[1:] & letter[:-1] & (row_of[1:] == row_of[:-1])
    starts = np.flatnonzero(letter & ~np.append(False, joined))
    ends = np.flatnonzero(letter & ~np.append(joined, False)) + 1
    return starts, ends, row_of[starts]


def _scores(data: NDArray[np.uint8], starts: Indices, sizes: Indices) -> Vector:
    """Return the gibberish scores of words of 1 to 64 letters, in the order of addition of `gibberish_score`."""
    counts = sizes + 1
    places = np.cumsum(counts + 2) - counts - 2  # each word is behind two marks and before one
    within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    letters = np.zeros(int(counts.sum()) + 2 * len(sizes), dtype=np.int64)
    letters[np.repeat(places + 2, sizes) + within] = data[np.repeat(starts, sizes) + within] - ord(EDGE)
    trigrams = (letters[:-2] * _ALPHABET + letters[1:-1]) * _ALPHABET + letters[2:]
    words = np.repeat(np.arange(len(sizes)), counts)
    positions = np.arange(len(words)) + 2 * words
    totals = np.bincount(words, _NATS_OF_CODES[trigrams[positions]])
    scores = (totals / counts - _EXPECTED) / _SCALE * counts / (counts + _SHORT)
    return np.where(sizes <= INITIALS, np.minimum(scores, 0.0), scores)
