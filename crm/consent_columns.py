"""Count the values of consent columns that are not understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from crm import casts as typed
from crm.rejects import Rejects
from crm.table_sources import open_source
from leadworth.consent import not_understood
from leadworth.privacy import redact
from leadworth.records import fields_of
from leadworth.settings import LeadsSource, Settings

_MOST_SHOWN = 3


def consents_not_understood(rows: pa.Table, source: LeadsSource) -> Counter[str]:
    """Count the values of the consent columns that are not understood, and therefore count as not granted.

    Parameters
    ----------
    rows
        Raw rows of the leads.
    source
        Settings with the columns.

    Returns
    -------
    Counter
        Value -> number of cells; the value has at most 40 characters, with e-mail addresses, phone numbers and
        click ids redacted.
    """
    counts: Counter[str] = Counter()
    for field in fields_of("consent"):
        column = source.columns.get(field)
        if column not in rows.column_names:
            continue
        for count in pc.value_counts(typed.texts(rows.column(column), placeholders=True)).to_pylist():
            value = not_understood(count["values"])
            if value is not None:
                counts[redact(value)] += count["counts"]
    return counts


def read_consents_not_understood(settings: Settings) -> Counter[str]:
    """Read the leads and count consents that are not understood; without consent columns nothing is read.

    Raises
    ------
    InputError
        If the table cannot be read.
    """
    source = settings.leads
    counts: Counter[str] = Counter()
    if not set(fields_of("consent")) & set(source.columns):
        return counts
    for batch in open_source(settings, source, Rejects(None)).batches:
        counts += consents_not_understood(batch.rows, source)
    return counts


def describe_not_understood(counts: Mapping[str, int]) -> str:
    """Return a sentence with the number of values and the most frequent ones.

    Examples
    --------
    >>> describe_not_understood({"later": 3, "ask": 1})
    "consent: 4 values of 2 kinds are not understood and count as not granted: 'later' (3), 'ask' (1)"
    """
    frequent = Counter(counts).most_common(_MOST_SHOWN)
    shown = ", ".join(f"{value!r} ({count:,})" for value, count in frequent)
    more = f" and {len(counts) - len(frequent)} more" if len(counts) > len(frequent) else ""
    return (
        f"consent: {sum(counts.values()):,} values of {len(counts):,} kinds are not understood and count as not "
        f"granted: {shown}{more}"
    )
