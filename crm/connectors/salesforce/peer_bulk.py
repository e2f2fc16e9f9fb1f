"""Bulk API 2.0 query jobs of the local peer of Salesforce."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from crm.connectors.salesforce.soql_parser import SoqlError

Select = Callable[[str], tuple[Mapping[str, str], list[str], list[dict[str, Any]]]]
REFUSED_KINDS = frozenset({"address", "location", "base64"})


@dataclass
class BulkJob:
    """A query job.

    Attributes
    ----------
    polls
        Answers that the job is not complete yet.
    locators
        Locator -> first row of the download.
    """

    job: str
    version: str
    columns: list[str]
    rows: list[dict[str, Any]]
    polls: int
    locators: dict[str, int] = field(default_factory=dict)


class BulkJobs:
    """Query jobs of one org.

    Parameters
    ----------
    select, select_all
        Return types, columns and rows of a query, without and with deleted rows.

    Attributes
    ----------
    polls
        How often a new job says that it is in progress.
    """

    def __init__(self, select: Select, select_all: Select) -> None:
        self._selects = {"query": select, "queryAll": select_all}
        self._jobs: dict[str, BulkJob] = {}
        self._numbers = count(1)
        self.polls = 1

    def create(self, document: Mapping[str, Any], version: str) -> dict[str, Any]:
        """Create a job; the rows are those of this moment."""
        kinds, columns, rows = self._selects[document["operation"]](document["query"])
        if not columns:
            raise SoqlError("INVALIDJOB", "COUNT is not supported")
        for name in columns:
            if kinds[name] in REFUSED_KINDS:
                raise SoqlError(
                    "FUNCTIONALITY_NOT_ENABLED", f"Selecting compound data not supported in Bulk Query: {name}"
                )
        job = BulkJob(f"7505e{next(self._numbers):010d}AAA", version, columns, rows, self.polls)
        self._jobs[job.job] = job
        return {"id": job.job, "operation": document["operation"], "state": "UploadComplete"}

    def state(self, job: str, version: str) -> dict[str, Any]:
        """Return the state of a job."""
        found = self._job(job, version)
        found.polls -= 1
        return {"id": job, "state": "JobComplete" if found.polls < 0 else "InProgress"}

    def results(self, job: str, version: str, most: int, locator: str | None) -> tuple[bytes, dict[str, str]]:
        """Return one download and its headers."""
        found = self._job(job, version)
        if found.polls >= 0:
            raise SoqlError("JOB_NOT_COMPLETE", "the job is not complete")
        if locator and locator not in found.locators:
            raise SoqlError("INVALID_LOCATOR", "the locator is not valid")
        begin = found.locators[locator] if locator else 0
        rows, end = found.rows[begin : begin + most], begin + most
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(found.columns)
        writer.writerows([_text(row[name]) for name in found.columns] for row in rows)
        following = "null"
        if end < len(found.rows):
            following = secrets.token_urlsafe(6)
            found.locators[following] = end
        return text.getvalue().encode(), {"Sforce-NumberOfRecords": str(len(rows)), "Sforce-Locator": following}

    def forget(self) -> None:
        """End all jobs, as seven days do."""
        self._jobs.clear()

    def _job(self, job: str, version: str) -> BulkJob:
        if job not in self._jobs:
            raise SoqlError("NOT_FOUND", "The requested resource does not exist")
        if self._jobs[job].version != version:
            raise SoqlError("VERSIONMISMATCH", "the job was made by another version")
        return self._jobs[job]


def _text(value: Any) -> str:
    """Return a value as CSV holds it; null is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
    return str(value)
