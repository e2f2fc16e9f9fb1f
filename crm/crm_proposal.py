"""Propose the sections of leadworth.toml for a CRM from the fields of its account."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm.connector import Connector
from crm.inference.header_vocabulary import match_header
from crm.inference.late_headers import sales_phrase
from crm.inference.toml_writer import quoted
from crm.mirror_fields import PREFIX
from crm.score_fields import SCORE_FIELDS
from leadworth.crm_records import CrmField
from leadworth.records import Lead
from leadworth.settings import NO_CURRENCY

OUTCOME_COLUMNS = (
    *("lead_id", "deal_id", "stage", "stage_at", "won", "won_at", "lost", "lost_at", "revenue", "currency"),
    "known_at",
)
_SURE = 0.99
_HEADER = re.compile(r"^\[+([^\]]+)\]+", re.MULTILINE)


@dataclass(frozen=True)
class CrmProposal:
    """Proposed mapping of one CRM.

    Attributes
    ----------
    columns
        Standard field -> field of the lead object.
    custom
        Those of `columns` that the account added.
    others
        Further fields that could be features, by name; a person has to say which are known at submit.
    """

    crm: str
    columns: Mapping[str, str]
    custom: tuple[str, ...]
    others: tuple[CrmField, ...]

    def sections(self, secrets: Mapping[str, str], present: Mapping[str, Any]) -> dict[str, str]:
        """Return the proposed sections of leadworth.toml: name -> text.

        Parameters
        ----------
        secrets
            Settings of the CRM that were asked for.
        present
            Settings of the CRM in the present file, which stay.
        """
        kept = {name: value for name, value in present.items() if name != "fields"} | dict(secrets)
        given = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in kept.items()]
        if secrets:
            given.insert(0, "# Keep this file out of version control, or set the secrets in the environment.")
        fields = ", ".join(quoted(name) for name in sorted({*self.custom, *present.get("fields", ())}))
        source = quoted(f"{PREFIX}{self.crm}")
        mapped = [f"{name} = {quoted(field)}" for name, field in self.columns.items()]
        outcomes = [f"{name} = {quoted(name)}" for name in OUTCOME_COLUMNS]
        return {
            f"crm.{self.crm}": "\n".join([*given, f"fields = [{fields}]    # further fields of the leads to read"]),
            "leads": "\n".join([f"path = {source}", 'id = "lead_id"', 'submitted_at = "created_at"']),
            "leads.columns": "\n".join(mapped),
            "outcomes": "\n".join([f"path = {source}", *outcomes]),
        }


def propose_mapping(connector: Connector, present: Sequence[CrmField]) -> CrmProposal:
    """Return the mapping of the catalog for the fields that the account has, and of custom fields by their label.

    Parameters
    ----------
    present
        Fields of the lead object.
    """
    info = connector.info
    item = info.objects[connector.lead_object]
    there = {field.name for field in present}
    columns = {name: field for name, field in info.columns.items() if field in there and field not in item.late}
    columns.pop("lead_id", None)
    columns.pop("submitted_at", None)
    known = {*item.fields, *item.late, *item.history, item.created, item.modified, *columns.values()}
    scores = {field.name for field in SCORE_FIELDS}
    custom: list[str] = []
    others: list[CrmField] = []
    for field in present:
        own_score = field.name.casefold().removesuffix("__c").removeprefix("x_") in scores
        if field.name in known or field.calculated or own_score or sales_phrase(field.label):
            continue
        name = next(iter(_meanings(field)), None)
        if name is not None and name not in columns:
            columns[name] = field.name
            custom.append(field.name)
        else:
            others.append(field)
    order = {name: position for position, name in enumerate(Lead.model_fields)}
    in_order = {name: columns[name] for name in sorted(columns, key=lambda name: order[name])}
    return CrmProposal(connector.name, in_order, tuple(custom), tuple(others))


def new_settings(sections: Mapping[str, str], currency: str, timezone: str) -> str:
    """Return the text of a new leadworth.toml."""
    money = "" if currency != NO_CURRENCY else "    # not known: set the ISO 4217 code of all money"
    head = [
        "# Proposed by `leadworth crm connect`. Check it, especially [leads.columns].",
        f"currency = {quoted(currency)}{money}",
        f"timezone = {quoted(timezone)}",
        "horizon_days = 365        # a win later than this after submit does not count",
    ]
    return "\n".join([*head, *_written(sections)]) + "\n"


def with_sections(text: str, sections: Mapping[str, str]) -> str:
    r"""Return the text of leadworth.toml with sections replaced, or added at its end; the rest stays as it is.

    Examples
    --------
    >>> print(with_sections('[leads]\npath = "a.csv"\n\n[mql]\nmargin = 0.4\n', {"leads": "x = 1"}))
    [mql]
    margin = 0.4
    <BLANKLINE>
    [leads]
    x = 1
    <BLANKLINE>
    """
    starts = [match.start() for match in _HEADER.finditer(text)]
    parts = [text[begin:end] for begin, end in zip([0, *starts], [*starts, len(text)], strict=True)]
    kept = [part for part in parts if not _replaced(part, sections)]
    return "\n".join(["".join(kept).rstrip(), *_written(sections)]) + "\n"


def _replaced(part: str, sections: Mapping[str, str]) -> bool:
    match = _HEADER.match(part)
    if match is None:
        return False
    name = match.group(1).strip()
    return name in sections or ("outcomes" in sections and name.startswith("outcomes."))


def _written(sections: Mapping[str, str]) -> list[str]:
    return [f"\n[{name}]\n{body}" for name, body in sections.items()]


def _meanings(field: CrmField) -> list[str]:
    """Return the standard fields that the label or the name of a field means for sure."""
    found = [*match_header(field.label), *match_header(field.name)]
    return [
        match.name
        for match in found
        if match.section == "fields" and match.strength >= _SURE and match.name in Lead.model_fields
    ]
