"""The destinations that the settings name."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from conversions.destination import Destination
from leadworth.errors import ConfigurationError

if TYPE_CHECKING:
    from leadworth.settings import Settings

_PACKAGES = {"google": "google.ads.datamanager_v1", "google-ads": "google.ads.googleads"}


def destinations(settings: Settings) -> dict[str, Destination]:
    """Return the platforms that have an account and at least one action, by name.

    Raises
    ------
    ConfigurationError
        Where the client that a platform needs is not installed.
    """
    return {one.name: one for one in _opened(settings)}


def configured(settings: Settings) -> tuple[str, ...]:
    """Return the names of the platforms in use, without loading any of their clients."""
    export = settings.export
    used = {
        "google": export.google.customer, "google_ads": export.google_ads.customer, "meta": export.meta.dataset,
        "linkedin": export.linkedin.actions.named(), "microsoft": export.microsoft.account,
        "tiktok": export.tiktok.event_set, "ga4": export.ga4.measurement,
        "google_file": export.google_file.actions.named(), "microsoft_file": export.microsoft_file.actions.named(),
    }  # fmt: skip
    return tuple(name for name, given in used.items() if given and getattr(export, name).actions.named())


def _opened(settings: Settings) -> Iterator[Destination]:
    from conversions.csv_export import CsvExport
    from conversions.http_client import HttpClient
    from conversions.platforms.ga4.adapter import Ga4Destination, MeasurementProtocol
    from conversions.platforms.google.adapter import GoogleDestination
    from conversions.platforms.google_ads.adapter import GoogleAdsDestination
    from conversions.platforms.linkedin.adapter import LinkedInDestination
    from conversions.platforms.meta.adapter import MetaDestination
    from conversions.platforms.microsoft.adapter import MicrosoftDestination
    from conversions.platforms.tiktok.adapter import TikTokDestination

    export, wait = settings.export, settings.export.timeout_seconds
    names, http = configured(settings), HttpClient(wait)

    def key_file(path: Path | None) -> Path | None:
        return None if path is None else settings.resolve(path)

    if "google" in names:
        _installed("google")
        yield GoogleDestination(export.google, wait, key_file(export.google.credentials))
    if "google_ads" in names:
        _installed("google-ads")
        yield GoogleAdsDestination(export.google_ads, wait, key_file(export.google_ads.credentials))
    if "meta" in names:
        yield MetaDestination(export.meta, http)
    if "linkedin" in names:
        yield LinkedInDestination(export.linkedin, http)
    if "microsoft" in names:
        yield MicrosoftDestination(export.microsoft, http)
    if "tiktok" in names:
        yield TikTokDestination(export.tiktok, http)
    if "ga4" in names and export.ga4.via == "data_manager":
        _installed("google")
        yield Ga4Destination(export.ga4, wait, key_file(export.ga4.credentials))
    elif "ga4" in names:
        yield MeasurementProtocol(export.ga4, http)
    for name in ("google_file", "microsoft_file"):
        if name in names:
            files = getattr(export, name)
            yield CsvExport(name, files, settings.resolve(files.folder))


def _installed(extra: str) -> None:
    """Raise where the official client of an extra is not there."""
    try:
        found = find_spec(_PACKAGES[extra])
    except ModuleNotFoundError:
        found = None
    if found is None:
        raise ConfigurationError(
            "[export] names a platform of Google whose official client is not installed",
            do=f"install leadworth[{extra}], or leave the platform out",
        )
