"""Value that is written but cannot be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Result of a reader for a value that is written but cannot be read; false in a condition.

    Attributes
    ----------
    reason
        Why, in a few words that do not repeat the value.

    Examples
    --------
    >>> bool(Unreadable("not a number")), Unreadable("not a number").reason
    (False, 'not a number')
    """

    reason: str

    def __bool__(self) -> bool:
        """Return False, as for a missing value."""
        return False


def readable(value: Value | Unreadable) -> Value | None:
    """Return a value of a reader, and None for a value that cannot be read.

    Examples
    --------
    >>> readable(3.0), readable(Unreadable("not a number"))
    (3.0, None)
    """
    return None if isinstance(value, Unreadable) else value
