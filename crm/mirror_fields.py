"""What the mirror of a CRM reads: objects, their fields, and fields whose changes are recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crm.connector import Connector
from crm.score_fields import BAND, WIN_PROBABILITY
from leadworth.crm_catalog import CrmInfo, ObjectRole, crms
from leadworth.crm_records import CrmField
from leadworth.crm_section import CrmSection
from leadworth.settings import Settings

PREFIX = "crm:"
"""Of a path that names a CRM: `crm:hubspot`."""
ACCOUNT = "account"
"""Column of the mirror's leads with their account."""


def is_crm(path: str) -> bool:
    """Return whether a path names a CRM.

    Examples
    --------
    >>> is_crm("crm:hubspot"), is_crm("crm.csv")
    (True, False)
    """
    return path.startswith(PREFIX)


def objects_read(info: CrmInfo, lead_object: str) -> tuple[str, ...]:
    """Return the objects of a CRM that are read, in order.

    Of several objects that may be the lead, those after the chosen one are not read.
    """
    order = info.lead_objects
    skipped = set(order[order.index(lead_object) + 1 :]) if lead_object in order else set()
    return tuple(name for name, item in info.objects.items() if not (item.role is ObjectRole.LEAD and name in skipped))


def late_columns(settings: Settings) -> tuple[str, ...]:
    """Return the fields that sales fills, where the leads come from the mirror of a CRM; else nothing."""
    path = settings.leads.path
    if not is_crm(path) or (crm := path.removeprefix(PREFIX)) not in crms():
        return ()
    info = crms()[crm]
    return info.objects[settings.crm.section(crm).lead_object or info.lead_objects[0]].late


@dataclass(frozen=True)
class ReadFields:
    """Fields of an object that are read.

    Attributes
    ----------
    names
        Sorted.
    absent
        Fields that the settings name and the CRM does not have.
    stored
        Fields whose values are stored: all but the modified time, which a record has in any case, unless the settings
        name it. With it each write of a score would change the contents of a record.
    tracked
        Fields whose changes are recorded at each run, because the CRM keeps no history of them.
    scores
        Score field -> its field in the CRM, read to notice that people edited a score, and not stored.
    """

    names: tuple[str, ...]
    absent: tuple[str, ...]
    stored: frozenset[str]
    tracked: frozenset[str]
    scores: Mapping[str, CrmField] = field(default_factory=dict)

    @property
    def asked(self) -> tuple[str, ...]:
        """All fields to request."""
        return tuple(sorted({*self.names, *(item.name for item in self.scores.values())}))


def fields_read(
    settings: Settings, section: CrmSection, connector: Connector, object_name: str, present: Sequence[CrmField]
) -> ReadFields:
    """Return the fields of an object to read: those of the catalog and of the settings that the CRM has.

    Parameters
    ----------
    section
        Settings of the CRM.
    present
        Fields that the object has.
    """
    info, lead_object = connector.info, connector.lead_object
    item = info.objects[object_name]
    there = {item.name: item for item in present}
    named: set[str] = set()
    if object_name == lead_object:
        named = {*section.fields, *_mapped(settings, connector.name)}
    deal = info.deal
    of_deals = {deal.stage, deal.amount, deal.currency, deal.closed_at, deal.loss_reason, deal.lead}
    asked = {*item.fields, *item.history, item.created, item.modified}
    if object_name == lead_object:
        asked |= {*info.columns.values()}
    if item.role is ObjectRole.DEAL or object_name == lead_object:
        asked |= of_deals
    names = ((asked | named) & there.keys()) - {""}
    kept = set(item.late) | (of_deals if item.role is ObjectRole.DEAL else set())
    tracked = (kept & names) - set(item.history) - {item.modified, item.created}
    stored = frozenset(names - ({item.modified} - named))
    own = {name: connector.score_field(object_name, name) for name in (BAND, WIN_PROBABILITY)}
    scores = {name: there[code] for name, code in own.items() if code in there and object_name == lead_object}
    return ReadFields(tuple(sorted(names)), tuple(sorted(named - there.keys())), stored, frozenset(tracked), scores)


def _mapped(settings: Settings, crm: str) -> set[str]:
    """Return the fields of the lead that the settings name as columns."""
    if settings.leads.path != f"{PREFIX}{crm}":
        return set()
    features = settings.leads.features
    columns = {*settings.leads.columns.values(), *features.numeric, *features.categorical, *features.text}
    return columns - {"id", "created_at", "modified_at"}
