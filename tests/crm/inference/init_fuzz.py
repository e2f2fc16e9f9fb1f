"""Damaged and generated exports for `leadworth init`, and what it must do with each."""

from __future__ import annotations

import csv
import io
import tomllib
from pathlib import Path

from hypothesis import strategies as st

from crm.inference.column_explanation import explain_column
from crm.inference.init_report import MOST_LINES, markdown, screen_lines
from crm.inference.proposal import Proposal, propose
from crm.inference.toml_writer import render
from leadworth.errors import LeadworthError
from leadworth.settings import Settings

SEEDS = sorted((Path(__file__).parent / "fuzz_seeds").iterdir())
_WIDTH = 80
_PIECES = st.sampled_from(
    [
        b"\x00",
        b"\r",
        b"\n",
        b"\r\n",
        b'"',
        b"'",
        b",",
        b";",
        b"\t",
        b"|",
        b"\\",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xc3(",
        b"=",
        b"sep=,\n",
        b"#VALUE!",
        b"N/A",
        b"1e309",
        b"-0",
        b"9" * 400,
        b"20240604",
        b"\xe2\x80\xae",
        b"\xf0\x9f\x98\x80",
    ]
)
_CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "",
            "N/A",
            "1",
            "0",
            "yes",
            "WAHR",
            "Won",
            "Lost",
            "Spam",
            "2025-01-02",
            "31/12/2025",
            "12/31/2025",
            "45447.5",
            "1.234,5",
            "$12K",
            "(5.00)",
            "a@b.example",
            "ma***@x.example",
            "+1 *** *** 1234",
            "51-200",
            "10+",
            "1;2;3",
            "[1, 2]",
            "#VALUE!",
            "007",
            "00Q5e00000Ab000",
            "1e400",
            "٣",
            "９",
            "0x1F",
            "inf",
            "nan",
            "1/0",
            "{}",
            "99999999999999999999",
        ]
    ),
)
_HEADERS = st.one_of(
    st.text(min_size=1, max_size=15),
    st.sampled_from(
        [
            "Email",
            "id",
            "won",
            "Status",
            "Amount",
            "Currency",
            "campaign",
            "lead_id",
            "employees",
            "Stage",
            "Fase",
            "y",
            "Close Date",
            "Converted",
            "Opportunity ID",
            "row_number",
            "Lead ID",
            "Call Status",
            "phone",
            "Währung",
        ]
    ),
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Bytes of a seed with a few pieces inserted, removed, repeated or cut off."""
    content = draw(st.sampled_from(SEEDS)).read_bytes()
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, max(len(content) - 1, 0)))
        end = min(start + draw(st.integers(0, 40)), len(content))
        change = draw(st.sampled_from(("insert", "remove", "repeat", "cut", "move")))
        if change == "insert":
            content = content[:start] + draw(_PIECES) + content[start:]
        elif change == "remove":
            content = content[:start] + content[end:]
        elif change == "repeat":
            content = content[:end] + content[start:end] * 3 + content[end:]
        elif change == "move":
            content = content[end:] + content[start:end]
        else:
            content = content[:end]
    return content


@st.composite
def generated(draw: st.DrawFn) -> bytes:
    """Bytes of a table of arbitrary cells."""
    header = draw(st.lists(_HEADERS, min_size=1, max_size=6))
    row = st.lists(_CELLS, min_size=len(header), max_size=len(header))
    rows = draw(st.lists(row, min_size=1, max_size=8))
    text = io.StringIO()
    csv.writer(text, delimiter=draw(st.sampled_from(",;\t|"))).writerows([header, *rows])
    encoding = draw(st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "cp1252", "shift_jis")))
    return text.getvalue().encode(encoding, "replace") * draw(st.integers(1, 3))


EXPORTS = st.lists(st.one_of(damaged(), generated(), st.binary(max_size=200)), min_size=1, max_size=3)


def check_init(folder: Path, contents: list[bytes]) -> None:
    """Propose settings for exports: an error with a sentence, or settings that load and a report of one screen."""
    paths = [folder / f"export{number}.csv" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    try:
        proposal = propose(paths)
    except LeadworthError as error:
        sentence = error
    else:
        _check_proposal(proposal, folder)
        return
    assert sentence.given
    assert sentence.do or sentence.allowed


def _check_proposal(proposal: Proposal, folder: Path) -> None:
    Settings(**tomllib.loads(render(proposal, folder)))
    lines = screen_lines(proposal, _WIDTH, "leadworth.init.md")
    assert len(lines) <= MOST_LINES
    assert all(line.isprintable() for line in lines)
    assert markdown(proposal)
    for export in proposal.exports:
        for name in export.columns:
            assert explain_column(proposal, export, name)
