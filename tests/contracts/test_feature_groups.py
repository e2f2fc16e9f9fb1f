"""What every feature group must hold, for the shipped ones and those of extra columns."""

from __future__ import annotations

import math
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import extras
from features.base import Group
from features.groups import feature_groups
from leadworth.records import Lead, Outcome, Score, fields_of

GROUPS = feature_groups()
ALL = (*GROUPS, *(extras.group(f"Column {kind}", kind) for kind in extras.READERS))
TEXT = st.one_of(
    st.none(),
    st.text(min_size=1, max_size=60),
    st.emails(),
    st.from_regex(r"[+(]?[0-9 ()./x-]{1,25}", fullmatch=True),
    st.sampled_from(
        ["\ud800", "@", "://", "+", "x" * 30_000, "é" * 9_000, "@" * 400, "0" * 400, "a." * 300, "İ", "²", "١٢٣"]
    ),
)
NUMBER = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False))
STRATEGIES = {
    **dict.fromkeys(fields_of("text"), TEXT),
    **dict.fromkeys(fields_of("number"), NUMBER),
    **dict.fromkeys(fields_of("flag"), st.one_of(st.none(), st.booleans())),
    **dict.fromkeys(fields_of("consent"), st.one_of(st.none(), st.booleans())),
    **dict.fromkeys(fields_of("moment"), st.one_of(st.none(), st.datetimes(timezones=st.timezones()))),
}


def _named(group: Group) -> str:
    return group.name


def _strategy(group: Group, field: str) -> st.SearchStrategy[object]:
    if field in STRATEGIES:
        return STRATEGIES[field]
    return NUMBER if group.features[0].kind == "number" and len(group.features) == 1 else TEXT


@pytest.mark.parametrize("group", GROUPS, ids=_named)
def test_reads_only_what_is_known_at_submit(group: Group) -> None:
    assert set(group.inputs) <= set(Lead.model_fields)
    after = (set(Outcome.model_fields) | set(Score.model_fields)) - {"lead_id"}
    assert not set(group.inputs) & after
    assert "lead_id" not in group.inputs


@pytest.mark.parametrize("group", ALL, ids=_named)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_never_raises_nor_warns_and_gives_what_it_declares(group: Group, data: st.DataObject) -> None:
    values = [data.draw(_strategy(group, field), label=field) for field in group.inputs]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cells = group.compute(*values)
    assert repr(cells) == repr(group.compute(*values))
    assert len(cells) == len(group.features)
    for feature, cell in zip(group.features, cells, strict=True):
        if feature.kind == "category":
            assert cell is None or (isinstance(cell, str) and 0 < len(cell) <= 100)
            continue
        assert isinstance(cell, float)
        assert not math.isinf(cell)
        if feature.kind == "flag":
            assert math.isnan(cell) or cell in {0.0, 1.0}
        assert feature.describe(cell)


@pytest.mark.parametrize("group", ALL, ids=_named)
def test_is_missing_where_nothing_is_known(group: Group) -> None:
    cells = group.compute(*[None] * len(group.inputs))
    for feature, cell in zip(group.features, cells, strict=True):
        missing = cell is None or (isinstance(cell, float) and (math.isnan(cell) or cell == 0))
        assert missing, feature.name
        assert cell is None or feature.kind != "category"


@pytest.mark.parametrize("group", ALL, ids=_named)
def test_says_every_value_in_a_sentence(group: Group) -> None:
    for feature in group.features:
        shown = [feature.describe(value, "google") for value in (0.0, 1.0, 3.25, math.nan)]
        assert all(text and "{" not in text and "nan" not in text for text in shown), shown
        if feature.kind == "flag":
            assert bool(feature.yes) == bool(feature.no)
            assert shown[0] != shown[1]


def test_names_are_unique_and_begin_with_their_subject() -> None:
    names = [feature.name for group in ALL for feature in group.features]
    assert len(names) == len(set(names))
    subjects = {
        "email",
        "phone",
        "name",
        "company",
        "profile",
        "message",
        "campaign",
        "click",
        "time",
        "form",
        "initiative",
        "collector",
        "token",
        "headers",
        "network",
        "recent",
    }
    assert {name.partition("_")[0].partition(".")[0] for name in names} == {*subjects, "extras"}
    assert len({group.name for group in ALL}) == len(ALL)


def test_what_must_be_kept_names_an_input_of_its_group() -> None:
    for group in GROUPS:
        for feature in group.features:
            assert set(feature.keep_with) <= set(group.inputs)
