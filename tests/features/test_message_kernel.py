"""The compiled min-hash gives the runs of three words that Python finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from features.velocity_keys import message_key, message_keys

WORDS = st.sampled_from(
    [
        "offer",
        "SEO",
        "of",
        "a",
        "x_y",
        "2nd",
        "ranking",
        "größte",
        "the",
        "Ünïcode",
        "вам",
        "٣",
        "x²",
        "𝔸bc",
        "말씀",
        "_",
        "",
        "q",
    ]
)
MARKS = st.sampled_from([" ", ", ", "\n", "'", ".", "-", "  "])
MESSAGES = st.lists(st.tuples(WORDS, MARKS), max_size=30).map(lambda parts: "".join(map("".join, parts)))


@given(messages=st.lists(st.none() | MESSAGES | st.text(), max_size=8))
def test_keys_of_many_messages_are_those_of_one(messages: list[str | None]) -> None:
    assert message_keys(messages) == [*map(message_key, messages)]


def test_a_message_is_cut_after_5000_characters() -> None:
    long = "word " * 998 + "and words at the very end"
    assert message_keys([long, long[:5_000]]) == [message_key(long), message_key(long[:5_000])]
