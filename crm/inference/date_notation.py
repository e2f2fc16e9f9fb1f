"""Which notation the dates of a column are written in, from the dates themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crm.date_formats import FORMATS

_LOOKS = re.compile(r"(?=(?:.*\d){3})(?=.*\d\D+\w)[\w\s/.,:+\-]{6,40}$")
_CHECKED = 1000


@dataclass(frozen=True)
class DateNotation:
    """How dates are written.

    Attributes
    ----------
    format
        For strptime; None where they are ISO 8601 and need none.
    share
        Share of the values that can be read so.
    other
        A second format that fits as well: day and month could be either.
    offset
        The times carry their own offset from UTC.
    """

    format: str | None
    share: float
    other: str | None = None
    offset: bool = False

    @property
    def day_first(self) -> bool:
        """Tell whether the day stands before the month."""
        return bool(self.format) and "%d" in str(self.format).split("%m")[0]


def notation(values: Sequence[str]) -> DateNotation | None:
    """Return the notation that reads at least 95 % of the values, or None where they are no dates.

    Examples
    --------
    >>> notation(["31/01/2026", "02/03/2026"]).format, notation(["01/31/2026 4:05 PM"]).format
    ('%d/%m/%Y', '%m/%d/%Y %I:%M %p')
    >>> notation(["01/02/2026"]).other, notation(["2026-01-31T10:00:00Z"]).format, notation(["12"])
    ('%m/%d/%Y', None, None)
    """
    distinct = list(dict.fromkeys(values))[:_CHECKED]
    if not distinct or sum(bool(_LOOKS.match(value)) for value in distinct) < 0.95 * len(distinct):
        return None
    iso = [stamp for stamp in (_iso(value) for value in distinct) if stamp]
    if len(iso) >= 0.95 * len(distinct):
        return DateNotation(None, len(iso) / len(distinct), offset=all(stamp.tzinfo for stamp in iso))
    likely = [form for form in FORMATS if any(_reads(value, form) for value in distinct[:20])]
    shares = {form: sum(_reads(value, form) for value in distinct) / len(distinct) for form in likely}
    good = [form for form in likely if shares[form] >= 0.95]
    if not good:
        return None
    best = max(good, key=shares.__getitem__)
    other = next((form for form in good if form == swapped(best)), None)
    return DateNotation(best, shares[best], other)


def swapped(form: str) -> str:
    """Return the format with day and month exchanged.

    Examples
    --------
    >>> swapped("%d/%m/%Y")
    '%m/%d/%Y'
    """
    return form.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")


def _iso(value: str) -> datetime | None:
    if "-" not in value:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _reads(value: str, form: str) -> bool:
    try:
        return 1970 <= datetime.strptime(value, form).year <= 2100
    except ValueError:
        return False
