"""Base class of the sources with an HTTP interface that our own client reads."""

from __future__ import annotations

from reporting.pulls.pull_http import PullHttp
from reporting.pulls.report_source import ReportSource, SectionT


class HttpReportSource(ReportSource[SectionT]):
    """A source with an HTTP interface.

    Parameters
    ----------
    section
        Settings of the source.
    http
        Requests to it.
    """

    def __init__(self, section: SectionT, http: PullHttp) -> None:
        super().__init__(section)
        self.http = http

    def close(self) -> None:
        """Close the connections."""
        self.http.close()
