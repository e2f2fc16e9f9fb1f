"""Detect the encoding of a text without a byte order mark, and say where it is in doubt."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from crm.letter_statistics import statistics_of

_WEST = ("de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "is", "ca", "en", "et")
_CENTRAL = ("pl", "cs", "sk", "hu", "ro", "hr", "sl", "de", "en", "sq")
_BALTIC = ("lt", "lv", "et", "en", "de")
_CYRILLIC = ("ru", "uk", "bg", "sr", "mk", "be", "en")
_LANGUAGES: dict[str, tuple[str, ...]] = {
    "cp1252": _WEST,
    "cp1250": _CENTRAL,
    "cp1251": _CYRILLIC,
    "cp1254": ("tr", *_WEST),
    "cp1257": _BALTIC,
    "cp1253": ("el", "en"),
    "cp1255": ("he", "en"),
    "cp1256": ("ar", "fa", "ur", "en"),
    "cp932": ("ja", "en"),
    "gb18030": ("zh", "en"),
    "big5": ("zh_Hant", "en"),
    "cp949": ("ko", "en"),
    "cp874": ("th", "en"),
    "koi8_r": _CYRILLIC,
    "koi8_u": _CYRILLIC,
    "cp866": _CYRILLIC,
    "iso8859_2": _CENTRAL,
    "iso8859_7": ("el", "en"),
    "iso8859_15": _WEST,
    "mac_roman": _WEST,
    "cp850": _WEST,
    "cp852": _CENTRAL,
    "cp857": ("tr", "en", "de"),
    "iso8859_5": _CYRILLIC,
    "iso8859_6": ("ar", "en"),
    "iso8859_13": _BALTIC,
    "mac_cyrillic": _CYRILLIC,
    "mac_greek": ("el", "en"),
    "euc_jp": ("ja", "en"),
}
"""Encoding -> the languages that are written in it; of encodings that fit equally well, the first one is chosen."""
_LOG_PRIORS = {"cp1252": 3.0, "cp850": -3.0, "cp852": -3.0, "cp857": -3.0, "mac_roman": -2.0, "iso8859_15": -2.0}
_DETECTOR_VOTE = 2.0
_CERTAIN, _CERTAIN_FEW_WORDS, _FEW_WORDS = 9.0, 16.0, 10
"""Log-odds above which the choice is not in doubt, and those for a few words."""
_LEAST, _LEAST_EAST_ASIAN = -4.4, -8.0
"""Log-probability of a letter below which words are hardly of a language of the encoding, so that it may be one that is
not listed, such as a code page of DOS. Measured on texts of 22 languages; right choices are above -4.2 and -7.9."""
_EAST_ASIAN = frozenset({"cp932", "gb18030", "big5", "cp949", "euc_jp"})
_MOST_WORDS = 300
_ROUNDS = 4
_WORD = re.compile(rb"[A-Za-z'\x80-\xff]*[\x80-\xff][\x40-\xff]*")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_PUNCTUATION = re.compile(rb"^[\x80\x85\x91-\x97]+|[\x80\x85\x91-\x97]+$|(?<=[A-Za-z])\x92(?=[A-Za-z])")
"""Quotation marks, dashes and the euro sign in cp1252, where words have them."""
_RARE, _WIDEST, _SAME_PLACE = 0.05, 0.45, 0.9


@dataclass(frozen=True)
class EncodingGuess:
    """Most probable encoding.

    Attributes
    ----------
    encoding
        Name of a Python codec.
    doubt
        The next probable encoding, if the choice is in doubt; otherwise an empty text.
    """

    encoding: str
    doubt: str = ""


def detect(sample: bytes) -> EncodingGuess:
    r"""Return the most probable encoding of bytes without a byte order mark.

    UTF-8 with a few invalid bytes is UTF-8. Among legacy encodings, the words with letters that are not ASCII are
    decoded in each, and the encoding in which they are most probable in its languages is chosen; the choice of
    charset-normalizer counts as one more piece of evidence.

    Examples
    --------
    >>> detect("Müller, Köln, Straße".encode("cp1252")).encoding, detect("Иванов Пётр".encode("cp1251")).encoding
    ('cp1252', 'cp1251')
    >>> detect("Müller".encode() + b" \xff").encoding, detect("김민준 서울".encode("cp949")).encoding
    ('utf-8', 'cp949')
    """
    if is_wide(sample):
        return EncodingGuess(_wide_encoding(sample))
    if is_utf8(sample):
        return EncodingGuess("iso2022_jp" if b"\x1b$B" in sample else "utf-8")
    words = list(dict.fromkeys(_WORD.findall(sample)))[:_MOST_WORDS]
    if all(_PUNCTUATION.sub(b"", word).isascii() for word in words):
        return EncodingGuess("cp1252")
    scores = _scores(words)
    if not scores:
        return EncodingGuess("cp1252", "utf-8")
    likelihoods = dict(scores)
    favourite = _favourite_of_detector(words)
    for encoding in scores:
        scores[encoding] += _LOG_PRIORS.get(encoding, 0.0) + _DETECTOR_VOTE * (encoding == favourite)
    ranked = sorted(scores, key=lambda encoding: -scores[encoding])
    text = _decoded(words, ranked[0])
    best = next(encoding for encoding in _LANGUAGES if encoding in scores and _decoded(words, encoding) == text)
    rival = next((encoding for encoding in ranked[1:] if _decoded(words, encoding) != text), None)
    certain = _CERTAIN_FEW_WORDS if len(words) < _FEW_WORDS else _CERTAIN
    if _is_improbable(likelihoods[best], words, best):
        return EncodingGuess(best, rival or "utf-8")
    if rival is None or scores[ranked[0]] - scores[rival] >= certain:
        return EncodingGuess(best)
    return EncodingGuess(best, rival)


def _is_improbable(likelihood: float, words: Sequence[bytes], encoding: str) -> bool:
    """Return whether the letters of the words are improbable in the languages of an encoding."""
    letters = sum(len(word.decode(encoding, "replace")) + 1 for word in words)
    return likelihood < letters * (_LEAST_EAST_ASIAN if encoding in _EAST_ASIAN else _LEAST)


def is_wide(sample: bytes) -> bool:
    """Return whether NUL bytes are frequent and at every second byte, or more frequent, as in UTF-16 and UTF-32."""
    zeros = [sample[start::2].count(b"\x00") for start in range(2)]
    share = sum(zeros) / max(len(sample), 1)
    return share > _RARE and (share > _WIDEST or max(zeros) >= _SAME_PLACE * sum(zeros))


def is_utf8(sample: bytes) -> bool:
    """Return whether most bytes that are not ASCII are UTF-8; also true for ASCII."""
    runs = _HIGH_RUN.findall(sample)
    return 2 * sum(map(_is_valid, runs)) >= len(runs)


def _wide_encoding(sample: bytes) -> str:
    """Return the UTF-16 or UTF-32 of bytes, by the positions of the NUL bytes."""
    zeros = [sample[start::4].count(b"\x00") for start in range(4)]
    units = max(len(sample) // 4, 1)
    if zeros[2] + zeros[3] >= 1.9 * units and zeros[0] < 0.5 * units:
        return "utf-32-le"
    if zeros[0] + zeros[1] >= 1.9 * units and zeros[3] < 0.5 * units:
        return "utf-32-be"
    return "utf-16-le" if zeros[1] + zeros[3] > zeros[0] + zeros[2] else "utf-16-be"


def _is_valid(run: bytes) -> bool:
    try:
        run.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decoded(words: Sequence[bytes], encoding: str) -> list[str] | None:
    """Return the words in an encoding, or None if more than a few of them are not valid in it."""
    decoded = [word.decode(encoding, "replace") for word in words]
    faulty = sum("\ufffd" in word for word in decoded)
    return decoded if faulty <= _RARE * len(decoded) else None


def _scores(words: Sequence[bytes]) -> dict[str, float]:
    """Return the log-likelihood of the words for each encoding in which they are valid."""
    scores: dict[str, float] = {}
    for encoding, languages in _LANGUAGES.items():
        decoded = _decoded(words, encoding)
        if decoded is not None:
            scores[encoding] = _mixture(_log_probabilities(decoded, languages))
    return scores


def _log_probabilities(words: Sequence[str], languages: Sequence[str]) -> NDArray[np.float64]:
    """Return the log-probability of each word in each language, shape (words, languages)."""
    return np.array([[_word(language, word) for language in languages] for word in words])


@cache
def _word(language: str, word: str) -> float:
    return statistics_of(language).log_probability(word)


def _mixture(terms: NDArray[np.float64]) -> float:
    """Return the log-likelihood of words of several languages, with the shares of the languages that fit best."""
    shares = np.full(terms.shape[1], -math.log(terms.shape[1]))
    total = 0.0
    for _ in range(_ROUNDS):
        joint = terms + shares
        per_word = np.logaddexp.reduce(joint, axis=1)
        total = float(per_word.sum())
        weights = np.exp(joint - per_word[:, None]).sum(axis=0) + 0.1
        shares = np.log(weights / weights.sum())
    return total


def _favourite_of_detector(words: Sequence[bytes]) -> str:
    from charset_normalizer import from_bytes

    match = from_bytes(b" ".join(words), cp_isolation=list(_LANGUAGES)).best()
    return "" if match is None else match.encoding
