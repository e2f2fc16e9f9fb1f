"""Dead code is found, and what is read as a whole is not taken for it."""

from __future__ import annotations

from pathlib import Path

from scripts.check_dead import dead

CODE = """
import logging
from dataclasses import dataclass
from enum import StrEnum


class Colour(StrEnum):
    RED = "red"


@dataclass
class Record:
    field: int

    def method(self):
        self.attribute = 1


def called():
    logging.getLogger().propagate = False
    return Record, Colour


def unused():
    constant = 1


called()
"""


def test_dead(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(CODE, encoding="utf-8")
    assert [line.split(": ")[1] for line in dead([tmp_path])] == [
        "method method is used by nothing",
        "attribute attribute is used by nothing",
        "function unused is used by nothing",
        "variable constant is used by nothing",
    ]
