from __future__ import annotations

import math
import pickle

from features.category_codes import MAX_CATEGORIES, Vocabulary, learn


def test_codes_follow_falling_frequency_with_ties_in_alphabetical_order() -> None:
    assert learn({"b": 9, "a": 9, "c": 10, "rare": 4}).keys == ("c", "a", "b")


def test_at_most_200_categories_have_a_code_of_their_own() -> None:
    vocabulary = learn({f"{number:03}": 1_000 - number for number in range(300)})
    assert len(vocabulary.keys) == MAX_CATEGORIES
    assert vocabulary.code("299") == MAX_CATEGORIES


def test_unseen_value_is_missing_where_training_had_no_rare_value() -> None:
    vocabulary = learn({"google": 40})
    assert not vocabulary.rare
    assert math.isnan(vocabulary.code("bing"))
    assert math.isnan(vocabulary.code(None))
    assert vocabulary.name(vocabulary.code("bing")) == "not seen in training"
    assert vocabulary.name(vocabulary.code(None)) is None


def test_equality_and_pickling_ignore_the_cached_codes() -> None:
    vocabulary = learn({"google": 40, "once": 1})
    assert vocabulary.code("google") == 0.0
    assert pickle.loads(pickle.dumps(vocabulary)) == vocabulary == Vocabulary(("google",), rare=True)
