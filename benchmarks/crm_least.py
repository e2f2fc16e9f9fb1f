"""Least requests with which a CRM's interface gives or takes a number of rows, for `benchmarks.crm`.

Each row is read once, on pages as full as the interface allows; associations and former values too. To these come the
questions that every run has to ask of each object: which fields there are, what changed, what was removed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil

from leadworth.crm_catalog import CrmInfo, CrmObject, crms

Rows = Mapping[str, int]
CLOSED_DEALS = "closed deals"
"""Among the volumes: deals that are won or lost, whose history takes a request each in some CRMs."""


def least_requests(name: str, phase: str, volumes: Rows, changed: Rows, rows: Rows) -> int:
    """Return the least requests of a phase.

    Parameters
    ----------
    phase
        `first`, `second`, `write back`, `write back again`, `after writes` or `night`.
    volumes
        Object -> rows in the CRM.
    changed
        Object -> rows that were changed before the phase `night`, and how many of them are closed deals.
    rows
        What the phase read and wrote.
    """
    first, window, write_rows = _CRMS[name]
    if phase.startswith("write back"):
        return ceil(rows["written"] / write_rows)
    if phase == "first":
        return first(volumes)
    read = {key.removeprefix("read "): number for key, number in rows.items() if key.startswith("read ")}
    return window(read, changed if phase == "night" else {}, volumes)


def _pages(rows: int, size: int) -> int:
    return max(ceil(rows / size), 1)


def _objects(name: str) -> tuple[CrmInfo, dict[str, CrmObject]]:
    info = crms()[name]
    skipped = info.lead_objects[1:]
    return info, {key: item for key, item in info.objects.items() if key not in skipped}


def _hubspot_first(volumes: Rows) -> int:
    _, objects = _objects("hubspot")
    total = _hubspot_questions(objects) + len(objects) - 1  # counts; owners cannot be counted
    for key, item in objects.items():
        number = volumes.get(key, 0)
        if key == "owners":
            total += 2  # present ones and those who left
            continue
        total += _pages(number, 50 if item.history else 100)
        total += len(item.links) * ceil(number / 1_000)
    return total


def _hubspot_window(read: Rows, changed: Rows, volumes: Rows) -> int:
    del volumes
    _, objects = _objects("hubspot")
    total = _hubspot_questions(objects)
    for key, item in objects.items():
        if key == "owners":
            total += 2
            continue
        total += _pages(read.get(key, 0), 200)
        number = changed.get(key, 0)
        total += len(item.links) * ceil(number / 1_000)
        total += ceil(number / 50) if item.history else 0
    return total


def _hubspot_questions(objects: Mapping[str, CrmObject]) -> int:
    """Properties and recycle bin of each object but owners, merges of three, pipelines of deals, statuses of leads."""
    return 2 * (len(objects) - 1) + 3 + 2


def _salesforce_first(volumes: Rows) -> int:
    _, objects = _objects("salesforce")
    total = _salesforce_questions(objects) + 2 * len(objects)  # counts before, to choose the way, and after
    for key in objects:
        number = volumes.get(key, 0)
        total += ceil(number / 10_000) + 2 if number >= 10_000 else _pages(number, 2_000)  # job, its state, downloads
    joined = ("LeadHistory", "OpportunityHistory", "CampaignMember", "OpportunityContactRole")
    return total + sum(_pages(volumes[name], 2_000) for name in joined)


def _salesforce_window(read: Rows, changed: Rows, volumes: Rows) -> int:
    del volumes
    _, objects = _objects("salesforce")
    total = _salesforce_questions(objects) + sum(_pages(read.get(key, 0), 2_000) for key in objects)
    joined = {"Lead": 2, "Opportunity": 2}  # history, and campaigns or contacts
    return total + sum(number * ceil(changed.get(key, 0) / 2_000) for key, number in joined.items())


def _salesforce_questions(objects: Mapping[str, CrmObject]) -> int:
    """Stages and statuses; fields of each object; recycle bin and log of deletions of all but users."""
    return 2 + len(objects) + 2 * (len(objects) - 1)


def _dynamics_first(volumes: Rows) -> int:
    _, objects = _objects("dynamics")
    total = _dynamics_questions(objects) + len(objects) + 1  # definitions of the tables, currencies
    for key in objects:
        pages = _pages(volumes.get(key, 0), 5_000)
        total += 2 * pages  # records, and the ids that the link to later deletions takes; untracked tables: the ids
        total += _pages(volumes.get(key, 0), 50_000)  # an aggregate counts that many rows
    return total


def _dynamics_window(read: Rows, changed: Rows, volumes: Rows) -> int:
    del changed, volumes  # lookups and statuses come with the records
    _, objects = _objects("dynamics")
    pages = sum(_pages(read.get(key, 0), 5_000) for key in objects)
    return _dynamics_questions(objects) + pages + len(objects)  # deletions of each table


def _dynamics_questions(objects: Mapping[str, CrmObject]) -> int:
    """Columns of each table, and four kinds of choices of leads and opportunities."""
    return len(objects) + 2 * 4


def _odoo_first(volumes: Rows) -> int:
    _, objects = _objects("odoo")
    total = _odoo_questions(objects) + len(objects) + 2  # counts; fields of the tracking, and their names
    pages = sum(_pages(volumes.get(key, 0), 500) for key in objects if key != "mail.message")
    leads = _pages(volumes.get("crm.lead", 0), 500)
    return total + pages + 1 + 2 * leads  # messages are read with the leads; companies of the contacts


def _odoo_window(read: Rows, changed: Rows, volumes: Rows) -> int:
    _, objects = _objects("odoo")
    pages = sum(_pages(read.get(key, 0), 500) for key in objects)
    more = 3 * ceil(changed.get("crm.lead", 0) / 500)  # companies, messages, tracked values
    # Odoo keeps no record of deletions: ids of leads and companies are compared, and counted.
    ids = sum(_pages(volumes.get(key, 0), 20_000) + 1 for key in ("crm.lead", "res.partner"))
    return _odoo_questions(objects) + 2 + pages + more + ids  # two blacklists


def _odoo_questions(objects: Mapping[str, CrmObject]) -> int:
    """Fields of each model, and the stages."""
    return len(objects) + 1


def _zoho_first(volumes: Rows) -> int:
    _, objects = _objects("zoho")
    total = (
        _zoho_questions(objects) + 1 + 5
    )  # currency of the account; modules that can be counted, but for hidden rows
    for key in objects:
        total += _pages(volumes.get(key, 0), 2_000)
    total += 2  # lists of converted and of unapproved leads, which queries leave out
    return total + volumes[CLOSED_DEALS]


def _zoho_window(read: Rows, changed: Rows, volumes: Rows) -> int:
    _, objects = _objects("zoho")
    pages = sum(_pages(read.get(key, 0), 2_000) for key in objects)
    del volumes
    return _zoho_questions(objects) + pages + 2 + changed.get(CLOSED_DEALS, 0)


def _zoho_questions(objects: Mapping[str, CrmObject]) -> int:
    """Fields of each module but users, stages of two; deletions of each module but users; unapproved contacts."""
    return (len(objects) - 1) + 2 + (len(objects) - 1) + 1


def _pipedrive_first(volumes: Rows) -> int:
    _, objects = _objects("pipedrive")
    pages = sum(_pages(volumes.get(key, 0), 500) for key in objects)
    return (
        _pipedrive_questions() + pages + 2 + volumes[CLOSED_DEALS]
    )  # archived leads and deals have lists of their own


def _pipedrive_window(read: Rows, changed: Rows, volumes: Rows) -> int:
    _, objects = _objects("pipedrive")
    pages = sum(_pages(read.get(key, 0), 500) for key in objects)
    people = 2 * ceil(changed.get("leads", 0) / 100)  # persons and organizations of leads, by id
    deleted = 1
    del volumes
    return _pipedrive_questions() + pages + 2 + people + deleted + changed.get(CLOSED_DEALS, 0)


def _pipedrive_questions() -> int:
    """Pipelines, stages, and the fields of deals, persons and organizations."""
    return 5


_CRMS: Mapping[str, tuple[Callable[[Rows], int], Callable[[Rows, Rows, Rows], int], int]] = {
    "hubspot": (_hubspot_first, _hubspot_window, 100),
    "salesforce": (_salesforce_first, _salesforce_window, 200),
    "dynamics": (_dynamics_first, _dynamics_window, 200),
    "odoo": (_odoo_first, _odoo_window, 200),
    "pipedrive": (_pipedrive_first, _pipedrive_window, 1),
    "zoho": (_zoho_first, _zoho_window, 100),
}
"""Name -> least of a first synchronisation, least of a window, rows of one write."""
