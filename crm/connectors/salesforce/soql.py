"""Texts of SOQL queries, and ids and times as Salesforce writes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote_plus

_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
SHORT_ID = 15


def full_id(value: str) -> str:
    """Return an id with 18 characters; reports and exports write 15, whose case matters.

    The last three characters hold, five bits each, which of the others are capitals.

    Examples
    --------
    >>> full_id("0014000000kRiua"), full_id("0014000000kRiuaAAC")
    ('0014000000kRiuaAAC', '0014000000kRiuaAAC')
    """
    if len(value) != SHORT_ID or not (value.isascii() and value.isalnum()):
        return value
    blocks = (value[begin : begin + 5] for begin in (0, 5, 10))
    return value + "".join(
        _SUFFIX[sum(1 << place for place, character in enumerate(block) if "A" <= character <= "Z")] for block in blocks
    )


def moment(at: datetime, *, up: bool = False) -> str:
    """Return the literal of a time, which SOQL compares to the second.

    Parameters
    ----------
    up
        Round up, for the end of a half-open window.

    Examples
    --------
    >>> moment(datetime(2026, 1, 1, 12, 0, 0, 1, tzinfo=UTC), up=True)
    '2026-01-01T12:00:01Z'
    """
    whole = at.astimezone(UTC).replace(microsecond=0)
    if up and at.microsecond:
        whole += timedelta(seconds=1)
    return f"{whole:%Y-%m-%dT%H:%M:%SZ}"


def parse_moment(text: str) -> datetime:
    """Return the time of an answer: `+0000` in JSON, `Z` in CSV.

    Examples
    --------
    >>> parse_moment("2026-07-24T14:05:58.000+0000") == parse_moment("2026-07-24T14:05:58.000Z")
    True
    """
    return datetime.fromisoformat(text).astimezone(UTC)


def quoted(value: str) -> str:
    r"""Return a text literal.

    Examples
    --------
    >>> quoted("O'Neil")
    "'O\\'Neil'"
    """
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def one_of(field: str, ids: Iterable[str]) -> str:
    """Return the condition that a field has one of some ids, in 15 characters each: addresses are limited.

    Examples
    --------
    >>> one_of("Id", ["0014000000kRiuaAAC", "0014000000kRiub"])
    "Id IN ('0014000000kRiua','0014000000kRiub')"
    """
    return f"{field} IN ({','.join(quoted(key[:SHORT_ID]) for key in ids)})"


def encoded(text: str) -> str:
    """Return a text as it stands in the address of a query.

    Quotes and commas stay as they are, as RFC 3986 allows: a query holds a third more ids.

    Examples
    --------
    >>> encoded("SELECT Id FROM Lead WHERE Id IN ('00Q000000000001','00Q000000000002')")
    "SELECT+Id+FROM+Lead+WHERE+Id+IN+('00Q000000000001','00Q000000000002')"
    """
    return quote_plus(text, safe="',()")


def select(
    columns: Iterable[str], object_name: str, conditions: Iterable[str] = (), order: str = "", limit: int = 0
) -> str:
    """Return a query.

    Parameters
    ----------
    conditions
        All of them must hold; empty ones are left out.
    order
        Fields to order by.
    limit
        Most rows; 0: no limit.

    Examples
    --------
    >>> select(["Id"], "Lead", ["IsDeleted = false", "A = 1 OR B = 2"], "Id", 10)
    'SELECT Id FROM Lead WHERE (IsDeleted = false) AND (A = 1 OR B = 2) ORDER BY Id LIMIT 10'
    """
    where = " AND ".join(f"({condition})" for condition in conditions if condition)
    return "".join(
        [
            f"SELECT {', '.join(columns)} FROM {object_name}",
            f" WHERE {where}" if where else "",
            f" ORDER BY {order}" if order else "",
            f" LIMIT {limit}" if limit else "",
        ]
    )
