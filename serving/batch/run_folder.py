"""Folder of a run beside its output, in which it goes on where it was interrupted.

`.OUTPUT.parts` holds a lock and one folder per job, with a random name: a worker of an interrupted run that still
writes cannot meet the files of another job.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import leadworth
from crm.database import is_url
from crm.lead_partitions import parquet_files
from crm.table_sources import table_files
from leadworth.atomic_files import write_json
from leadworth.errors import InputError
from leadworth.settings import Settings, TableLocation

if TYPE_CHECKING:
    from serving.batch.score_job import ScoreJob

Source = TypeVar("Source", bound=TableLocation)
MANIFEST = "run.json"
SCORED = "scored"
LONGEST = timedelta(days=1)
"""Age above which an interrupted run does not go on: its leads and their ages are of another day."""
_FOR_WORKERS = ("currency", "currencies", "timezone", "horizon_days", "skew_limit", "leads", "outcomes", "mql", "junk")


@dataclass(frozen=True)
class UnfinishedRun:
    """Interrupted run of a job.

    Attributes
    ----------
    folder
        With what is complete.
    as_of
        Time of scoring of the job.
    parts
        Partitions that are scored.
    """

    folder: Path
    as_of: datetime
    parts: int


def run_folder(out: Path) -> Path:
    """Return the folder of the runs that write an output.

    Examples
    --------
    >>> run_folder(Path("scored.parquet")).name
    '.scored.parquet.parts'
    """
    return out.with_name(f".{out.name}.parts")


def find_unfinished(job: ScoreJob, out: Path) -> UnfinishedRun | None:
    """Return the interrupted run of a job, whatever its time of scoring; None where there is none."""
    for manifest in run_folder(out).glob(f"*/{MANIFEST}"):
        try:
            content = json.loads(manifest.read_text(encoding="utf-8"))
        except ValueError:  # damaged, such as by a full disk: the run begins anew
            continue
        as_of, started = (datetime.fromisoformat(content[name]) for name in ("as_of", "started"))
        recent = datetime.now(UTC) - started < LONGEST
        if recent and content["job"] == _fingerprint(replace(job, as_of=as_of)):
            return UnfinishedRun(manifest.parent, as_of, len(list(manifest.parent.glob("result-*.json"))))
    return None


@contextmanager
def open_run(job: ScoreJob, out: Path) -> Iterator[Path]:
    """Yield the folder of the run of a job, with the bundle in it.

    It is removed at the end and after an error of the leads or settings; it stays for the next run after others.

    Raises
    ------
    InputError
        If the folder cannot be written, or another process writes the same output.
    """
    folder = run_folder(out)
    try:
        folder.mkdir(exist_ok=True)
        lock = (folder / "lock").open("w", encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{out.parent.absolute()} cannot be written: {error.strerror}", do="make the folder, or change --output"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(f"another run writes {out}", do="wait for its end, or choose another --output") from error
        unfinished = find_unfinished(job, out)
        current = unfinished.folder if unfinished and unfinished.as_of == job.as_of else _begin(job, folder)
        for other in folder.iterdir():
            if other.is_dir() and other != current:
                _remove(other)
        try:
            yield current
        except InputError:  # would come again
            _remove(current)
            shutil.rmtree(folder, ignore_errors=True)
            raise
        _remove(current)
        shutil.rmtree(folder, ignore_errors=True)


def _begin(job: ScoreJob, folder: Path) -> Path:
    current = folder / secrets.token_hex(6)
    (current / SCORED).mkdir(parents=True)
    job.bundle.save(current / "bundle")
    moments = {"as_of": job.as_of.isoformat(), "started": datetime.now(UTC).isoformat()}
    write_json(current / MANIFEST, {"job": _fingerprint(job)} | moments)
    return current


def _remove(folder: Path) -> None:
    """Remove the folder of a run, first the file by which it would go on."""
    (folder / MANIFEST).unlink(missing_ok=True)
    # A worker of an interrupted run may still write into it; the next run removes what is left.
    shutil.rmtree(folder, ignore_errors=True)


def _fingerprint(job: ScoreJob) -> str:
    """Return a digest of all that the scored rows depend on."""
    content = {
        "version": leadworth.__version__,
        "bundle": job.bundle.id,
        "files": [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in _inputs(job)],
        "path": str(job.path),
        "settings": worker_settings(job.settings).model_dump_json(),
        "as_of": job.as_of.isoformat(),
        "flags": [job.at_submit, job.include_closed],
        "only": None if job.only is None else sorted(job.only),
        "layout": asdict(job.layout),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _inputs(job: ScoreJob) -> list[Path]:
    """Return the files that are read: the leads, and the outcomes where these say which leads are closed."""
    leads = parquet_files(job.path) if job.path.is_dir() else [job.path]
    tables = {} if job.at_submit else table_files(job.settings)
    outcomes = [path for name, path in sorted(tables.items()) if name != "leads"]
    return [path for path in (*leads, *outcomes) if path.is_file()]


def worker_settings(settings: Settings) -> Settings:
    """Return the settings that workers need, without secrets and with digests for the addresses of databases."""
    joins = tuple(_without_address(join) for join in settings.outcomes.joins)
    sources = {
        "leads": _without_address(settings.leads),
        "outcomes": _without_address(settings.outcomes.model_copy(update={"joins": joins})),
    }
    defaults = {
        name: field.get_default(call_default_factory=True)
        for name, field in Settings.model_fields.items()
        if name not in _FOR_WORKERS
    }
    return settings.model_copy(update=defaults | sources)


def _without_address(source: Source) -> Source:
    """Return a table without the address of its database, which may have a password."""
    if not is_url(source.path):
        return source
    return source.model_copy(update={"path": hashlib.sha256(source.path.encode()).hexdigest()})
