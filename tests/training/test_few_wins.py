"""What few wins allow to promise."""

from __future__ import annotations

import math

from training.few_wins import promise


def test_the_sentence_says_how_many_wins_are_needed() -> None:
    sentence = promise(12, 3, share=0.3, days=math.nan, as_of=None)
    assert "12 wins so far, 3 of them" in sentence
    assert "6 to 21" in sentence
    assert sentence.endswith("about 22 more wins are needed")


def test_without_a_win_nothing_is_computed_from_them() -> None:
    sentence = promise(0, 0, share=0.3, days=300.0, as_of=None)
    assert "0 wins so far" in sentence
    assert "could as well" not in sentence


def test_many_wins_of_which_few_are_late_need_only_those() -> None:
    assert "about 6 more wins" in promise(500, 4, share=0.3, days=300.0, as_of=None)
