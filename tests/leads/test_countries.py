"""Countries in English and German, by name, code and abbreviation."""

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from leadml.leads.countries import country_code, country_name

NAMES = """
DE: Germany, germany, GERMANY, Deutschland, DE, de, DEU, D, BRD, Bundesrepublik Deutschland, Germany.
AT: Austria, Österreich, Oesterreich, OESTERREICH, AT, AUT, A
CH: Switzerland, Schweiz, CH, CHE, ch
GB: UK, U.K., GB, GBR, United Kingdom, Vereinigtes Königreich, Großbritannien, Grossbritannien, England
US: USA, U.S., U.S.A., US, United States, United States of America, Vereinigte Staaten, America
NL: Holland, The Netherlands, Netherlands, Niederlande, NLD
NA: NA, Namibia, na, NAM
CZ: Czechia, Czech Republic, Tschechien, Tschechische Republik
TR: Turkey, Türkiye, Türkei, Tuerkei
BA: Bosnia & Herzegovina, Bosnia and Herzegovina, Bosnien und Herzegowina
CI: Côte d’Ivoire, Cote d'Ivoire, Ivory Coast
HK: Hong Kong, Hongkong
KR: South Korea, Südkorea, Suedkorea
NO: Norway, Norwegen, NO, no
IN: India, Indien, in
XK: Kosovo
FR: France, Frankreich,  france , FRA
"""


@pytest.mark.parametrize("line", NAMES.strip().splitlines())
def test_names(line: str) -> None:
    code, _, names = line.partition(":")
    assert {name: country_code(name) for name in names.split(",")} == dict.fromkeys(names.split(","), code)


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_name_finds_its_code_back(language: str) -> None:
    for code, name in Locale.parse(language).territories.items():
        if country_name(code, language) != code:
            assert country_code(name) == country_code(name.upper()) == country_code(code) == code


@pytest.mark.parametrize("text", ["Atlantis", "  At   Lantis ", "X", "EU", "ZZ", "12", "DE, AT", "Ü"])
def test_unknown_text_is_a_level_of_its_own(text: str) -> None:
    assert country_code(text) == " ".join(text.split()).casefold()


def test_names_for_wording() -> None:
    assert country_name("DE", "en") == "Germany"
    assert country_name("DE", "de") == "Deutschland"
    assert country_name("atlantis", "de") == "atlantis"


@given(st.text(max_size=20))
def test_a_code_is_its_own_code(text: str) -> None:
    code = country_code(text)
    assert country_code(code) == code
