"""Fields of the local Pipedrive account."""

from __future__ import annotations

from typing import Any

import pytest

from crm.connectors.pipedrive.pipedrive_peer_fields import PeerFields
from crm.connectors.pipedrive.pipedrive_peer_limits import PipedrivePeerError

BAND = {"field_name": "Band", "field_type": "enum", "options": [{"label": "A"}]}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"field_name": "x", "field_type": "datetime"},
        {"field_name": "x", "field_type": "enum"},
        {"field_name": "x", "field_type": "double", "options": [{"label": "A"}]},
    ],
)
def test_a_field_needs_a_name_a_type_and_options_for_a_choice(body: dict[str, Any]) -> None:
    with pytest.raises(PipedrivePeerError):
        PeerFields().create(body)


def test_a_key_has_forty_characters_and_a_name_may_be_there_twice() -> None:
    fields = PeerFields()
    keys = {fields.create(BAND)["field_code"] for _ in range(2)}
    assert sorted(map(len, keys)) == [40, 40]
    fields.remove("Band")
    assert fields.custom == {}


def test_a_choice_takes_option_ids_only_and_every_field_takes_null() -> None:
    fields = PeerFields()
    made = fields.create(BAND)
    key, option = made["field_code"], made["options"][0]["id"]
    for value in (option, None):
        fields.require_valid({key: value})
    for value in ("A", str(option), option + 1):
        with pytest.raises(PipedrivePeerError):
            fields.require_valid({key: value})
