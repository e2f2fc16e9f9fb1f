"""People at a real browser: a pointer and keys of an X screen, moved as a hand does."""

from __future__ import annotations

import math
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.browsers.drivers import CHROMIUM, QUIET, VALUES


class Hand:
    """Moves the pointer and presses keys of an X screen as a hand does, through xdotool.

    Times are drawn from those measured on people: keys 60 to 400 ms apart (log-normal around 150) and held for
    105 +- 28 ms, pointer on curves with a few dozen steps, pauses between fields.
    """

    def __init__(self, display: str, seed: int) -> None:
        self._environment, self._rng, self._at = {**os.environ, "DISPLAY": display}, random.Random(seed), (40.0, 40.0)

    def do(self, *words: object) -> None:
        subprocess.run(["xdotool", *map(str, words)], env=self._environment, check=True)

    def move(self, x: float, y: float) -> None:
        """Go to a point on a bent way that is never the same."""
        (x0, y0), steps = self._at, self._rng.randint(18, 40)
        bend = self._rng.uniform(-0.25, 0.25)
        for step in range(1, steps + 1):
            share = 0.5 - 0.5 * math.cos(math.pi * step / steps)
            swing = bend * math.sin(math.pi * share)
            dx, dy = x - x0, y - y0
            noise = [self._rng.gauss(0, 1.2) for _ in range(2)]
            self.do(
                "mousemove", int(x0 + dx * share - dy * swing + noise[0]), int(y0 + dy * share + dx * swing + noise[1])
            )
            time.sleep(self._rng.uniform(0.006, 0.02))
        self._at = (x, y)

    def click(self) -> None:
        self.do("mousedown", 1)
        time.sleep(self._rng.uniform(0.06, 0.16))
        self.do("mouseup", 1)

    def write(self, text: str) -> None:
        """Type a text; now and then a letter is wrong and taken back."""
        for letter in text:
            if self._rng.random() < 0.03:
                self._press("x")
                self._press("BackSpace")
            self._press(_KEYS.get(letter, letter))

    def _press(self, key: str) -> None:
        self.do("keydown", key)
        time.sleep(max(self._rng.gauss(0.105, 0.028), 0.04))
        self.do("keyup", key)
        time.sleep(min(0.15 * math.exp(self._rng.gauss(0, 0.6)), 1.2) * 0.5)


_KEYS = {" ": "space", "@": "at", ".": "period", "-": "minus", "+": "plus", ",": "comma"}


def person(address: str, seed: int = 1) -> None:
    """A headed Chromium on a screen of its own, moved and typed by `Hand`, with nothing that drives it.

    This is a replay of how people move and type, through the operating system's own events, not a recording of
    a person: none sits at the machine that runs it. Where the fields lie is asked once, through the debugging
    port, before the hand moves.
    """
    with _desk(address) as desk, desk.page() as page:
        places = page.evaluate(_BOXES, list(VALUES))
        hand = desk.hand(seed)
        for place, value in zip(places, VALUES.values(), strict=False):
            _fill_in(hand, place, value)
        _send(hand, places[-1])


def password_manager(address: str, seed: int = 2) -> None:
    """A person whose password manager fills in all fields but the message, by script.

    The events are those that Bitwarden's extension makes for each field (`insert-autofill-content.service.ts`: click,
    focus, three key events, value, three key events, input, change, blur).
    """
    with _desk(address) as desk, desk.page() as page:
        places = page.evaluate(_BOXES, list(VALUES))
        hand = desk.hand(seed)
        hand.move(*places[0])
        hand.click()
        time.sleep(1.0)
        page.evaluate(_INSERT, {name: value for name, value in VALUES.items() if name != "message"})
        _fill_in(hand, places[-2], VALUES["message"])
        _send(hand, places[-1])


