"""What is no e-mail address of a person is not hashed, however it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversions.email_syntax import is_address
from conversions.google_identifiers import NORMALISER as GOOGLE
from conversions.identifier_normalisation import Normaliser


@pytest.mark.parametrize(
    "address",
    [
        *("jos\ufffd@x-azienda.it", "ada@ferr\ufffd.it", "ada@ferri.it\ufffd", "n/a@n/a.com", "n/a@ferri.it"),
        *("noemail@noemail.com", "noemail@ferri.it", "no-email@ferri.it", "None@ferri.it", "na@na.com", "N.A.@na.it"),
        *(
            "test@example.com",
            "test@test.it",
            "asdf@asdf.com",
            "x@x.it",
            "aaa@aaa.com",
            "email@email.com",
            "name@domain.com",
        ),
        *("unknown@unknown.de", "keine@keine.de", "noreply@noreply.com", "user@mail.example", "sincorreo@gmail.com"),
        *("ada@[1.2.3.4]", "ada@1.2.3.4", "ada@-x.de", "ada@x-.de", "ada@x.d3", "ada@x.d", "ada@x_y.de", "ada@x!.de"),
        *("ada@xn--.de", "ada@☃.net", f"ada@{'x' * 64}.de", f"{'a' * 65}@ferri.it", "ada@" + "x." * 130 + "de"),
        *(
            "ada@ferri.it/contact",
            "ada/b@ferri.it",
            "a***@ferri.it",
            "ada%40ferri.it",
            "ada%20b@ferri.it",
            "a,b@ferri.it",
        ),
        *("ada@ferri.it, bob@ferri.it", "a(b)@ferri.it", "a\u200cb\ue000@ferri.it", "ada@ferri,it"),
    ],
)
def test_no_address(address: str) -> None:
    assert Normaliser().email(address) is None
    assert GOOGLE.email(address) is None


@pytest.mark.parametrize(
    "address",
    [
        *("ada@ferri.it", "o'brien@x.de", "a@x.de", "info@ferri.it", "test@ferri.it", "na@ferri.it", "nil@ferri.it"),
        *("josé@acme.example", "ada@müller.de", "ada@xn--mller-kva.de", "пример@почта.рф", "ada@भारत.भारत"),
        *("ada+x@a-b.co.uk", "ada_l@1and1.com", "acme@acme.it", "ada@x.museum", "...@x.de", "a&b@x.de"),
    ],
)
def test_addresses_are_kept(address: str) -> None:
    assert Normaliser().email(address) == address


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_text_is_judged(user: str, domain: str) -> None:
    if is_address(user, domain):
        assert "." in domain
        assert not any(char.isspace() for char in user + domain)
