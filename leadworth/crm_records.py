"""Records of a CRM in the form that all CRMs share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

CrmValue = str | int | float | bool | None
"""Value of a field as the CRM holds it, with two conversions: what it writes for "no value" is None, and times are
ISO 8601 text with an offset. A date without time stays `YYYY-MM-DD`; several choices are joined by semicolons."""


class RecordState(StrEnum):
    """State of a record."""

    LIVE = "live"
    ARCHIVED = "archived"
    """Hidden in the CRM and readable, such as a lost lead of Odoo."""
    DELETED = "deleted"
    MERGED = "merged"
    """Absorbed by another record."""


class StageMeaning(StrEnum):
    """What a stage says about the outcome."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


CONVERTED_LINK = "converted"
"""Label of the associations of a converted lead with the records that it became."""


@dataclass(frozen=True)
class RecordLink:
    """Association of a record with another.

    Attributes
    ----------
    to_object, to_id
        The other record.
    label
        Role, such as `primary`; empty where the CRM names none.
    """

    to_object: str
    to_id: str
    label: str = ""


@dataclass(frozen=True)
class FieldChange:
    """A former or present value of a field.

    Attributes
    ----------
    valid_at
        Time at which the field took the value.
    changed_by
        User or application; empty where the CRM does not say.
    """

    object: str
    record_id: str
    field: str
    value: CrmValue
    valid_at: datetime
    changed_by: str = ""


@dataclass(frozen=True)
class CrmRecord:
    """Version of a record as read.

    Attributes
    ----------
    object
        Object of the CRM, such as `contacts`.
    record_id
        Its id as text.
    values
        Field -> value.
    created_at, modified_at
        Times of the CRM, with an offset; None where it gives none.
    modified_by
        User or application of the last change; empty where the CRM does not say.
    state
        A deleted or merged record may have no values.
    merged_into
        Id of the record that absorbed this one.
    absorbed
        Ids of the records that this one absorbed.
    links
        All associations of the record; None where they were not read with it.
    changes
        Former and present values of the catalog's `history` fields; None where they were not read with it.
    unread
        Fields that other records hold, and that were not read with it: `Connector.completed` reads them.
    """

    object: str
    record_id: str
    values: Mapping[str, CrmValue] = field(default_factory=dict)
    created_at: datetime | None = None
    modified_at: datetime | None = None
    modified_by: str = ""
    state: RecordState = RecordState.LIVE
    merged_into: str = ""
    absorbed: tuple[str, ...] = ()
    links: tuple[RecordLink, ...] | None = None
    changes: tuple[FieldChange, ...] | None = None
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True)
class CrmField:
    """Field of an object, from the CRM's own list.

    Attributes
    ----------
    name
        Name in requests.
    label
        Name that people see.
    kind
        Type as the CRM calls it.
    options
        Value -> label of a choice.
    calculated
        Formula, roll-up or computed field: a change of it does not move the modified time.
    writable
        Whether a request may set it.
    custom
        Whether the account added it; False also where the CRM does not say.
    """

    name: str
    label: str
    kind: str
    options: Mapping[str, str] = field(default_factory=dict)
    calculated: bool = False
    writable: bool = True
    custom: bool = False


@dataclass(frozen=True)
class CrmStage:
    """Stage of a pipeline, or status of a lead.

    Attributes
    ----------
    object
        Object whose field holds the stage.
    value
        Value of the field.
    """

    object: str
    value: str
    label: str
    meaning: StageMeaning
    pipeline: str = ""
    order: int = 0


@dataclass(frozen=True)
class ScoreRow:
    """Scores to write to one record.

    Attributes
    ----------
    values
        Score field of `crm.score_fields`, such as `lw_band` -> value. The connector translates the names.
    deal_id
        Deal that a converted lead became, as the mirror has it; see `Connector.deal_of_converted`.
    """

    record_id: str
    values: Mapping[str, CrmValue]
    deal_id: str = ""


@dataclass(frozen=True)
class RecordWriteResult:
    """Result of writing one record.

    Attributes
    ----------
    reason
        Empty: written. Otherwise the CRM's code of a refusal that would be repeated.
    modified_at
        Modified time of the record after the write, where the answer holds it.
    may_succeed_later
        The refusal is for now, such as of a locked record, and was repeated in vain: write the row in the next run.
    gone
        The record does not exist any more, in a CRM that names no deletions.
    """

    record_id: str
    reason: str = ""
    modified_at: datetime | None = None
    may_succeed_later: bool = False
    gone: bool = False


@dataclass(frozen=True)
class RecordEvent:
    """A verified webhook: which record to read again.

    Attributes
    ----------
    event_id
        Equal for repetitions of the same event.
    erase
        The CRM erased the record for privacy: every copy has to go.
    """

    event_id: str
    object: str
    record_id: str
    occurred_at: datetime | None = None
    erase: bool = False
