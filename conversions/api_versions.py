"""Ends of the API versions that the settings name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from leadworth.export_settings import ExportSettings
from leadworth.platform_catalog import platforms

AHEAD = timedelta(days=60)


@dataclass(frozen=True)
class VersionEnd:
    """An API version that ends soon, has ended or is unknown.

    Attributes
    ----------
    platform, version
        As in the settings.
    ends
        The day; None for a version that leadworth does not know.
    """

    platform: str
    version: str
    ends: date | None

    def __str__(self) -> str:
        """Return it as a sentence."""
        if self.ends is None:
            return f"{self.platform} {self.version} is not a version that leadworth knows"
        return f"{self.platform} {self.version} ends on {self.ends}"


def endings(settings: ExportSettings, today: date) -> Iterator[VersionEnd]:
    """Yield the versions of the settings that end within 60 days, ended, or are not known.

    Examples
    --------
    >>> from leadworth.export_settings import ExportSettings
    >>> [str(end) for end in endings(ExportSettings(meta={"version": "v24.0"}), date(2026, 9, 1))]
    ['meta v24.0 ends on 2026-10-06']
    """
    for name, platform in platforms().items():
        if not platform.versions:
            continue
        version: str = getattr(settings.platform(name), "version", "")
        known = platform.versions.get(version)
        if known is None:
            yield VersionEnd(name, version, None)
        elif known.ends and known.ends - today <= AHEAD:
            yield VersionEnd(name, version, known.ends)
