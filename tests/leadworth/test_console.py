"""Progress prints lines where there is no terminal; cells and messages are plain text."""

from __future__ import annotations

import pytest

from leadworth import console
from leadworth.errors import InputError


def test_progress_says_one_line_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress("Scoring leads.csv", total=1200) as advance:
        advance(1000)
        advance(200)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Scoring leads.csv: 1,200 of 1,200, ")
    assert len(err.splitlines()) == 1


def test_a_long_job_says_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "LINE_SECONDS", 0.0)
    with console.progress("Reading") as advance:
        advance(1)
        advance(1)
    assert [line.split(",")[0] for line in capsys.readouterr().err.splitlines()] == [
        "Reading: 1",
        "Reading: 2",
        "Reading: 2",
    ]


def test_a_job_that_fails_does_not_claim_to_have_ended(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with console.progress("Reading") as advance:
            advance(1 // 0)

    with pytest.raises(ZeroDivisionError):
        fail()
    assert capsys.readouterr().err == ""


def test_a_terminal_shows_a_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(console, "errors", console.Console(stderr=True, force_terminal=True, width=100))
    with console.progress("Scoring", total=2) as advance:
        advance(2)
    assert "2/2" in capsys.readouterr().err


def test_cells_are_not_markup(capsys: pytest.CaptureFixture[str]) -> None:
    console.console.print(console.table(["column", "leads"], [["[bold]Tags", 3]], title="Suspects", right=["leads"]))
    out = capsys.readouterr().out
    assert "Suspects" in out
    assert "[bold]Tags" in out


def test_a_failure_says_only_what_it_knows(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        console.fail(InputError("no [leads] in the file"))
    assert stopped.value.code == InputError.exit_code
    assert capsys.readouterr().err == "Error: no [leads] in the file\n"
