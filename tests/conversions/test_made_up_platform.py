"""A made-up platform in one folder: every part of leadworth knows it, and the contract battery checks it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "made_up"
RUN = """
import sys
import pytest
import conversions.platforms
conversions.platforms.__path__.append(sys.argv[1])
sys.exit(pytest.main(sys.argv[2:]))
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest where `folder` holds further platforms."""
    options = ("-q", "-p", "no:cacheprovider")
    return subprocess.run(
        [sys.executable, "-c", RUN, str(folder), *options, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.slow
def test_the_contract_battery_finds_the_folder_and_it_passes() -> None:
    done = run(FOLDER, "-k", "reddit", "tests/contracts/test_platforms.py")
    assert done.returncode == 0, done.stdout


def test_every_part_knows_the_platform() -> None:
    done = run(FOLDER, "-k", "reddit", "tests/conversions/made_up_checks.py")
    assert done.returncode == 0, done.stdout


# Name of the faulty platform -> file, correct text, fault, and the check that must fail.
FAULTS = {
    "other_name": ("adapter.py", 'name = "other_name"', 'name = "another"', "test_the_folder_names_the_platform"),
    "not_hashed": ("adapter.py", "sha256(NORMALISER.email(", "((", "test_no_personal_data_is_in_a_payload"),
    "fixed_value": ("adapter.py", "float(event.value)", "12.5", "test_zero_is_sent_as_zero"),
    "matches_nobody": (
        "adapter.py",
        'if not body["user"]',
        'if "user" not in body',
        "test_a_person_without_identifiers",
    ),
    "match_by_left_out": ("platform.toml", '"rdt_cid", "email"', '"email"', "test_a_person_is_matched_by_one_of"),
    "refusal_unread": ("adapter.py", "status_code >= 400", "status_code >= 500", "test_one_bad_row_among_a_thousand"),
    "never_zero": ("adapter.py", "float(event.value)", "float(event.value) or 12.5", "test_a_value_is_replaced"),
    "unknown_version": ("settings.py", '"v3.0", description', '"v4.0", description', "test_the_default_version"),
    "other_example": ("example.json", '"Lead"', '"Sale"', "test_a_payload_equals_the_example"),
}


@pytest.mark.slow
def test_the_contract_battery_catches_faults(tmp_path: Path) -> None:
    for name, (file, correct, fault, _) in FAULTS.items():
        folder = tmp_path / name
        folder.mkdir()
        for source in (FOLDER / "reddit").glob("*.*"):
            text = source.read_text(encoding="utf-8").replace("reddit", name)
            if source.name == file:
                assert correct in text, name
                text = text.replace(correct, fault)
            (folder / source.name).write_text(text, encoding="utf-8")
    checks = "not test_a_fault_raises and not test_without_a_secret"
    done = run(tmp_path, "-k", f"({' or '.join(FAULTS)}) and {checks}", "tests/contracts/test_platforms.py")
    caught = set(re.findall(r"^(?:FAILED|ERROR) \S+::(\w+)\[(\w+)\]", done.stdout, re.MULTILINE))
    for name, (*_, check) in FAULTS.items():
        assert any(test.startswith(check) for test, platform in caught if platform == name), (name, done.stdout)
