"""Catalog of CRMs with a connector: the data in `crm/connectors/<name>/crm.toml`, for every package."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

PACKAGE = "crm.connectors"


class ObjectRole(StrEnum):
    """What leadworth reads an object for."""

    LEAD = "lead"
    """Records that are scored."""
    DEAL = "deal"
    """Opportunities with a stage and an amount. In a CRM with one object for both, the lead has this role too."""
    COMPANY = "company"
    PERSON = "person"
    """Contact of a lead, where e-mail address and phone are not on the lead itself."""
    ACTIVITY = "activity"
    """Calls, messages and meetings, for the time of the first response."""
    CAMPAIGN = "campaign"
    OWNER = "owner"


class CrmObject(BaseModel):
    """Object of a CRM.

    Attributes
    ----------
    role
        What it is read for.
    created, modified
        Fields with the times of a record.
    fields
        Fields that are always read, besides those of the settings.
    links
        Objects whose association with it is read, where it is not a field.
    history
        Fields whose former values the CRM keeps.
    late
        Fields that are filled while sales works the lead: never a feature at submit.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: ObjectRole
    created: str
    modified: str
    fields: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    late: tuple[str, ...] = ()


class DealFields(BaseModel):
    """Fields of the object that holds the outcome.

    Attributes
    ----------
    stage, amount, currency, closed_at, loss_reason
        Field names; empty where the CRM has none.
    lead
        Field with the id of the lead; empty where a link says so.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    stage: str
    amount: str
    currency: str = ""
    closed_at: str = ""
    loss_reason: str = ""
    lead: str = ""


class CrmInfo(BaseModel):
    """Data of one CRM.

    Attributes
    ----------
    title
        Name for people.
    objects
        Object -> what is read.
    lead_objects
        Objects that may be the lead, the usual one first.
    columns
        Standard field of a lead -> field of the lead object.
    deal
        Fields of the deal object.
    search_lag_seconds
        Time for which a change may be missing from answers.
    source
        Pages that these data are from.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    objects: dict[str, CrmObject]
    lead_objects: tuple[str, ...] = Field(min_length=1)
    columns: dict[str, str]
    deal: DealFields
    search_lag_seconds: float = Field(120.0, ge=0)
    source: tuple[str, ...] = ()

    def with_role(self, role: ObjectRole) -> tuple[str, ...]:
        """Return the objects of a role."""
        return tuple(name for name, item in self.objects.items() if item.role is role)


@cache
def crms() -> Mapping[str, CrmInfo]:
    """Return all CRMs with a connector by name, in alphabetical order."""
    files = [file for path in importlib.import_module(PACKAGE).__path__ for file in Path(path).glob("*/crm.toml")]
    return {
        file.parent.name: CrmInfo.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        for file in sorted(files, key=lambda file: file.parent.name)
    }
