"""Errors carry what was given, what is allowed and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

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


def test_the_tree_names_every_error() -> None:
    for module in ("conversions.delivery_errors", "models.model_registry"):
        import_module(module)
    names = {kind.__name__ for kind in subclasses(errors.LeadworthError) if not kind.__module__.startswith("tests")}
    assert names >= {"EventRejected", "VersionNotFoundError"}
    assert [name for name in sorted(names) if name not in (errors.__doc__ or "")] == []


def subclasses(kind: type) -> Iterator[type]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from subclasses(subclass)


def test_an_empty_part_is_left_out() -> None:
    assert str(errors.InputError("no file")) == "no file"


def test_terminal_and_transient_errors_are_delivery_errors() -> None:
    assert issubclass(errors.TransientError, errors.DeliveryError)
    assert not issubclass(errors.TransientError, errors.TerminalError)
