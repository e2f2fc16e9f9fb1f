"""Search for a person in the files of a project: exports of a CRM, scored files, rejected rows, files for platforms.

These files are the user's own. They are named, not changed: a line of a CRM export that vanished would come back with
the next export, and a file that a platform has fetched is with the platform.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadworth.settings import Settings

TEXT = frozenset({".csv", ".tsv", ".txt", ".json", ".jsonl", ".html", ".md", ".log", ".part"})
PACKED = frozenset({".xlsx", ".xls", ".ods", ".zip"})
"""Files whose text is not searched; they are named so that a person looks."""


@dataclass(frozen=True)
class HeldFile:
    """A file that has a person, or may have.

    Attributes
    ----------
    path
        Relative to the folder of the settings, where it is inside.
    lines
        Lines or rows with the person; None where the file was not searched.
    """

    path: str
    lines: int | None


def files_to_check(settings: Settings, words: Collection[str], folders: Iterable[Path] = ()) -> list[HeldFile]:
    """Return the files that name a person, and those that cannot be searched.

    Parameters
    ----------
    settings
        Its folder is searched, the folders of files for platforms, and those of leads and outcomes.
    words
        The person's lead ids, addresses, numbers and click ids.
    folders
        Searched as well, with all folders in them.
    """
    if not words:
        return []
    pattern = _pattern(words)
    found = []
    for path in sorted(_candidates(settings, folders)):
        lines = None if _suffix(path) in PACKED else _count(path, pattern)
        if lines != 0:
            found.append(HeldFile(_shown(path, settings.folder), lines))
    return found


def _pattern(words: Collection[str]) -> re.Pattern[bytes]:
    """Return a pattern of the words, each as a whole: an id "17" is not found in "2017" or "17@firm.example"."""
    inner = b"|".join(re.escape(word.encode("utf-8", "surrogatepass")) for word in sorted(words, key=len, reverse=True))
    return re.compile(rb"(?<![\w.@%+\-])(?:" + inner + rb")(?![\w@%\-]|\.\w)", re.IGNORECASE)


def _candidates(settings: Settings, folders: Iterable[Path]) -> set[Path]:
    own = {settings.folder, *(settings.resolve(source.path).parent for source in _sources(settings))}
    paths = {path for folder in own if folder.is_dir() for path in folder.iterdir()}
    for folder in (*folders, *_file_folders(settings)):
        if folder.is_dir():
            paths.update(folder.rglob("*"))
    return {path for path in paths if path.is_file() and _suffix(path) in TEXT | PACKED | {".parquet"}}


def _sources(settings: Settings) -> list[Any]:
    return [source for source in (settings.leads, settings.outcomes) if source.path and "://" not in source.path]


def _file_folders(settings: Settings) -> Iterator[Path]:
    """Yield the folders of files that platforms fetch."""
    export = settings.export
    for name in type(export).model_fields:
        folder = getattr(getattr(export, name), "folder", None)
        if isinstance(folder, Path):
            yield settings.resolve(folder)


def _suffix(path: Path) -> str:
    return Path(path.name.removesuffix(".gz")).suffix.lower()


def _count(path: Path, pattern: re.Pattern[bytes]) -> int:
    if _suffix(path) == ".parquet":
        return _count_parquet(path, pattern)
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
        return sum(pattern.search(line.replace(b"\x00", b"")) is not None for line in lines)


def _count_parquet(path: Path, pattern: re.Pattern[bytes]) -> int:
    from pyarrow import parquet

    count = 0
    for batch in parquet.ParquetFile(path).iter_batches():
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            count += any(value is not None and pattern.search(str(value).encode()) for value in row)
    return count


def _shown(path: Path, folder: Path) -> str:
    inside = path.resolve().is_relative_to(folder.resolve())
    return str(path.resolve().relative_to(folder.resolve()) if inside else path.resolve())
