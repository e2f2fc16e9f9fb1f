from __future__ import annotations

import numpy as np
import pytest

from features.feature_compiler import compile_steps
from features.feature_spec import FeatureSpec
from features.groups import feature_groups
from leadworth.records import Lead
from tests.features.leads import lead_table


def spec(*names: str) -> FeatureSpec:
    return FeatureSpec(names, (), {}, ("email", "phone", "visits"), {})


def test_features_follow_the_order_of_the_names_and_not_of_the_groups() -> None:
    names = ("initiative_visits", "phone_digits", "email_free", "phone_present", "email_valid")
    row = {"email": "ada@gmail.com", "phone": "12345", "visits": 7}
    expected = [7.0, 5.0, 1.0, 1.0, 1.0]
    assert spec(*names).vector(Lead(**row)).tolist() == expected
    np.testing.assert_array_equal(spec(*names).matrix(lead_table([row, {}], {}))[0], expected)


def test_consecutive_features_of_a_group_are_one_step() -> None:
    names = ("email_valid", "email_free", "email_typo", "email_role")
    steps = compile_steps(feature_groups(), names, {})
    assert [step.group.name for step in steps] == ["email", "email_typo", "email"]
    assert [[position for position, _ in step.picks] for step in steps] == [[0, 2], [0], [3]]


def test_a_name_that_no_group_has_is_refused() -> None:
    with pytest.raises(KeyError, match="email_colour"):
        compile_steps(feature_groups(), ("email_colour",), {})
