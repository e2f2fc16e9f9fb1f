"""Extra features: columns of the user that are declared as known at submit."""

from __future__ import annotations

import re
from functools import partial

from features.feature_group import NAN, Cell, Feature, FeatureGroup, Kind, key
from features.lexicon import words_of
from features.message import PHRASES
from features.table_evaluation import Reader
from leadworth.readers.number_reader import read_number
from leadworth.readers.text_reader import LONGEST_EXTRA, read_text
from leadworth.records import FieldReader

_TEXT: Reader = partial(read_text, limit=LONGEST_EXTRA)
READERS: dict[Kind, Reader] = {"numeric": FieldReader("number", read_number), "categorical": _TEXT, "text": _TEXT}
_WHOLE = re.compile(r"[-+]?\d+\.0+")


def group(column: str, kind: Kind) -> FeatureGroup:
    """Return the feature group of one extra column.

    Examples
    --------
    >>> group("TotalVisits", "numeric").compute(3.0)
    (3.0,)
    >>> group("City", "categorical").compute("  New  York")
    ('new york',)
    >>> group("Wish", "text").compute("What is the price?")
    (18.0, 4.0, 1.0)
    """
    name = f"extras.{column}"
    if kind == "numeric":
        return FeatureGroup(name, (name,), (Feature(name, "number", column),), _number)
    if kind == "categorical":
        return FeatureGroup(name, (name,), (Feature(name, "category", column),), _category)
    return FeatureGroup(name, (name,), _text_features(name, column), _text)


def _text_features(name: str, column: str) -> tuple[Feature, ...]:
    return (
        Feature(f"{name}.length", "number", f"{column}: length", unit="characters"),
        Feature(f"{name}.words", "number", f"{column}: words", unit="n"),
        Feature(f"{name}.intent", "number", f"{column}: buying-intent words", unit="n"),
    )


def _number(value: float | None) -> tuple[Cell, ...]:
    return (NAN if value is None else value,)


def _category(value: str | None) -> tuple[Cell, ...]:
    """Return a category; "3.0" is read as "3", so that files and forms that write a code as a number agree."""
    word = key(value)
    if word is not None and _WHOLE.fullmatch(word):
        word = word.partition(".")[0]
    return (word,)


def _text(value: str | None) -> tuple[Cell, ...]:
    if value is None:
        return (NAN, NAN, NAN)
    words = words_of(value)
    return (float(len(value)), float(len(words)), float(PHRASES.hits(words)["intent"]))
