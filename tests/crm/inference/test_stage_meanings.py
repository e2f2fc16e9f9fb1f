"""Meanings of stages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.inference.header_vocabulary import vocabulary
from crm.inference.stage_meanings import STAGE_KINDS, stage_kind


def test_every_stage_of_a_vocabulary_has_the_meaning_of_its_section() -> None:
    wrong = [
        (table.name, kind, stage, stage_kind(stage))
        for table in vocabulary()
        for stage, kind in table.stages.kinds.items()
        if stage_kind(stage) != (None if kind == "open" else kind)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("stage", "kind"),
    [
        ("Closed - Converted", "won"),
        ("Closed - Not Converted", "lost"),
        ("closedwon", "won"),
        ("ClosedLost", "lost"),
        ("7 - Vinto", "won"),
        ("Non vinto", "lost"),
        ("Gewonnen", "won"),
        ("Nicht gewonnen", "lost"),
        ("성사", "won"),
        ("거래 성사", "won"),
        ("Сделка выиграна", "won"),
        ("Закрыто и не реализовано", "lost"),
        ("Junk Lead", "junk"),
        ("Unqualified - fake", "junk"),
        ("Unqualified", "lost"),
        ("Meeting held", "engaged"),
        ("Connected", "engaged"),
        ("Attempted to contact", None),
        ("New", None),
        ("Not contacted", None),
        ("Open - Not Contacted", None),
        ("Won - upsell", "won"),
        ("Lost to competitor", "lost"),
        ("Wonderland", None),
        ("Perso!", "lost"),
        ("Contest", None),
    ],
)
def test_stages(stage: str, kind: str | None) -> None:
    assert stage_kind(stage) == kind


@given(st.text(max_size=40))
def test_any_text_has_a_meaning_or_none(text: str) -> None:
    assert stage_kind(text) in {*STAGE_KINDS, None}


def test_the_cache_is_bounded() -> None:
    for number in range(5_000):
        stage_kind(f"stage {number}")

    assert stage_kind.cache_info().currsize <= 4_096
