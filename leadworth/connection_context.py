"""What an adapter needs to connect, besides the section of its platform."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from leadworth.errors import ConfigurationError

if TYPE_CHECKING:
    from leadworth.http_client import HttpClient


@dataclass(frozen=True)
class ConnectionContext:
    """Parameters that all platforms share.

    Attributes
    ----------
    folder
        Folder that paths in the settings are relative to.
    timeout_seconds
        Longest wait for an answer.
    """

    folder: Path
    timeout_seconds: float

    @cached_property
    def http(self) -> HttpClient:
        """The one HTTP client of all platforms."""
        from leadworth.http_client import HttpClient

        return HttpClient(self.timeout_seconds)

    def resolve(self, path: Path) -> Path:
        """Return a path of the settings as seen from the working directory."""
        return self.folder / path.expanduser()


def require_package(package: str, extra: str) -> None:
    """Raise where the official client of a platform is not installed.

    Raises
    ------
    ConfigurationError
        Names the extra that installs it.
    """
    if not is_installed(package):
        raise ConfigurationError(
            "the settings use a platform of Google whose official client is not installed",
            do=f"install leadworth[{extra}], or leave the platform out",
        )


def is_installed(package: str) -> bool:
    """Return whether a package, which may be inside others, can be imported.

    Examples
    --------
    >>> is_installed("conversions.platforms"), is_installed("absent.inside")
    (True, False)
    """
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False
