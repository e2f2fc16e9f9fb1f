from __future__ import annotations

from features.extra_features import group
from features.groups import ORDER, all_groups, feature_groups


def test_groups_follow_the_established_order() -> None:
    names = [group.name for group in feature_groups()]
    subjects = list(dict.fromkeys(name if name in ORDER else name.partition("_")[0] for name in names))
    assert subjects == list(ORDER)
    assert names.index("profile_employees") < names.index("profile_job") < names.index("message")


def test_groups_of_extra_columns_follow_by_name() -> None:
    groups = all_groups({"Seats": "numeric", "City": "categorical"})
    assert groups[:-2] == feature_groups()
    assert [group.name for group in groups[-2:]] == ["extras.City", "extras.Seats"]
    assert groups[-1] == group("Seats", "numeric")
