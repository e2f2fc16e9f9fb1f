"""Stage vocabulary lookup: whether a stage or status means won, lost, junk or engaged."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, get_args

from crm.inference.header_vocabulary import vocabulary
from crm.inference.header_words import normalise
from crm.inference.stage_phrases import StageSpan

StageKind = Literal["junk", "lost", "won", "engaged"]
STAGE_KINDS: tuple[StageKind, ...] = get_args(StageKind)
"""In order of precedence."""
_JUNK_BONUS = 1_000
_NOT_WON = ("lost", "undone")
"""Kinds of phrases that undo a win in the same text; those of kind "neither" only keep their words from counting."""
_PERCENTAGE = re.compile(r"(\d+(?:[.,]\d+)?)\s?(?:[%٪]|p(?:er|ro|or|our)\s?[cz]i?ento?\b|pct\b)")
_CERTAIN: dict[StageKind, frozenset[float]] = {"won": frozenset({100.0}), "lost": frozenset({0.0, 100.0})}
"""Percentages that the name of such a stage may have; any other is a forecast."""


@lru_cache(maxsize=4096)
def stage_kind(stage: str) -> StageKind | None:
    """Return the meaning of a stage, or None if no vocabulary has its words.

    A phrase inside a longer one does not count. A junk phrase decides; otherwise the longest phrase decides, and at
    equal length the order is lost, won, engaged. "Not won" means lost; "not yet won" and any other negated phrase
    mean nothing. A win with a loss, or with a word that undoes it, is lost: "Closed won - cancelled", "Bought
    elsewhere", "Won by competitor". A forecast or a question means nothing: "Won 50%", "Won?".

    Examples
    --------
    >>> [stage_kind(stage) for stage in ("Closed - Converted", "7 - Vinto", "Gewonnen", "성사", "Сделка выиграна")]
    ['won', 'won', 'won', 'won', 'won']
    >>> [stage_kind(stage) for stage in ("closedlost", "Not converted", "Закрыто и не реализовано", "未成約")]
    ['lost', 'lost', 'lost', 'lost']
    >>> [stage_kind(stage) for stage in ("Junk Lead", "Unqualified - fake", "Meeting held", "Connected", "New")]
    ['junk', 'junk', 'engaged', 'engaged', None]
    >>> [stage_kind(stage) for stage in ("Won - cancelled", "Bought elsewhere", "Won from competitor", "Sold out")]
    ['lost', 'lost', 'won', None]
    >>> [stage_kind(stage) for stage in ("Won 50%", "90 % gewonnen", "Won?", "Closed Won (100%)", "Lost - 0%")]
    [None, None, None, 'won', 'lost']
    """
    spans = _spans(stage)
    counted = [span for span in spans if not _is_inside(span, spans)]
    ranks: list[tuple[int, int]] = []
    for span in counted:
        kind = _kind(span)
        if kind is not None:
            ranks.append((span.length + _JUNK_BONUS * (kind == "junk"), -STAGE_KINDS.index(kind)))
    best = STAGE_KINDS[-max(ranks)[1]] if ranks else None
    undone = any(span.kind in _NOT_WON and span.negation is None for span in counted)
    if best == "won" and undone:
        best = "lost"
    return None if best in _CERTAIN and _is_forecast(stage, _CERTAIN[best]) else best


@lru_cache(maxsize=4096)
def is_open_stage(stage: str) -> bool:
    """Return whether a vocabulary says that a stage is open.

    Examples
    --------
    >>> is_open_stage("Prospecting"), is_open_stage("To be signed"), is_open_stage("Phase 7")
    (True, True, False)
    """
    return stage_kind(stage) is None and any(
        span.kind == "open" or span.negation == "not yet" for span in _spans(stage)
    )


def _is_forecast(stage: str, certain: frozenset[float]) -> bool:
    """Return whether a stage has a question mark, or a percentage other than the certain ones."""
    text = unicodedata.normalize("NFKC", stage).casefold()
    found = {float(number.replace(",", ".")) for number in _PERCENTAGE.findall(text)}
    return any(mark in text for mark in "?؟") or not found <= certain


def _spans(stage: str) -> list[StageSpan]:
    words = normalise(stage)
    return [span for table in vocabulary() for span in table.stages.find(words)]


def _kind(span: StageSpan) -> StageKind | None:
    if span.negation is not None:
        return "lost" if span.negation == "not" and span.kind == "won" else None
    return next((kind for kind in STAGE_KINDS if kind == span.kind), None)


def _is_inside(span: StageSpan, spans: Sequence[StageSpan]) -> bool:
    """Return whether a longer phrase has the words of a phrase, or another lists them with their negation."""
    for other in spans:
        if other.start <= span.start and span.end <= other.end:
            longer = other.end - other.start > span.end - span.start
            if longer or (span.negation is not None and other.negation is None):
                return True
    return False
