"""Values of Odoo as leadworth holds them, and the outcome of a lead.

Odoo writes `false` for "no value", pairs of id and name for a reference, and times in UTC without a zone. A reference
`x` becomes two fields: `x` with the id, and `x/name`, as in Odoo's own exports.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from leadworth.crm_records import CrmField, CrmRecord, CrmStage, CrmValue, RecordState, StageMeaning

LEAD = "crm.lead"
NAME = "/name"
OUTCOME_STAGE = "outcome_stage"
OUTCOME_PARTS = ("stage_id", "active", "probability")
"""Fields that the outcome is computed from."""
LOST, ARCHIVED, WON, UNDECIDED = "lost", "archived", "won", "undecided"
OUTCOME_STAGES = (
    CrmStage(LEAD, WON, "Won, in a stage that is not one of won deals", StageMeaning.WON, order=1_001),
    CrmStage(LEAD, LOST, "Lost", StageMeaning.LOST, order=1_002),
    CrmStage(LEAD, UNDECIDED, "In a stage of won deals, below 100 %", StageMeaning.OPEN, order=1_003),
    CrmStage(LEAD, ARCHIVED, "Archived, not lost", StageMeaning.OPEN, order=1_004),
)
CERTAIN = 100.0
TIME = "%Y-%m-%d %H:%M:%S"
_BOOLEAN, _DATETIME, _HTML = "boolean", "datetime", "html"
_REFERENCES = ("many2one",)
_LISTS = ("many2many", "one2many")
_origin = re.compile(r"-(?:odoo|openerp)-(\d+)-crm\.lead@")


def outcome_stage(active: bool, probability: float, stage: int | None, won_stages: Collection[int]) -> str:
    """Return the stage of a lead together with its outcome, by Odoo's own rule.

    Won is active with a probability of 100, lost is archived with one of 0; what is archived otherwise is neither.

    Parameters
    ----------
    probability
        From 0 to 100.
    won_stages
        Ids of the stages of won deals.

    Examples
    --------
    >>> outcome_stage(True, 100.0, 4, {4}), outcome_stage(False, 0.0, 2, {4}), outcome_stage(True, 20.0, 2, {4})
    ('4', 'lost', '2')
    """
    if not active:
        return LOST if not probability else ARCHIVED
    in_won_stage = stage in won_stages
    if probability >= CERTAIN:
        return str(stage) if in_won_stage else WON
    return UNDECIDED if in_won_stage else str(stage or "")


def value_of(value: Any, kind: str) -> CrmValue:
    """Return a value as received.

    Parameters
    ----------
    kind
        Odoo's type of the field.

    Examples
    --------
    >>> value_of(False, "char"), value_of(False, "boolean"), value_of([7, "Google"], "many2one")
    (None, False, 7)
    >>> value_of("2026-03-01 08:00:00", "datetime"), value_of([3, 4], "many2many"), value_of("<p>A &amp; B</p>", "html")
    ('2026-03-01T08:00:00+00:00', '3;4', 'A & B')
    """
    if kind == _BOOLEAN:
        return bool(value)
    if value is False or value is None or value == "":
        return None
    if kind in _REFERENCES:
        return int(value[0]) if isinstance(value, list) else int(value)
    if kind in _LISTS:
        return ";".join(map(str, value)) or None
    if kind == _DATETIME:
        return read_time(value).isoformat()
    if kind == _HTML:
        return plain_text(str(value)) or None
    return value if isinstance(value, str | int | float) else str(value)


def read_time(value: str) -> datetime:
    """Return a time of Odoo, in UTC.

    Examples
    --------
    >>> str(read_time("2026-03-01 08:00:00"))
    '2026-03-01 08:00:00+00:00'
    """
    return datetime.strptime(value[:19], TIME).replace(tzinfo=UTC)


def write_time(at: datetime) -> str:
    """Return a time as Odoo reads it; parts of a second are dropped.

    Examples
    --------
    >>> write_time(datetime(2026, 3, 1, 8, 0, 0, 999_999, UTC))
    '2026-03-01 08:00:00'
    """
    return at.astimezone(UTC).strftime(TIME)


def name_of(value: Any) -> str | None:
    """Return the name of a reference as received; None where there is none."""
    return str(value[1]) if isinstance(value, list) and len(value) == 2 and value[1] else None


def asked_fields(names: Iterable[str]) -> list[str]:
    """Return the fields of Odoo that some fields are made from, each once.

    Examples
    --------
    >>> asked_fields(["source_id/name", "source_id", "outcome_stage"])
    ['source_id', 'stage_id', 'active', 'probability']
    """
    parts = ((name.removesuffix(NAME),) if name != OUTCOME_STAGE else OUTCOME_PARTS for name in names)
    return list(dict.fromkeys(name for group in parts for name in group))


def record_of(
    object_name: str,
    row: Mapping[str, Any],
    names: Iterable[str],
    kinds: Mapping[str, str],
    won_stages: Collection[int],
) -> CrmRecord:
    """Return the record of a row as received.

    Parameters
    ----------
    row
        Values by field of Odoo, with `id`, `create_date`, `write_date`, `write_uid` and, where there is one, `active`.
    names
        Fields of the record.
    kinds
        Field -> Odoo's type.
    """
    values: dict[str, CrmValue] = {}
    for name in names:
        if name == OUTCOME_STAGE:
            values[name] = outcome_of_row(row, won_stages)
        elif name.endswith(NAME):
            values[name] = name_of(row.get(name.removesuffix(NAME)))
        elif name in row:
            values[name] = value_of(row[name], kinds.get(name, "char"))
    archived = row.get("active", True) is False
    return CrmRecord(
        object_name,
        str(row["id"]),
        values,
        read_time(row["create_date"]) if row.get("create_date") else None,
        read_time(row["write_date"]) if row.get("write_date") else None,
        str(value_of(row.get("write_uid"), "many2one") or ""),
        RecordState.ARCHIVED if archived else RecordState.LIVE,
    )


def outcome_of_row(row: Mapping[str, Any], won_stages: Collection[int]) -> str | None:
    """Return the stage with the outcome of a lead as received; None for one without a stage."""
    stage = value_of(row.get("stage_id"), "many2one")
    number = stage if isinstance(stage, int) else None
    return outcome_stage(bool(row.get("active")), float(row.get("probability") or 0.0), number, won_stages) or None


def fields_of(described: Mapping[str, Mapping[str, Any]], *, with_outcome: bool) -> list[CrmField]:
    """Return the fields of a model as described, with the names of references and, for leads, the outcome.

    Parameters
    ----------
    described
        Field -> its attributes.
    """
    result = []
    for name, item in sorted(described.items()):
        kind, label = str(item.get("type")), str(item.get("string") or name)
        computed = not item.get("store", True)
        options = {str(value): str(text) for value, text in item.get("selection") or ()}
        result.append(CrmField(name, label, kind, options, computed, not item.get("readonly", False)))
        if kind in _REFERENCES:
            result.append(CrmField(name + NAME, f"{label} (name)", "char", calculated=True, writable=False))
    if with_outcome:
        label = "Stage with outcome, from stage, archive and probability"
        result.append(CrmField(OUTCOME_STAGE, label, "selection", calculated=True, writable=False))
    return result


def origin_of(message_id: Any) -> int | None:
    """Return the lead that a message was written on, as its Message-Id says; None for a message from outside.

    A merge moves the messages of a lead to another one, and leaves this as the only trace of its id.

    Examples
    --------
    >>> origin_of("<382.1700000000.5-openerp-42-crm.lead@host>"), origin_of("<a@mail.example.org>")
    (42, None)
    """
    found = _origin.search(message_id) if isinstance(message_id, str) else None
    return int(found[1]) if found else None


class _Text(HTMLParser):
    """Text of an HTML fragment."""

    BREAKS = frozenset(("p", "br", "div", "li", "tr"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        del attrs
        if tag in self.BREAKS and self.parts:
            self.parts.append("\n")


def plain_text(html: str) -> str:
    r"""Return the text of an HTML field.

    Examples
    --------
    >>> plain_text("<p>Budget: 5,000<br>by June</p>")
    'Budget: 5,000\nby June'
    """
    parser = _Text()
    parser.feed(html)
    parser.close()
    return "".join(parser.parts).strip()
