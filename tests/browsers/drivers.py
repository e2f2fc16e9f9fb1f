"""Ways in which software drives a browser, and one in which a person would: each fills in the landing page once.

Every driver takes the address of the page and returns what BotD said of the page's visitor (None where it
could not be asked).
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM, CHROMEDRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PERSON_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Safari/537.36"
)
VALUES = {
    "first_name": "Giulia",
    "last_name": "Ferri",
    "email": "giulia.ferri@ferri-meccanica.it",
    "company": "Ferri Meccanica Srl",
    "phone": "+39 051 649 1122",
    "message": "We plan to replace our scheduling tool and need a quote for sixty seats.",
}
SEEN_SECONDS = 1.2  # a driver waits for the token as any script that renders the page does

BotDResult = dict[str, Any] | None
Driver = Callable[[str], BotDResult]


def botd_source() -> str | None:
    """Return BotD as a script that sets `window.lwBotD`, or None where npm cannot be used."""
    folder = Path(tempfile.gettempdir()) / "leadworth-botd"
    bundle = folder / "node_modules" / "@fingerprintjs" / "botd" / "dist" / "botd.cjs.js"
    if not bundle.exists():
        folder.mkdir(exist_ok=True)
        if not _npm(folder, "@fingerprintjs/botd@2.0.0"):
            return None
    code = bundle.read_text(encoding="utf-8")
    return f"(() => {{ const exports = {{}}, module = {{ exports }}; {code}; window.lwBotD = module.exports; }})();"


ASK = "window.lwBotD.load({monitoring: false}).then((d) => JSON.stringify(d.detect()))"


def _npm(folder: Path, *packages: str) -> bool:
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]
    return subprocess.run([*command, *packages], capture_output=True, check=False, timeout=240).returncode == 0


@contextmanager
def _playwright(*arguments: str, agent: str | None = None, headless: bool = True) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as runner:
        browser = runner.chromium.launch(executable_path=CHROMIUM, headless=headless, args=[*QUIET, *arguments])
        context = browser.new_context(user_agent=agent) if agent else browser.new_context()
        yield context.new_page()
        browser.close()


def _ask(page: Any) -> BotDResult:
    source = botd_source()
    if source is None:
        return None
    page.evaluate(source)
    return dict(json.loads(page.evaluate(ASK)))


def _open(page: Any, address: str) -> BotDResult:
    page.goto(address)
    result = _ask(page)
    page.wait_for_timeout(1000 * SEEN_SECONDS)
    return result


def playwright_fill(address: str) -> BotDResult:
    """Playwright's `fill`, then a click."""
    with _playwright() as page:
        result = _open(page, address)
        for name, value in VALUES.items():
            page.fill(f"#{name}", value)
        page.click("#send")
        page.wait_for_load_state()
        return result


def playwright_type(address: str) -> BotDResult:
    """Playwright types without a delay."""
    with _playwright() as page:
        result = _open(page, address)
        for name, value in VALUES.items():
            page.locator(f"#{name}").press_sequentially(value)
        page.click("#send")
        page.wait_for_load_state()
        return result


def playwright_type_slowly(address: str) -> BotDResult:
    """Playwright types with 50 ms between keys."""
    with _playwright() as page:
        result = _open(page, address)
        for name, value in VALUES.items():
            page.locator(f"#{name}").press_sequentially(value, delay=50)
        page.click("#send")
        page.wait_for_load_state()
        return result


_SET = "values => { for (const [name, value] of Object.entries(values)) document.getElementById(name).value = value; }"


def playwright_evaluate(address: str) -> BotDResult:
    """A script sets the values and clicks the button."""
    with _playwright() as page:
        result = _open(page, address)
        page.evaluate(_SET, VALUES)
        with page.expect_navigation():
            page.evaluate("document.getElementById('send').click()")
        return result


def playwright_submit(address: str) -> BotDResult:
    """A script sets the values and calls `form.submit()`, which makes no submit event."""
    with _playwright() as page:
        result = _open(page, address)
        page.evaluate(_SET, VALUES)
        with page.expect_navigation():
            page.evaluate("document.forms[0].submit()")
        return result


