"""Decimal mark of a column of money: what its amounts say about one such as 32.062.

A point before three digits separates thousands or decimals; one amount does not determine it. The other amounts of the
column do where they agree: 12,50 makes the point a separator of thousands, 1234.567 a decimal mark. 12.50 does not: a
column of money with two and with three digits behind the point was written by two programs.
"""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from leadworth.readers.money_reader import ColumnMark
from leadworth.readers.number_notation import Mark

_RARE = 0.01
"""Share of the distinct amounts up to which a notation is an error of its rows and no evidence."""
_END = r"([^0-9.,]|$)"
_SINGLE = r"(^|[^0-9.,])[1-9][0-9]{{0,2}}[{mark}][0-9]{{3}}" + _END
_CENTS = r"[0-9][{mark}][0-9]{{1,2}}" + _END
_EXACT = (
    r"([0-9]{{4,}}|[{other}][0-9]{{3}}|(^|[^0-9.,])0)[{mark}][0-9]{{3}}" + _END + r"|[0-9][{mark}][0-9]{{4,}}" + _END
)
_THOUSANDS = r"[0-9][{mark}][0-9]{{2,3}}[{mark}][0-9]{{3}}|[0-9][{mark}][0-9]{{3}}[{other}][0-9]"


class _Evidence(NamedTuple):
    """Whether amounts of a column are written with a mark in each of these ways."""

    single: bool
    cents: bool
    exact: bool
    thousands: bool


def column_mark(amounts: pa.Array) -> ColumnMark:
    """Return the decimal mark that the amounts of a column show.

    Parameters
    ----------
    amounts
        Trimmed texts; missing ones are null.

    Returns
    -------
    ColumnMark
        None where no amount shows it, so that 32,062 has thousands and 32.062 cannot be read; "unclear" where amounts
        contradict each other, so that neither can be read.

    Examples
    --------
    >>> column_mark(pa.array(["32.062", "12,50"])), column_mark(pa.array(["32.062", "1234.567"]))
    (',', '.')
    >>> column_mark(pa.array(["32.062", "40769.00"])), column_mark(pa.array(["32,062", "40769,00"]))
    ('unclear', 'unclear')
    >>> column_mark(pa.array(["32.062"])) is None
    True
    """
    distinct = amounts.unique().drop_null()
    comma = _evidence(distinct, ",", ".")
    point = _evidence(distinct, ".", ",")
    if not (comma.single or point.single):
        return None
    is_comma = comma.cents or comma.exact or point.thousands
    is_point = point.cents or point.exact or comma.thousands
    if is_comma and is_point:
        return None if comma.thousands else "unclear"
    if not (is_comma or is_point):
        return None
    mark: Mark = "," if is_comma else "."
    shown = comma if is_comma else point
    return "unclear" if shown.single and not shown.exact else mark


def _evidence(distinct: pa.Array, mark: Mark, other: Mark) -> _Evidence:
    few = _RARE * len(distinct)
    counts = (
        pc.sum(pc.match_substring_regex(distinct, pattern.format(mark=mark, other=other)), min_count=0).as_py()
        for pattern in (_SINGLE, _CENTS, _EXACT, _THOUSANDS)
    )
    return _Evidence(*(count > few for count in counts))
