"""Description of stored data, of which the inventories consist."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadworth.retention_settings import RetentionSettings

Kept = Callable[["RetentionSettings"], str]
ERASED = "deleted by `leadworth erase`"
OPERATOR = "by the operator"
NO_PERSON = "no person"
LEADS = "people who sent a lead"
STAFF = "staff"
LEAD_ID = "id of the lead (clear)"


@dataclass(frozen=True)
class StoredData:
    """A table, file or cache.

    Attributes
    ----------
    name
        Of the table; path of a file, relative to the folder of leadworth.toml; prefix of keys of a cache.
    subjects
        Of whom the data are.
    purpose
        Why they are stored.
    kept
        Returns how long, given the settings.
    protection
        Clear, digest or encrypted.
    readers
        Who reads them.
    erasure
        How a person is erased from them.
    columns
        Columns of a table -> content. Several names are separated by spaces.
    """

    name: str
    subjects: str
    purpose: str
    kept: Kept
    protection: str
    readers: str
    erasure: str
    columns: Mapping[str, str]

    @property
    def column_names(self) -> set[str]:
        """Names of the columns that are described."""
        return {name for names in self.columns for name in names.split()}

    @property
    def content(self) -> str:
        """What is stored."""
        return "; ".join(dict.fromkeys(self.columns.values()))


def kept_days(setting: str, addition: str = "") -> Kept:
    """Return the period of a setting of `[retention]`, in words."""
    return lambda settings: f"{getattr(settings, setting):g} days{addition} ([retention] {setting})"


def kept_as(text: str) -> Kept:
    """Return a period that no setting changes, in words."""
    return lambda _: text
