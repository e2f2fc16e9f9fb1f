"""What init says of the exports: what it recognised, what it doubts, what it left out."""

from __future__ import annotations

from dataclasses import dataclass, field

from crm.inference.column_profile import Profile
from crm.inference.masking import mask


@dataclass(frozen=True)
class Found:
    """A setting that was recognised."""

    setting: str
    column: str
    why: str
    example: str


@dataclass(frozen=True)
class Doubt:
    """Something that was guessed or is not known, and how to settle it."""

    what: str
    settle: str


@dataclass(frozen=True)
class LeftOut:
    """A column or file that is not used."""

    file: str
    column: str
    why: str


@dataclass
class Findings:
    """All that was found, in the order in which it was found."""

    found: list[Found] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def add(self, setting: str, column: Profile, why: str) -> None:
        """Note a recognised column, with an example in which personal data are masked."""
        named = setting.rpartition(".")[2]
        kind = named if named in {"email", "phone", "ip", "text"} else column.kind
        if named in {"first_name", "last_name", "company", "message", "id", "lead_id"} or named.endswith("clid"):
            kind = "many"
        self.found.append(Found(setting, column.name, why, mask(column.example, kind)))

    def doubt(self, what: str, settle: str) -> None:
        """Note a doubt."""
        self.doubts.append(Doubt(what, settle))

    def leave(self, file: str, column: str, why: str) -> None:
        """Note what is left out."""
        self.left_out.append(LeftOut(file, column, why))
