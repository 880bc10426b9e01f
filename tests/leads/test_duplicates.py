"""Who is the same: each rule, what must stay apart, what must never change, and the truth of the sample."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadml.leads.declared import Columns
from leadml.leads.duplicates import Duplicates, find_duplicates, masked, masked_row
from leadml.leads.duplicates.components import Components
from leadml.leads.duplicates.contacts import normal_emails, phone_numbers
from leadml.leads.duplicates.names import company_names, fold_words, person_names
from leadml.leads.raw import InMemory
from leadml.leads.sample import make_sample
from leadml.leads.schema import Identity, Outcomes, Roles
from leadml.leads.snapshots import snapshots
from leadml.leads.validation import validate

ALL = Identity(email=("mail",), phone=("phone",), name=("first", "last"), company=("firm",))
PEOPLE = Identity(name=("name",), company=("firm",))


def table(rows: Sequence[Any], names: Sequence[str]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return pa.table({name: pa.array(list(column), pa.string()) for name, column in zip(names, columns, strict=True)})


def same(rows: Sequence[Any], *names: str, identity: Identity) -> list[int]:
    groups: list[int] = find_duplicates(table(rows, names), identity).groups.tolist()
    return groups


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna@Nordwerk.example", " anna@nordwerk.EXAMPLE "),
        ("anna+news@nordwerk.example", "anna@nordwerk.example"),
        ("anna.b@gmail.com", "annab@googlemail.com"),
        ("Anna B. <anna@nordwerk.example>", "anna@nordwerk.example"),
    ],
)
def test_one_address(one: str, other: str) -> None:
    assert same([[one], ["x@y.example"], [other]], "mail", identity=Identity(email=("mail",))) == [0, 1, 0]


@pytest.mark.parametrize(
    "value", ["n/a", "", None, "noreply@x.example", "test@test.de", "keine", "none@none", "weg@x.de"]
)
def test_what_is_no_address_ties_nobody(value: str | None) -> None:
    found = find_duplicates(table([[value], [value]], ["mail"]), Identity(email=("mail",)), placeholders=["weg@x.de"])
    assert found.n_copies == 0


def test_dots_count_outside_gmail() -> None:
    assert same([["a.b@x.de"], ["ab@x.de"]], "mail", identity=Identity(email=("mail",))) == [0, 1]


def test_two_columns_of_addresses_are_compared_crosswise() -> None:
    rows = [["a@x.de", None], ["b@x.de", "A@x.de"], [None, "b@x.de"]]
    assert same(rows, "m1", "m2", identity=Identity(email=("m1", "m2"))) == [0, 0, 0]


def test_a_shared_box_needs_the_name() -> None:
    rows: list[Any] = [
        ["info@x.de", "Anna Meier"],
        ["info@x.de", "Bernd Alt"],
        ["INFO@x.de", "meier, anna"],
        ["info@x.de", None],
    ]
    assert same(rows, "mail", "name", identity=Identity(email=("mail",), name=("name",))) == [0, 1, 0, 2]
    assert same([[row[0]] for row in rows], "mail", identity=Identity(email=("mail",))) == [0, 0, 0, 0]


def test_an_address_of_many_names_is_shared() -> None:
    names = ["Anna Alt", "Bert Berg", "Carl Cent", "Dora Dach", "Anna Alt"]
    rows = [["team7@x.de", name] for name in names]
    assert same(rows, "mail", "name", identity=Identity(email=("mail",), name=("name",))) == [0, 1, 2, 3, 0]
    assert same(rows[:2], "mail", "name", identity=Identity(email=("mail",), name=("name",))) == [0, 0]


def test_an_address_of_very_many_is_a_placeholder_and_that_is_said() -> None:
    found = find_duplicates(table([["ein@x.de"]] * 21, ["mail"]), Identity(email=("mail",)))
    assert found.n_copies == 0
    assert "1 addresses are of over 20 leads" in found.skipped[0]


@pytest.mark.parametrize(
    "number",
    ["+49 (0)30 1234567", "0049301234567", "030/123 45 67", "301234567", "+49-30-1234567 ext. 12", "4930 1234567"],
)
def test_one_phone(number: str) -> None:
    assert phone_numbers(pa.array([number])).tolist() == [301234567]
    assert phone_numbers(pa.array(["1-212-555-0199", "(212) 555-0199"])).tolist() == [2125550199] * 2


@pytest.mark.parametrize("number", ["0000000", "1111111", "0123456789", "123456", "0170 0000000", "12/3", "n/a", None])
def test_what_is_no_phone(number: str | None) -> None:
    assert phone_numbers(pa.array([number], pa.string())).tolist() == [0]


def test_whole_numbers_are_phones_too() -> None:
    rows = pa.table({"p": pa.array([301234567.0, None, 301234567.0]), "q": pa.array([2125550199, 7, 8])})
    assert find_duplicates(rows, Identity(phone=("p", "q"))).groups.tolist() == [0, 1, 0]


def test_a_phone_of_several_names_is_a_switchboard() -> None:
    rows = [["030 1234567", name] for name in ("Anna Meier", "Bert Alt", "Meier Anna", None)]
    assert same(rows, "phone", "name", identity=Identity(phone=("phone",), name=("name",))) == [0, 1, 0, 2]
    one_name = [["030 1234567", "Anna Meier"], ["0301234567", None]]
    assert same(one_name, "phone", "name", identity=Identity(phone=("phone",), name=("name",))) == [0, 0]


def test_a_phone_of_several_addresses_is_a_switchboard() -> None:
    rows = [["030 1234567", f"{box}@x.de"] for box in "abc"]
    identity = Identity(email=("mail",), phone=("phone",))
    assert same(rows, "phone", "mail", identity=identity) == [0, 1, 2]
    assert same(rows[:2], "phone", "mail", identity=identity) == [0, 0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Dr. Anna Müller", "Nordwerk GmbH & Co. KG"), ("MUELLER, Anna", "nordwerk")),
        (("Frau Renée Weiß", "Söhne & Co. AG"), ("Renee Weiss", "Soehne")),
        (("Mr. John O'Brien", "Acme, Inc."), ("john obrien", "ACME Corp")),
        (("Anna Meier", "The Oak S.A."), ("Anna Meier", "Oak")),
        (("Hans-Peter Berg", "Müller und Söhne"), ("Peter Hans Berg", "Müller & Söhne GmbH")),
    ],
)
def test_one_name_and_company(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert same([one, other], "name", "firm", identity=PEOPLE) == [0, 0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Anna Meier", "Nordwerk"), ("Anna Meier", "Südwerk")),
        (("Anna Meier", None), ("Anna Meier", None)),
        (("Anna Meier", "privat"), ("Anna Meier", "Privat")),
        (("Meier", "Nordwerk"), ("Meier", "Nordwerk")),
        (("Max Mustermann", "Nordwerk"), ("Max Mustermann", "Nordwerk")),
        ((None, "Nordwerk"), (None, "Nordwerk")),
        (("Anna Meier", "GmbH"), ("Anna Meier", "GmbH")),
        (("Anna Meier", "Werk 1"), ("Anna Meier", "Werk 2")),
    ],
)
def test_names_that_tell_too_little(one: tuple[str | None, str | None], other: tuple[str | None, str | None]) -> None:
    assert same([one, other], "name", "firm", identity=PEOPLE) == [0, 1]


def test_the_domain_of_a_firm_stands_for_it() -> None:
    identity = Identity(email=("mail",), name=("name",))
    rows = [["a.meier@nordwerk.de", "Anna Meier"], ["anna.meier@nordwerk.de", "Anna Meier"]]
    assert same(rows, "mail", "name", identity=identity) == [0, 0]
    rows = [["a.meier@gmx.de", "Anna Meier"], ["anna.meier@gmx.de", "Anna Meier"]]
    assert same(rows, "mail", "name", identity=identity) == [0, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Meier", "Anna Meyer"),
        ("Katharina Schulz", "Katarina Schulz"),
        ("Bernd Schmidt", "Bernd Schmitt"),
        ("Anna Müller", "Anna Muller"),
        ("Jan Petersen", "Jan Petesren"),
        ("Jan Wojciechowski", "Jan Wojcichowksi"),
        ("Anna Meier", "Anna Maria Meier"),
        ("Anna Meier", "Anna Meier-Schulz"),
    ],
)
def test_near_names(one: str, other: str) -> None:
    rows = [[one, "Nordwerk"], [other, "Nordwerk GmbH"]]
    assert same(rows, "name", "firm", identity=PEOPLE) == [0, 0]
    exact = Identity(name=("name",), company=("firm",), near=False)
    assert same(rows, "name", "firm", identity=exact) == [0, 1]
    assert same([[one, "Nordwerk"], [other, "Südwerk"]], "name", "firm", identity=PEOPLE) == [0, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Meier", "Hanna Meier"),
        ("Martin Meier", "Martina Meier"),
        ("Christian Meier", "Christina Meier"),
        ("Jan Meier", "Jon Meier"),
        ("A. Meier", "A. Meyer"),
        ("Hans Meier", "Hans Meier jun."),
        ("Hans Meier", "Hans Meier II"),
        ("Bernd Schmidt", "Bernd Schneider"),
        ("Anna Kontakt1", "Anna Kontakt2"),
        ("Anna Meier", "Bernd Meyer"),
    ],
)
def test_near_but_not_the_same(one: str, other: str) -> None:
    assert same([[one, "Nordwerk"], [other, "Nordwerk"]], "name", "firm", identity=PEOPLE) == [0, 1]


def test_near_by_phone_and_near_companies() -> None:
    identity = Identity(phone=("phone",), name=("name",), company=("firm",))
    rows = [["030 1234567", "Anna Meier", None], ["030 1234567", "Anna Meyer", None]]
    assert same(rows, "phone", "name", "firm", identity=identity) == [0, 0]
    rows = [[None, "Anna Meier", "Nordwerk Energie"], [None, "Anna Meier", "Nordwrek Energie"]]
    found = find_duplicates(table(rows, ["phone", "name", "firm"]), identity)
    assert found.by_rule == {"near company": 2}


def test_many_alike_are_not_compared_and_that_is_said() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    rows = [[f"Anna Mei{a}{b}er", "Nordwerk"] for a in letters[:3] for b in letters[:20]]
    found = find_duplicates(table(rows, ["name", "firm"]), PEOPLE)
    assert found.n_copies == 0
    assert "near name: 60 spellings are not compared" in found.skipped[0]


def test_a_table_of_companies() -> None:
    firms = Identity(phone=("phone",), company=("firm",))
    rows = [["Nordwerk GmbH", None], ["NORDWERK", "030 1234567"], ["Südwerk", "030 1234567"], ["Nordwerk", None]]
    assert same(rows, "firm", "phone", identity=firms) == [0, 0, 1, 0]
    branches = [["Edeka", "030 1234567"], ["Edeka", "040 7654321"], ["Edeka", "040 7654321"]]
    assert same(branches, "firm", "phone", identity=firms) == [0, 1, 1]
    contacts = [["Nordwerk", "a@x.de"], ["Nordwerk", "b@x.de"]]
    assert same(contacts, "firm", "mail", identity=Identity(email=("mail",), company=("firm",))) == [0, 1]


def test_companies_that_come_back_are_accounts_and_that_is_said() -> None:
    again = find_duplicates(table([[f"firm {i % 60}"] for i in range(120)], ["firm"]), Identity(company=("firm",)))
    assert again.n_copies == 0
    assert "60 of 120 leads" in again.skipped[0]
    some = find_duplicates(table([[f"firm {i % 100}"] for i in range(120)], ["firm"]), Identity(company=("firm",)))
    assert some.n_copies == 20


def test_by_way_of_a_third() -> None:
    rows = [
        ["a@x.de", None, None, None, None],
        ["a@x.de", "030 1234567", None, None, None],
        [None, "030/1234567", "Anna", "Meier", "Nordwerk"],
        [None, None, "ANNA", "MEIER", "Nordwerk AG"],
        ["b@x.de", None, "Bert", "Meier", "Nordwerk"],
    ]
    found = find_duplicates(table(rows, ["mail", "phone", "first", "last", "firm"]), ALL)
    assert found.groups.tolist() == [0, 0, 0, 0, 1]
    assert (found.n_rows, found.n_groups, found.n_copies) == (4, 1, 3)
    assert found.by_rule == {"same e-mail": 2, "same phone": 2, "same name and company": 2}
    (example,) = found.examples()
    assert example.rows == (0, 1, 2, 3)
    assert example.rules == ("same e-mail", "same phone", "same name and company")
    part = found.take(np.array([4, 3, 0]))
    assert part.groups.tolist() == [0, 1, 1]
    assert part.n_copies == 1


def test_columns_that_are_not_there_and_tables_without_rows() -> None:
    assert find_duplicates(pa.table({"mail": ["a@x.de", "a@x.de"]}), ALL).groups.tolist() == [0, 0]
    assert find_duplicates(pa.table({"x": [1, 2]}), ALL).groups.tolist() == [0, 1]
    empty = find_duplicates(table([], ["mail", "phone", "first", "last", "firm"]), ALL)
    assert (empty.n_rows, empty.examples(), empty.by_rule) == (0, (), {})
    nothing = pa.table({name: pa.nulls(2) for name in ("mail", "phone", "first", "last", "firm")})
    assert find_duplicates(nothing, ALL).groups.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("anna.meier@nordwerk.example", "a***.m***@n***.e***"),
        ("Dr. Anna Meier", "D***. A*** M***"),
        ("+49 (0)30 1234567", "***67"),
        ("Ö", "Ö***"),
    ],
)
def test_nothing_personal_is_shown(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_a_masked_row() -> None:
    rows = table([["a@x.de", "n/a", "Anna", "Meier", None]], ["mail", "phone", "first", "last", "firm"])
    assert masked_row(rows, ALL, 0) == {"mail": "a***@x***.d***", "first": "A***", "last": "M***"}


# words that meet in all ways: near ones, titles, several of one person; no box and no phone is shared by many
MAILS = st.sampled_from([None, "n/a", "a@x.de", "A@X.de", "b@x.de", "c+d@y.de", "c@y.de"])
PHONES = st.sampled_from([None, "0301234567", "+49 30 1234567", "040 7654321"])
FIRST = st.sampled_from([None, "Anna", "Hanna", "Dr. Anna", "Katharina", "Katarina"])
LAST = st.sampled_from([None, "Meier", "Meyer", "MEIER", "Schulz"])
FIRMS = st.sampled_from([None, "Nordwerk", "Nordwerk GmbH", "Nordwrek", "Südwerk"])
LEADS = st.lists(st.tuples(MAILS, PHONES, FIRST, LAST, FIRMS), max_size=12)
NAMES = ["mail", "phone", "first", "last", "firm"]


def pairs(groups: np.ndarray[Any, Any]) -> set[tuple[int, int]]:
    return {(i, j) for i in range(len(groups)) for j in range(i) if groups[i] == groups[j]}


@settings(deadline=None)
@given(LEADS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_count(rows: list[tuple[str | None, ...]], random: Any) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    groups = find_duplicates(table(rows, NAMES), ALL).groups
    moved = find_duplicates(table([rows[i] for i in order], NAMES), ALL).groups
    assert pairs(groups[order]) == pairs(moved)


@settings(deadline=None)
@given(LEADS, st.tuples(MAILS, PHONES, FIRST, LAST, FIRMS))
def test_a_further_row_never_splits_a_group(
    rows: list[tuple[str | None, ...]], further: tuple[str | None, ...]
) -> None:
    """Without phones: that a further lead shows a phone to be shared is the exception that is documented."""
    identity = Identity(email=("mail",), name=("last",), company=("firm",))
    before = find_duplicates(table(rows, NAMES), identity).groups
    after = find_duplicates(table([*rows, further], NAMES), identity).groups
    assert pairs(before) <= pairs(after)


@settings(deadline=None)
@given(LEADS)
def test_groups_are_numbered_by_their_first_row(rows: list[tuple[str | None, ...]]) -> None:
    found = find_duplicates(table(rows, NAMES), ALL)
    first: dict[int, int] = {}
    assert found.groups.tolist() == [first.setdefault(code, len(first)) for code in found.groups.tolist()]
    assert ((found.evidence > 0) >= found.shared).all()
    assert found.take(np.arange(len(rows), dtype=np.intp)).groups.tolist() == found.groups.tolist()


@settings(deadline=None)
@given(LEADS)
def test_equal_rows_that_tell_enough_are_one(rows: list[tuple[str | None, ...]]) -> None:
    groups = find_duplicates(table([*rows, *rows], NAMES), ALL).groups
    for i, row in enumerate(rows):
        if row[2] and row[3] and row[4]:
            assert groups[i] == groups[i + len(rows)]


@settings(deadline=None)
@given(st.integers(1, 12), st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=15))
def test_components_against_a_plain_search(n: int, edges: list[tuple[int, int]]) -> None:
    edges = [(a % n, b % n) for a, b in edges]
    components = Components(n)
    left, right = (np.array([edge[i] for edge in edges], dtype=np.intp) for i in (0, 1))
    fewer = components.join(left[: len(left) // 2], right[: len(left) // 2])
    fewer += components.join(left[len(left) // 2 :], right[len(left) // 2 :])
    root = list(range(n))
    for _ in range(n):
        for a, b in edges:
            root[a] = root[b] = min(root[a], root[b])
    assert components.root.tolist() == root
    assert fewer == n - len(set(root))


@settings(deadline=None)
@given(st.lists(st.text(max_size=30), max_size=5))
def test_normal_forms_stay_as_they_are(texts: list[str]) -> None:
    once = normal_emails(pa.array(texts, pa.string()))
    assert len(once) == len(texts)
    for text in texts:
        words = fold_words(text)
        assert fold_words(" ".join(words)) == words
    assert len(phone_numbers(pa.array(texts, pa.string()))) == len(texts)
    assert len(person_names([pa.array(texts, pa.string())]).keys) == len(texts)
    assert len(company_names([pa.array(texts, pa.string())]).keys) == len(texts)


@settings(deadline=None)
@given(st.emails())
def test_normal_addresses_stay_as_they_are(address: str) -> None:
    once = normal_emails(pa.array([address]))
    assert normal_emails(once).to_pylist() == once.to_pylist()


@settings(deadline=None)
@given(st.integers(10_000_000, 999_999_999_999))
def test_numbers_stay_as_they_are(number: int) -> None:
    once = phone_numbers(pa.array([f"0{number}"]))
    again = phone_numbers(pa.array([f"+49 {number}", f"0049{number}"] if len(str(number)) < 12 else [f"0{number}"]))
    assert set(again.tolist()) == set(once.tolist())


@pytest.mark.parametrize("seed", [7, 1, 2])
def test_the_copies_of_the_sample(seed: int) -> None:
    """Measured on seeds 7, 1 and 2: recall 0.950, 0.943 and 0.971, precision 1.0.

    A copy without an address, 5 % of them, has nothing in common with its original but its facts. All with an address
    are found; two leads of one firm may truly have one address in larger samples (0.993 of 100,000).
    """
    sample = make_sample(seed=seed, events=False)
    ids = {lead: row for row, lead in enumerate(sample.truth["lead_id"].to_pylist())}
    copies = [(i, ids[of]) for i, of in enumerate(sample.truth["duplicate_of"].to_pylist()) if of is not None]
    groups = find_duplicates(sample.leads, Identity(email=("email",))).groups
    found = np.array([groups[i] == groups[of] for i, of in copies])
    known = np.array(["@" in (sample.leads["email"][i].as_py() or "") for i, _ in copies])
    truth = Components(len(ids))
    truth.join(np.array([of for _, of in copies]), np.array([i for i, _ in copies]))
    said = pairs_of(groups)
    right = np.mean([truth.root[i] == truth.root[j] for i, j in said])
    assert found.mean() >= 0.90
    assert found[known].all()
    assert right >= 0.98


def pairs_of(groups: np.ndarray[Any, Any]) -> list[tuple[int, int]]:
    order = np.argsort(groups, kind="stable")
    edges = np.flatnonzero(np.diff(groups[order]) == 0)
    return [(int(order[i]), int(order[i + 1])) for i in edges]


def test_duplicates_and_accounts_are_one_group_of_a_split() -> None:
    rows = pa.table(
        {
            "id": list("abcdef"),
            "s": ["won", "lost", "won", "lost", "won", "lost"],
            "account": ["x", "y", None, "unknown", "z", "x"],
            "mail": ["a@q.de", "A@q.de", "c@q.de", "c@q.de", "e@q.de", None],
            "visits": [1, 2, 3, 4, 5, 6],
        }
    )
    identity = Identity(email=("mail",))
    columns = Columns(Roles("id", outcome="s", group="account"), Outcomes(("won",), ("lost",)), identity=identity)
    found = snapshots(validate(InMemory(rows), columns, now=0.0))
    assert found.snapshots.groups is not None
    # f is of a's account, b is the same as a, c and d are one person without an account
    first: dict[int, int] = {}
    assert [first.setdefault(code, len(first)) for code in found.snapshots.groups.tolist()] == [0, 0, 1, 1, 2, 0]
    assert any("4 leads are 2 persons or companies that came in more than once" in note for note in found.notes)


@settings(deadline=None)
@given(st.lists(st.integers(-1, 3), min_size=1, max_size=10), st.data())
def test_joined(codes: list[int], data: st.DataObject) -> None:
    groups = data.draw(st.lists(st.integers(0, 4), min_size=len(codes), max_size=len(codes)))
    numbers = np.unique(groups, return_inverse=True)[1].astype(np.intp)
    found = Duplicates(numbers, np.zeros(len(codes), dtype=np.uint8))
    joined = found.joined(np.array(codes, dtype=np.intp)).tolist()
    for i in range(len(codes)):
        for j in range(i):
            if groups[i] == groups[j] or codes[i] == codes[j] >= 0:
                assert joined[i] == joined[j] >= 0
        if codes[i] < 0 and groups.count(groups[i]) == 1:
            assert joined[i] == -1
