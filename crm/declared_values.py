"""Values that the settings declare and that never occur: stages that mean won or lost, junk, engaged."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import pyarrow as pa
import pyarrow.compute as pc

from crm import casts as typed
from crm.inference.stage_meanings import StageKind, stage_kind
from leadworth.privacy import redact
from leadworth.settings import OutcomesSource


@dataclass(frozen=True)
class AbsentValue:
    """A declared value that no row has.

    Attributes
    ----------
    setting
        Where it is declared, such as "won_stages".
    value, column
        The value, and the column in which it never occurs.
    nearest, rows
        The most similar value that occurs, redacted, and its number of rows; empty if none is similar.
    """

    setting: str
    value: str
    column: str
    nearest: str = ""
    rows: int = 0

    def __str__(self) -> str:
        """Return a sentence."""
        hint = f" (most similar value: {self.nearest!r}, {self.rows:,} rows)" if self.nearest else ""
        return f"{self.value!r} of {self.setting} never occurs in {self.column!r}{hint}"


def absent_values(rows: pa.Table, source: OutcomesSource, known: Collection[str] = ()) -> list[AbsentValue]:
    """Return the declared values that do not occur in a table; columns of another table are left out.

    Parameters
    ----------
    known
        Values that are right though they do not occur yet.

    Examples
    --------
    >>> source = OutcomesSource(stage="Stage", won_stages=["closed-won"], lost_stages=["LOST"])
    >>> for value in absent_values(pa.table({"Stage": ["Closed Won", "Lost"]}), source):
    ...     print(value)
    'closed-won' of won_stages never occurs in 'Stage' (most similar value: 'Closed Won', 1 rows)
    """
    absent: list[AbsentValue] = []
    for setting, kind, column, values in _declared(source):
        if column not in rows.column_names:
            continue
        counted = pc.value_counts(typed.texts(rows.column(column)).drop_null()).to_pylist()
        counts = {str(item["values"]): int(item["counts"]) for item in counted}
        existing = {value.casefold() for value in (*counts, *known)}
        for value in values:
            if value.strip().casefold() not in existing:
                nearest = nearest_value(value, counts, kind)
                shown = redact(nearest) if nearest else ""
                absent.append(AbsentValue(setting, value, column, shown, counts.get(nearest, 0)))
    return absent


def nearest_value(value: str, counts: Mapping[str, int], kind: StageKind) -> str:
    """Return the existing value with the nearest spelling, or else the most frequent one of the same meaning.

    Examples
    --------
    >>> counts = {"Closed Won": 3, "Open": 9}
    >>> [nearest_value(value, counts, "won") for value in ("closed-won", "Signed")], nearest_value("X", {}, "won")
    (['Closed Won', 'Closed Won'], '')
    """
    by_casefold = {existing.casefold(): existing for existing in counts}
    close = get_close_matches(value.casefold(), by_casefold, n=1, cutoff=0.6)
    if close:
        return by_casefold[close[0]]
    frequent = sorted(counts, key=lambda existing: -counts[existing])
    return next((existing for existing in frequent if stage_kind(existing) == kind), "")


def _declared(source: OutcomesSource) -> Iterator[tuple[str, StageKind, str, tuple[str, ...]]]:
    if source.stage:
        yield "won_stages", "won", source.stage, source.won_stages
        yield "lost_stages", "lost", source.stage, source.lost_stages
    if source.junk:
        yield "junk", "junk", source.junk.column, source.junk.values
    if source.engaged:
        yield "engaged", "engaged", source.engaged.column, source.engaged.values
