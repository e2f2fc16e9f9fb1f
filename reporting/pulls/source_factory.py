"""Connect the sources that the settings name."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from leadworth.connection_context import ConnectionContext
from leadworth.errors import ConfigurationError
from leadworth.source_settings import PACKAGE, source_names

if TYPE_CHECKING:
    from leadworth.settings import Settings
    from reporting.pulls.report_source import ReportSource


def chosen_sources(settings: Settings, name: str) -> Sequence[str]:
    """Return the sources that a name means.

    Parameters
    ----------
    name
        A source, or "all" for those with accounts in the settings.

    Raises
    ------
    ConfigurationError
        If there is no such source, or none is in use.
    """
    sources = settings.report.sources
    if name != "all":
        if name not in source_names():
            raise ConfigurationError(f"there is no source {name!r}", allowed=f"all, {', '.join(source_names())}")
        if not sources.section(name).in_use():
            raise ConfigurationError(
                f"[report.sources.{name}] names no account", do=f"set accounts in [report.sources.{name}]"
            )
        return (name,)
    chosen = tuple(each for each in source_names() if sources.section(each).in_use())
    if not chosen:
        raise ConfigurationError(
            "no source has an account", do="set accounts in a section [report.sources.NAME], such as ga4"
        )
    return chosen


@contextmanager
def open_source(settings: Settings, name: str) -> Iterator[ReportSource[Any]]:
    """Connect a source, and close it after the block.

    Raises
    ------
    ConfigurationError
        If secrets are missing, or an official client is not installed.
    """
    section = settings.report.sources.section(name)
    if missing := section.missing_secrets():
        prefix = f"LEADWORTH_REPORT__SOURCES__{name.upper()}__"
        raise ConfigurationError(
            f"[report.sources.{name}] lacks {', '.join(missing)}",
            do=f"set {', '.join(prefix + secret.upper() for secret in missing)}, or a secret file of that name",
        )
    context = ConnectionContext(settings.folder, section.timeout_seconds)
    source: ReportSource[Any] = importlib.import_module(f"{PACKAGE}.{name}.adapter").connect(section, context)
    try:
        yield source
    finally:
        source.close()
