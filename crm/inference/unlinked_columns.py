"""Why two columns with the header of the same id do not meet: what a person sees in one id of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crm.inference.column_links import headers_match, names_an_id
from crm.inference.column_profile import ColumnProfile
from crm.inference.export_profile import ExportProfile
from crm.inference.header_words import normalise
from crm.inference.id_columns import id_columns
from leadworth.privacy import redact
from leadworth.readers.id_reader import read_id
from leadworth.unreadable import Unreadable

_PROBE = 50
_MOST = 0.5
_SHORTEST = 4
_MOST_PARTS = 20
_LONGEST_SHOWN = 60


def why_unlinked(leads: ExportProfile, export: ExportProfile) -> tuple[str, str] | None:
    """Return what is wrong with the ids of a file that does not meet the leads, and what to do about it.

    Parameters
    ----------
    leads
        Profile of the leads.
    export
        Profile of a file that shares no column of values with them.

    Returns
    -------
    tuple of str or None
        Problem and remedy; None where no two columns have the header of the same id.
    """
    pairs = list(_pairs(leads, export))
    if not pairs:
        return None
    found = (
        reason for find in (_lost_digits, _more_than_ids) for pair in pairs if (reason := find(leads, export, *pair))
    )
    problem, remedy = next(found, ("", ""))
    if not problem:
        left, right = pairs[0]
        problem = (
            f"{_shown(left, leads)} and {_shown(right, export)} mean the same id by their headers, but no value of one "
            "is in the other"
        )
        remedy = "export both files with the same id of the lead, in the same form and for the same time"
    return f"{export.name} does not meet {leads.name}: {problem}", remedy


def _pairs(leads: ExportProfile, export: ExportProfile) -> Iterator[tuple[ColumnProfile, ColumnProfile]]:
    """Yield the columns of two files whose headers mean the same id; equal headers first."""
    ids = [column for column, _ in id_columns(leads)]
    ids += [column for column in leads.columns.values() if names_an_id(column.name) and column not in ids]
    pairs = [
        (left, right)
        for left in ids
        for right in export.columns.values()
        if left.counts
        and right.counts
        and right.kind != "moment"
        and headers_match(leads, left.name, export, right.name)
    ]
    yield from sorted(pairs, key=lambda pair: normalise(pair[0].name) != normalise(pair[1].name))


def _lost_digits(
    leads: ExportProfile, export: ExportProfile, left: ColumnProfile, right: ColumnProfile
) -> tuple[str, str] | None:
    """Return the problem and the remedy of a column most of whose ids a spreadsheet has damaged."""
    for column, file in ((right, export), (left, leads)):
        probe = list(column.counts)[:_PROBE]
        damaged = [reason for value in probe if isinstance(reason := read_id(value), Unreadable)]
        if len(damaged) > _MOST * len(probe):
            return (
                f"of {_shown(left, leads)} and {_shown(right, export)}, which mean the same id by their headers, "
                f"{column.name!r} of {file.name} cannot be read: {damaged[0].reason}",
                f"export {file.name} again and use it as it is, or format {column.name!r} as text before saving",
            )
    return None


def _more_than_ids(
    leads: ExportProfile, export: ExportProfile, left: ColumnProfile, right: ColumnProfile
) -> tuple[str, str] | None:
    """Return the problem and the remedy of a column most of whose values hold an id of the other within more."""
    for inner, outer, file in ((left, right, export), (right, left, leads)):
        probe = list(outer.counts)[:_PROBE]
        known = {value.casefold() for value in inner.counts if len(value) >= _SHORTEST}
        found = [(whole, part) for whole in probe for part in _parts(whole)[:_MOST_PARTS] if part.casefold() in known]
        if len({whole for whole, _ in found}) > _MOST * len(probe):
            whole, part = found[0]
            return (
                f"the values of {outer.name!r} in {file.name} hold more than the id, "
                f"{redact(whole)[:_LONGEST_SHOWN]!r} for {redact(part)!r}",
                f"export the id alone in a column of {file.name}",
            )
    return None


def _parts(value: str) -> Sequence[str]:
    """Return the words of a value, split at what separates the parts of an address or a label."""
    return "".join(char if char.isalnum() or char in "-_" else " " for char in value).split()


def _shown(column: ColumnProfile, export: ExportProfile) -> str:
    return f"{column.name!r} of {export.name} ({redact(column.example)[:_LONGEST_SHOWN]!r})"
