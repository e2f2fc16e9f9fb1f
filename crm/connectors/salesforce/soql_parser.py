"""Parser and evaluation of SOQL for the local peer: one object, conditions, order, limit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from crm.connectors.salesforce.soql import full_id

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:\\.|[^'\\])*')"
    r"|(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))"
    r"|(?P<date>\d{4}-\d\d-\d\d)"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_][\w.]*)"
    r"|(?P<sign><=|>=|!=|<>|[=<>(),]))"
)
IDS = frozenset({"id", "reference"})
Row = Mapping[str, Any]
Condition = Callable[[Row], bool]


class SoqlError(Exception):
    """A query that Salesforce refuses.

    Parameters
    ----------
    code
        Error code.
    message
        Explanation.
    """

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(f"{code}: {message}")


@dataclass
class SoqlQuery:
    """A query.

    Attributes
    ----------
    pinned
        Field -> values that it must have, of conditions that all must hold.
    bounds
        Field with ids -> least and greatest value, of conditions that all must hold; empty: no bound.
    """

    object: str
    fields: list[str]
    is_count: bool
    condition: Condition
    order: list[tuple[str, bool]]
    limit: int | None
    pinned: dict[str, set[Any]]
    bounds: dict[str, tuple[str, str]]

    def run(self, rows: Iterable[Row]) -> list[Row]:
        """Return the rows of the result, in order, with all columns."""
        result = [row for row in rows if self.condition(row)]
        for name, descending in reversed(self.order):
            result.sort(key=lambda row: (row.get(name) is not None, row.get(name)), reverse=descending)
        return result if self.limit is None else result[: self.limit]


def object_of(text: str) -> str:
    """Return the object that a query names."""
    match = re.search(r"\bFROM\s+(\w+)", text, re.IGNORECASE)
    if match is None:
        raise SoqlError("MALFORMED_QUERY", "unexpected token: EOF, expecting FROM")
    return match.group(1)


class SoqlParser:
    """Parser of one query.

    Parameters
    ----------
    text
        The query.
    kinds
        Field of the object -> type.
    """

    def __init__(self, text: str, kinds: Mapping[str, str]) -> None:
        self._kinds = {name.lower(): (name, kind) for name, kind in kinds.items()}
        self._tokens = _tokens(text)
        self._place = 0
        self._pinned: dict[str, set[Any]] = {}
        self._bounds: dict[str, tuple[str, str]] = {}

    def parse(self) -> SoqlQuery:
        """Return the query.

        Raises
        ------
        SoqlError
            If it is malformed, or names an unknown field.
        """
        self._word("SELECT")
        fields, is_count = self._columns()
        self._word("FROM")
        object_name = self._next("name")
        condition: Condition = _always
        if self._accept("WHERE"):
            condition = self._logical(pins=True)
        order, limit = [], None
        if self._accept("ORDER"):
            self._word("BY")
            order = self._order()
        if self._accept("LIMIT"):
            limit = int(self._next("number"))
        if self._place < len(self._tokens):
            self._fail()
        return SoqlQuery(object_name, fields, is_count, condition, order, limit, self._pinned, self._bounds)

    def _columns(self) -> tuple[list[str], bool]:
        if self._accept("COUNT"):
            self._sign("(")
            self._sign(")")
            return [], True
        fields = [self._field()[0]]
        while self._accept(","):
            fields.append(self._field()[0])
        return fields, False

    def _order(self) -> list[tuple[str, bool]]:
        order = []
        while True:
            name = self._field()[0]
            descending = self._accept("DESC")
            if not descending:
                self._accept("ASC")
            order.append((name, descending))
            if not self._accept(","):
                return order

    def _logical(self, *, pins: bool) -> Condition:
        """Parse conditions joined by AND or by OR; Salesforce refuses both without parentheses."""
        start, bounds = dict(self._pinned), dict(self._bounds)
        parts = [self._unary(pins=pins)]
        if self._accept("OR"):
            self._pinned, self._bounds = start, bounds
            parts.append(self._unary(pins=False))
            while self._accept("OR"):
                parts.append(self._unary(pins=False))
            return lambda row: any(part(row) for part in parts)
        while self._accept("AND"):
            parts.append(self._unary(pins=pins))
        return lambda row: all(part(row) for part in parts)

    def _unary(self, *, pins: bool) -> Condition:
        if self._accept("NOT"):
            inner = self._unary(pins=False)
            return lambda row: not inner(row)
        if self._accept("("):
            inner = self._logical(pins=pins)
            self._sign(")")
            return inner
        return self._comparison(pins=pins)

    def _comparison(self, *, pins: bool) -> Condition:
        name, kind = self._field()
        if self._accept("NOT"):
            self._word("IN")
            values = self._values(kind, name)
            return lambda row: _comparable(row.get(name), kind) not in values
        if self._accept("IN"):
            values = self._values(kind, name)
            if pins:
                self._pinned[name] = values
            return lambda row: _comparable(row.get(name), kind) in values
        operator = self._next("sign")
        value = self._value(kind, name)
        if operator not in _OPERATORS:
            self._fail()
        if pins and kind in IDS and operator in (">=", "<="):
            least, greatest = self._bounds.get(name, ("", ""))
            self._bounds[name] = (str(value), greatest) if operator == ">=" else (least, str(value))
        compare = _OPERATORS[operator]
        return lambda row: compare(_comparable(row.get(name), kind), value)

    def _values(self, kind: str, name: str) -> set[Any]:
        self._sign("(")
        values = {self._value(kind, name)}
        while self._accept(","):
            values.add(self._value(kind, name))
        self._sign(")")
        return values

    def _value(self, kind: str, name: str) -> Any:
        """Return a literal, whose type must suit the field."""
        if self._place >= len(self._tokens):
            self._fail()
        token, text = self._tokens[self._place]
        self._place += 1
        if token == "name" and text.lower() == "null":
            return None
        value: Any = text
        suits = token == {"datetime": "moment", "date": "date", "boolean": "name"}.get(kind, token)
        if token == "moment":
            value, suits = datetime.fromisoformat(text), suits and kind == "datetime"
        elif token == "date":
            value, suits = date.fromisoformat(text), suits and kind == "date"
        elif token == "number":
            value, suits = float(text), kind in ("int", "double", "currency", "percent")
        elif token == "name":
            value, suits = text.lower() == "true", kind == "boolean" and text.lower() in ("true", "false")
        elif token == "text":
            value = re.sub(r"\\(.)", r"\1", text[1:-1])
            suits = kind not in ("datetime", "date", "boolean", "int", "double", "currency", "percent")
        if not suits:
            raise SoqlError("INVALID_FIELD", f"value of filter criterion for field '{name}' must be of type {kind}")
        return _comparable(value, kind)

    def _field(self) -> tuple[str, str]:
        text = self._next("name")
        if text.lower() not in self._kinds:
            raise SoqlError("INVALID_FIELD", f"No such column '{text}' on entity")
        return self._kinds[text.lower()]

    def _accept(self, text: str) -> bool:
        if self._place < len(self._tokens) and self._tokens[self._place][1].upper() == text:
            self._place += 1
            return True
        return False

    def _word(self, text: str) -> None:
        if not self._accept(text):
            self._fail()

    _sign = _word

    def _next(self, kind: str) -> str:
        if self._place >= len(self._tokens) or self._tokens[self._place][0] != kind:
            self._fail()
        self._place += 1
        return self._tokens[self._place - 1][1]

    def _fail(self) -> None:
        token = self._tokens[self._place][1] if self._place < len(self._tokens) else "<EOF>"
        raise SoqlError("MALFORMED_QUERY", f"unexpected token: '{token}'")


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, place, end = [], 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            raise SoqlError("MALFORMED_QUERY", f"unexpected character at {place}: {text[place : place + 10]!r}")
        kind = str(match.lastgroup)
        tokens.append((kind, match.group(kind)))
        place = match.end()
    return tokens


def _always(_: Row) -> bool:
    return True


def _comparable(value: Any, kind: str) -> Any:
    """Return a value as Salesforce compares it: ids with 18 characters, other texts without case."""
    if not isinstance(value, str):
        return value
    if kind in IDS:
        return full_id(value)
    if kind == "date":
        return date.fromisoformat(value)
    return value.lower()


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, literal: value is not None and literal is not None and compare(value, literal)


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda value, literal: bool(value == literal),
    "!=": lambda value, literal: bool(value != literal),
    "<>": lambda value, literal: bool(value != literal),
    "<": _ordered(lambda value, literal: bool(value < literal)),
    "<=": _ordered(lambda value, literal: bool(value <= literal)),
    ">": _ordered(lambda value, literal: bool(value > literal)),
    ">=": _ordered(lambda value, literal: bool(value >= literal)),
}


def projected(query: SoqlQuery, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the columns that a query names."""
    return [{name: row.get(name) for name in query.fields} for row in rows]
