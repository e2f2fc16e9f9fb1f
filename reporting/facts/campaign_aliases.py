"""Aliases of campaigns, written by a person in `campaigns.toml`: the last resort before a lead counts as unmatched.

```toml
[[alias]]
platform = "google_ads"
pattern = "spring-*"          # of the lead's campaign, normalised; * stands for any text
campaign = "Spring sale 2026" # name or id of the campaign at the platform
```
"""

from __future__ import annotations

import tomllib
from difflib import SequenceMatcher
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from leadworth.campaign_keys import normalised_name
from leadworth.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leadworth.settings import Settings

LEAST_LIKENESS = 0.8


class CampaignAlias(BaseModel):
    """An alias.

    Attributes
    ----------
    platform
        Ad platform, such as `google_ads`.
    pattern
        Normalised name that leads carry; `*` stands for any text.
    campaign
        Name or id of the campaign at the platform.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    platform: str = Field(min_length=1)
    pattern: str = Field(min_length=1)
    campaign: str = Field(min_length=1)

    def fits(self, name: str) -> bool:
        """Return whether a normalised name fits the pattern."""
        parts = (normalised_name(part) for part in self.pattern.split("*"))
        return fnmatchcase(name, "*".join(part.replace("[", "[[]").replace("?", "[?]") for part in parts))


class _AliasFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    alias: tuple[CampaignAlias, ...] = ()


def read_aliases(settings: Settings) -> tuple[CampaignAlias, ...]:
    """Return the aliases of the settings; none where there is no such file.

    Raises
    ------
    ConfigurationError
        If the file cannot be read.
    """
    file: Path = settings.resolve(settings.report.campaigns)
    if not file.exists():
        return ()
    try:
        return _AliasFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8-sig"))).alias
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigurationError(
            f"the aliases in {file} cannot be used: {error}",
            allowed="tables [[alias]] with platform, pattern and campaign",
            do="correct the file; see docs/explanation/channels.md",
        ) from error


def candidates(name: str, campaigns: Iterable[str]) -> list[str]:
    """Return names of campaigns that resemble a name that matches none, the most alike first; a person decides.

    Examples
    --------
    >>> candidates("brand-it-serch", ["Brand IT Search", "Retargeting"])
    ['Brand IT Search']
    """
    own = normalised_name(name)
    alike = {other: SequenceMatcher(None, own, normalised_name(other)).ratio() for other in campaigns}
    return sorted(
        (other for other, likeness in alike.items() if likeness >= LEAST_LIKENESS), key=lambda o: (-alike[o], o)
    )
