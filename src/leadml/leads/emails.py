"""E-mail addresses: only whether the domain is a free mail service, a company's own, or none at all.

The address itself goes no further than this.
"""

import re
from functools import lru_cache
from typing import Literal

LONGEST = 254  # characters of a domain, with a point at its end
EmailType = Literal["free", "corporate", "invalid"]

# services with a domain in many countries: gmx.de, gmx.at, yahoo.co.uk
FREE_BRANDS = frozenset({"aol", "gmx", "hotmail", "live", "outlook", "yahoo", "ymail", "yandex", "zoho"})
FREE_DOMAINS = frozenset(
    {
        *("gmail.com", "googlemail.com", "msn.com", "windowslive.com"),
        *("icloud.com", "me.com", "mac.com", "rocketmail.com", "mail.com", "email.com", "email.de"),
        *(
            "usa.com",
            "europe.com",
            "consultant.com",
            "inbox.com",
            "fastmail.com",
            "fastmail.fm",
            "hushmail.com",
        ),
        *("proton.me", "protonmail.com", "protonmail.ch", "pm.me", "tutanota.com", "tutanota.de", "tuta.io"),
        *("tutamail.com", "hey.com", "posteo.de", "posteo.net", "posteo.at", "posteo.ch", "mailbox.org"),
        *("web.de", "t-online.de", "magenta.de", "freenet.de", "arcor.de", "vodafone.de", "vodafonemail.de"),
        *(
            "kabelmail.de",
            "unitybox.de",
            "unity-mail.de",
            "online.de",
            "onlinehome.de",
            "o2online.de",
            "o2mail.de",
        ),
        *(
            "alice.de",
            "alice-dsl.net",
            "alice-dsl.de",
            "netcologne.de",
            "ewetel.net",
            "ewe.net",
            "osnanet.de",
        ),
        *(
            "versanet.de",
            "htp-tel.de",
            "compuserve.de",
            "lycos.de",
            "firemail.de",
            "directbox.com",
            "mail.de",
        ),
        *(
            "bluewin.ch",
            "hispeed.ch",
            "sunrise.ch",
            "swissonline.ch",
            "green.ch",
            "aon.at",
            "a1.net",
            "chello.at",
        ),
        *("inode.at", "kabsi.at", "utanet.at", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr"),
        *(
            "libero.it",
            "virgilio.it",
            "tiscali.it",
            "alice.it",
            "tin.it",
            "telenet.be",
            "skynet.be",
            "ziggo.nl",
        ),
        *("kpnmail.nl", "xs4all.nl", "btinternet.com", "btopenworld.com", "sky.com", "virginmedia.com"),
        *("talktalk.net", "ntlworld.com", "blueyonder.co.uk", "comcast.net", "verizon.net", "att.net"),
        *(
            "sbcglobal.net",
            "bellsouth.net",
            "cox.net",
            "charter.net",
            "earthlink.net",
            "juno.com",
            "netzero.net",
        ),
        *("rogers.com", "shaw.ca", "sympatico.ca", "bigpond.com", "optusnet.com.au", "rediffmail.com"),
        *(
            "mail.ru",
            "bk.ru",
            "list.ru",
            "inbox.ru",
            "rambler.ru",
            "ukr.net",
            "wp.pl",
            "o2.pl",
            "onet.pl",
            "interia.pl",
        ),
        *("seznam.cz", "centrum.cz", "qq.com", "163.com", "126.com", "sina.com", "naver.com", "daum.net"),
        *("uol.com.br", "bol.com.br", "terra.com.br", "mailinator.com", "guerrillamail.com", "trashmail.com"),
        *("10minutemail.com", "yopmail.com", "temp-mail.org", "sharklasers.com", "wegwerfmail.de"),
    }
)
_LABEL = r"[^\W_](?:[^\W_]|-)*"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")
_SUFFIX = re.compile(r"(?:com?\.)?[a-z]{2}|com|net|org")  # what follows a brand: de, com, co.uk, com.br

_STAND_INS: dict[EmailType, str] = {"free": "a@gmail.com", "corporate": "a@firm.example", "invalid": "a@-"}


def email_type(text: str) -> EmailType:
    """Return the type of an address by its domain; "invalid" where it is no plain ``name@domain.tld``."""
    name, at, domain = text.strip().rpartition("@")
    if not at or not name or "@" in name or name.split() != [name] or len(domain) > LONGEST:
        return "invalid"
    return domain_type(domain)


def stand_in(text: str) -> str:
    """Return a short address of the same type as a plain one, so that few have to be remembered; else the text."""
    name, _, domain = text.partition("@")
    if not name or "@" in domain or len(domain) > LONGEST or len(text.split()) != 1 or not domain:
        return text
    return _STAND_INS[domain_type(domain)]


@lru_cache(maxsize=16_384)
def domain_type(domain: str) -> EmailType:
    """Return the type of what stands after the ``@``."""
    folded = domain.casefold().removesuffix(".")
    if len(folded) >= LONGEST or not _DOMAIN.fullmatch(folded) or folded.rpartition(".")[2].isdigit():
        return "invalid"
    brand, _, suffix = folded.partition(".")
    if folded in FREE_DOMAINS or (brand in FREE_BRANDS and _SUFFIX.fullmatch(suffix)):
        return "free"
    return "corporate"
