"""Errors carry what was given, what is allowed and what to do."""

from __future__ import annotations

import pytest

from leadworth import errors

KINDS = [getattr(errors, name) for name in errors.__all__]


def test_the_module_exports_all_of_its_classes() -> None:
    classes = {kind.__name__ for kind in vars(errors).values() if isinstance(kind, type)}
    assert classes == set(errors.__all__)


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_keeps_its_parts_and_shows_them(kind: type[errors.LeadworthError]) -> None:
    error = kind("42 was given", allowed="1 to 7", do="choose another")
    assert (error.given, error.allowed, error.do) == ("42 was given", "1 to 7", "choose another")
    assert str(error) == "42 was given; allowed: 1 to 7; what to do: choose another"
    assert error.exit_code > 0
    assert kind.__name__ in (errors.__doc__ or "")


def test_empty_parts_are_left_out_of_the_message() -> None:
    assert str(errors.InputError("no file")) == "no file"


def test_a_delivery_error_is_terminal_or_transient() -> None:
    assert issubclass(errors.TransientError, errors.DeliveryError)
    assert not issubclass(errors.TransientError, errors.TerminalError)
