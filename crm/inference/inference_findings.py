"""Findings of schema inference: inferred columns, warnings and unused columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from crm.inference.column_profile import ColumnProfile
from crm.inference.masking import mask

Level = Literal["stop", "check", "note"]
"""`train` cannot go on; a person should check it; an assumption that is nearly always right."""
PERSONAL_SETTINGS = frozenset({"first_name", "last_name", "company", "message", "id", "lead_id"})


@dataclass(frozen=True)
class InferredColumn:
    """A setting with the column that was inferred for it; `profile` is None where it is not of one column."""

    setting: str
    column: str
    reason: str
    example: str
    profile: ColumnProfile | None = None


@dataclass(frozen=True)
class InferenceWarning:
    """An assumption or a gap in the proposal, and how to correct it."""

    problem: str
    remedy: str
    level: Level = "check"


@dataclass(frozen=True)
class UnusedColumn:
    """A column or file that the proposal does not use."""

    file: str
    column: str
    reason: str


@dataclass
class InferenceFindings:
    """All findings, in the order in which they were made."""

    inferred: list[InferredColumn] = field(default_factory=list)
    warnings: list[InferenceWarning] = field(default_factory=list)
    unused: list[UnusedColumn] = field(default_factory=list)

    def add(self, setting: str, column: ColumnProfile, reason: str) -> None:
        """Add an inferred column, with an example in which personal data are masked."""
        name = setting.rpartition(".")[2]
        kind = name if name in {"email", "phone", "ip", "text"} else column.kind
        if name in PERSONAL_SETTINGS or name.endswith("clid"):
            kind = "many"
        self.inferred.append(InferredColumn(setting, column.name, reason, mask(column.example, kind), column))

    def remove(self, setting: str) -> None:
        """Remove the inferred column of a setting."""
        self.inferred[:] = [item for item in self.inferred if item.setting != setting]

    def warn(self, problem: str, remedy: str, level: Level = "check") -> None:
        """Add a warning."""
        self.warnings.append(InferenceWarning(problem, remedy, level))

    def note(self, problem: str, remedy: str) -> None:
        """Add an assumption that is nearly always right."""
        self.warn(problem, remedy, "note")

    def of_level(self, *levels: Level) -> list[InferenceWarning]:
        """Return the warnings of some levels, the gravest first."""
        return [item for level in levels for item in self.warnings if item.level == level]

    def leave_out(self, file: str, column: str, reason: str) -> None:
        """Add an unused column."""
        self.unused.append(UnusedColumn(file, column, reason))
