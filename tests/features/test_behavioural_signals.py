from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.behavioural_signals import GROUP
from features.groups import feature_groups
from tests.features.cells import cells
from tests.features.leads import PERSON


def signals(seconds: float | None = 60.0, **changes: object) -> dict[str, object]:
    payload = {name: value for name, value in {**PERSON, **changes}.items() if value is not None}
    return dict(cells(GROUP, json.dumps(payload), seconds))


def suspicious(values: dict[str, object]) -> set[str]:
    """Return the signals that raise the junk probability and are not 0."""
    raising = {feature.name for feature in GROUP.features if feature.junk == 1}
    return {name for name in raising if isinstance(value := values[name], float) and value > 0}


def test_a_person_is_not_suspicious() -> None:
    assert suspicious(signals()) == set()


@pytest.mark.parametrize(
    "person",
    [
        {"fill": 5, "keys": 0, "chars": 0, "hp": 1, "hp_fill": 1, "hp_focus": 0},  # password manager, honeypot included
        {"kind": "enter", "cx": None, "cy": None, "gap": None, "mv": 0},  # Enter key
        {"touch": 1, "mv": 0, "hold_med": 0, "hold_cv": 0.0, "keys": 60, "ik_med": 0},  # soft keyboard of Android
        {"mv": 0, "tabs": 9, "kind": "enter", "cx": None, "cy": None},  # keyboard only, screen reader
        {"paste": 5, "keys": 5, "chars": 0},  # an assistant copies from the CRM
        {"ms": 50_400_000},  # open overnight
        {"ga": None, "fbp": None, "tz": None, "lang": None},  # consent denied
    ],
)
def test_unusual_people_are_not_suspicious(person: dict[str, object]) -> None:
    assert suspicious(signals(**person)) == set()


@pytest.mark.parametrize(
    ("software", "expected"),
    [
        ({"auto": 1}, {"collector_automation"}),
        ({"untrusted": 3, "kind": "script"}, {"collector_untrusted_log"}),
        ({"nofocus": 5, "keys": 0}, {"collector_nofocus_share"}),
        ({"hp": 1, "hp_fill": 0, "hp_focus": 0}, {"collector_honeypot_blind"}),
        ({"mv": 1, "cx": 0.5, "cy": 0.491}, {"collector_click_dead_centre"}),
        ({"lie_gl": 1, "lie_brand": 1}, {"collector_lie_graphics", "collector_lie_brand", "collector_lies"}),
        ({"gl_soft": 1}, {"collector_software_graphics"}),
    ],
)
def test_software_is_suspicious(software: dict[str, object], expected: set[str]) -> None:
    assert suspicious(signals(**software)) == expected


def test_a_browser_that_resists_fingerprinting_is_one_contradiction() -> None:
    assert signals(lie_tz=1, lie_screen=1)["collector_lies"] == 1.0
    assert signals(lie_tz=1, lie_screen=1, lie_gl=1)["collector_lies"] == 2.0
    assert signals(lie_gl=1, lie_screen=1)["collector_lies"] == 2.0


def test_typing_rhythm_counts_on_a_desktop_only() -> None:
    assert signals(ik_med=54, hold_med=53)["collector_key_hold_log"] == pytest.approx(math.log1p(53))
    assert math.isnan(signals(touch=1, hold_med=0)["collector_key_hold_log"])  # type: ignore[arg-type]
    assert math.isnan(signals(keys=3)["collector_key_interval_log"])  # type: ignore[arg-type]


def test_clocks_of_server_and_browser_are_compared() -> None:
    assert signals(61.0)["collector_clock_gap_log"] == 0.0
    assert signals(3600.0)["collector_clock_gap_log"] == pytest.approx(math.log1p(3539))
    assert math.isnan(signals(None)["collector_clock_gap_log"])  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["{", "[]", "7", '{"v": 2, "keys": 3}', "x" * 20_000, '{"v":1', "\ud800"])
def test_an_unreadable_payload_is_only_malformed(text: str) -> None:
    values = cells(GROUP, text, 5.0)
    assert values.pop("collector_malformed") == 1.0
    assert all(math.isnan(value) for value in values.values() if isinstance(value, float))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(PERSON)), JSON))
def test_any_payload_gives_finite_or_missing_values(payload: dict[str, object]) -> None:
    text = json.dumps({**payload, "v": 1})
    for group in feature_groups():
        if "lw_data" in group.inputs:
            values = group.compute(*[text if name == "lw_data" else None for name in group.inputs])
            assert all(isinstance(value, float) and not math.isinf(value) for value in values)
