"""Export profile: sampled rows, column profiles and possible meanings of the headers of one file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from crm.inference.column_profile import ColumnProfile, profile_column
from crm.inference.header_vocabulary import HeaderMatch, detect_crm, match_header, tokens
from crm.inference.row_sample import RowSample, read_sample
from leadworth.readers.placeholders import TEXT_PLACEHOLDERS


@dataclass(frozen=True)
class ExportProfile:
    """Profile of a file.

    Attributes
    ----------
    crm
        CRM whose headers the file has, or None.
    missing
        Token that means missing -> number of columns that contain it.
    meanings
        Header -> its possible meanings, strongest first.
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
        """Return the values of a column; missing values are empty texts."""
        return ["" if value in self.missing else value for value in self.sample.columns[column]]

    def columns_for(self, section: str, name: str) -> list[tuple[ColumnProfile, HeaderMatch]]:
        """Return the columns whose header may mean `name`, best match first, without near spellings."""
        candidates = [
            (self.columns[column], match)
            for column, meanings in self.meanings.items()
            for match in meanings[:12]
            if match.section == section and match.name == name and not match.near
        ]
        best: dict[str, tuple[ColumnProfile, HeaderMatch]] = {}
        for column, match in sorted(candidates, key=lambda pair: (-pair[1].strength, pair[1].rank, -pair[0].filled)):
            best.setdefault(column.name, (column, match))
        return list(best.values())

    def best_match(self, column: str, section: str) -> HeaderMatch | None:
        """Return the strongest meaning of a header within one section."""
        return next((match for match in self.meanings[column] if match.section == section and not match.near), None)

    def reliable_match(self, column: str, section: str) -> HeaderMatch | None:
        """Return the best match, unless it is a single word of a CRM that the file does not come from."""
        match = self.best_match(column, section)
        if match is None or match.is_language or match.origin == self.crm or " " in match.entry:
            return match
        return None


def profile_export(path: Path) -> ExportProfile:
    """Read a sample of a file and profile every column.

    Raises
    ------
    InputError
        If the file is not a table with a header.
    """
    sample = read_sample(path)
    missing = find_missing_tokens(sample.columns)
    crm = detect_crm(list(sample.columns))
    columns = {
        name: profile_column(name, ["" if value in missing else value for value in values])
        for name, values in sample.columns.items()
    }
    return ExportProfile(sample, columns, crm, missing, {name: match_header(name, crm) for name in columns})


def find_missing_tokens(columns: dict[str, list[str]]) -> dict[str, int]:
    """Return the tokens that mean missing, as written, with the number of columns that contain each.

    Examples
    --------
    >>> find_missing_tokens({"City": ["Select", "Rome", "-"], "Country": ["Select", "Italy", ""]})
    {'Select': 2, '-': 1}
    """
    column_counts: Counter[str] = Counter()
    for values in columns.values():
        distinct = set(values)
        missing = {value for value in distinct if value.casefold() in tokens().missing or value in TEXT_PLACEHOLDERS}
        if distinct - missing - {""}:
            column_counts.update(sorted(missing))
    return dict(column_counts.most_common())
