"""What a stage or status says of a lead: won, lost, junk, or a human engaged."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from crm.inference.header_vocabulary import vocabulary
from crm.inference.header_words import compact, normalise

Kind = Literal["won", "lost", "junk", "engaged"]
_ORDER: tuple[Kind, ...] = ("junk", "lost", "won", "engaged")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")


@lru_cache(maxsize=4096)
def stage_kind(stage: str) -> Kind | None:
    """Return what a stage means, or None where its words are not known.

    The longest known words decide; at equal length junk goes before lost, lost before won and won
    before engaged. A won or engaged word behind a negation means the contrary, or nothing.

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
    padded = f" {words} "
    best: tuple[int, int] | None = None
    english = next(table.negations for table in vocabulary() if table.name == "English")
    for table in vocabulary():
        for kind, texts in table.stages.items():
            for text in texts:
                length = _length(text, words, padded)
                if not length:
                    continue
                said = _negated(kind, text, padded, table.negations or english)
                if said is None:
                    continue
                rank = (_weight(said, length), -_ORDER.index(said))
                best = max(best, rank) if best else rank
    return _ORDER[-best[1]] if best else None


def _weight(kind: Kind, length: int) -> int:
    """Junk words decide by themselves: "Unqualified - fake" is junk, however long the other word."""
    return length + (1000 if kind == "junk" else 0)


def _length(text: str, words: str, padded: str) -> int:
    if f" {text} " in padded or compact(text) == compact(words):
        return len(text)
    if _HANGUL.search(text) and len(compact(text)) > 1 and compact(text) in compact(words):
        return len(compact(text))
    return 0


def _negated(kind: str, text: str, padded: str, negations: Iterable[str]) -> Kind | None:
    for negation in negations:
        if f" {negation} {text} " in padded or (_HANGUL.search(text) and f"{negation}{text}" in padded):
            return "lost" if kind == "won" else None
    return next(known for known in _ORDER if known == kind)
