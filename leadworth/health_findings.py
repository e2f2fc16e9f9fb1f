"""Findings of the doctor commands: severity, description, remedy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rich.text import Text

from leadworth.console import console


class Severity(StrEnum):
    """Severity of a finding."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


STYLES = {Severity.OK: "green", Severity.WARN: "yellow", Severity.FAIL: "bold red"}


@dataclass(frozen=True)
class HealthFinding:
    """Result of one check, and what to do about it."""

    level: Severity
    name: str
    what: str
    do: str = ""


def show(finding: HealthFinding) -> None:
    """Print a finding."""
    line = Text.assemble((f"{finding.level:4}", STYLES[finding.level]), f"  {finding.name:10} {finding.what}")
    if finding.do:
        line.append(f"\n      what to do: {finding.do}")
    console.print(line, soft_wrap=True)