def playwright_without_webdriver(address: str) -> BotDResult:
    """Playwright with the flag of automation switched off and the user agent of a person; types with 80 ms."""
    version = subprocess.run([CHROMIUM, "--version"], capture_output=True, text=True, check=True).stdout
    agent = PERSON_AGENT.format(major=version.split()[1].split(".")[0])
    with _playwright("--disable-blink-features=AutomationControlled", agent=agent) as page:
        result = _open(page, address)
        for name, value in VALUES.items():
            page.locator(f"#{name}").press_sequentially(value, delay=80)
        page.click("#send")
        page.wait_for_load_state()
        return result


def selenium_send_keys(address: str) -> BotDResult:
    """Selenium's `send_keys`, then a click."""
    from selenium import webdriver
    from selenium.webdriver.common.by import By

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ["--headless=new", *QUIET]:
        options.add_argument(argument)
    browser = webdriver.Chrome(options, webdriver.ChromeService(CHROMEDRIVER))
    try:
        browser.get(address)
        source, result = botd_source(), None
        if source is not None:
            browser.execute_script(source)
            result = dict(json.loads(browser.execute_script(f"return {ASK}")))
        time.sleep(SEEN_SECONDS)
        for name, value in VALUES.items():
            browser.find_element(By.ID, name).send_keys(value)
        browser.find_element(By.ID, "send").click()
        time.sleep(0.5)
        return result
    finally:
        browser.quit()


_STEALTH = """
const puppeteer = require("puppeteer-extra");
puppeteer.use(require("puppeteer-extra-plugin-stealth")());
const [address, values, botd, flags] = process.argv.slice(2);
(async () => {
  const browser = await puppeteer.launch({ executablePath: "%s", headless: true, args: JSON.parse(flags) });
  const page = await browser.newPage();
  await page.goto(address);
  let result = "null";
  if (botd) { await page.evaluate(require("fs").readFileSync(botd, "utf8")); result = await page.evaluate(`%s`); }
  await new Promise((done) => setTimeout(done, %d));
  for (const [name, value] of Object.entries(JSON.parse(values))) await page.type("#" + name, value, { delay: 70 });
  await Promise.all([page.waitForNavigation(), page.click("#send")]);
  await browser.close();
  console.log(result);
})();
"""


def puppeteer_stealth(address: str) -> BotDResult:
    """Puppeteer with the stealth plugin; types with 70 ms."""
    folder = Path(tempfile.gettempdir()) / "leadworth-stealth"
    if not (folder / "node_modules" / "puppeteer-extra-plugin-stealth").exists():
        folder.mkdir(exist_ok=True)
        packages = ("puppeteer-core@24", "puppeteer-extra@3.3.6", "puppeteer-extra-plugin-stealth@2.11.2")
        if not _npm(folder, *packages):
            raise OSError("npm could not install puppeteer")
        # puppeteer-extra asks for the package `puppeteer`, which would fetch a browser of its own
        (folder / "node_modules" / "puppeteer").symlink_to("puppeteer-core")
    source = botd_source()
    script = folder / "fill.js"
    script.write_text(_STEALTH % (CHROMIUM, ASK, 1000 * SEEN_SECONDS), encoding="utf-8")
    given = ""
    if source is not None:
        (folder / "botd.js").write_text(source, encoding="utf-8")
        given = str(folder / "botd.js")
    command = ["node", str(script), address, json.dumps(VALUES), given, json.dumps(QUIET)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=90, cwd=folder)
    if done.returncode:
        raise OSError(done.stderr[-800:])
    return json.loads(done.stdout.strip().splitlines()[-1]) or None


def raw_http(address: str) -> BotDResult:
    """A script posts the form without looking at the page; BotD never runs."""
    target = address.replace("/demo", "/leads")
    body = urllib.parse.urlencode(VALUES).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(urllib.request.Request(target, body), timeout=10).read()


MACHINES: dict[str, Driver] = {
    driver.__name__: driver
    for driver in (
        playwright_fill,
        playwright_type,
        playwright_type_slowly,
        playwright_evaluate,
        playwright_submit,
        playwright_without_webdriver,
        selenium_send_keys,
        puppeteer_stealth,
        raw_http,
    )
}
