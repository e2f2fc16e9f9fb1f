"""Normalisation of headers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm.inference.header_words import normalise


@given(st.text())
def test_normalisation_is_idempotent(header: str) -> None:
    words = normalise(header)
    assert normalise(words) == words
