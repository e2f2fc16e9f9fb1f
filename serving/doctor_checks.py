"""Checks of `leadworth doctor`; each one yields findings."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import leadworth
from leadworth.atomic_files import MAKE_WRITABLE, NOT_WRITABLE
from leadworth.errors import LeadworthError, StoreError
from leadworth.health_findings import HealthFinding, Severity
from leadworth.records import Lead
from leadworth.settings import Settings
from serving import api_keys
from serving.caller_clocks import CLOCK_FILE, CLOCK_SECONDS, FORM_TOKENS, read_differences
from store.decision_log import count_and_newest
from store.engine import database_time, is_new, open_store
from store.migrate import revisions

if TYPE_CHECKING:
    from sqlalchemy import Engine

LIBRARIES = ("mlflow", "lightgbm", "fastapi", "sqlalchemy", "pandas", "pydantic", "uvicorn")
FULL_BYTES, SCARCE_BYTES = 100 * 2**20, 2 * 2**30


def versions() -> Iterator[HealthFinding]:
    """Check Python and the libraries that matter."""
    installed = [f"leadworth {leadworth.__version__}", f"Python {platform.python_version()}"]
    for name in LIBRARIES:
        try:
            installed.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            yield HealthFinding(
                Severity.FAIL,
                "versions",
                f"{name} is not installed",
                "install leadworth again; in the folder of the project: `make setup`",
            )
    yield HealthFinding(Severity.OK, "versions", ", ".join(installed))


def registry(settings: Settings) -> Iterator[HealthFinding]:
    """Check that the registry answers and its champion scores."""
    from models.model_registry import CHAMPION, ModelRegistry
    from serving.champion import Champion, cache_folder

    asked = ModelRegistry.of(settings)
    try:
        named = asked.resolve(CHAMPION)
    except LeadworthError as error:
        yield HealthFinding(Severity.FAIL, "registry", error.given, error.do or "run `leadworth train`")
        return
    yield HealthFinding(Severity.OK, "registry", f"{asked.model}@{CHAMPION} is version {named}")
    champion = Champion(asked, cache_folder(settings), settings.serving.reload_seconds)
    champion.look()
    if champion.current is None:
        yield _not_loaded(f"version {named} cannot be loaded", champion.error)
        return
    bundle = champion.current.bundle
    verdict = bundle.score(Lead(), scored_at=datetime.now(UTC)).verdict.value
    yield HealthFinding(
        Severity.OK, "champion", f"loads and scores; an empty lead: {verdict}; as of {bundle.meta.as_of}"
    )
    if bundle.meta.currency != settings.currency:
        yield HealthFinding(
            Severity.WARN,
            "champion",
            f"it was trained in {bundle.meta.currency}, the settings say {settings.currency}",
            "train again",
        )


def _not_loaded(what: str, error: Exception | None) -> HealthFinding:
    """Return the finding of a champion that cannot be loaded, which may be good where the disk is not."""
    if isinstance(error, OSError) and error.errno in NOT_WRITABLE:
        path = error.filename or "its copy"
        return HealthFinding(Severity.FAIL, "champion", f"{what}: {path}: {error.strerror}", MAKE_WRITABLE)
    reason = error.given if isinstance(error, LeadworthError) else type(error).__name__
    do = "train again, or go back with `leadworth models rollback`"
    return HealthFinding(Severity.FAIL, "champion", f"{what}: {reason}", do)


def store(settings: Settings) -> Iterator[HealthFinding]:
    """Check that the store answers, is migrated and has a key where one is needed."""
    try:
        with open_store(settings) as engine:
            if is_new(engine):
                yield HealthFinding(Severity.WARN, "store", "not there yet", "`leadworth serve` makes it")
                return
            current, needed = revisions(engine)
            if current != needed:
                do = "`leadworth serve` migrates it; a newer revision needs a newer leadworth"
                yield HealthFinding(Severity.WARN, "store", f"revision {current}, needed {needed}", do)
                return
            yield from _stored(engine, settings)
    except LeadworthError as error:
        yield HealthFinding(Severity.FAIL, "store", error.given, error.do)


def _stored(engine: Engine, settings: Settings) -> Iterator[HealthFinding]:
    with engine.connect() as connection:
        count, newest = count_and_newest(connection)
        store_time = database_time(connection)
        known = api_keys.every(connection)
    yield HealthFinding(Severity.OK, "store", f"{engine.dialect.name} answers and is migrated, {count} decisions")
    yield from _clock(store_time, newest)
    yield from _caller_clocks(known, settings)
    yield from _keys(known, settings)


def _clock(store_time: datetime, newest: str | None) -> Iterator[HealthFinding]:
    now = datetime.now(UTC)
    difference = abs((now - store_time).total_seconds())
    if difference > CLOCK_SECONDS:
        yield HealthFinding(
            Severity.WARN, "clock", f"{difference:.0f} s apart from the store's", "keep both machines in time by NTP"
        )
    elif newest is not None and datetime.fromisoformat(newest) > now:
        yield HealthFinding(Severity.WARN, "clock", "the newest decision is in the future", "set the clock; see NTP")
    else:
        yield HealthFinding(Severity.OK, "clock", f"{now:%Y-%m-%d %H:%M:%S} UTC, as the store's")


def _caller_clocks(known: list[api_keys.ApiKey], settings: Settings) -> Iterator[HealthFinding]:
    names = {key.key_id: f"the caller with key {key.name!r} ({key.key_id})" for key in known}
    for caller, difference in sorted(read_differences(settings.resolve(CLOCK_FILE)).items()):
        if not difference.wrong:
            continue
        if caller == FORM_TOKENS:
            what = f"a machine that signs form tokens has a clock {difference.sentence}"
        else:
            what = f"{names.get(caller, 'a caller without a key')} has a clock {difference.sentence}, or posts late"
        do = "keep its clock in time by NTP; its leads are scored by the clock of this service meanwhile"
        yield HealthFinding(Severity.WARN, "clock", what, do)


def _keys(known: list[api_keys.ApiKey], settings: Settings) -> Iterator[HealthFinding]:
    from serving.loopback import is_loopback

    serving = settings.serving
    if not serving.api_keys:
        level = Severity.WARN if is_loopback(serving.host) else Severity.FAIL
        yield HealthFinding(
            level, "keys", f"api_keys = false at {serving.host}", "set api_keys = true; `leadworth keys create`"
        )
        return
    now = datetime.now(UTC)
    usable = [key for key in known if key.in_use(now) and key.allows("score")]
    unlimited = api_keys.without_expiry(known, now)
    if usable:
        endless = f"; without expiry: {', '.join(key.name for key in unlimited)}" if unlimited else ""
        yield HealthFinding(Severity.OK, "keys", f"{len(usable)} may score{endless}")
    else:
        yield HealthFinding(Severity.WARN, "keys", "no key may score", "`leadworth keys create NAME --scope score`")
    for key in api_keys.near_expiry(known, now):
        what = f"{key.name} ({key.key_id}) expires at {(key.expires_at or '')[:16]} UTC"
        yield HealthFinding(Severity.WARN, "keys", what, f"`leadworth keys rotate {key.key_id}`")


def inputs(settings: Settings) -> Iterator[HealthFinding]:
    """Check that the latest leads have the inputs that the champion was trained on."""
    from models.bundle_loading import load_bundle
    from monitoring.input_skew import LATEST_DECISIONS, input_skew
    from store.recent_decisions import vectors

    try:
        with open_store(settings) as engine:
            if is_new(engine):
                return
            bundle = load_bundle(settings, None)
            with engine.connect() as connection:
                decided = vectors(connection, bundle.id, LATEST_DECISIONS)
    except LeadworthError:  # the checks of registry and store have reported it
        return
    if not decided.lead_id:
        yield HealthFinding(Severity.OK, "inputs", "the champion has not decided about a lead yet")
        return
    if bundle.reference is None or not bundle.reference.inputs:
        what = f"version {bundle.version} does not say what its training leads looked like"
        yield HealthFinding(Severity.WARN, "inputs", what, "train again")
        return
    findings = input_skew(bundle, decided.matrix, decided.age_days, limit=settings.skew_limit)
    for finding in findings:
        yield HealthFinding(Severity.WARN, "inputs", finding.sentence("latest leads"), finding.remedy)
    if not findings:
        what = f"{len(decided.lead_id):,} latest decisions of the champion: no input differs from training"
        yield HealthFinding(Severity.OK, "inputs", what)


def history(settings: Settings) -> Iterator[HealthFinding]:
    """Check that Redis answers, where the settings name one."""
    from serving.personal_data.redis_erasure import open_eraser

    url = settings.serving.redis
    if url is None:
        return
    try:
        with open_eraser(url.get_secret_value()):
            yield HealthFinding(Severity.OK, "history", "Redis answers")
    except StoreError as error:
        what = f"{error.given}; velocity counts come from the store meanwhile"
        yield HealthFinding(Severity.WARN, "history", what, "start Redis, or correct [serving] redis")


def lists(settings: Settings) -> Iterator[HealthFinding]:
    """Check that the lists of domains, networks and words are not too old."""
    from features.lookup_lists import STALE_DAYS, lists

    del settings
    today = datetime.now(UTC).date()
    old = [one for one in lists() if one.stale(today)]
    for one in old:
        what = f"{one.name} is of {one.dated} at the latest, more than {STALE_DAYS} days ago"
        yield HealthFinding(Severity.WARN, "lists", what, "install a newer leadworth, or upgrade the package")
    if not old:
        yield HealthFinding(
            Severity.OK, "lists", f"{len(lists())} lists, none known to be older than {STALE_DAYS} days"
        )


def disk(settings: Settings) -> Iterator[HealthFinding]:
    """Check the space where rows are written and wait."""
    free = shutil.disk_usage(settings.resolve(".").absolute()).free
    level = Severity.FAIL if free < FULL_BYTES else Severity.WARN if free < SCARCE_BYTES else Severity.OK
    yield HealthFinding(
        level, "disk", f"{free / 2**30:.1f} GiB free", "" if level is Severity.OK else "free some space"
    )
    size = sum(path.stat().st_size for path in (settings.resolve(".leadworth") / "spool").glob("*.jsonl"))
    if size:
        yield HealthFinding(
            Severity.WARN, "spool", f"{size} bytes wait for the store", "a running `leadworth serve` writes them"
        )
