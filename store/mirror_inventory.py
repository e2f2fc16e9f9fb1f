"""Inventory of personal data in the mirror of a CRM."""

from __future__ import annotations

from store.stored_data import LEADS, NO_PERSON, STAFF, StoredData, kept_as

_MIRRORED = kept_as("as long as the CRM has the record; contents end when it is deleted there")
_ERASED = "contents deleted by `leadworth erase`; id and state stay, so that the record is not read again"
_ID = "CRM, object and id of the record"
_READERS = "`leadworth crm`, `train`, `score`, `rescore`, `export plan`"

MIRROR_TABLES = (
    StoredData(
        "crm_records",
        LEADS + ", and their companies and deals",
        "train, rescore and report from the CRM as it was and is",
        _MIRRORED,
        "contents encrypted (AES-256-GCM), or without personal fields ([crm.NAME] personal_data); state, times clear",
        _READERS,
        _ERASED,
        {
            "crm object record_id": _ID,
            "state created_at modified_at known_at erased_at": "state and times",
            "modified_by": "user of the CRM who changed it last",
            "merged_into absorbed": "merges",
            "contents": "fields of the record (encrypted)",
            "digest": "keyed digest of the contents",
        },
    ),
    StoredData(
        "crm_persons",
        LEADS,
        "find a person's records for erasure and duplicates, and the leads of one business",
        _MIRRORED,
        "keyed digests (HMAC-SHA256)",
        "`leadworth erase`",
        "deleted by `leadworth erase`",
        {"crm object record_id": _ID, "digest": "e-mail address, its domain, or phone number (keyed digest)"},
    ),
    StoredData(
        "crm_changes",
        LEADS + ", and their deals",
        "know the stage and status of a record at any time",
        _MIRRORED,
        "values encrypted (AES-256-GCM); times clear",
        _READERS,
        "deleted by `leadworth erase`",
        {
            "crm object record_id field position": _ID + ", field",
            "value": "former value (encrypted)",
            "valid_at known_at": "times",
            "changed_by": "user of the CRM who changed it",
        },
    ),
    StoredData(
        "crm_links",
        LEADS + ", and their companies and deals",
        "know which deal and company a lead belongs to",
        _MIRRORED,
        "clear ids",
        _READERS,
        "kept: ids of records without contents",
        {"crm object record_id": _ID, "to_object to_id label": "associated record", "known_at": "time"},
    ),
    StoredData(
        "crm_aliases",
        LEADS,
        "follow merged records",
        kept_as("unlimited: other systems may name a former id at any time"),
        "clear ids",
        _READERS,
        "kept: ids of records without contents",
        {"crm object old_id new_id": "former and present id", "known_at": "time"},
    ),
    StoredData(
        "crm_cursors",
        NO_PERSON,
        "go on where the last synchronisation ended",
        kept_as("one row for each object"),
        "clear",
        "`leadworth crm`",
        "not needed",
        {"crm object stream at window_start window_end bookmark updated_at": "position"},
    ),
    StoredData(
        "crm_fields",
        NO_PERSON,
        "notice fields that vanish or appear",
        kept_as("one row for each field of the CRM"),
        "clear",
        "`leadworth crm`",
        "not needed",
        {
            "crm object name label kind options calculated writable": "field of the CRM",
            "seen_at vanished_at": "times",
        },
    ),
    StoredData(
        "crm_stages",
        NO_PERSON,
        "know which stages are won and lost",
        kept_as("one row for each stage of the CRM"),
        "clear",
        _READERS,
        "not needed",
        {"crm object pipeline value label meaning position": "stage of the CRM"},
    ),
    StoredData(
        "crm_scores",
        LEADS,
        "write a score to the CRM only where it changed",
        _MIRRORED,
        "clear scores; reasons name features of the lead in words",
        "`leadworth rescore`",
        "deleted by `leadworth erase`",
        {
            "crm object record_id": _ID,
            "wanted written": "scores to write, and written last",
            "state reason attempts": "state of writing",
            "written_at modified_at updated_at": "times",
        },
    ),
    StoredData(
        "crm_events",
        LEADS,
        "read, score or erase the records that a webhook names",
        kept_as("until they are worked off, some days longer to recognise repetitions"),
        "clear ids",
        "`leadworth rescore`",
        "deleted by `leadworth erase`",
        {
            "crm object record_id event_id": _ID + ", event",
            "task": "what is to do",
            "occurred_at received_at worked_at": "times",
        },
    ),
    StoredData(
        "crm_runs",
        STAFF,
        "show what the last synchronisations did",
        kept_as("unlimited, one row a run"),
        "clear",
        "`leadworth crm status`",
        "not needed",
        {"run_id crm started_at ended_at requests stored result message counts": "run"},
    ),
)
