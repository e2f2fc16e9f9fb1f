"""Sections refuse unknown keys; a single text is a list of one."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from leadworth.settings_section import Names, Section


class Example(Section):
    """Section with a list of names."""

    names: Names = ()


@pytest.mark.parametrize(
    ("value", "names"),
    [("a", ("a",)), ('["a", "b"]', ("a", "b")), (["a", "b"], ("a", "b")), ("[a", ("[a",)), ((), ())],
)
def test_names_are_read_from_text_json_and_lists(value: object, names: tuple[str, ...]) -> None:
    assert Example.model_validate({"names": value}).names == names


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="name"):
        Example.model_validate({"name": "a"})


def test_a_section_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Example().names = ("a",)
