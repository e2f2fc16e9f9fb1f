"""Until when each platform serves the version of its API that the settings name."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from typing import Any

from leadworth.export_settings import ExportSettings

AHEAD = timedelta(days=60)


@dataclass(frozen=True)
class Ending:
    """A version that ends soon or has ended.

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


def known() -> dict[str, Any]:
    """Return platform -> version -> what is known of it."""
    return tomllib.loads((resources.files("conversions") / "api_versions.toml").read_text(encoding="utf-8"))


def endings(settings: ExportSettings, today: date) -> Iterator[Ending]:
    """Yield the versions of the settings that end within 60 days, ended, or are not known.

    Examples
    --------
    >>> from leadworth.export_settings import ExportSettings
    >>> [str(one) for one in endings(ExportSettings(meta={"version": "v24.0"}), date(2026, 9, 1))]
    ['meta v24.0 ends on 2026-10-06']
    """
    for platform, versions in known().items():
        version = getattr(settings, platform).version
        told = versions.get(version)
        if told is None:
            yield Ending(platform, version, None)
        elif "ends" in told and told["ends"] - today <= AHEAD:
            yield Ending(platform, version, told["ends"])
