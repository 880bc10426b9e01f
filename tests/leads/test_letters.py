"""Letters as people type them."""

import pytest

from leadml.leads.letters import as_two, bare, folded, spellings


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Jörg Müßig", ["jörg", "joerg", "jorg", "müssig", "muessig", "mussig"]),
        ("Straße 5", ["strasse", "straße"]),
        ("Özgür Şahin", ["özgür", "ozgur", "oezguer", "şahin", "sahin"]),
        ("Çelik Ørsted", ["celik", "ørsted", "oersted"]),
        ("Plain", ["plain"]),
    ],
)
def test_a_text_is_found_in_any_of_its_spellings(text: str, asked: list[str]) -> None:
    assert all(folded(word) in spellings(text) for word in asked)


def test_what_is_plain_stays() -> None:
    assert spellings("Ada Braun") == "ada braun"
    assert (as_two("müller"), bare("müller")) == ("mueller", "muller")
