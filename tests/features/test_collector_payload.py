"""Payloads read many at once are what the parser of JSON reads one by one."""

from __future__ import annotations

import json
import math
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from features.behavioural_signals import compute, compute_rows
from features.collector_payload import number, parse, read_payloads
from features.payload_kernel import NAMES
from tests.features.leads import PERSON

VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(),
    st.floats(),
    st.floats(0, 10).map(lambda value: round(value, 3)),
    st.sampled_from(["click", "enter", "script", "", "Europe/Rome", 'a"b', "Zürich", "\x00"]),
    st.text(max_size=5),
    st.dictionaries(st.sampled_from(["source", "keys"]), st.sampled_from(["google", 1, None])),
    st.lists(st.integers(), max_size=2),
)
NAME = st.sampled_from([*NAMES, "first", "last", "other", "first_msx", "a-long-name-of-a-field"])
SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t: ")])


@st.composite
def payloads(draw: st.DrawFn) -> str:
    """Return a payload that is changed in a few values, and perhaps damaged."""
    changes = draw(st.dictionaries(NAME, VALUES, max_size=6))
    text = json.dumps({**PERSON, **changes}, separators=draw(SEPARATORS), ensure_ascii=draw(st.booleans()))
    if draw(st.booleans()):
        return text
    at = draw(st.integers(0, len(text) - 1))
    return text[:at] + draw(st.sampled_from(["", *'{}[],:"\\0.-eE tn'])) + text[at + draw(st.integers(0, 1)) :]


@given(st.lists(st.none() | payloads() | st.text(max_size=10), min_size=1, max_size=5))
@example(['{"keys":1,"keys":null}', '{"tz":"UTC","tz":1}', "{}", "{} ", "", '{"v":01}', '{"v":1,}', '{"first":{}}'])
@example(['{"v":1' + " " * 20_000 + "}", '{"v":-0}', '{"v":1e0}', '{"touch":{"a":1}}', '{"tz":NaN}', "\ud800"])
def test_many_payloads_are_read_as_one(texts: list[str | None]) -> None:
    many = read_payloads(tuple(texts))
    zones = many.zones()
    numbers = {name: many.numbers(name).tolist() for name in NAMES}
    for row, text in enumerate(texts):
        payload = parse(text)
        assert many.readable[row] == (payload is not None)
        zone = (payload or {}).get("tz")
        assert zones[row] == (zone if isinstance(zone, str) else None)
        for name, values in numbers.items():
            expected = number(payload or {}, name)
            assert values[row] == expected or (math.isnan(values[row]) and math.isnan(expected)), name
        if payload is not None and any(isinstance(payload.get(name), dict) for name in ("first", "last")):
            assert many.nested[row]


@given(st.lists(payloads(), min_size=1, max_size=4), st.none() | st.floats(0, 1e6))
def test_signals_of_many_are_those_of_one(texts: list[str], seconds: float | None) -> None:
    rows = compute_rows(texts, [seconds] * len(texts)).T
    for text, row in zip(texts, rows.tolist(), strict=True):
        assert str(list(compute(text, seconds))) == str(row)
