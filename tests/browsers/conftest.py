"""The landing page, served by a service with a model that knows the collector."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from crm.lead_history import read_history
from leadworth.form_settings import FormSettings
from leadworth.settings import load_settings
from models.bundle import Bundle, BundleMetadata
from models.policy import Policy
from serving.app import create_app
from serving.champion import Champion
from simulation import simulate
from simulation.export_files import write
from store.decision_log import replayable
from tests.browsers.drivers import CHROMEDRIVER, CHROMIUM
from tests.browsers.visit import KEY, Page, Visit
from tests.make_bundle import make_bundle
from tests.serving.running import FolderRegistry, settings_in
from training.fitted_model import fit
from training.time_split import known_history


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip with a reason where there is no browser."""
    absent = [name for name in (CHROMIUM, CHROMEDRIVER) if not Path(name).exists()]
    absent += [name for name in ("node", "npm") if shutil.which(name) is None]
    if absent:
        for item in items:
            if "browsers" in str(item.path) and item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason=f"not installed: {', '.join(absent)} (see `make check-slow`)"))


@dataclass
class Site:
    """A running service with its landing page."""

    address: str
    app: Any

    def leads(self) -> list[dict[str, Any]]:
        """Return the stored decisions, newest first."""
        with self.app.state.store.engine.connect() as connection:
            return list(replayable(connection, decision=None, lead=None, last=None))


@pytest.fixture(scope="session")
def known_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a bundle learned on a small simulated CRM, collector included."""
    folder = tmp_path_factory.mktemp("crm")
    write(simulate(leads=4_000, months=18, seed=7), folder)
    settings = load_settings(folder / "leadworth.toml")
    known = known_history(read_history(settings), as_of=None, not_before=None, horizon_days=settings.horizon_days)
    learned = fit(
        known.leads,
        known.extras,
        known.labels,
        horizon_days=settings.horizon_days,
        junk=settings.junk,
        seed=settings.training.seed,
    )
    meta = BundleMetadata(currency="EUR", horizon_days=365, margin=0.4, touch_cost=25.0)
    Bundle(learned.spec, learned.value_model, Policy.shipped(), meta).save(folder / "bundles" / "1")
    return folder / "bundles"


@pytest.fixture(scope="session")
def site(known_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The service on a port of its own."""
    folder = tmp_path_factory.mktemp("site")
    forms = FormSettings(protected=("quote",), demo=True)
    settings = settings_in(folder).model_copy(update={"forms": forms})
    app = create_app(settings, champion=Champion(FolderRegistry(known_bundle), folder / "cache", 60))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield Site(f"http://127.0.0.1:{port}/v1/forms/quote/demo", app)
    server.should_exit = True
    thread.join(timeout=20)


FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running service."""
    folder = tmp_path_factory.mktemp("service")
    make_bundle(seed=7).save(folder / "bundles" / "1")
    settings = settings_in(folder).model_copy(
        update={"forms": FormSettings(protected=("quote",), keys=(KEY,), per_minute=0)}
    )
    app = create_app(settings, champion=Champion(FolderRegistry(folder / "bundles"), folder / "cache", 60))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One headless Chromium; it is ended as a whole, since closing one context may wait for ever after a navigation."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as runner:
        running = runner.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS, ignore_default_args=["--disable-back-forward-cache"]
        )
        yield running
        running.close()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of the user's own site, at another origin than the service."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(timeout=20)


@pytest.fixture
def visit(browser: Any, address: str, service: str) -> Visit:
    return Visit(browser, address, service)
