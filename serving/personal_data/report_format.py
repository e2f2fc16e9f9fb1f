"""Layouts of the report on personal data."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from enum import StrEnum
from typing import TYPE_CHECKING

from leadworth.console import console, table

if TYPE_CHECKING:
    from serving.personal_data.privacy_report import ReportRow


class ReportFormat(StrEnum):
    """How the report is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    MARKDOWN = "markdown"


def print_report(rows: Sequence[ReportRow], layout: ReportFormat) -> None:
    """Print the report on standard output."""
    contents = [asdict(row) for row in rows]
    if layout is ReportFormat.JSON:
        sys.stdout.write(json.dumps(contents, indent=1, ensure_ascii=False) + "\n")
    elif layout is ReportFormat.CSV:
        writer = csv.DictWriter(sys.stdout, list(contents[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(contents)
    elif layout is ReportFormat.MARKDOWN:
        sys.stdout.write(markdown(rows))
    else:
        for content in contents:
            console.print(f"{content.pop('name')} ({content.pop('kind')})", style="bold", markup=False)
            shown = [(name.replace("_", " "), value) for name, value in content.items()]
            console.print(table(("", " "), shown))


def markdown(rows: Sequence[ReportRow]) -> str:
    """Return the report as a Markdown table."""
    from serving.personal_data.privacy_report import ReportRow

    names = [field.name for field in fields(ReportRow)]
    lines = [names, ["---"] * len(names), *([str(getattr(row, name)) for name in names] for row in rows)]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
