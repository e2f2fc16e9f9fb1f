"""Plain texts are exactly what their readers return for them."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.id_matching import canonical_ids
from leadworth.readers.id_reader import canonical_id, read_id
from leadworth.readers.plain_text import plain_texts
from leadworth.records import reader_of
from leadworth.unreadable import readable

TEXTS = st.one_of(
    st.text(max_size=40).filter(lambda text: text.isascii() or text.isprintable()),
    st.from_regex(r"\A[ ]?[0-9A-Za-z_.:,'=\"+-]{1,12}[ \x1f]?\Z"),
    st.from_regex(r"\A\+?[0-9 ()/.-]{3,20}(\.0)?\Z"),
    st.from_regex(r"\A[a-z<]{1,4}@[a-z.]{1,9}[>]?\Z"),
    st.sampled_from(["N/A", "n/a", "none", "-", "NA", "a-b", "1.5E+11", "1-2", "#N/A", "x\x00y", "\x1c", "(none)"]),
    st.just("x" * 400),
)


@pytest.mark.parametrize("field", ["lead_id", "email", "phone", "first_name", "message"])
@settings(max_examples=20)
@given(texts=st.lists(TEXTS, min_size=1, max_size=20))
def test_readers_return_plain_texts_as_they_are(field: str, texts: list[str]) -> None:
    reader = reader_of(field)
    plain = plain_texts(pa.array(texts, pa.string()), reader.limit, reader.plain).to_pylist()
    for text, is_plain in zip(texts, plain, strict=True):
        if is_plain:
            assert reader(text) == text


@given(st.lists(st.from_regex(r"\A[0-9A-Za-z]{1,10}([_:-][0-9A-Za-z]{1,10}){0,4}\Z"), min_size=1, max_size=20))
def test_canonical_ids_of_marked_ids(texts: list[str]) -> None:
    expected = [canonical_id(readable(read_id(text)) or text) for text in texts]
    assert canonical_ids(pd.Series(texts, dtype=object)).tolist() == expected


@pytest.mark.parametrize("uuid", ["6F9619FF-8B86-D011-B42D-00C04FC964FF", "urn:uuid:6f9619ff8b86d011b42d00c04fc964ff"])
def test_uuids_are_no_marked_ids(uuid: str) -> None:
    assert canonical_ids(pd.Series([uuid], dtype=object)).tolist() == ["6f9619ff8b86d011b42d00c04fc964ff"]
