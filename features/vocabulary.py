"""Categories as codes, learned from the training table.

Codes run by falling frequency, so that a split on their order parts common from rare. Values seen
fewer than `MIN_COUNT` times share one last code, "other"; a value never seen in training takes it
too, since it is a rare one, and not nan, which says that the field was left empty. Where training had
no rare value, "other" was never learned and an unseen value is nan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from features.base import NAN, Cell

MIN_COUNT = 5
MOST = 200


@dataclass(frozen=True)
class Vocabulary:
    """The categories of one feature.

    Examples
    --------
    >>> words = learn({"google": 40, "bing": 9, "yandex": 1})
    >>> words.keys, words.code("bing"), words.code("yandex"), words.code("never seen"), words.code(None)
    (('google', 'bing'), 1.0, 2.0, 2.0, nan)
    >>> words.name(1.0), words.name(2.0), words.name(float("nan"))
    ('bing', 'a rare one', None)
    """

    keys: tuple[str, ...]
    rare: bool
    codes: dict[Cell, float] = field(init=False, repr=False, compare=False)
    unseen: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        codes: dict[Cell, float] = {word: float(code) for code, word in enumerate(self.keys)}
        codes[None] = NAN
        object.__setattr__(self, "codes", codes)
        object.__setattr__(self, "unseen", float(len(self.keys)) if self.rare else NAN)

    def code(self, word: Cell) -> float:
        """Return the code of a category; nan where missing."""
        return self.codes.get(word, self.unseen)

    def name(self, code: float) -> str | None:
        """Return the category of a code, or None for nan."""
        if code != code:  # noqa: PLR0124 - nan differs from itself
            return None
        return self.keys[int(code)] if 0 <= code < len(self.keys) else "a rare one"


def learn(counts: Mapping[str, int]) -> Vocabulary:
    """Learn the categories from how often each was seen; ties in alphabetical order."""
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    frequent = [word for word in ordered if counts[word] >= MIN_COUNT][:MOST]
    return Vocabulary(tuple(frequent), rare=len(frequent) < len(ordered))
