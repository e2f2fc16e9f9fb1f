"""Findings of schema inference: inferred columns, warnings and unused columns."""

from __future__ import annotations

from dataclasses import dataclass, field

from crm.inference.column_profile import ColumnProfile
from crm.inference.masking import mask

_PERSONAL_SETTINGS = frozenset({"first_name", "last_name", "company", "message", "id", "lead_id"})


@dataclass(frozen=True)
class InferredColumn:
    """A setting with the column that was inferred for it."""

    setting: str
    column: str
    reason: str
    example: str


@dataclass(frozen=True)
class InferenceWarning:
    """An assumption or a gap in the proposal, and how to correct it."""

    problem: str
    remedy: str


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
        if name in _PERSONAL_SETTINGS or name.endswith("clid"):
            kind = "many"
        self.inferred.append(InferredColumn(setting, column.name, reason, mask(column.example, kind)))

    def warn(self, problem: str, remedy: str) -> None:
        """Add a warning."""
        self.warnings.append(InferenceWarning(problem, remedy))

    def leave_out(self, file: str, column: str, reason: str) -> None:
        """Add an unused column."""
        self.unused.append(UnusedColumn(file, column, reason))
