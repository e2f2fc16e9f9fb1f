from __future__ import annotations

import random
import re
import string

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.gibberish import fold, gibberish_score, scores_of_longest


@pytest.mark.parametrize(("minimum", "maximum", "share"), [(6, 10, 0.9), (10, 16, 0.97), (20, 24, 0.99)])
def test_random_letters_are_gibberish(minimum: int, maximum: int, share: float) -> None:
    pool = random.Random(11)
    words = ["".join(pool.choices(string.ascii_lowercase, k=pool.randint(minimum, maximum))) for _ in range(1_000)]
    assert sum(gibberish_score(word) > 1 for word in words) / len(words) >= share


@pytest.mark.parametrize("word", ["asdf", "asdfgh", "hjkl", "dfgdfg", "zxcvbn", "qwrtp"])
def test_neighbouring_keys_are_gibberish(word: str) -> None:
    assert gibberish_score(word) > 1


@pytest.mark.parametrize("word", ["jp", "xq", "jnr", "hjh", "bk", "ng"])
def test_initials_and_abbreviations_are_no_gibberish(word: str) -> None:
    assert gibberish_score(word) <= 0.0


@pytest.mark.parametrize(
    "name",
    ["kvaratskhelia", "ccahuana", "huallpa", "bainimarama", "benjelloun", "zerhouni", "chhorn", "mrzlikar", "xhaferi"],
)
def test_names_of_small_countries_are_names(name: str) -> None:
    assert gibberish_score(name) < 1.0


def test_each_letter_of_unicode_is_folded_to_what_has_a_score() -> None:
    letters = (chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)
    words = {word for letter in letters for word in (fold(letter) or "").split()}
    assert all(gibberish_score(word) <= 0 for word in words if len(word) <= 3)  # mathematical capitals once had none
    assert all(word.islower() for word in words)


@given(st.lists(st.text("abcxyz.1_", max_size=64), max_size=6))
def test_scores_of_many_are_those_of_one(texts: list[str]) -> None:
    expected = [gibberish_score(max(re.split("[^a-z]+", text), key=len)) for text in texts]
    assert scores_of_longest(pa.array(texts, pa.string())).tolist() == expected
