"""Logs are JSON for machines, and personal data are redacted."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from leadworth.log import QUIET_LIBRARIES, set_up_logging


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    for library in QUIET_LIBRARIES:
        logging.getLogger(library).setLevel(logging.NOTSET)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_logs_of_libraries_have_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(as_json=True)
    structlog.get_logger("leadworth").info("scored", leads=3)
    logging.getLogger("library").warning("slow: %s", "4 s")
    ours, theirs = lines(capsys)
    assert ours["event"] == "scored"
    assert ours["leads"] == 3
    assert theirs["event"] == "slow: 4 s"
    assert set(theirs) == {"event", "level", "logger", "timestamp"} == set(ours) - {"leads"}


def test_personal_data_are_redacted(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(as_json=True)
    log = structlog.get_logger("leadworth")
    log.info(
        "lead of ada@example.org", phone="02 1234567", lead={"email": "x", "source": "search"}, all=["+39021234567"]
    )
    logging.getLogger("library").warning("refused %s", "ada@example.org")
    try:
        raise ValueError("bad value ada@example.org")
    except ValueError:
        log.exception("failed")
    written = capsys.readouterr().err
    assert "ada@example.org" not in written
    assert "1234567" not in written
    assert '"email": "[redacted]"' in written
    assert '"source": "search"' in written
    assert "ValueError" in written


def test_records_below_the_level_are_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("WARNING", as_json=True)
    structlog.get_logger("leadworth").info("unheard")
    assert lines(capsys) == []


def test_a_terminal_shows_readable_lines(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(as_json=False)
    structlog.get_logger("leadworth").info("scored", leads=3)
    assert "scored" in capsys.readouterr().err


def test_urls_of_requests_are_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(as_json=True)
    logging.getLogger("httpx2").info("HTTP Request: POST https://example.org/mp/collect?api_secret=s3cret")
    assert capsys.readouterr().err == ""
