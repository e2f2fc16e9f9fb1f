"""Query jobs of Bulk API 2.0: large results as CSV, read on after a break by their locator."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from crm.connectors.salesforce.salesforce_api import SalesforceApi
from crm.crm_http import CrmRefusedError
from leadworth.http_errors import UnansweredError

DOWNLOAD_ROWS = 10_000
"""Rows of one download."""
PAGE_ROWS = 2_000
"""Rows of a page, as of a REST query: memory holds one page, and one download as text."""
LAST_LOCATOR = "null"
"""What the header `Sforce-Locator` says after the last download."""
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 15.0
LONGEST_JOB_SECONDS = 6 * 3600.0
GONE = frozenset({"NOT_FOUND", "INVALID_ID_FIELD", "INVALID_LOCATOR", "VERSIONMISMATCH", "HTTP_404", "HTTP_409"})
"""Codes of a job that ended after its seven days, or was made by another version of the API."""


class JobGoneError(Exception):
    """A job of an earlier run no longer has results: the query has to be made again."""


@dataclass(frozen=True)
class JobPosition:
    """Position within the results of a job.

    Attributes
    ----------
    job
        Id of the job.
    locator
        Download to read; empty: the first.
    skip
        Rows of it that were read already.

    Examples
    --------
    >>> JobPosition.parse("750x,MTA,2000").text()
    '750x,MTA,2000'
    """

    job: str
    locator: str = ""
    skip: int = 0

    @classmethod
    def parse(cls, text: str) -> JobPosition:
        """Return the position of a text."""
        job, locator, skip = text.split(",")
        return cls(job, locator, int(skip))

    def text(self) -> str:
        """Return the position as text."""
        return f"{self.job},{self.locator},{self.skip}"


class QueryJobs:
    """Query jobs of one org.

    Parameters
    ----------
    api
        Requests to the org.
    sleep
        Waits between two looks at a job.
    """

    def __init__(self, api: SalesforceApi, sleep: Callable[[float], None] = time.sleep) -> None:
        self._api = api
        self._sleep = sleep

    def create(self, soql: str, *, everything: bool = False) -> JobPosition:
        """Start a query and return the position of its first row."""
        body = {
            "operation": "queryAll" if everything else "query",
            "query": soql,
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        }
        return JobPosition(self._api.send("POST", "jobs/query", body=body).json()["id"])

    def pages(self, start: JobPosition) -> Iterator[tuple[list[dict[str, str]], JobPosition | None]]:
        """Yield at most 2,000 rows at a time, with the position after them; None after the last ones.

        Raises
        ------
        JobGoneError
            If the job no longer has results.
        CrmRefusedError
            If the job failed.
        """
        position: JobPosition | None = start
        try:
            self._wait(start.job)
            while position is not None:
                content, announced, after = self._download(position)
                read = 0
                rows: list[dict[str, str]] = []
                # Line breaks within values are kept: the reader of CSV sees them as they are.
                for row in csv.DictReader(io.TextIOWrapper(io.BytesIO(content), "utf-8", newline="")):
                    # The last row of a broken download may be cut, so a page needs one more row after it.
                    if len(rows) == PAGE_ROWS:
                        position = JobPosition(position.job, position.locator, read)
                        yield rows, position
                        rows = []
                    read += 1
                    if read > position.skip:
                        rows.append(row)
                if read != announced:
                    raise UnansweredError(f"a download of bulk job {position.job} is not complete")
                position = after
                yield rows, position
        except CrmRefusedError as error:
            if error.code in GONE:
                raise JobGoneError from error
            raise

    def _wait(self, job: str) -> None:
        """Wait until a job is complete."""
        pause, waited = FIRST_WAIT_SECONDS, 0.0
        while (answer := self._api.get(f"jobs/query/{job}"))["state"] != "JobComplete":
            if answer["state"] in ("Failed", "Aborted"):
                code = f"JOB_{answer['state'].upper()}"
                raise CrmRefusedError("Salesforce", code, str(answer.get("errorMessage", "")))
            if waited >= LONGEST_JOB_SECONDS:
                raise UnansweredError(f"bulk job {job} takes longer than {LONGEST_JOB_SECONDS / 3600:.0f} hours")
            self._sleep(pause)
            waited += pause
            pause = min(pause * 2, LONGEST_WAIT_SECONDS)

    def _download(self, position: JobPosition) -> tuple[bytes, int, JobPosition | None]:
        """Return one download as CSV, the number of its rows, and the position after it."""
        params = {"maxRecords": str(DOWNLOAD_ROWS)} | ({"locator": position.locator} if position.locator else {})
        path = f"jobs/query/{position.job}/results"
        answer = self._api.send("GET", path, params=params, headers={"Accept": "text/csv"})
        locator = answer.headers.get("sforce-locator", LAST_LOCATOR)
        after = None if locator == LAST_LOCATOR else JobPosition(position.job, locator)
        return answer.content, int(answer.headers.get("sforce-numberofrecords", -1)), after
