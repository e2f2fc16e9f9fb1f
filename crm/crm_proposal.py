"""Propose the sections of leadworth.toml for a CRM from the fields and stages of its account."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm.connector import Connector
from crm.inference.header_vocabulary import match_header
from crm.inference.late_headers import sales_phrase
from crm.inference.stage_meanings import StageKind, stage_kind
from crm.inference.toml_writer import quoted
from crm.mirror_fields import PREFIX
from crm.score_fields import SCORE_FIELDS
from leadworth.crm_catalog import CrmObject, ObjectRole
from leadworth.crm_records import CrmField, CrmStage, StageMeaning
from leadworth.records import Lead
from leadworth.settings import NO_CURRENCY

OUTCOME_COLUMNS = (
    *("lead_id", "deal_id", "stage", "stage_at", "won", "won_at", "lost", "lost_at", "revenue", "currency"),
    "known_at",
)
_SURE = 0.99
_SCORES = {field.name for field in SCORE_FIELDS}
_STAGE = "stage"
"""Column of the outcomes with the stage of a deal, by its label."""
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
    features
        Further fields that the account added, which training tries as features.
    further
        Fields to read besides those that are read in any case.
    ignored
        Fields that are read for another purpose and are no features.
    others
        Further fields that could be features, by name; a person has to say which are known at submit.
    junk, engaged
        Column, and its values for junk, and for leads that talked to sales; None where the CRM has none.
    """

    crm: str
    columns: Mapping[str, str]
    custom: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    further: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    others: tuple[CrmField, ...] = ()
    junk: tuple[str, tuple[str, ...]] | None = None
    engaged: tuple[str, tuple[str, ...]] | None = None

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
        fields = _listed(sorted({*self.further, *present.get("fields", ())}))
        source = quoted(f"{PREFIX}{self.crm}")
        mapped = [f"{name} = {quoted(field)}" for name, field in self.columns.items()]
        outcomes = [f"{name} = {quoted(name)}" for name in OUTCOME_COLUMNS]
        outcomes += [
            f"{kind} = {{ column = {quoted(column)}, values = {_listed(values)} }}"
            for kind, status in (("junk", self.junk), ("engaged", self.engaged))
            if status is not None
            for column, values in [status]
        ]
        rest = 'rest = "auto"    # further fields that are read; training says which it leaves out'
        account = 'account = "account"    # leads of one company are one decision'
        return {
            f"crm.{self.crm}": "\n".join([*given, f"fields = {fields}    # further fields of the leads to read"]),
            "leads": "\n".join([f"path = {source}", 'id = "lead_id"', 'submitted_at = "created_at"', account]),
            "leads.columns": "\n".join(mapped),
            "leads.features": "\n".join([rest, f"ignore = {_listed(self.ignored)}"]),
            "outcomes": "\n".join([f"path = {source}", *outcomes]),
        }


def propose_mapping(
    connector: Connector, present: Sequence[CrmField], read: Sequence[str], stages: Sequence[CrmStage]
) -> CrmProposal:
    """Return the mapping of the catalog for the fields that the account has, and what its own fields mean.

    A field that the account added is mapped if its label or name means a standard field for sure. The others become
    features, except those whose label says that sales fills them, or that they repeat a standard field.

    Parameters
    ----------
    present
        Fields of the lead object.
    read
        Fields of the lead object that are read in any case.
    stages
        Stages of the CRM.
    """
    info = connector.info
    item = info.objects[connector.lead_object]
    there = {field.name for field in present}
    columns = {name: field for name, field in info.columns.items() if field in there and field not in item.late}
    columns.pop("lead_id", None)
    columns.pop("submitted_at", None)
    known = {*item.fields, *item.late, *item.history, item.created, item.modified, *columns.values()}
    junk = _junk(item, present)
    known |= {junk[0]} if junk else set()
    custom: list[str] = []
    features: list[str] = []
    others: list[CrmField] = []
    for field in present:
        if field.name in known or field.calculated or _own_name(field) in _SCORES or sales_phrase(field.label):
            continue
        name = next(iter(_meanings(field)), None)
        if name is not None and name not in columns:
            columns[name] = field.name
            custom.append(field.name)
        elif field.custom and name is None and not _known_otherwise(field):
            features.append(field.name)
        else:
            others.append(field)
    order = {name: position for position, name in enumerate(Lead.model_fields)}
    return CrmProposal(
        connector.name,
        columns={name: columns[name] for name in sorted(columns, key=lambda name: order[name])},
        custom=tuple(custom),
        features=tuple(features),
        further=tuple(sorted({*custom, *features, *([junk[0]] if junk else [])} - set(read))),
        ignored=tuple(sorted(set(read) - set(item.late) - set(columns.values()) - {*custom, *features})),
        others=tuple(others),
        junk=junk,
        engaged=_engaged(stages, info.with_role(ObjectRole.DEAL) or (connector.lead_object,)),
    )


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


def _listed(names: Sequence[str]) -> str:
    return f"[{', '.join(map(quoted, names))}]"


def _own_name(field: CrmField) -> str:
    """Return the name of a field without what CRMs add to the names of custom fields."""
    return field.name.casefold().removesuffix("__c").removeprefix("x_")


def _meanings(field: CrmField) -> list[str]:
    """Return the standard fields that the label or the name of a field means for sure."""
    names = [name for name in (_own_name(field), field.label.casefold()) if name in Lead.model_fields]
    found = [*match_header(field.label), *match_header(field.name)]
    return names + [
        match.name
        for match in found
        if match.section == "fields" and match.strength >= _SURE and match.name in Lead.model_fields
    ]


def _known_otherwise(field: CrmField) -> bool:
    """Return whether a vocabulary knows the label or name of a field.

    It means an outcome, a person or a step of sales, or a standard field in other words, such as a second address.
    """
    return any(not match.near for match in [*match_header(field.label), *match_header(_own_name(field))])


def _junk(item: CrmObject, present: Sequence[CrmField]) -> tuple[str, tuple[str, ...]] | None:
    """Return the status of a lead that can say junk, and the values that do; one that is written late comes first."""
    for field in sorted(present, key=lambda field: field.name not in item.late):
        values = tuple(value for value, label in field.options.items() if _kind(value, label) == "junk")
        if values and _own_name(field) not in _SCORES:
            return field.name, values
    return None


def _engaged(stages: Sequence[CrmStage], objects: Sequence[str]) -> tuple[str, tuple[str, ...]] | None:
    """Return the stages of deals after a conversation, by their label in the outcomes."""
    of_deals = [stage for stage in stages if stage.object in objects and stage.meaning is not StageMeaning.LOST]
    talked = [stage for stage in of_deals if _kind(stage.value, stage.label) == "engaged"]
    if not talked:
        return None
    won = [stage for stage in of_deals if stage.meaning is StageMeaning.WON]
    return _STAGE, tuple(dict.fromkeys(stage.label or stage.value for stage in [*talked, *won]))


def _kind(value: str, label: str) -> StageKind | None:
    return stage_kind(label) or stage_kind(value)
