"""One page, several people and several forms, in a real browser: each submit has its own token, for its own form."""

from __future__ import annotations

import time
from typing import Any

import pytest

from serving.forms.signed_token import TokenCheck, TokenSigner
from tests.browsers.visit import FIELDS, KEY, NEEDS_CHROMIUM, Page, Visit, fill_in, token_is_there

pytestmark = NEEDS_CHROMIUM

SENDS = """fetch("/sent", { method: "POST", body: new FormData(made) })"""
RESETS = f"""<form id="made">{FIELDS}<button id="go">Send</button></form><script>
made.addEventListener("submit", (e) => {{ e.preventDefault(); {SENDS}.then(() => made.reset()); }});
</script>"""
CLEARS = f"""<form id="made">{FIELDS}<button id="go" type="button">Send</button></form><script>
go.onclick = () => {SENDS}.then(() => {{ for (const el of [first, mail, text]) el.value = ""; }});
</script>""".replace("first,", "document.getElementById('name'),")
KEEPS = f"""<form id="made">{FIELDS}<button id="go">Send</button></form><script>
made.addEventListener("submit", (e) => {{ e.preventDefault(); {SENDS}; }});
</script>"""
TWO_FORMS = """<form data-form="newsletter" action="/sent" method="post">
<input id="news" name="email"><button id="join">Join</button></form>
<form id="made" action="/sent" method="post"><input id="mail" name="email"><button id="go">Send</button></form>
<form id="third" action="/v1/forms/demo%20call/leads" method="post"><input name="email"></form>"""


def check(said: dict[str, Any], form: str = "quote") -> TokenCheck:
    """Return the check of the token that a submit carried, now."""
    return TokenSigner([KEY.encode()], 60, 60).check(said["t"], form, time.time())


def next_token_is_there(page: Any, used: str) -> None:
    """Focus the form, as the next person does, until the token differs from the one that was used."""
    page.wait_for_function(
        """used => {
          document.activeElement.blur();
          document.getElementById("mail").focus();
          return !document.querySelector("#made [name=lw_data]").value.includes(used);
        }""",
        arg=used,
    )


@pytest.mark.parametrize("html", [RESETS, CLEARS])
def test_each_person_at_a_kiosk_has_a_token(visit: Visit, html: str) -> None:
    with visit.open(html) as page:
        token_is_there(page)
        tokens = []
        for number in range(1, 4):
            fill_in(page)
            page.click("#go")
            said = visit.saw(number)
            page.wait_for_function("() => !mail.value")
            assert (said["keys"], said["chars"], said["nofocus"]) == (49, 49, 0)  # of this person alone
            assert check(said).state == "ok"
            tokens.append(said["t"])
            if number < 3:
                next_token_is_there(page, said["t"])
    assert len(set(tokens)) == 3


def test_a_corrected_address_has_a_new_token_and_the_time_since_the_first_submit(visit: Visit) -> None:
    with visit.open(KEEPS) as page:
        token_is_there(page)
        fill_in(page)
        page.click("#go")
        first = visit.saw(1)
        page.wait_for_timeout(2_100)
        next_token_is_there(page, first["t"])
        page.locator("#mail").press_sequentially("x")
        page.click("#go")
        second = visit.saw(2)
    assert second["t"] != first["t"]
    seconds = check(second).seconds
    assert seconds is not None
    assert seconds >= 2  # not from the correction, which would be too fast for a person
    assert second["keys"] == 50


def test_a_form_that_is_sent_twice_without_a_touch_keeps_its_token(visit: Visit) -> None:
    with visit.open(KEEPS) as page:
        token_is_there(page)
        fill_in(page)
        page.click("#go")
        first = visit.saw(1)
        page.wait_for_timeout(500)
        page.click("#go")
        assert visit.saw(2)["t"] == first["t"]


def test_each_form_of_a_page_has_a_token_of_its_own_id(visit: Visit) -> None:
    with visit.open(TWO_FORMS) as page:
        token_is_there(page)
        page.wait_for_function(
            """() => [...document.forms].every((form) => /"t":/.test(form.elements.lw_data.value))"""
        )
        other = page.evaluate("JSON.parse(third.elements.lw_data.value)")
        assert check(other, "demo call").state == "ok"
        page.locator("#news").press_sequentially("ada@acme.example")
        page.click("#join")
        assert check(visit.saw(), "newsletter").state == "ok"
    with visit.open(TWO_FORMS) as page:
        token_is_there(page)
        page.wait_for_function("""() => /"t":/.test(made.elements.lw_data.value)""")
        page.locator("#mail").press_sequentially("ada@acme.example")
        page.click("#go")
        assert check(visit.saw(), "quote").state == "ok"
        assert Page.sent[0]["email"] == "ada@acme.example"
