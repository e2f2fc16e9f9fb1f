"""Catalog of ad platforms: the data in `conversions/platforms/<name>/platform.toml`, for every package.

Packages below `conversions` need some data of a platform: the lead has a field for its click id, `leadworth init`
recognises the column, logs redact it. They read the data here; no module of a platform is imported for that.
"""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from math import inf
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

PACKAGE = "conversions.platforms"


class ApiVersion(BaseModel):
    """A version of a platform's API: the day on which the platform ends it, where it named one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ends: date | None = None
    source: str = Field(description="Page that says so")


class PlatformInfo(BaseModel):
    """Data of one platform.

    Attributes
    ----------
    click_ids
        Click id -> further headers of its column in an export. Each click id is a field of a lead.
    match_by
        Fields of a lead by which the platform finds a person or a click.
    fewest_conversions
        Conversions in 30 days below which value bidding has too little to learn from.
    goal_share
        Least and greatest share of leads that should reach the stage that the platform optimises for.
    shown_fields
        Text fields of a payload that say nothing about a person: a dry run shows them and redacts all others.
    restates
        Whether a later value replaces the one sent before, so that every stage carries the whole value.
    versions
        Versions of the API that leadworth was written for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    click_ids: dict[str, tuple[str, ...]] = {}
    match_by: tuple[str, ...]
    fewest_conversions: int = Field(20, gt=0)
    goal_share: tuple[float, float] = (0.0, inf)
    shown_fields: frozenset[str] = frozenset()
    restates: bool = False
    versions: dict[str, ApiVersion] = {}


@cache
def platforms() -> Mapping[str, PlatformInfo]:
    """Return all platforms by name, in alphabetical order.

    Examples
    --------
    >>> platforms()["microsoft"].match_by
    ('msclkid', 'email', 'phone')
    """
    files = [file for path in importlib.import_module(PACKAGE).__path__ for file in Path(path).glob("*/platform.toml")]
    return {file.parent.name: _read(file) for file in sorted(files, key=lambda file: file.parent.name)}


@cache
def click_id_headers() -> Mapping[str, tuple[str, ...]]:
    """Return the click ids of all platforms, each with the headers of its column in an export.

    Examples
    --------
    >>> click_id_headers()["msclkid"]
    ('msclkid', 'microsoft click id', 'bing click id')
    """
    headers: dict[str, tuple[str, ...]] = {}
    for platform in platforms().values():
        for name, aliases in platform.click_ids.items():
            headers[name] = tuple(dict.fromkeys((*headers.get(name, (name,)), *aliases)))
    return headers


def _read(file: Path) -> PlatformInfo:
    return PlatformInfo.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
