"""Scores that people edited or cleared in the CRM: the next run writes them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crm.connector import Connector
from crm.score_changes import is_held
from leadworth.crm_records import CONVERTED_LINK, CrmField, CrmRecord, CrmValue
from store import crm_links, crm_scores
from store.crm_mirror import CrmMirror
from store.crm_scores import ScoreState, ScoreWrite
from store.mirror_scope import PRESENT


def forget_edited_scores(
    mirror: CrmMirror,
    connector: Connector,
    object_name: str,
    records: Sequence[CrmRecord],
    fields: Mapping[str, CrmField],
) -> None:
    """Forget what was written to the records that hold other scores now.

    What leadworth changed last is left out, and so are converted leads, whose scores are at their deals.

    Parameters
    ----------
    records
        As read, with the score fields.
    fields
        Score field -> its field in the CRM.
    """
    present = {record.record_id: record for record in records if fields and record.state in PRESENT}
    if not present:
        return
    stored = crm_scores.of_records(mirror.connection, mirror.crm, object_name, list(present))
    edited = [
        key
        for key, known in stored.items()
        if _is_edited(present[key], known, fields) and connector.is_own_change(present[key]) is not True
    ]
    if not edited:
        return
    linked = crm_links.of_records(mirror, object_name, edited)
    left = [key for key in edited if CONVERTED_LINK not in {link.label for link in linked.get(key, ())}]
    crm_scores.forget_written(mirror.connection, mirror.crm, object_name, left)


def _is_edited(record: CrmRecord, known: ScoreWrite, fields: Mapping[str, CrmField]) -> bool:
    """Return whether a record holds other scores than those written; one read before the write does not count."""
    at = known.modified_at or known.written_at
    if known.state is not ScoreState.WRITTEN or known.written is None or at is None:
        return False
    if record.modified_at is None or record.modified_at < at:
        return False
    return not is_held(_scores_of(record, fields), known.written)


def _scores_of(record: CrmRecord, fields: Mapping[str, CrmField]) -> dict[str, CrmValue]:
    """Return the score fields that were read, choices by their labels."""
    return {
        name: item.options.get(str(record.values[item.name]), record.values[item.name])
        for name, item in fields.items()
        if item.name in record.values
    }
