from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from features.text_arrays import ascii_bytes, partition

TEXTS = st.lists(st.text("ab@+", max_size=6), max_size=6)


@given(TEXTS, st.booleans())
def test_parts_are_those_of_partition(texts: list[str], last: bool) -> None:
    before, after = partition(pa.array(texts, pa.string()), "@", last=last)
    parts = [text.rpartition("@") if last and "@" in text else text.partition("@") for text in texts]
    assert before.to_pylist() == [part[0] for part in parts]
    assert after.to_pylist() == [part[2] if part[1] else None for part in parts]


@given(TEXTS, st.integers(0, 6))
def test_bytes_of_a_part_of_an_array(texts: list[str], begin: int) -> None:
    data, lengths = ascii_bytes(pa.array(texts, pa.string()).slice(begin))
    assert data.tobytes().decode() == "".join(texts[begin:])
    assert lengths.tolist() == [*map(len, texts[begin:])]
