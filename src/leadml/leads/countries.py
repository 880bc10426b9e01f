"""Country names, English and German, as ISO 3166 alpha-2 codes; names come from CLDR through babel.

Single letters are no country, but for the vehicle codes D and A, common in German address books.
"""

import re
import unicodedata
from functools import cache, lru_cache

LANGUAGES = ("en", "de")
LONGEST = 200  # characters of a name; longer texts, which would cost seconds, name no country
# in CLDR, but no country of ISO 3166 (XK, Kosovo, stays: it has no other code)
_NO_COUNTRY = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])
_OTHER_NAMES = {
    "AE": "uae, u.a.e., vae, emirates, vereinigte emirate",
    "AT": "a",
    "BA": "bosnia, bosnien",
    "CD": "dr congo, drc, democratic republic of the congo, demokratische republik kongo",
    "CG": "republic of the congo, republik kongo",
    "CH": "swiss, suisse, svizzera, helvetia",
    "CI": "ivory coast, cote d'ivoire, elfenbeinküste",
    "CN": "prc, p.r. china, people's republic of china, volksrepublik china, vr china, mainland china",
    "CV": "cape verde, kap verde",
    "CZ": "czech republic, tschechische republik, cesko",
    "DE": "d, brd, frg, deutschland, federal republic of germany, bundesrepublik deutschland,"
    " bundesrepublik, allemagne",
    "DK": "danmark",
    "ES": "españa",
    "FI": "suomi",
    "GB": "uk, u.k., great britain, britain, england, scotland, wales, northern ireland, großbritannien,"
    " schottland, nordirland, grossbritannien, vereinigtes königreich großbritannien und nordirland",
    "HK": "hong kong, hongkong",
    "HR": "hrvatska",
    "HU": "magyarország",
    "IE": "republic of ireland, republik irland, eire",
    "IR": "islamic republic of iran, persia, persien",
    "IT": "italia",
    "KP": "dprk",
    "KR": "korea, republic of korea, republik korea, rok",
    "LA": "lao, lao pdr",
    "MK": "macedonia, mazedonien",
    "MM": "burma, birma",
    "MO": "macau, macao",
    "NL": "holland, the netherlands, nederland",
    "NO": "norge",
    "PL": "polska",
    "PS": "palestine, palästina",
    "PT": "portugal",
    "RU": "russian federation, russische föderation",
    "SE": "sverige",
    "SK": "slovak republic, slowakische republik",
    "SZ": "swaziland, swasiland",
    "TL": "east timor, osttimor",
    "TR": "turkey, turkiye",
    "TW": "republic of china",
    "US": "usa, u.s., u.s.a., us of a, united states of america, the united states, america, amerika,"
    " vereinigte staaten von amerika, estados unidos",
    "VA": "vatican, vatikan, holy see, heiliger stuhl",
    "VN": "viet nam",
}


def country_code(text: str) -> str:
    """Return the alpha-2 code of a country's name, code or usual abbreviation.

    Text that names no country comes back folded (lower case, single spaces): a level like any other.
    """
    folded = " ".join(text.split()).casefold()
    return _codes().get(_key(folded), folded) if len(folded) <= LONGEST else folded


def country_name(code: str, language: str) -> str:
    """Return a country's name in English or German; what is no code comes back as it is."""
    return _names(language).get(code, code)


@lru_cache(maxsize=16_384)
def _key(text: str) -> str:
    """Return the form in which names are compared: plain letters and digits, ae for ä, and for &."""
    text = text.casefold().replace("&", " and ")
    text = re.sub(
        "[äöü]", lambda match: {"ä": "ae", "ö": "oe", "ü": "ue"}[match[0]], unicodedata.normalize("NFC", text)
    )
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if letter.isalnum())


@cache
def _names(language: str) -> dict[str, str]:
    from babel import Locale

    territories = Locale.parse(language).territories
    return {
        code: name for code, name in territories.items() if re.fullmatch("[A-Z]{2}", code) and code not in _NO_COUNTRY
    }


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """Return key -> alpha-2 code; codes win over names, and names over abbreviations."""
    from babel.core import get_global

    codes = {_key(name): code for code, names in _OTHER_NAMES.items() for name in names.split(",")}
    for language in LANGUAGES:
        codes |= {_key(name): code for code, name in _names(language).items()}
    known = _names("en")
    for alias, replaced in get_global("territory_aliases").items():
        if re.fullmatch("[A-Z]{3}", alias) and len(replaced) == 1 and replaced[0] in known:
            codes[alias.casefold()] = replaced[0]
    return codes | {code.casefold(): code for code in known}
