"""Contract of feature groups, checked for each group that is discovered and for groups of extra columns."""

from __future__ import annotations

import math
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import extra_features
from features.feature_group import FeatureGroup
from features.groups import feature_groups
from features.velocity_keys import FIELDS as VELOCITY
from leadworth.records import Lead, Score, ServiceFields, fields_of

GROUPS = feature_groups()
ALL = (*GROUPS, *(extra_features.group(f"Column {kind}", kind) for kind in extra_features.READERS))
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


def _name(group: FeatureGroup) -> str:
    return group.name


def _strategy(group: FeatureGroup, field: str) -> st.SearchStrategy[object]:
    if field in STRATEGIES:
        return STRATEGIES[field]
    return NUMBER if group.features[0].kind == "number" and len(group.features) == 1 else TEXT


@pytest.mark.parametrize("group", GROUPS, ids=_name)
def test_reads_only_fields_that_are_available_at_submit(group: FeatureGroup) -> None:
    assert set(group.inputs) <= set(Lead.model_fields)
    outcomes = {"won", "won_at", "lost", "lost_at", "revenue", "stage", "stages"}
    after = (outcomes | set(Score.model_fields)) - {"lead_id"}
    assert not set(group.inputs) & after
    assert "lead_id" not in group.inputs


@pytest.mark.parametrize("group", ALL, ids=_name)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_returns_the_declared_features_without_errors_or_warnings(group: FeatureGroup, data: st.DataObject) -> None:
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


@pytest.mark.parametrize("group", ALL, ids=_name)
def test_is_missing_where_all_inputs_are_missing(group: FeatureGroup) -> None:
    cells = group.compute(*[None] * len(group.inputs))
    for feature, cell in zip(group.features, cells, strict=True):
        missing = cell is None or (isinstance(cell, float) and (math.isnan(cell) or cell == 0))
        assert missing, feature.name
        assert cell is None or feature.kind != "category"


@pytest.mark.parametrize("group", ALL, ids=_name)
def test_describes_each_value(group: FeatureGroup) -> None:
    for feature in group.features:
        sentences = [feature.describe(value, "google") for value in (0.0, 1.0, 3.25, math.nan)]
        assert all(text and "{" not in text and "nan" not in text for text in sentences), sentences
        if feature.kind == "flag":
            assert bool(feature.yes) == bool(feature.no)
            assert sentences[0] != sentences[1]


def test_names_are_unique() -> None:
    names = [feature.name for group in ALL for feature in group.features]
    assert len(names) == len(set(names))
    assert len({group.name for group in ALL}) == len(ALL)


@pytest.mark.parametrize("group", ALL, ids=_name)
def test_names_of_features_have_the_prefix_of_the_group(group: FeatureGroup) -> None:
    subject = re.split(r"[_.]", group.name)[0]
    for feature in group.features:
        assert re.split(r"[_.]", feature.name)[0] == subject


def test_keep_with_names_inputs_of_the_group() -> None:
    for group in GROUPS:
        for feature in group.features:
            assert set(feature.keep_with) <= set(group.inputs)


@pytest.mark.parametrize("group", ALL, ids=_name)
def test_declares_what_its_inputs_need(group: FeatureGroup) -> None:
    inputs = set(group.inputs)
    assert (group.needs == "velocity") == bool(inputs & set(VELOCITY))
    assert (group.needs == "collector") == bool(inputs & {"lw_data", "token_state"})


@pytest.mark.parametrize("group", ALL, ids=_name)
def test_win_and_revenue_use_only_fields_of_a_lead(group: FeatureGroup) -> None:
    """A form, the API, a file and the CRM all have them; counts are the service's, and a payload can be made up."""
    if any(feature.use == "all" for feature in group.features):
        assert group.needs == "lead"
        assert not set(group.inputs) & set(ServiceFields.model_fields)


MADE_UP = """
from features.feature_group import Feature, FeatureGroup

def compute(company):
    return (0.0 if company is None else float(len(company)),)

def broken(employees, won):
    return (1.0 / (employees or 0.0), 1.0)

GROUPS = (
    FeatureGroup("madeup", ("company",), (Feature("madeup_letters", "number", "Letters"),), compute),
    FeatureGroup("madeup_broken", ("employees", "won"), (Feature("wrong_share", "number", "Share"),), broken),
)
"""


@pytest.mark.slow
def test_a_group_in_a_new_file_is_discovered_and_checked(tmp_path: Path) -> None:
    """Run this battery with one more module in the package: its sound group passes, its broken one fails."""
    (tmp_path / "madeup.py").write_text(MADE_UP, encoding="utf-8")
    code = "import features, pytest, sys; features.__path__.append(sys.argv[1]); sys.exit(pytest.main(sys.argv[2:]))"
    options = [__file__, "-k", "madeup", "-rA", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no"]
    command = [sys.executable, "-c", code, str(tmp_path), *options]
    root = Path(__file__).parents[2]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    outcomes = re.findall(r"^(PASSED|FAILED) \S+::(\w+)\[(\w+)\]", result.stdout, re.MULTILINE)
    sound = [outcome for outcome, _, group in outcomes if group == "madeup"]
    assert sound == ["PASSED"] * 7, result.stdout + result.stderr
    assert {test for outcome, test, group in outcomes if group == "madeup_broken" and outcome == "FAILED"} == {
        "test_reads_only_fields_that_are_available_at_submit",
        "test_returns_the_declared_features_without_errors_or_warnings",
        "test_is_missing_where_all_inputs_are_missing",
        "test_names_of_features_have_the_prefix_of_the_group",
    }
