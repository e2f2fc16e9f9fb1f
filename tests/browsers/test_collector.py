"""The collector in pages as form builders make them, in a real browser: what they send carries what it saw."""

from __future__ import annotations

import time
from typing import Any

import pytest

from serving.forms.signed_token import TokenSigner
from tests.browsers.visit import FIELDS, KEY, NATIVE, NEEDS_CHROMIUM, Page, Visit, fill_in, token_is_there

pytestmark = NEEDS_CHROMIUM

HUBSPOT_LIKE = f"""<div id="target"></div><script>
setTimeout(() => {{
  target.innerHTML = `<form id="made">{FIELDS}<input type="submit" id="go" value="Send"></form>`;
  made.addEventListener("submit", (e) => {{
    e.preventDefault();
    fetch("/sent", {{ method: "POST", body: new FormData(made) }});
  }});
}}, 300);
</script>"""
MARKETO_LIKE = f"""<form id="made">{FIELDS}<button type="submit" id="go">Send</button></form><script>
made.addEventListener("submit", (e) => {{
  e.preventDefault();
  const said = {{}};
  for (const el of made.elements) if (el.name) said[el.name] = el.value;
  fetch("/sent", {{ method: "POST", headers: {{ "Content-Type": "application/json" }}, body: JSON.stringify(said) }});
}});
</script>"""
GRAVITY_LIKE = f"""<iframe name="ajax" hidden></iframe>
<form id="made" action="/sent" method="post" enctype="multipart/form-data" target="ajax">{FIELDS}
<input type="button" id="go" value="Send" onclick="setTimeout(() => made.submit(), 50)"></form>"""
VALIDATING = f"""<form id="made" action="/sent" method="post">{FIELDS}
<div role="button" id="go" onclick="setTimeout(() => made.requestSubmit(), 50)">Send</div></form>"""


@pytest.mark.parametrize("html", [NATIVE, HUBSPOT_LIKE, MARKETO_LIKE, GRAVITY_LIKE, VALIDATING])
def test_what_builders_send_carries_what_was_seen(visit: Visit, html: str) -> None:
    with visit.open(html) as page:
        token_is_there(page)
        fill_in(page)
        page.click("#go")
        said = visit.saw()
    assert TokenSigner([KEY.encode()], 60, 60).check(said["t"], "quote", time.time()).state == "ok"
    assert (said["v"], said["kind"], said["fields"], said["nofocus"]) == (1, "click", 3, 0)
    assert said["keys"] == said["chars"] == 49
    assert 0 < said["cx"] < 1
    assert not {"ga", "fbp", "first", "last"} & set(said)


def test_a_script_that_fills_in_and_submits_is_told_from_a_click(visit: Visit) -> None:
    with visit.open(NATIVE) as page:
        token_is_there(page)
        page.evaluate(
            "() => { mail.value = 'x@y.example'; text.value = 'Buy'; setTimeout(() => document.forms[0].submit()); }"
        )
        said = visit.saw()
    assert (said["kind"], said["fields"], said["nofocus"], said["keys"]) == ("script", 2, 2, 0)
    with visit.open(NATIVE) as page:
        token_is_there(page)
        page.evaluate("() => { mail.value = 'x@y.example'; setTimeout(() => go.click()); }")
        said = visit.saw()
    assert (said["kind"], said["untrusted"]) == ("script", 1)


@pytest.mark.parametrize("button", ["<button>Send</button>", ""])
def test_enter_is_told_from_a_click(visit: Visit, button: str) -> None:
    with visit.open(f'<form action="/sent" method="post"><input id="mail" name="email">{button}</form>') as page:
        token_is_there(page)
        page.locator("#mail").press_sequentially("ada@acme.example")
        page.keyboard.press("Enter")
        said = visit.saw()
    assert said["kind"] == "enter"
    assert "cx" not in said


def test_a_form_goes_out_though_everything_fails(visit: Visit) -> None:
    broken = (
        "window.fetch = () => { throw 1; }; Intl.DateTimeFormat = null; HTMLCanvasElement.prototype.getContext = null;"
    )
    with visit.open(NATIVE, before=broken) as page:
        fill_in(page)
        page.click("#go")
        said = visit.saw()
    assert Page.sent[0]["first_name"] == "Giulia"
    assert "t" not in said
    assert said["keys"] == 49


def test_it_works_where_a_page_forbids_inline_styles_and_markup(visit: Visit, service: str) -> None:
    policy = f"default-src 'self'; script-src {service}; connect-src {service}; require-trusted-types-for 'script'"
    with visit.open(NATIVE, more='data-honeypot="fax"', headers={"Content-Security-Policy": policy}) as page:
        token_is_there(page)
        box = page.locator("[name=fax]").bounding_box()
        assert box["x"] + box["width"] < 0
        assert page.locator("[name=fax]").get_attribute("aria-hidden") == "true"
        for _ in range(3):
            page.keyboard.press("Tab")  # a keyboard never gets into the trap
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "go"
        page.evaluate("() => { for (const el of document.forms[0].elements) if (el.type == 'text') el.value = 'x'; }")
        page.click("#go")
        said = visit.saw()
    assert (said["hp"], said["hp_focus"], said["hp_fill"], said["fields"]) == (1, 0, 0, 2)


def test_what_the_page_filled_in_itself_is_not_counted(visit: Visit) -> None:
    prefilled = NATIVE.replace('name="email"', 'name="email" value="ada@acme.example"')
    with visit.open(prefilled) as page:
        token_is_there(page)
        page.locator("#text").press_sequentially("Hello")
        page.click("#go")
        said = visit.saw()
    assert (said["fields"], said["nofocus"], said["chars"]) == (1, 0, 5)


