"""Section `[report.sources]`: sources of spend, traffic and counts, one for each folder of `reporting/pulls`."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pydantic import create_model

from leadworth.settings_section import Section
from leadworth.source_section import SourceSection

PACKAGE = "reporting.pulls"


@cache
def source_names() -> tuple[str, ...]:
    """Return the sources that can be pulled, in alphabetical order.

    Examples
    --------
    >>> "ga4" in source_names(), "google_ads" in source_names()
    (True, True)
    """
    files = [file for path in importlib.import_module(PACKAGE).__path__ for file in Path(path).glob("*/settings.py")]
    return tuple(sorted(file.parent.name for file in files))


class CommonSourceSettings(Section):
    """Sources of spend, traffic and counts that `leadworth spend pull` fetches."""

    def section(self, name: str) -> SourceSection:
        """Return the section of a source."""
        return cast("SourceSection", getattr(self, name))


def _source_sections() -> dict[str, tuple[type[SourceSection], SourceSection]]:
    """Return type and default of the section of every source."""
    types = {name: importlib.import_module(f"{PACKAGE}.{name}.settings").SECTION for name in source_names()}
    return {name: (section, section()) for name, section in types.items()}


if TYPE_CHECKING:
    SourceSettings = CommonSourceSettings
else:
    SourceSettings = create_model(
        "SourceSettings",
        __base__=CommonSourceSettings,
        __module__=__name__,
        __doc__=CommonSourceSettings.__doc__,
        **_source_sections(),
    )
