"""Phrases of stages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.inference.header_words import normalise
from crm.inference.stage_phrases import read_phrases

PHRASES = read_phrases(
    {"won": ["closed won", "受注"], "not": ["not", "未"], "not_yet": ["not yet"], "not_yet_after": ["予定"]},
    {"won": ["customer"]},
)


@pytest.mark.parametrize(
    ("stage", "spans"),
    [
        ("3 - Closed won", [(1, 10, None)]),
        ("Not closed won", [(0, 12, "not")]),
        ("Not yet closed won", [(0, 15, "not yet")]),
        ("受注済み", [(0, 2, None)]),
        ("未受注", [(0, 3, "not")]),
        ("受注予定", [(0, 4, "not yet")]),
        ("Not customer", [(0, 11, "not")]),
        ("Customer care", []),
    ],
)
def test_positions_and_negations(stage: str, spans: list[tuple[int, int, str | None]]) -> None:
    found = {(span.start, span.end, span.negation) for span in PHRASES.find(normalise(stage))}
    assert set(spans) <= found
    assert bool(spans) == bool(found)


@given(st.text(max_size=60))
def test_positions_are_inside_the_stage(stage: str) -> None:
    words = normalise(stage)
    assert all(0 <= span.start < span.end <= len(words) for span in PHRASES.find(words))