def test_the_page_keeps_its_own_graphics(visit: Visit) -> None:
    """Browsers take the oldest drawing away when there are more than some sixteen."""
    counting = """
    window.made = 0;
    const get = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind) {
      if (/webgl/.test(kind)) window.made++;
      return get.apply(this, arguments);
    };
    """
    with visit.open(NATIVE, before=counting) as page:
        token_is_there(page)
        for _ in range(30):
            page.evaluate("() => document.forms[0].dispatchEvent(new Event('submit'))")
        assert page.evaluate("window.made") == 1


def test_events_of_the_page_elsewhere_are_not_the_forms(visit: Visit) -> None:
    with visit.open(f'<button id="next">Next</button>{NATIVE}') as page:
        token_is_there(page)
        page.evaluate("() => next.click()")
        fill_in(page)
        page.click("#go")
        said = visit.saw()
    assert (said["untrusted"], said["kind"]) == (0, "click")


def test_tier_0_sends_no_more_than_token_time_and_trap(visit: Visit) -> None:
    with visit.open(NATIVE, more='data-tier="0" data-honeypot="fax"') as page:
        token_is_there(page)
        fill_in(page)
        page.click("#go")
        said = visit.saw()
    assert set(said) == {"v", "t", "ms", "hp", "hp_focus", "hp_fill"}


def test_consent_brings_first_and_last_touch_and_takes_them_away(visit: Visit, browser: Any) -> None:
    context = browser.new_context()
    with visit.open(
        "<p>No form here</p>", more='data-tier="2"', path="/ads?gclid=Cj0K-First&utm_source=google", context=context
    ) as page:
        page.wait_for_function("() => localStorage.lw_touch")
    with visit.open(
        NATIVE, more='data-tier="2"', path="/?fbclid=IwAR-Second&email=ada@acme.example", context=context
    ) as page:
        token_is_there(page)
        page.evaluate("document.cookie = '_ga=GA1.1.12345.1700000000'")
        page.click("#go")
        said = visit.saw()
        assert said["ga"] == 1_700_000_000
        first, last = said["first"], said["last"]
        assert (first["gclid"], first["source"], first["landing_page"]) == ("Cj0K-First", "google", "/ads")
        assert last["fbclid"] == "IwAR-Second"
        assert not {"gclid", "email"} & set(last)
        assert abs(last["at"] - time.time()) < 60
    with visit.open(NATIVE, more='data-tier="2"', context=context, before="window.lwConsent = false") as page:
        token_is_there(page)
        assert page.evaluate("localStorage.length") == 0
        page.click("#go")
        assert "last" not in visit.saw()


def test_old_touches_are_forgotten_each_on_its_own(visit: Visit) -> None:
    aged = """
    const day = 86400, now = Date.now() / 1e3;
    const kept = { first: { gclid: "old", at: now - 91 * day }, last: { gclid: "new", at: now - 10 * day } };
    localStorage.lw_touch = localStorage.lw_touch || JSON.stringify(kept);
    """
    with visit.open(NATIVE, more='data-tier="2"', before=aged) as page:
        token_is_there(page)
        page.click("#go")
        said = visit.saw()
    assert (said["first"]["gclid"], said["last"]["gclid"]) == ("new", "new")


@pytest.mark.parametrize("refusal", ["globalPrivacyControl", "doNotTrack"])
def test_a_visitor_who_refuses_is_not_followed(visit: Visit, refusal: str) -> None:
    before = f"Object.defineProperty(navigator, '{refusal}', {{ get: () => '1' }})"
    with visit.open(NATIVE, more='data-tier="2"', path="/?gclid=Cj0K", before=before) as page:
        token_is_there(page)
        fill_in(page)
        page.click("#go")
        said = visit.saw()
        assert page.evaluate("localStorage.length") == 0
    assert said["keys"] == 49
    assert not {"ga", "fbp", "first", "last"} & set(said)


def test_nothing_is_kept_in_the_browser_without_consent(visit: Visit, browser: Any) -> None:
    context = browser.new_context()
    with visit.open(NATIVE, path="/?gclid=Cj0K", context=context) as page:
        token_is_there(page)
        page.click("#go")
        visit.saw()
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0
        assert context.cookies() == []


def test_who_comes_back_from_the_page_of_thanks_gets_a_new_token(visit: Visit) -> None:
    """Browsers show the page as it was left, script and all (back/forward cache)."""
    with visit.open(NATIVE, before="window.born = window.born || performance.now()") as page:
        token_is_there(page)
        born = page.evaluate("born")
        page.click("#go")
        used = visit.saw()["t"]
        page.go_back(wait_until="commit")
        renewed = """used => {
          const seen = document.querySelector("[name=lw_data]")?.value;
          return /"t":/.test(seen) && !seen.includes(used);
        }"""
        page.wait_for_function(renewed, arg=used)
        assert page.evaluate("born") == born


def test_tag_managers_are_told(visit: Visit) -> None:
    with visit.open(MARKETO_LIKE) as page:
        token_is_there(page)
        page.click("#go")
        visit.saw()
        layer = page.evaluate("dataLayer")
    assert layer == [{"event": "lw_ready", "lw_form": "quote"}, {"event": "lw_submit", "lw_form": "quote"}]


def test_it_may_be_put_in_by_a_tag_manager_and_twice(visit: Visit, service: str) -> None:
    tag = f"""<script>for (const _ of [1, 2]) {{
      const script = document.createElement("script");
      script.src = "{service}/v1/collector.js";
      script.dataset.form = "quote";
      document.head.append(script);
    }}</script>"""
    with visit.open(NATIVE + tag) as page:
        token_is_there(page)
        assert page.locator("[name=lw_data]").count() == 1
        page.click("#go")
        assert visit.saw()["t"]
