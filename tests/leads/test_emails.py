"""E-mail addresses by their domain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.leads.emails import domain_type, email_type


@pytest.mark.parametrize(
    "domain",
    [
        "gmail.com",
        "googlemail.com",
        "GMX.de",
        "gmx.net",
        "gmx.at",
        "gmx.ch",
        "web.de",
        "t-online.de",
        "yahoo.com",
        "yahoo.de",
        "yahoo.co.uk",
        "yahoo.com.br",
        "hotmail.com",
        "hotmail.fr",
        "outlook.com",
        "outlook.de",
        "live.com",
        "icloud.com",
        "aol.com",
        "freenet.de",
        "proton.me",
        "protonmail.com",
        "bluewin.ch",
        "arcor.de",
        "posteo.de",
        "mailbox.org",
    ],
)
def test_free_mail(domain: str) -> None:
    assert email_type(f" some.one+tag@{domain} ") == "free"
    assert domain_type(domain) == "free"


@pytest.mark.parametrize(
    "domain",
    [
        "firm.example",
        "gmail.firm.com",
        "live.firm.de",
        "mail.gmail-shop.com",
        "müller.de",
        "yahoo-inc.com",
        "gmx.services",
    ],
)
def test_corporate_mail(domain: str) -> None:
    assert email_type(f"a@{domain}") == "corporate"


INVALID = ["", "@", "a", "a@", "@firm.com", "a@firm", "a@@firm.com", "a b@firm.com", "a@firm..com", "a@-firm.com"]
INVALID += ["a@firm.com,b@firm.com", "a@fi rm.com", "a@.com", "a@192.168.1.1", "A <a@firm.com>", f"a@{'x' * 250}.com"]


@pytest.mark.parametrize("text", INVALID)
def test_invalid(text: str) -> None:
    assert email_type(text) == "invalid"


@given(st.text(max_size=40))
def test_the_answer_is_one_of_three_words(text: str) -> None:
    assert email_type(text) in ("free", "corporate", "invalid")
    assert email_type(f"x@{text}") in ("free", "corporate", "invalid")
