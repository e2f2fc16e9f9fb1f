"""One export, examined: its rows, what its columns hold and what its headers may mean."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from crm.inference.column_profile import ColumnProfile, profile
from crm.inference.header_vocabulary import HeaderMatch, crm_of, matches, tokens
from crm.inference.row_sample import RowSample, read_sample


@dataclass(frozen=True)
class ExportProfile:
    """An examined file.

    Attributes
    ----------
    crm
        The CRM whose headers these are, or None.
    missing
        Token that means missing -> in how many columns it stands.
    meanings
        Header -> what it may mean, strongest first.
    """

    sample: RowSample
    columns: dict[str, ColumnProfile]
    crm: str | None
    missing: dict[str, int]
    meanings: dict[str, list[HeaderMatch]]

    @property
    def name(self) -> str:
        """Name of the file."""
        return self.sample.path.name

    def values(self, column: str) -> list[str]:
        """Return the values of a column, empty where missing."""
        return ["" if value in self.missing else value for value in self.sample.columns[column]]

    def meant(self, section: str, name: str) -> list[tuple[ColumnProfile, HeaderMatch]]:
        """Return the columns that may stand for `name`, likeliest first; near spellings are left out."""
        found = [
            (self.columns[column], match)
            for column, meanings in self.meanings.items()
            for match in meanings[:12]
            if match.section == section and match.name == name and not match.near
        ]
        best: dict[str, tuple[ColumnProfile, HeaderMatch]] = {}
        for column, match in sorted(found, key=lambda pair: (-pair[1].strength, pair[1].rank, -pair[0].filled)):
            best.setdefault(column.name, (column, match))
        return list(best.values())

    def says(self, column: str, section: str) -> HeaderMatch | None:
        """Return the strongest meaning of a header within one section."""
        return next((match for match in self.meanings[column] if match.section == section and not match.near), None)

    def known_as(self, column: str, section: str) -> HeaderMatch | None:
        """Return what `says` says, where one word of a CRM that this file does not come from is no proof."""
        match = self.says(column, section)
        if match is None or match.is_language or match.origin == self.crm or " " in match.entry:
            return match
        return None


def examine(path: Path) -> ExportProfile:
    """Read a sample of a file and look at every column.

    Raises
    ------
    InputError
        Where the file is no table with a header.
    """
    sample = read_sample(path)
    missing = missing_tokens(sample.columns)
    crm = crm_of(list(sample.columns))
    columns = {
        name: profile(name, ["" if value in missing else value for value in values])
        for name, values in sample.columns.items()
    }
    return ExportProfile(sample, columns, crm, missing, {name: matches(name, crm) for name in columns})


def missing_tokens(columns: dict[str, list[str]]) -> dict[str, int]:
    """Return the tokens that mean missing, as they are written, and in how many columns each stands.

    Examples
    --------
    >>> missing_tokens({"City": ["Select", "Rome", "-"], "Country": ["Select", "Italy", ""]})
    {'Select': 2, '-': 1}
    """
    known = tokens().missing
    seen: Counter[str] = Counter()
    for values in columns.values():
        here = set(values)
        found = {value for value in here if value.casefold() in known}
        if len(here - found - {""}) > 0:
            seen.update(sorted(found))
    return dict(seen.most_common())
