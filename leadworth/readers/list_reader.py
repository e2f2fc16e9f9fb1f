"""Reader of lists in one cell, such as the ids of associated records."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from leadworth.readers.text_reader import read_text

_SEPARATOR = re.compile(r"\s*[;|\n,、；，]\s*")
_ARRAY = re.compile(r"[\[({](.*)[\])}]", re.DOTALL)


def read_list(value: Any) -> tuple[str, ...]:
    """Return the texts of a list, in order and each once; empty where it is missing.

    Parameters
    ----------
    value
        A list, or a text separated by semicolons, bars, commas or lines, or a JSON array.

    Examples
    --------
    >>> read_list("101;102; 101"), read_list("[1, 2]"), read_list(["a", None]), read_list("{7,8}"), read_list("-")
    (('101', '102'), ('1', '2'), ('a',), ('7', '8'), ())
    """
    if isinstance(value, (list, tuple, set)):
        return _clean(value)
    written = read_text(value)
    if written is None:
        return ()
    if written.startswith("["):
        try:
            parsed = json.loads(written)
        except ValueError:
            parsed = None
        if isinstance(parsed, list):
            return _clean(parsed)
    array = _ARRAY.fullmatch(written)
    return _clean(part.strip("'\"") for part in _SEPARATOR.split(written if array is None else array[1]))


def _clean(parts: Iterable[object]) -> tuple[str, ...]:
    texts = (read_text(part) for part in parts)
    return tuple(dict.fromkeys(text for text in texts if text is not None))
