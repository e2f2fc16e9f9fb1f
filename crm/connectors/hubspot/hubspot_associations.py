"""Associations of HubSpot's records, by the labels that people see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crm.connectors.hubspot.hubspot_api import HubSpotApi
from crm.connectors.hubspot.hubspot_reading import in_chunks
from leadworth.crm_records import RecordLink

LINK_IDS = 1_000
PRIMARY = "primary"


def read_links(api: HubSpotApi, from_object: str, to_object: str, ids: Sequence[str]) -> Mapping[str, list[RecordLink]]:
    """Return the associations of records with another object, by id; records without any have an empty list.

    Parameters
    ----------
    api
        Requests to the account.
    from_object, to_object
        Objects.
    ids
        Ids of the records.
    """
    found: dict[str, list[RecordLink]] = {key: [] for key in ids}
    path = api.path("associations", from_object, to_object, "batch", "read")
    for chunk in in_chunks(ids, LINK_IDS):
        inputs = [{"id": key} for key in chunk]
        while inputs:
            answer = api.post(path, {"inputs": inputs})
            inputs = []
            for result in answer.get("results") or ():
                key = str(result["from"]["id"])
                found[key] += [link for target in result.get("to") or () for link in target_links(to_object, target)]
                if after := ((result.get("paging") or {}).get("next") or {}).get("after"):
                    inputs.append({"id": key, "after": str(after)})
    return found


def target_links(to_object: str, target: Mapping[str, Any]) -> Iterator[RecordLink]:
    """Yield the associations with one record: one per label; the one without a label counts where it is the only one.

    Examples
    --------
    >>> types = [{"typeId": 279, "label": None}, {"typeId": 1, "label": "Primary"}]
    >>> list(target_links("companies", {"toObjectId": 9, "associationTypes": types}))
    [RecordLink(to_object='companies', to_id='9', label='primary')]
    """
    labels = dict.fromkeys(str(item.get("label") or "") for item in target.get("associationTypes") or ())
    for label in [name for name in labels if name] or [""]:
        yield RecordLink(to_object, str(target["toObjectId"]), PRIMARY if label.lower() == PRIMARY else label)
