from __future__ import annotations

import tracemalloc

import pytest

from features.lexicon import Lexicon, words_of


def test_each_entry_counts_once_and_matches_whole_words() -> None:
    lexicon = Lexicon({"a": ["demo", "pric*", "how much", "how many"], "b": ["demo"]})
    assert lexicon.hits(words_of("demo demo democracy price pricing how-much")) == {"a": 3, "b": 1}
    assert lexicon.hits(words_of("much how is a demonstration")) == {"a": 0, "b": 0}


def test_a_full_cache_is_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("features.lexicon.CACHED_WORDS", 3)
    lexicon = Lexicon({"a": ["demo"]})
    for _ in range(3):
        assert lexicon.hits(words_of("one two three four demo five six")) == {"a": 1}


def test_cache_is_bounded_for_long_words() -> None:
    lexicon = Lexicon({"a": ["demo", "pric*"]})
    tracemalloc.start()
    try:
        for number in range(500):
            assert lexicon.hits(words_of(f"price{number:04}{'x' * 4_900} demo")) == {"a": 2}
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size < 100_000
