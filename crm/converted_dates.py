"""Columns of dates that a spreadsheet has read in part, with day and month exchanged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leadworth.errors import InputError
from leadworth.readers.moment_reader import read_moment

_FEWEST_OF_EACH = 10
"""Dates of either sort from which on a column is such a mixture."""
_MOST_MONTHS = 12


def refuse_converted_dates(table: str, column: str, others: Sequence[str], certain: Sequence[str]) -> None:
    """Check that a column is none in which a spreadsheet has read the dates that it could, and left the others as text.

    A spreadsheet whose dates begin with the day reads 06/04/2024 as the 6th of April, and leaves 06/14/2024 as text. So
    the dates that it has read are all on days 1 to 12, and none of the others can be read twice.

    Parameters
    ----------
    table, column
        Names for the error message.
    others
        Distinct values that are no dates such as 06/14/2024.
    certain
        Distinct dates such as 06/14/2024, if none of the column can be read both ways.

    Raises
    ------
    InputError
        If it is one: day and month of the dates that were read may be exchanged.

    Examples
    --------
    >>> others = [*(f"2024-{month:02}-05" for month in range(1, 13)), "2024-01-31"]
    >>> refuse_converted_dates("leads.csv", "Created", others, [f"06/{day}/2024" for day in range(13, 30)])
    """
    if len(certain) < _FEWEST_OF_EACH:
        return
    days = {value: moment.day for value in others if isinstance(moment := read_moment(value), datetime)}
    if len(days) < _FEWEST_OF_EACH or max(days.values()) > _MOST_MONTHS:
        return
    raise InputError(
        f"column {column!r} of {table} mixes dates that a spreadsheet has read, such as {next(iter(days))!r}, all on "
        f"days 1 to 12, and dates that it has left as text, such as {certain[0]!r}: day and month of those that it has "
        "read may be exchanged",
        allowed="dates as the CRM exported them",
        do="export it again, and do not open it in a spreadsheet that writes dates in another order",
    )
