"""Random files for the reader: tables in many layouts and encodings, damaged and not, from a seed."""

from __future__ import annotations

import contextlib
import gzip
import io
import random
import tracemalloc
import zipfile
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from crm.delimited import open_delimited
from crm.encoding_detection import detect
from crm.file_formats import file_format
from crm.inference.row_sample import read_sample
from crm.rejects import Rejects
from crm.table_sources import gather, open_file
from leadworth.errors import LeadworthError
from leadworth.settings import TableSource

WORDS = (
    *("Lead ID", "id", "Ada", "Müller", "Łódź", "東京", "Москва", "12,5", "2024-06-04", "a@b.it", '5" pipe', "Total"),
    *(
        "Copyright (c) 2024",
        "",
        " ",
        "NULL",
        "\\N",
        "\\",
        "=1+1",
        "x" * 400,
        "line\nbreak",
        "cr\rreturn",
        "é",
        "\ufeff",
    ),
    *("sep=;", "<b>", "{}", "0", "-1", "\x00", "(6 rows)", "a;b", "a,b", "a|b", "“q”", "🙂"),
)
ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "cp1251", "cp932", "gb18030")
DELIMITERS = (",", ",", ";", "\t", "|", "^", "~", "||", ":", "\x01", " ")
ENDS = ("\n", "\n", "\r\n", "\r", "\r\r\n", "\n\r")
MOST_BYTES = 60 << 20


def random_file(seed: int) -> bytes:
    """Return the content of a file."""
    rng = random.Random(seed)
    kind = rng.random()
    if kind < 0.04:
        return rng.randbytes(rng.randrange(400))
    if kind < 0.08:
        return _damaged(rng, _parquet(rng))
    content = _table(rng)
    if rng.random() < 0.5:
        content = _damaged(rng, content)
    if rng.random() < 0.05:
        content = _damaged(rng, gzip.compress(content))
    if rng.random() < 0.05:
        content = _damaged(rng, _zipped(rng, content))
    return content


def _table(rng: random.Random) -> bytes:
    delimiter, end = rng.choice(DELIMITERS), rng.choice(ENDS)
    width, rows = rng.choice((1, 2, 3, 5, 40)), rng.choice((0, 1, 2, 7, 60))
    quoting = rng.choice(("none", "needed", "all", "backslash", "padded", "raw"))
    lines = [f"sep={delimiter}"] * (rng.random() < 0.15)
    lines += ["Lead export", ""] * (rng.random() < 0.15)
    header = delimiter.join(
        _quoted(rng, f"{rng.choice(WORDS)} {number}", delimiter, quoting) for number in range(width)
    )
    lines.append(header)
    tail = delimiter * rng.choice((0, 0, 0, 1, 3))
    for _ in range(rows):
        fields = [_quoted(rng, rng.choice(WORDS), delimiter, quoting) for _ in range(width + (rng.random() < 0.05))]
        lines.append(delimiter.join(fields) + tail)
        if rng.random() < 0.02:
            lines.append(header)
    lines += [f"Total{delimiter * (width - 1)}", "Copyright (c) 2024"] * (rng.random() < 0.2)
    text = end.join(lines) + end * rng.choice((0, 1, 2))
    return text.encode(rng.choice(ENCODINGS), "replace")


def _quoted(rng: random.Random, field: str, delimiter: str, quoting: str) -> str:
    if quoting == "raw" or (quoting == "needed" and not set('"\r\n' + delimiter) & set(field)):
        return field
    if quoting == "none":
        return field.replace(delimiter, "").replace("\n", "").replace("\r", "").replace('"', "")
    if quoting == "backslash":
        return '"' + field.replace("\\", "\\\\").replace('"', '\\"') + '"'
    quoted = '"' + field.replace('"', '""') + '"'
    return f" {quoted} " if quoting == "padded" else quoted


def _damaged(rng: random.Random, content: bytes) -> bytes:
    damaged = bytearray(content)
    for _ in range(rng.choice((0, 1, 1, 3, 10))):
        if not damaged:
            break
        place = rng.randrange(len(damaged))
        change = rng.choice(("flip", "cut", "insert", "repeat"))
        if change == "flip":
            damaged[place] = rng.randrange(256)
        elif change == "cut":
            del damaged[place : place + rng.randrange(1, 40)]
        elif change == "insert":
            damaged[place:place] = rng.choice(
                (b'"', b"\r", b"\n", b"\x00", b"\xff", b"\\", b",", b'""', b"\xef\xbb\xbf")
            )
        else:
            damaged[place:place] = damaged[place : place + 20] * rng.choice((2, 50))
    return bytes(damaged[: rng.randrange(len(damaged))] if damaged and rng.random() < 0.1 else damaged)


def _zipped(rng: random.Random, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(rng.choice((0, 1, 1, 2))):
            archive.writestr(f"{number}.csv", content)
    return buffer.getvalue()


def _parquet(rng: random.Random) -> bytes:
    buffer = io.BytesIO()
    table = pa.table({f"c{number}": [rng.choice(WORDS).encode() for _ in range(5)] for number in range(3)})
    parquet.write_table(table, buffer)
    return buffer.getvalue()


def check(seed: int, path: Path) -> None:
    """Read a random file: nothing but errors of leadworth, bounded memory, and the same rows in any size of blocks."""
    path.write_bytes(random_file(seed))
    detect("é".encode("cp1252"))  # the statistics of languages are loaded once
    tracemalloc.start()
    try:
        rejects = Rejects(None)
        whole = gather(open_file(path, TableSource(path=str(path)), rejects))
        assert whole.faults == rejects.count
        assert len(whole.lines) == whole.rows.num_rows
        assert (whole.lines[1:] > whole.lines[:-1]).all()
        if file_format(path) == "delimited":
            small = gather(open_delimited(path, Rejects(None), block_bytes=max(37, path.stat().st_size // 100)))
            assert small.rows.equals(whole.rows)
            assert small.lines.tolist() == whole.lines.tolist()
    except LeadworthError:
        pass
    with contextlib.suppress(LeadworthError):
        read_sample(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MOST_BYTES
