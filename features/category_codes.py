"""Category codes: integer codes of categories, learned from the training table.

Codes follow falling frequency, so that a split on their order separates common from rare categories.
Values seen fewer than `MIN_COUNT` times share one last code, "rare value". A value that training did not
see gets that code too; nan is kept for an empty field. Where training had no rare value, an unseen value is `UNSEEN`: a
nan to every model, with bits of its own, by which the reasons distinguish a value that was sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.feature_group import NAN, Cell

MIN_COUNT = 5
MAX_CATEGORIES = 200
UNSEEN_BITS = 0x7FF8_0000_0000_0001
UNSEEN = float(np.int64(UNSEEN_BITS).view(np.float64))


@dataclass(frozen=True)
class Vocabulary:
    """Categories of one feature and their codes.

    Examples
    --------
    >>> vocabulary = learn({"google": 40, "bing": 9, "yandex": 1})
    >>> vocabulary.keys, [vocabulary.code(word) for word in ("bing", "yandex", "never seen", None)]
    (('google', 'bing'), [1.0, 2.0, 2.0, nan])
    >>> vocabulary.name(1.0), vocabulary.name(2.0), vocabulary.name(float("nan"))
    ('bing', 'rare value', None)
    >>> all_common = learn({"google": 40})
    >>> all_common.code("bing"), all_common.name(all_common.code("bing"))
    (nan, 'not seen in training')
    """

    keys: tuple[str, ...]
    rare: bool

    @cached_property
    def codes(self) -> dict[Cell, float]:
        """Code of each category; nan for None."""
        return {**{word: float(code) for code, word in enumerate(self.keys)}, None: NAN}

    @cached_property
    def unseen(self) -> float:
        """Code of any other category."""
        return float(len(self.keys)) if self.rare else UNSEEN

    def code(self, word: Cell) -> float:
        """Return the code of a category; nan where missing."""
        return self.codes.get(word, self.unseen)

    def name(self, code: float) -> str | None:
        """Return the category of a code, or None where it is missing."""
        if code != code:  # noqa: PLR0124 - nan differs from itself
            return "not seen in training" if np.float64(code).view(np.int64) == UNSEEN_BITS else None
        return self.keys[int(code)] if 0 <= code < len(self.keys) else "rare value"


def learn(counts: Mapping[str, int]) -> Vocabulary:
    """Learn the vocabulary from the number of leads per category; ties in alphabetical order."""
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    frequent = [word for word in ordered if counts[word] >= MIN_COUNT][:MAX_CATEGORIES]
    return Vocabulary(tuple(frequent), rare=len(frequent) < len(ordered))
