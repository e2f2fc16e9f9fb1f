"""Every written form is read equally from CSV, Parquet, SQL and HTTP: right, missing or refused, never in part."""

from __future__ import annotations

import csv
import json
import math
import sqlite3
import tomllib
from collections.abc import Iterator
from datetime import UTC
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from crm import casts
from crm.raw_table import RawBatch
from crm.rejects import Rejects
from crm.table_sources import gather, open_source
from leadworth.readers.money_reader import read_money
from leadworth.settings import LeadsSource, Settings
from leadworth.unreadable import Unreadable
from serving.request_models import ScoreRequest

FORMS = Path(__file__).parents[1] / "leadworth" / "data" / "written_forms.toml"
REFUSED = "refused"
FIELDS = {
    "flag": "demo_requested",
    "moment": "submitted_at",
    "number": "employees",
    "id": "lead_id",
    "phone": "phone",
    "email": "email",
}


def groups() -> list[dict[str, Any]]:
    """Return the groups of forms with their `forms`: written form and value, None or `REFUSED`."""
    content = tomllib.loads(FORMS.read_text(encoding="utf-8"))["group"]
    for group in content:
        group["forms"] = [
            *group.get("read", []),
            *([written, REFUSED] for written in group.get("refused", [])),
            *([written, None] for written in group.get("missing", [])),
        ]
    return content


GROUPS = groups()
NAMES = [f"{group['kind']}-{group['language']}" for group in GROUPS]


def test_the_matrix_is_large_and_has_sources() -> None:
    assert sum(len(group["forms"]) for group in GROUPS) >= 300
    assert len({group["language"] for group in GROUPS if group["kind"] == "moment"}) >= 12
    assert all(group["source"] for group in GROUPS)


def table_of(path: Path | str, folder: Path, table: str | None = None) -> RawBatch:
    source = LeadsSource(path=str(path), table=table)
    return gather(open_source(Settings(currency="EUR", folder=folder, leads=source), source, Rejects(None)))


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RawBatch]:
    """Return a table with one column per group, read from each kind of source."""
    folder = tmp_path_factory.mktemp("forms")
    names = ["row", *(f"g{number}" for number in range(len(GROUPS)))]
    rows = [
        [str(number), *row]
        for number, row in enumerate(
            zip_longest(*([written for written, _ in group["forms"]] for group in GROUPS), fillvalue="")
        )
    ]
    with (folder / "forms.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([names, *rows])
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    parquet.write_table(pa.table(columns, names=names), folder / "text.parquet")
    parquet.write_table(
        pa.table([column.cast(pa.binary()) for column in columns], names=names), folder / "bytes.parquet"
    )
    with sqlite3.connect(folder / "forms.db") as database:
        database.execute(f"CREATE TABLE forms ({', '.join(f'{name} TEXT' for name in names)})")
        database.executemany(f"INSERT INTO forms VALUES ({', '.join('?' * len(names))})", rows)
    database.close()
    return {
        "csv": table_of(folder / "forms.csv", folder),
        "parquet": table_of(folder / "text.parquet", folder),
        "parquet bytes": table_of(folder / "bytes.parquet", folder),
        "sql": table_of(f"sqlite:///{folder / 'forms.db'}", folder, "forms"),
    }


def cast(kind: str, column: pa.ChunkedArray) -> Iterator[Any]:
    """Yield what a column of a file is read as: a value, None or `REFUSED`."""
    read = {
        "flag": casts.flags,
        "money": casts.amounts,
        "number": casts.numbers,
        "id": casts.ids,
        "phone": casts.phones,
        "moment": lambda values: casts.moments(values, UTC),
        "email": lambda values: casts.ColumnCast(casts.emails(values), [False] * len(values)),
    }[kind](column)
    values = read.values.to_pylist() if isinstance(read.values, pa.Array) else read.values.tolist()
    for value, unreadable in zip(values, read.unreadable, strict=True):
        missing = value is None or (isinstance(value, float) and math.isnan(value))
        assert missing or not unreadable
        yield REFUSED if unreadable else None if missing else value.isoformat() if kind == "moment" else value


def by_http(kind: str, written: str) -> Any:
    """Return what a value of a JSON body is read as; amounts have no field of a lead and go through their reader."""
    if kind == "money":
        amount = read_money(json.loads(json.dumps(written)))
        return REFUSED if isinstance(amount, Unreadable) else amount
    request = ScoreRequest.model_validate(json.loads(json.dumps({FIELDS[kind]: written})))
    if request.warnings(()):
        return REFUSED
    value = getattr(request, FIELDS[kind])
    return value.isoformat() if value is not None and kind == "moment" else value


@pytest.mark.parametrize("way", ["csv", "parquet", "parquet bytes", "sql"])
@pytest.mark.parametrize(
    "number", range(len(GROUPS)), ids=lambda number: f"{GROUPS[number]['kind']}-{GROUPS[number]['language']}"
)
def test_files(tables: dict[str, RawBatch], way: str, number: int) -> None:
    group = GROUPS[number]
    expected = [value for _, value in group["forms"]]
    column = tables[way].rows.column(f"g{number}")
    assert list(cast(group["kind"], column))[: len(expected)] == expected


@pytest.mark.parametrize("group", GROUPS, ids=NAMES)
def test_http(group: dict[str, Any]) -> None:
    for written, expected in group["forms"]:
        assert by_http(group["kind"], written) == expected, written


NUMBERS = [20240604, 20240604101500, 45447, 45447.5, 1717459200, 1717459200000, 19878, 20240604.0]


@pytest.mark.parametrize("written", NUMBERS)
def test_numbers_are_the_same_moments_in_typed_columns_and_json(written: float) -> None:
    moment = ScoreRequest(submitted_at=written).submitted_at
    assert moment is not None
    assert moment == ScoreRequest(submitted_at=str(written)).submitted_at
    for kind in [pa.float64(), pa.int64()] if isinstance(written, int) else [pa.float64()]:
        assert casts.moments(pa.array([written], kind), UTC).values.to_pylist() == [moment]
