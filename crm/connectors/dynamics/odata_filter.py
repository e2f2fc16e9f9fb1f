"""OData filters for the local peer of Dataverse."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NoReturn

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:''|[^'])*')"
    r"|(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)"
    r"|(?P<guid>[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_][\w.]*)"
    r"|(?P<sign>[(),=\[\]]))"
)
IN = "Microsoft.Dynamics.CRM.In"
Row = Mapping[str, Any]
Condition = Callable[[Row], bool]


class ODataError(Exception):
    """A request that Dataverse refuses.

    Parameters
    ----------
    status, code, message
        Status, error code and explanation of the answer.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code, self.message = status, code, message
        super().__init__(message)


class ODataFilter:
    """Parser of one filter.

    Parameters
    ----------
    text
        The filter.
    kinds
        Column -> type.
    table
        Name of the table, for messages.
    """

    def __init__(self, text: str, kinds: Mapping[str, str], table: str) -> None:
        self._kinds = kinds
        self._table = table
        self._tokens = _tokens(text)
        self._place = 0

    def parse(self) -> Condition:
        """Return the condition; rows hold times as `datetime`.

        Raises
        ------
        ODataError
            If the filter is malformed, or names an unknown column.
        """
        condition = self._or()
        if self._place < len(self._tokens):
            self._fail()
        return condition

    def _or(self) -> Condition:
        parts = [self._and()]
        while self._accept("or"):
            parts.append(self._and())
        return lambda row: any(part(row) for part in parts)

    def _and(self) -> Condition:
        parts = [self._unary()]
        while self._accept("and"):
            parts.append(self._unary())
        return lambda row: all(part(row) for part in parts)

    def _unary(self) -> Condition:
        if self._accept("not"):
            inner = self._unary()
            return lambda row: not inner(row)
        if self._accept("("):
            inner = self._or()
            self._expect(")")
            return inner
        if self._accept(IN):
            return self._in()
        name = column(self._next("name"), self._kinds, self._table)
        compare = _OPERATORS.get(self._next("name"))
        if compare is None:
            self._fail()
        value = self._value()
        return lambda row: compare(row.get(name), value)

    def _in(self) -> Condition:
        for text in ("(", "PropertyName", "="):
            self._expect(text)
        name = column(self._next("text")[1:-1], self._kinds, self._table)
        for text in (",", "PropertyValues", "=", "["):
            self._expect(text)
        values = {self._next("text")[1:-1].lower()}
        while self._accept(","):
            values.add(self._next("text")[1:-1].lower())
        self._expect("]")
        self._expect(")")
        return lambda row: str(row.get(name)).lower() in values

    def _value(self) -> Any:
        if self._place >= len(self._tokens):
            self._fail()
        kind, text = self._tokens[self._place]
        self._place += 1
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "moment":
            return datetime.fromisoformat(text)
        if kind == "number":
            return float(text)
        return {"true": True, "false": False, "null": None}.get(text, text.lower())

    def _accept(self, text: str) -> bool:
        if self._place < len(self._tokens) and self._tokens[self._place][1] == text:
            self._place += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            self._fail()

    def _next(self, kind: str) -> str:
        if self._place >= len(self._tokens) or self._tokens[self._place][0] != kind:
            self._fail()
        self._place += 1
        return self._tokens[self._place - 1][1]

    def _fail(self) -> NoReturn:
        raise ODataError(400, "0x80060888", f"Syntax error at token {self._place} of the filter")


def column(name: str, kinds: Mapping[str, str], table: str) -> str:
    """Return a column that exists.

    Raises
    ------
    ODataError
        If it does not.
    """
    if name not in kinds:
        message = f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{table}'."
        raise ODataError(400, "0x80060888", message)
    return name


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, place, end = [], 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            raise ODataError(400, "0x80060888", f"Syntax error at position {place} of the filter")
        tokens.append((str(match.lastgroup), match.group(str(match.lastgroup))))
        place = match.end()
    return tokens


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, literal: value is not None and literal is not None and compare(value, literal)


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, literal: bool(value == literal),
    "ne": lambda value, literal: bool(value != literal),
    "lt": _ordered(lambda value, literal: bool(value < literal)),
    "le": _ordered(lambda value, literal: bool(value <= literal)),
    "gt": _ordered(lambda value, literal: bool(value > literal)),
    "ge": _ordered(lambda value, literal: bool(value >= literal)),
}
