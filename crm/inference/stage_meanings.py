"""Stage vocabulary lookup: whether a stage or status means won, lost, junk or engaged."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, get_args

from crm.inference.header_vocabulary import vocabulary
from crm.inference.header_words import compact, normalise

StageKind = Literal["junk", "lost", "won", "engaged"]
STAGE_KINDS: tuple[StageKind, ...] = get_args(StageKind)
"""In order of precedence."""
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_JUNK_BONUS = 1_000


@lru_cache(maxsize=4096)
def stage_kind(stage: str) -> StageKind | None:
    """Return the meaning of a stage, or None if no vocabulary has its words.

    A junk phrase decides; otherwise the longest matching phrase decides, and at equal length the order is
    lost, won, engaged. A negated won phrase means lost, any other negated phrase means nothing.

    Examples
    --------
    >>> [stage_kind(stage) for stage in ("Closed - Converted", "7 - Vinto", "Gewonnen", "성사", "Сделка выиграна")]
    ['won', 'won', 'won', 'won', 'won']
    >>> [stage_kind(stage) for stage in ("closedlost", "Not converted", "Закрыто и не реализовано", "미성사")]
    ['lost', 'lost', 'lost', 'lost']
    >>> [stage_kind(stage) for stage in ("Junk Lead", "Unqualified - fake", "Meeting held", "Connected", "New")]
    ['junk', 'junk', 'engaged', 'engaged', None]
    """
    words = normalise(stage)
    english = next(table.negations for table in vocabulary() if table.name == "English")
    ranks: list[tuple[int, int]] = []
    for table in vocabulary():
        for section, phrases in table.stages.items():
            for phrase in phrases:
                length = _match_length(phrase, words)
                kind = _with_negation(section, phrase, words, table.negations or english) if length else None
                if kind is not None:
                    ranks.append((length + _JUNK_BONUS * (kind == "junk"), -STAGE_KINDS.index(kind)))
    return STAGE_KINDS[-max(ranks)[1]] if ranks else None


def _match_length(phrase: str, words: str) -> int:
    """Return the length of a phrase if the words contain it, else 0; Korean has no spaces around words."""
    if f" {phrase} " in f" {words} " or compact(phrase) == compact(words):
        return len(phrase)
    if _HANGUL.search(phrase) and len(compact(phrase)) > 1 and compact(phrase) in compact(words):
        return len(compact(phrase))
    return 0


def _with_negation(section: str, phrase: str, words: str, negations: Iterable[str]) -> StageKind | None:
    padded = f" {words} "
    for negation in negations:
        if f" {negation} {phrase} " in padded or (_HANGUL.search(phrase) and f"{negation}{phrase}" in padded):
            return "lost" if section == "won" else None
    return next(kind for kind in STAGE_KINDS if kind == section)
