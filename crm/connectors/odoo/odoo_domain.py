"""Conditions of Odoo's searches for the local peer: prefix notation, `&` where nothing is said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

ARITY = {"&": 2, "|": 2, "!": 1}


class OdooFault(Exception):  # noqa: N818 (it is an answer, not an error of the peer)
    """An error that the peer answers with.

    Parameters
    ----------
    name
        Full name of the class in Odoo.
    status
        Status in JSON-2.
    """

    def __init__(self, name: str, message: str, status: int) -> None:
        super().__init__(message)
        self.name, self.message, self.status = name, message, status


def fault_of_field(model: str, field: str) -> OdooFault:
    """Return the fault of a field that a model does not have."""
    return OdooFault("builtins.ValueError", f"Invalid field {field!r} on model {model!r}", 500)


def read_moment(text: str) -> datetime:
    """Return a time of a condition, which has no zone.

    Raises
    ------
    ValueError
        If the text is none.
    """
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def matches(domain: Sequence[Any], row: Mapping[str, Any], model: str) -> bool:
    """Return whether a row meets a domain.

    Parameters
    ----------
    row
        Field -> value: ids of references, moments with their microseconds, None where there is no value.

    Raises
    ------
    OdooFault
        If the domain names an unknown field or operator, or is not complete.

    Examples
    --------
    >>> row = {"a": 1, "b": None}
    >>> matches(["|", ["a", "=", 2], ["b", "=", False]], row, "m"), matches([["a", ">", 0], ["a", "!=", 1]], row, "m")
    (True, False)
    """
    rest = list(domain)
    result = True
    while rest:
        found, rest = _term(rest, row, model)
        result = result and found
    return result


def _term(terms: list[Any], row: Mapping[str, Any], model: str) -> tuple[bool, list[Any]]:
    if not terms:
        raise OdooFault("builtins.ValueError", "Domain is not complete", 500)
    first, rest = terms[0], terms[1:]
    if not isinstance(first, str):
        return _leaf(first, row, model), rest
    if first not in ARITY:
        raise OdooFault("builtins.ValueError", f"Invalid operator {first!r} in domain", 500)
    found = []
    for _ in range(ARITY[first]):
        value, rest = _term(rest, row, model)
        found.append(value)
    return {"&": all(found), "|": any(found), "!": not found[0]}[first], rest


def _leaf(leaf: Sequence[Any], row: Mapping[str, Any], model: str) -> bool:
    field, operator, value = leaf
    if field not in row:
        raise fault_of_field(model, field)
    actual = row[field]
    if isinstance(actual, datetime) and isinstance(value, str):
        value = read_moment(value)
    if operator in ("=", "!="):
        return (actual == value if value is not False else not actual) is (operator == "=")
    if operator in ("in", "not in"):
        return (actual in value) is (operator == "in")
    if operator == "=like":
        pattern = re.escape(value).replace("%", ".*").replace("_", ".")
        return isinstance(actual, str) and re.fullmatch(pattern, actual, re.DOTALL) is not None
    if operator not in ("<", "<=", ">", ">="):
        raise OdooFault("builtins.ValueError", f"Invalid operator {operator!r}", 500)
    if actual is None:
        return False
    return bool({"<": actual < value, "<=": actual <= value, ">": actual > value, ">=": actual >= value}[operator])
