"""Errors carry what was given, what is allowed and what to do."""

from __future__ import annotations

import pytest

from leadworth import errors

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.LeadworthError)]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_keeps_its_parts_and_says_them(kind: type[errors.LeadworthError]) -> None:
    error = kind("42 was given", allowed="1 to 7", do="choose another")
    assert (error.given, error.allowed, error.do) == ("42 was given", "1 to 7", "choose another")
    assert str(error) == "42 was given; allowed: 1 to 7; what to do: choose another"
    assert error.exit_code > 0
    assert kind.__name__ in (errors.__doc__ or "")


def test_what_is_not_said_is_left_out() -> None:
    assert str(errors.InputError("no file")) == "no file"


def test_a_delivery_can_be_told_to_be_repeated_or_not() -> None:
    assert issubclass(errors.TransientError, errors.DeliveryError)
    assert not issubclass(errors.TransientError, errors.TerminalError)
