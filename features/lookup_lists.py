"""Lookup lists of the features with their versions, dates and digests.

Lists of disposable mail domains and hosting networks change weekly. Each decision stores one digest of all
lists, and `leadworth doctor` reports lists older than 90 days.
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
class LookupList:
    """A lookup list: a data file of this package or an installed package.

    Attributes
    ----------
    name, version
        Name of the file and its date, or name of the distribution and its version.
    dated
        Latest possible date of the list; None where the version of a package contains no date.
    digest
        First 16 hexadecimal digits of the sha256 of the file, or of the package's RECORD of its files.
    licence
        Licence of the list.
    """

    name: str
    version: str
    dated: date | None
    digest: str
    licence: str

    def stale(self, today: date) -> bool:
        """Return whether the list is older than 90 days; False where its date is unknown."""
        return self.dated is not None and (today - self.dated).days > STALE_DAYS


@cache
def lists() -> tuple[LookupList, ...]:
    """Return all lookup lists; read at the first call.

    Examples
    --------
    >>> sorted(item.name for item in lists())[:3]
    ['agents.toml', 'company.toml', 'countries.toml']
    """
    manifest = load("lists.toml")
    files = (_file_list(name, dated) for name, dated in manifest["files"].items())
    packages = (_package_list(name, licence) for name, licence in manifest["packages"].items())
    return (*files, *packages)


@cache
def lists_hash() -> str:
    """Return one digest of all lists, 16 hexadecimal digits."""
    return _digest("\n".join(f"{item.name} {item.version} {item.digest}" for item in lists()).encode())


def _file_list(name: str, dated: date) -> LookupList:
    content = (resources.files("features") / "data" / name).read_bytes()
    return LookupList(name, dated.isoformat(), dated, _digest(content), "Apache-2.0")


def _package_list(name: str, licence: str) -> LookupList:
    package = distribution(name)
    record = package.read_text("RECORD") or ""
    files = "\n".join(sorted(line for line in record.splitlines() if ".dist-info/" not in line and ".pyc" not in line))
    return LookupList(name, package.version, dated_of(package.version), _digest(files.encode()), licence)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def dated_of(version: str) -> date | None:
    """Return the latest possible date of a version, or None where it contains no date.

    Examples
    --------
    >>> dated_of("1.0.2.20261023"), dated_of("2026.3"), dated_of("9.0.43")
    (datetime.date(2026, 10, 23), datetime.date(2026, 12, 31), None)
    """
    match = _DATED.search(version)
    if match is None:
        return None
    if match[4]:
        return date(int(match[4]), 12, 31)  # 2026.3 is the third release of the year, not of March
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
