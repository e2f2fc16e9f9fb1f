from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.extra_features import group
from features.feature_group import Cell, FeatureGroup, Words
from features.groups import ORDER, all_groups, feature_groups
from leadworth.arrays import Vector


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


EMAILS = (
    (
        "Ada+web@mail.Acme.example",
        "x7@mozmail.com",
        "test@acme.com",
        "asdf@asdf.com",
        "+a@gmail.com",
        "a.b12@gmial.com",
    ),
    (
        "",
        "@",
        "a@",
        "@b",
        "a@b",
        "[email protected]",
        "é@x.de",
        "info@bücher.de",
        "a@b..de.",
        "dusty_heron.0w@icloud.com",
    ),
)
NAMES = (
    "Ada",
    "McDonald",
    "van der Berg",
    "Müller",
    "김민준",
    "",
    " ",
    "test",
    "xkqzvw",
    "www.spam.com",
    "Ada7 LoveLace",
)
TEXTS: dict[str, st.SearchStrategy[object]] = {
    "email": st.sampled_from([None, *chain.from_iterable(EMAILS)])
    | st.from_regex(r"[A-Za-z0-9.+_'-]{0,70}@?[a-zA-Z0-9.-]{0,40}\.?(com|de|test)?", fullmatch=True)
    | st.text(max_size=9),
    "phone": st.sampled_from([None, "", "+39 333 1234567", "0039 333 7654321", "call me", "8", "+(++39)"])
    | st.from_regex(r"\+?[0-9 ()./-]{1,20}", fullmatch=True),
    **dict.fromkeys(("first_name", "last_name", "company"), st.sampled_from([None, *NAMES]) | st.text(max_size=9)),
    "website": st.sampled_from([None, "https://www.acme.example/", "none"]),
}


@pytest.mark.parametrize("many", [each for each in feature_groups() if each.compute_rows is not None])
@given(data=st.data())
def test_features_of_many_are_those_of_one(many: FeatureGroup, data: st.DataObject) -> None:
    payload = st.sampled_from(
        [None, "{", '{"v":1,"ga":1767225600,"fbp":1767225601,"tz":"UTC"}', '{"tz":"Europe/Rome"}']
    )
    moment = st.sampled_from([None, datetime(2026, 1, 2, tzinfo=UTC), datetime(2020, 1, 2, tzinfo=UTC)])
    values: dict[str, st.SearchStrategy[object]] = {"lw_data": payload, "submitted_at": moment, **TEXTS}
    other = {"form_seconds": st.none() | st.floats(0, 1e4), "ip": st.just("8.8.8.8"), "country": st.just("Italy")}
    inputs = st.tuples(*((values | other).get(name, st.none()) for name in many.inputs))
    rows = data.draw(st.lists(inputs, min_size=1, max_size=5))
    assert many.compute_rows is not None
    expected = [*map(list, zip(*(many.compute(*row) for row in rows), strict=True))]
    assert str([*map(cells_of, many.compute_rows(*zip(*rows, strict=True)))]) == str(expected)


def cells_of(column: Vector | Words) -> list[Cell]:
    """Return a feature of many leads as `compute` does."""
    if isinstance(column, Words):
        return [column.words[position] for position in column.positions.tolist()]
    cells: list[Cell] = column.tolist()
    return cells
