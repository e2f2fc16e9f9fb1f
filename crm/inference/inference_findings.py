"""What init says of the exports: what it recognised, what it doubts, what it left out."""

from __future__ import annotations

from dataclasses import dataclass, field

from crm.inference.column_profile import ColumnProfile
from crm.inference.masking import mask


@dataclass(frozen=True)
class InferredColumn:
    """A setting that was recognised."""

    setting: str
    column: str
    why: str
    example: str


@dataclass(frozen=True)
class InferenceWarning:
    """Something that was guessed or is not known, and how to settle it."""

    what: str
    settle: str


@dataclass(frozen=True)
class UnusedColumn:
    """A column or file that is not used."""

    file: str
    column: str
    why: str


@dataclass
class InferenceFindings:
    """All that was found, in the order in which it was found."""

    found: list[InferredColumn] = field(default_factory=list)
    doubts: list[InferenceWarning] = field(default_factory=list)
    left_out: list[UnusedColumn] = field(default_factory=list)

    def add(self, setting: str, column: ColumnProfile, why: str) -> None:
        """Note a recognised column, with an example in which personal data are masked."""
        named = setting.rpartition(".")[2]
        kind = named if named in {"email", "phone", "ip", "text"} else column.kind
        if named in {"first_name", "last_name", "company", "message", "id", "lead_id"} or named.endswith("clid"):
            kind = "many"
        self.found.append(InferredColumn(setting, column.name, why, mask(column.example, kind)))

    def doubt(self, what: str, settle: str) -> None:
        """Note a doubt."""
        self.doubts.append(InferenceWarning(what, settle))

    def leave(self, file: str, column: str, why: str) -> None:
        """Note what is left out."""
        self.left_out.append(UnusedColumn(file, column, why))
