"""Stage phrases of one vocabulary: find them in the words of a stage."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from crm.inference.header_words import compact, normalise

_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
"""Japanese, Chinese and Korean letters: phrases are found inside words."""
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
        Position in the stage without spaces.
    length
        Number of letters of the phrase, spaces between words included.
    negated
        Whether a negation precedes or follows the phrase.
    """

    kind: str
    start: int
    end: int
    length: int
    negated: bool


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
        Negations that precede and follow a phrase.
    """

    kinds: Mapping[str, str]
    compact_kinds: Mapping[str, str]
    before: tuple[str, ...]
    after: tuple[str, ...]

    def find(self, words: str) -> Iterator[StageSpan]:
        """Yield the phrases in the normalised words of a stage."""
        letters = compact(words)
        if letters in self.compact_kinds:
            yield StageSpan(self.compact_kinds[letters], 0, len(letters), len(words), False)
        for phrase, start in _parts(words, letters):
            kind = self.kinds.get(phrase)
            if kind is not None:
                end = start + len(compact(phrase))
                yield StageSpan(kind, start, end, len(phrase), self._is_negated(words, phrase, letters[:start]))

    def _is_negated(self, words: str, phrase: str, preceding: str) -> bool:
        padded = f" {words} "
        if any(f" {word} {phrase} " in padded for word in self.before):
            return True
        if any(f" {phrase} {word} " in padded for word in self.after):
            return True
        if not _UNSPACED.search(phrase):
            return False
        following = compact(words)[len(preceding) + len(phrase) :]
        return preceding.endswith(self.before) or following.startswith(self.after)


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
    >>> phrases = read_phrases({"won": ["Closed Won"], "not": ["not"]}, {"won": ["Customer"]})
    >>> [(span.kind, span.negated) for span in phrases.find("not closed won")]
    [('won', True)]
    >>> list(phrases.find("customer contacted"))
    []
    """
    spoken = {kind: [normalise(text) for text in texts] for kind, texts in parts.items()}
    before = tuple(spoken.pop("not", ()))
    after = tuple(spoken.pop("not_after", ()))
    kinds = {phrase: kind for kind, phrases in reversed(spoken.items()) for phrase in phrases}
    alone = {compact(normalise(text)): kind for kind, texts in whole.items() for text in texts}
    return StagePhrases(kinds, {compact(phrase): kind for phrase, kind in kinds.items()} | alone, before, after)
