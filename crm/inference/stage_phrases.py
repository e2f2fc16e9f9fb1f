"""Stage phrases of one vocabulary: find them in the words of a stage."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from crm.inference.header_words import compact, normalise

_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
"""Japanese, Chinese and Korean letters: phrases are found inside words."""
Negation = Literal["not", "not yet"]
_NOT: Negation = "not"
_NOT_YET: Negation = "not yet"
_MOST_WORDS = 8
_MOST_LETTERS = 12


@dataclass(frozen=True)
class StageSpan:
    """A phrase found in a stage.

    Attributes
    ----------
    kind
        "won", "lost", "junk", "engaged" or "open".
    start, end
        Position in the stage without spaces, with the words that mean "not" or "not yet".
    length
        Number of letters of the phrase, spaces between words included.
    negation
        Whether the words before or after the phrase mean "not" or "not yet".
    """

    kind: str
    start: int
    end: int
    length: int
    negation: Negation | None


@dataclass(frozen=True)
class StagePhrases:
    """Phrases of one vocabulary, normalised.

    Attributes
    ----------
    kinds
        Phrase -> kind; the phrase may be a part of a stage.
    compact_kinds
        Phrase without spaces -> kind; only a whole stage is compared with it.
    before, after
        Words that precede and follow a phrase -> their negation; those that mean "not yet" first.
    """

    kinds: Mapping[str, str]
    compact_kinds: Mapping[str, str]
    before: Mapping[str, Negation]
    after: Mapping[str, Negation]

    def find(self, words: str) -> Iterator[StageSpan]:
        """Yield the phrases in the normalised words of a stage; a number in front is no part of a whole stage."""
        letters = compact(words)
        unnumbered = words.lstrip("0123456789 ")
        for rest, negation in self._without_negation(unnumbered, compact(unnumbered)):
            if rest in self.compact_kinds:
                yield StageSpan(self.compact_kinds[rest], 0, len(letters), len(words), negation)
        for phrase, start in _parts(words, letters):
            kind = self.kinds.get(phrase)
            if kind is not None:
                end = start + len(compact(phrase))
                negation, before, after = self._negation(words, phrase, letters[:start])
                yield StageSpan(kind, start - before, end + after, len(phrase), negation)

    def _without_negation(self, words: str, letters: str) -> Iterator[tuple[str, Negation | None]]:
        """Yield the letters of a stage, and its letters without a negation at the start or end."""
        yield letters, None
        unspaced = _UNSPACED.search(letters) is not None
        for word, negation in self.before.items():
            if words.startswith(f"{word} "):
                yield compact(words.removeprefix(word)), negation
            elif unspaced and letters.startswith(word):
                yield letters.removeprefix(word), negation
        for word, negation in self.after.items():
            if words.endswith(f" {word}"):
                yield compact(words.removesuffix(word)), negation
            elif unspaced and letters.endswith(word):
                yield letters.removesuffix(word), negation

    def _negation(self, words: str, phrase: str, preceding: str) -> tuple[Negation | None, int, int]:
        """Return the negation of a phrase, and the number of its letters before and after the phrase."""
        padded = f" {words} "
        unspaced = _UNSPACED.search(phrase) is not None
        following = compact(words)[len(preceding) + len(compact(phrase)) :]
        for word, negation in self.before.items():
            if f" {word} {phrase} " in padded or (unspaced and preceding.endswith(word)):
                return negation, len(compact(word)), 0
        for word, negation in self.after.items():
            if f" {phrase} {word} " in padded or (unspaced and following.startswith(word)):
                return negation, 0, len(compact(word))
        return None, 0, 0


def _parts(words: str, letters: str) -> Iterator[tuple[str, int]]:
    """Yield the phrases that a stage may contain, with their position in its letters."""
    separate = words.split()
    start = 0
    for first, word in enumerate(separate):
        for last in range(first + 1, min(first + _MOST_WORDS, len(separate)) + 1):
            yield " ".join(separate[first:last]), start
        start += len(word)
    if _UNSPACED.search(letters):
        for first in range(len(letters)):
            for last in range(first + 2, min(first + _MOST_LETTERS, len(letters)) + 1):
                if _UNSPACED.search(letters, first, last):
                    yield letters[first:last], first


def read_phrases(parts: Mapping[str, Sequence[str]], whole: Mapping[str, Sequence[str]]) -> StagePhrases:
    """Return the phrases of the tables `stages` and `whole_stages` of a vocabulary.

    Examples
    --------
    >>> phrases = read_phrases({"won": ["Closed Won"], "not": ["not"], "not_yet": ["not yet"]}, {"won": ["Customer"]})
    >>> sorted({(span.kind, span.negation) for span in phrases.find("not closed won")})
    [('won', 'not')]
    >>> sorted({(span.kind, span.negation) for span in phrases.find("not yet customer")})
    [('won', 'not yet')]
    >>> list(phrases.find("customer contacted"))
    []
    """
    spoken = {kind: [normalise(text) for text in texts] for kind, texts in parts.items()}
    not_yet, not_yet_after, never, never_after = (
        spoken.pop(key, []) for key in ("not_yet", "not_yet_after", "not", "not_after")
    )
    kinds = {phrase: kind for kind, phrases in reversed(spoken.items()) for phrase in phrases}
    alone = {compact(normalise(text)): kind for kind, texts in whole.items() for text in texts}
    return StagePhrases(
        kinds=kinds,
        compact_kinds={compact(phrase): kind for phrase, kind in kinds.items()} | alone,
        before=_negations(not_yet, never),
        after=_negations(not_yet_after, never_after),
    )


def _negations(not_yet: Sequence[str], never: Sequence[str]) -> dict[str, Negation]:
    """Return words -> negation; of two that match, "not yet" is found first."""
    return {**dict.fromkeys(not_yet, _NOT_YET), **dict.fromkeys(never, _NOT)}
