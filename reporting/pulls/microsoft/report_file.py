"""File of a report of Microsoft Advertising: lines about the report, a header, rows, and a footer."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leadworth.http_errors import UnansweredError

FIRST_COLUMN = "TimePeriod"


@dataclass(frozen=True)
class ReportFile:
    """Contents of a file.

    Attributes
    ----------
    about
        What the lines above the header say, such as "Time Zone" -> "(GMT+01:00) ...".
    rows
        Column -> text, of each row.
    """

    about: Mapping[str, str]
    rows: Sequence[Mapping[str, str]]


def read_report(content: bytes) -> ReportFile:
    """Read the one file of a zip archive.

    A row is recognised by its position and number of cells, never by its first cell: campaigns may be called "Total".

    Raises
    ------
    UnansweredError
        Where it is no such archive, or the number of rows is not that of the line "Rows".
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            [name] = archive.namelist()
            text = archive.read(name).decode("utf-8-sig")
    except (zipfile.BadZipFile, ValueError):
        raise UnansweredError("the report is no zip archive of one file") from None
    lines = list(csv.reader(io.StringIO(text)))
    header = next((place for place, line in enumerate(lines) if line and line[0] == FIRST_COLUMN), None)
    if header is None:
        raise UnansweredError("the report has no header")
    about = {key: value for line in lines[:header] for key, _, value in [",".join(line).partition(": ")] if value}
    columns = lines[header]
    rows = [dict(zip(columns, line, strict=True)) for line in lines[header + 1 :] if len(line) == len(columns)]
    if about.get("Rows", "").isdecimal() and int(about["Rows"]) != len(rows):
        raise UnansweredError(f"the report has {len(rows)} rows and names {about['Rows']}")
    return ReportFile(about, rows)
