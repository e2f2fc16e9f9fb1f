"""Recognise where a file of spend, traffic or counts comes from, and what its columns mean, by its headers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crm.inference.header_vocabulary import match_header
from crm.inference.header_words import compact, normalise
from leadworth.errors import InputError
from leadworth.money import is_currency
from reporting.imports.import_rows import METRIC_NAMES, ImportKind
from reporting.imports.undecided import UndecidedError

DATA = Path(__file__).parent / "data" / "import_headers.toml"
OWN = "own"
"""Source of spend without a platform of its own."""
_BRACKETS = re.compile(r"\s*[(\[（][^()\[\]（）]*[)\]）]\s*$")
_LAST_WORD = re.compile(r"[\s_]+([A-Z]{3}|[€$£¥])$")
_REQUIRED: Mapping[ImportKind, tuple[tuple[str, ...], ...]] = {
    "spend": (("day", "range_start"), ("campaign_name", "campaign_id"), ("cost",)),
    "traffic": (("day", "nth_day"), ("sessions",), ("engaged_sessions",)),
    "queries": (("day",), ("query", "position"), ("clicks",)),
    "metrics": (("day",), ("count", *METRIC_NAMES)),
}
"""Columns that a file must have, one of each group."""
_BY_FIELD_OF_LEADS = {
    "campaign": "campaign_name",
    "source": "source",
    "medium": "medium",
    "country": "country",
}


@dataclass(frozen=True)
class FileSource:
    """Kind of file: a report of a platform, or a table of one's own.

    Attributes
    ----------
    platform
        Empty where the user names it.
    keys
        Compact header -> field.
    """

    name: str
    kind: ImportKind
    platform: str
    keys: Mapping[str, str]

    def columns(self, headers: Sequence[str]) -> dict[str, str]:
        """Return field -> header; of several headers of a field, the first."""
        found: dict[str, str] = {}
        for header in headers:
            field = next((self.keys[key] for key in header_keys(header) if key in self.keys), None)
            if field is not None:
                found.setdefault(field, header)
        return found


@dataclass(frozen=True)
class RecognisedFile:
    """Source of a file, and field -> header; `guessed` are the fields that the recogniser of leads found."""

    source: FileSource
    columns: Mapping[str, str]
    guessed: tuple[str, ...] = ()


def header_keys(header: str) -> tuple[str, ...]:
    """Return the spellings under which a header may be listed: whole, and without brackets or a currency at its end.

    Examples
    --------
    >>> header_keys("Amount spent (EUR)"), header_keys("Spend EUR"), header_keys("Clicks")
    (('amountspenteur', 'amountspent'), ('spendeur', 'spend'), ('clicks',))
    """
    bare = _BRACKETS.sub("", header)
    last = _LAST_WORD.search(bare.strip())
    if last is not None and (not last[1].isalpha() or is_currency(last[1])):
        bare = bare.strip()[: last.start()]
    return tuple(key for key in dict.fromkeys((compact(normalise(header)), compact(normalise(bare)))) if key)


@cache
def file_sources() -> tuple[FileSource, ...]:
    """Return the sources of `data/import_headers.toml`."""
    sources = []
    for name, content in tomllib.loads(DATA.read_text(encoding="utf-8")).items():
        platform = content.pop("platform", "" if name == OWN else name)
        kind = content.pop("kind")
        keys = {compact(normalise(header)): field for field, headers in content.items() for header in headers}
        sources.append(FileSource(name, kind, platform, keys))
    return tuple(sources)


def is_import_header(cells: Sequence[str]) -> bool:
    """Return whether a record names all columns that a file of some source must have.

    Examples
    --------
    >>> is_import_header(["Day", "Campaign", "Cost"]), is_import_header(["Campaign report", "", ""])
    (True, False)
    """
    return any(not missing_fields(source.kind, source.columns(cells)) for source in file_sources())


def missing_fields(kind: ImportKind, columns: Collection[str]) -> list[tuple[str, ...]]:
    """Return the groups of fields of which a file must have one, and has none.

    Examples
    --------
    >>> missing_fields("spend", {"cost": "Cost", "day": "Day"})
    [('campaign_name', 'campaign_id')]
    """
    return [group for group in _REQUIRED[kind] if not set(group) & set(columns)]


def recognise(
    name: str,
    headers: Sequence[str],
    kinds: Collection[ImportKind],
    platform: str | None = None,
    named: Mapping[str, str] | None = None,
) -> RecognisedFile:
    """Return the source of a file and what its columns mean.

    Parameters
    ----------
    name
        Of the file, for messages.
    kinds
        Kinds of rows that the command imports.
    platform
        Of the user; None to recognise it.
    named
        Field -> header, as the user says.

    Raises
    ------
    InputError
        Where a column that is needed is absent, or headers fit several platforms.
    """
    named = _existing(name, headers, named or {})
    candidates = [source for source in file_sources() if source.kind in kinds]
    own = [source for source in candidates if platform in {source.platform, source.name}]
    scored = []
    for source in own or candidates:
        columns = {**source.columns(headers), **named}
        guessed = _guessed(headers, columns) if source.kind in {"spend", "traffic"} else {}
        complete = not missing_fields(source.kind, {**columns, **guessed})
        score = (complete, "query" in columns, len(columns) - ("first_user" in columns), source.name != OWN)
        scored.append((score, RecognisedFile(source, {**columns, **guessed}, tuple(guessed))))
    scored.sort(key=lambda item: item[0], reverse=True)
    score, best = scored[0]
    if not score[0]:
        _refuse(name, headers, best)
    equal = {other.source.platform: other for rank, other in scored if rank[:3] == score[:3]}
    if platform is None and ("" in equal or len(equal) > 1):
        raise UndecidedError(
            f"the headers of {name} do not show which platform it comes from",
            "platform",
            ", ".join((*sorted(key for key in equal if key), "or a name of your own")),
        )
    return best


def _existing(name: str, headers: Sequence[str], named: Mapping[str, str]) -> dict[str, str]:
    for field, header in named.items():
        if header not in headers:
            raise InputError(
                f"{name} has no column {header!r} for {field}", allowed=", ".join(headers), do="correct --column"
            )
    return dict(named)


def _guessed(headers: Sequence[str], columns: Mapping[str, str]) -> dict[str, str]:
    """Return the meanings that the recogniser of `leadworth init` has for headers without one."""
    found: dict[str, str] = {}
    for header in headers:
        if header in columns.values():
            continue
        for match in match_header(header)[:1]:
            field = _BY_FIELD_OF_LEADS.get(match.name) if match.section == "fields" else None
            if field is not None and field not in columns:
                found.setdefault(field, header)
    return found


def _refuse(name: str, headers: Sequence[str], best: RecognisedFile) -> None:
    missing = missing_fields(best.source.kind, best.columns)
    words = " and ".join(" or ".join(group[:3]) for group in missing)
    by_day = any("day" in group for group in missing)
    raise InputError(
        f"{name} has no column for {words}",
        allowed=", ".join(headers)[:400],
        do='break the report down by day, and export it again; or name its column, such as --column day="Date"'
        if by_day
        else 'add the column to the report, or name it with --column, such as --column cost="Ad spend"',
    )
