"""Fields of Pipedrive's objects: custom ones have a 40-character key of the account, choices have option ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm.connectors.pipedrive.pipedrive_api import PipedriveApi
from crm.connectors.pipedrive.pipedrive_values import plain_value
from crm.score_fields import SCORE_FIELDS, ScoreField, ScoreKind
from leadworth.crm_catalog import CrmObject
from leadworth.crm_records import CrmField, CrmValue

LEADS, DEALS, PERSONS, ORGANIZATIONS = "leads", "deals", "persons", "organizations"
LISTS = {LEADS: "dealFields", DEALS: "dealFields", PERSONS: "personFields", ORGANIZATIONS: "organizationFields"}
"""Object -> list of its fields; a lead has the custom fields of deals."""
TYPES = {ScoreKind.NUMBER: "double", ScoreKind.CHOICE: "enum", ScoreKind.TEXT: "varchar", ScoreKind.MOMENT: "varchar"}
"""Kind of a score -> type of its field; Pipedrive has no type for a date with a time."""
STAGE = "stage"
"""Field of a deal that this connector composes: `won` or `lost` for a closed deal, else the id of its stage."""
_COMPOSED = {DEALS: (STAGE,)}
_SCORES = {score.name: score for score in SCORE_FIELDS}


@dataclass(frozen=True)
class AccountField:
    """Field as the account lists it.

    Attributes
    ----------
    code
        Key in requests.
    kind
        Pipedrive's type.
    labels
        Option id -> label of a choice.
    custom
        Whether the account added it.
    """

    code: str
    label: str
    kind: str
    labels: Mapping[str, str] = field(default_factory=dict)
    custom: bool = False


class PipedriveFields:
    """The field lists of one account.

    Parameters
    ----------
    api
        Requests to the account.
    objects
        Object -> what is read of it.
    currency
        Currency of the scores.
    """

    def __init__(self, api: PipedriveApi, objects: Mapping[str, CrmObject], currency: str) -> None:
        self._api = api
        self._objects = objects
        self._currency = currency
        self._lists: dict[str, dict[str, AccountField]] = {}

    def read_again(self, object_name: str) -> None:
        """Forget the list of an object's fields, so that it is read when it is needed."""
        self._lists.pop(LISTS.get(object_name, ""), None)

    def known(self, object_name: str) -> Mapping[str, AccountField]:
        """Return the fields in the list of an object by key; none where Pipedrive has no list."""
        name = LISTS.get(object_name)
        if name is None:
            return {}
        if name not in self._lists:
            items = self._api.everything(f"v2/{name}")
            self._lists[name] = {str(item["field_code"]): _account_field(item) for item in items}
        return self._lists[name]

    def fields(self, object_name: str) -> list[CrmField]:
        """Return the fields of an object; score fields have the names of `crm.score_fields`.

        Pipedrive's own fields count as present: its lists leave some of them out.
        """
        listed = self.known(object_name)
        own = {found.code: name for name, found in self.scores(object_name).items()}
        fixed = self._objects[object_name]
        names = {*fixed.fields, *fixed.late, fixed.created, fixed.modified}
        composed = _COMPOSED.get(object_name, ())
        result = []
        for code, item in listed.items():
            if object_name == LEADS and not item.custom:
                continue
            labels = {label: label for label in item.labels.values()}
            writable = item.custom or code not in names
            result.append(CrmField(own.get(code, code), item.label, item.kind, labels, writable=writable))
            names.discard(code)
        kinds = {name: item.kind for name, item in listed.items()}
        result += [
            CrmField(
                name, name.replace("_", " "), kinds.get(name, _kind(name)), calculated=name in composed, writable=False
            )
            for name in sorted(names)
        ]
        return result

    def scores(self, object_name: str) -> dict[str, AccountField]:
        """Return score field -> the field of the account with its label; of several, the first listed."""
        if LISTS.get(object_name) != LISTS[DEALS]:
            return {}
        by_label: dict[str, AccountField] = {}
        for item in self.known(object_name).values():
            if item.custom:
                by_label.setdefault(_plain_label(item.label), item)
        found = {score.name: by_label.get(_plain_label(score.label)) for score in SCORE_FIELDS}
        return {name: item for name, item in found.items() if item is not None}

    def create_scores(self, object_name: str) -> list[str]:
        """Create the score fields that are missing, and return their names."""
        self.read_again(object_name)
        missing = [score for score in SCORE_FIELDS if score.name not in self.scores(object_name)]
        for score in missing:
            self._api.send("POST", f"v2/{LISTS[DEALS]}", body=self._definition(score))
        self.read_again(object_name)
        return [score.name for score in missing]

    def values(self, object_name: str, item: Mapping[str, Any], names: Sequence[str]) -> dict[str, CrmValue]:
        """Return fields of a record as received, choices by their labels.

        Parameters
        ----------
        item
            Record with its custom fields at the same level as the others.
        names
            Fields; one that Pipedrive does not send is None.
        """
        listed, scores = self.known(object_name), self.scores(object_name)
        result = {}
        for name in names:
            code = scores[name].code if name in scores else name
            known = listed.get(code)
            labels = known.labels if known is not None and (known.custom or code in _LABELLED) else None
            result[name] = plain_value(name, item.get(code), labels)
        return result

    def _definition(self, score: ScoreField) -> dict[str, Any]:
        made = {"field_name": score.label.format(currency=self._currency), "field_type": TYPES[score.kind]}
        return {**made, "options": [{"label": option} for option in score.options]} if score.options else made


_LABELLED = frozenset(("channel",))
"""Fields of Pipedrive whose options have labels that say more than their ids."""


def without_nesting(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with its custom fields at the same level as the others, as version 1 has them.

    Examples
    --------
    >>> without_nesting({"id": 1, "custom_fields": {"a1": 2}, "emails": [], "value": {"amount": 5, "currency": "EUR"}})
    {'id': 1, 'value': 5, 'currency': 'EUR', 'a1': 2, 'email': []}
    """
    flat = {name: value for name, value in item.items() if name not in ("custom_fields", "emails", "phones")}
    money = flat.get("value")
    if isinstance(money, Mapping):
        flat |= {"value": money.get("amount"), "currency": money.get("currency")}
    flat |= item.get("custom_fields") or {}
    return flat | {name[:-1]: item[name] for name in ("emails", "phones") if name in item}


def _account_field(item: Mapping[str, Any]) -> AccountField:
    options = {str(option["id"]): str(option["label"]) for option in item.get("options") or ()}
    code, name, kind = str(item["field_code"]), str(item.get("field_name", "")), str(item.get("field_type", ""))
    return AccountField(code, name, kind, options, bool(item.get("is_custom_field")))


def _plain_label(label: str) -> str:
    """Return a label without the currency in brackets, which settings may change."""
    return label.partition(" (")[0].strip().casefold()


def _kind(name: str) -> str:
    if name.endswith("_time") or name in ("created", "modified"):
        return "datetime"
    return "int" if name.endswith("_id") else "varchar"
