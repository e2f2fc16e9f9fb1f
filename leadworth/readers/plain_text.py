"""Plain texts: those of an Arrow array that a reader returns as they are, found without a call for each."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leadworth.readers.placeholders import TEXT_PLACEHOLDERS, VALUE_PLACEHOLDERS

PLAIN_EMAIL = r"^[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9.-]*[A-Za-z0-9]$"
PLAIN_PHONE = r"^(?:\+?[0-9 ()/-]{4,60}|\(\+[0-9][0-9 ()/-]{4,56}[0-9])$"
PLAIN_ID = r"^[0-9A-Za-z]+(?:[_:-][0-9A-Za-z]+)*$"
"""Patterns of trimmed texts that `read_email`, `read_phone` and `read_id` return as they are, unless placeholders."""
PLAIN_MARKED_ID = r"^[0-9A-Za-z]{1,7}(?:[_-](?:[0-9A-Z]+|[0-9a-z]+|[0-9A-Za-z]{1,7}))+$"
"""Ids with marks whose canonical form is that in small letters; the first part is shorter than that of a UUID."""

_EDGES = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f "


def plain_texts(texts: pa.Array, limit: int | None, pattern: str | None) -> pa.Array:
    """Return which texts a text reader returns as they are, as truth values; False may be plain too.

    Parameters
    ----------
    texts
        Array of strings; null is null.
    limit
        Number of characters to which the reader cuts.
    pattern
        Of the plain texts of the reader; None for a reader of any text.

    Examples
    --------
    >>> plain_texts(pa.array(["Ada", " Ada", "n/a", "Zoë", "Ada Lovelace"]), 5, None).to_pylist()
    [True, False, False, False, False]
    >>> plain_texts(pa.array(["+39 333 1234567", "call me"]), 60, PLAIN_PHONE).to_pylist()
    [True, False]
    """
    blanks = _blanks(TEXT_PLACEHOLDERS if pattern is None else VALUE_PLACEHOLDERS, texts.type)
    plain = pc.and_(
        pc.equal(pc.ascii_trim(texts, characters=_EDGES), texts), pc.invert(pc.is_in(texts, value_set=blanks))
    )
    if limit is not None:
        plain = pc.and_(plain, pc.less_equal(pc.binary_length(texts), limit))
    if pattern is not None:
        return pc.and_(plain, pc.match_substring_regex(texts, pattern))
    plain = pc.and_(plain, pc.string_is_ascii(texts))
    return pc.and_(plain, pc.invert(pc.match_substring(texts, "\x00"))) if _may_have_nul(texts) else plain


@lru_cache(maxsize=8)
def _blanks(placeholders: frozenset[str], kind: pa.DataType) -> pa.Array:
    """Return the empty text and placeholders as an array of a type."""
    return pa.array(["", *sorted(placeholders)], kind)


def _may_have_nul(texts: pa.Array) -> bool:
    """Return whether the bytes of an array hold a NUL; looking for it in each text takes far longer."""
    data = texts.buffers()[-1]
    return data is not None and data.size > 0 and int(np.frombuffer(data, dtype=np.uint8).min()) == 0