def private_browser(address: str, seed: int = 3) -> None:
    """A person with a browser that resists fingerprinting: UTC, a screen as large as the window, no graphics.

    Firefox (`privacy.resistFingerprinting`), Tor Browser and Mullvad Browser answer pages like that; here Chromium's
    answers are replaced before the page loads.
    """
    with _desk(address, "--disable-3d-apis", zone="UTC") as desk, desk.page() as page:
        places = page.evaluate(_BOXES, list(VALUES))
        page.add_init_script(_RESISTS)
        page.reload()
        hand = desk.hand(seed)
        for place, value in zip(places, VALUES.values(), strict=False):
            _fill_in(hand, place, value)
        _send(hand, places[-1])


_INSERT = """values => {
  const press = (el, type) => el.dispatchEvent(new KeyboardEvent(type, { bubbles: true }));
  const keys = (el) => ["keydown", "keypress", "keyup"].forEach((type) => press(el, type));
  for (const [name, value] of Object.entries(values)) {
    const el = document.getElementById(name);
    el.click();
    el.focus();
    keys(el);
    el.value = value;
    keys(el);
    for (const type of ["input", "change"]) el.dispatchEvent(new Event(type, { bubbles: true }));
    el.blur();
  }
}"""
_RESISTS = """
for (const name of ["width", "height"]) {
  const inner = () => (name == "width" ? innerWidth : innerHeight);
  Object.defineProperty(screen, name, { get: inner });
  Object.defineProperty(window, name == "width" ? "outerWidth" : "outerHeight", { get: inner });
}
"""


def _fill_in(hand: Hand, place: list[float], value: str) -> None:
    hand.move(*place)
    hand.click()
    time.sleep(0.5)
    hand.write(value)
    time.sleep(0.7)


def _send(hand: Hand, place: list[float]) -> None:
    hand.move(*place)
    hand.click()
    time.sleep(2.0)


class _Desk:
    """A screen with a browser that shows the landing page."""

    def __init__(self, display: str, port: int) -> None:
        self._display, self._port = display, port

    def hand(self, seed: int) -> Hand:
        """Return a hand that has come into the window."""
        hand = Hand(self._display, seed)
        hand.move(620, 390)
        time.sleep(1.4)
        return hand

    @contextmanager
    def page(self) -> Iterator[Any]:
        """Look at the page through the debugging port."""
        from playwright.sync_api import Error as NotYet
        from playwright.sync_api import sync_playwright

        with sync_playwright() as runner:
            for _ in range(40):
                try:
                    browser = runner.chromium.connect_over_cdp(f"http://127.0.0.1:{self._port}")
                    [page] = [page for context in browser.contexts for page in context.pages if "/demo" in page.url]
                    break
                except (NotYet, ValueError):
                    time.sleep(0.5)
            else:
                raise OSError("the browser did not open the page")
            yield page


@contextmanager
def _desk(address: str, *flags: str, zone: str = "Europe/Rome") -> Iterator[_Desk]:
    display, folder, port = f":{90 + os.getpid() % 9}", tempfile.mkdtemp(prefix="leadworth-person-"), _free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    screen = subprocess.Popen(["Xvfb", display, "-screen", "0", "1600x1300x24"], **quiet)
    time.sleep(1.0)
    given = [*(flag for flag in QUIET if flag != "--disable-gpu"), "--window-size=1280,1200", "--window-position=20,20"]
    given += [f"--user-data-dir={folder}", f"--remote-debugging-port={port}", *flags]
    environment = {**os.environ, "DISPLAY": display, "TZ": zone, "LANG": "it_IT.UTF-8"}
    browser = subprocess.Popen([CHROMIUM, *given, address], env=environment, **quiet)
    try:
        time.sleep(3.0)
        yield _Desk(display, port)
    finally:
        for process in (browser, screen):
            process.kill()
            process.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


_BOXES = """names => {
  const left = screenX + (outerWidth - innerWidth) / 2, top = screenY + outerHeight - innerHeight;
  return [...names, "send"].map((id) => {
    const box = document.getElementById(id).getBoundingClientRect();
    const across = 0.2 + 0.5 * Math.random(), down = 0.25 + 0.5 * Math.random();
    return [left + box.x + box.width * across, top + box.y + box.height * down];
  });
}"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
