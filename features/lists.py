"""The lists that features look things up in: which, of what day, with what digest.

Lists age: throw-away mail domains and networks of servers change by the week. What was used stands in
every decision as one digest, and what is older than 90 days is named by `leadworth doctor`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from importlib.metadata import distribution

from features.lexicon import load

STALE_DAYS = 90
_DATED = re.compile(r"(?<!\d)(20\d\d)\.?(\d\d)\.?(\d\d)(?!\d)|(?<!\d)(20\d\d)\.(\d{1,2})(?!\d)")


@dataclass(frozen=True)
class List:
    """One list.

    Attributes
    ----------
    name, version
        File of this room, or distribution and its version.
    dated
        Day of the list, the latest that it can be of; None where neither version nor files tell one.
    digest
        First 16 hexadecimal digits of the sha256 of the file, or of the package's own record of its files.
    licence
        Of the list.
    """

    name: str
    version: str
    dated: date | None
    digest: str
    licence: str

    def stale(self, today: date) -> bool:
        """Tell whether the list is older than 90 days; one of an unknown day is not."""
        return self.dated is not None and (today - self.dated).days > STALE_DAYS


@cache
def lists() -> tuple[List, ...]:
    """Return all lists; read at the first call.

    Examples
    --------
    >>> sorted(one.name for one in lists())[:3]
    ['agents.toml', 'company.toml', 'countries.toml']
    """
    manifest = load("lists.toml")
    own = [_of_file(name, dated) for name, dated in manifest["files"].items()]
    return (*own, *(_of_package(name, licence) for name, licence in manifest["packages"].items()))


@cache
def lists_hash() -> str:
    """Return one digest of all lists, 16 hexadecimal digits."""
    told = "\n".join(f"{one.name} {one.version} {one.digest}" for one in lists())
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _of_file(name: str, dated: date) -> List:
    content = (resources.files("features") / "data" / name).read_bytes()
    return List(name, dated.isoformat(), dated, hashlib.sha256(content).hexdigest()[:16], "Apache-2.0")


def _of_package(name: str, licence: str) -> List:
    found = distribution(name)
    record = found.read_text("RECORD") or ""
    files = "\n".join(sorted(line for line in record.splitlines() if ".dist-info/" not in line and ".pyc" not in line))
    return List(name, found.version, dated_of(found.version), hashlib.sha256(files.encode()).hexdigest()[:16], licence)


def dated_of(version: str) -> date | None:
    """Return the latest day that a version can be of, or None where it tells none.

    Examples
    --------
    >>> dated_of("1.0.2.20261023"), dated_of("2026.3"), dated_of("9.0.43")
    (datetime.date(2026, 10, 23), datetime.date(2026, 12, 31), None)
    """
    found = _DATED.search(version)
    if found is None:
        return None
    if found[4]:
        return date(int(found[4]), 12, 31)  # 2026.3 is the third release of the year, not of March
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
