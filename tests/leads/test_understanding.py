"""What a table's columns are taken for."""

from typing import get_args

import pyarrow as pa
import pytest

from leadml.leads.declared import FORMATS, Columns
from leadml.leads.schema import Format, Identity, Roles
from leadml.leads.understanding import Understanding, Understood, understand


def look(columns: Columns | None = None, **values: list[object]) -> Understanding:
    return understand(pa.table(values), columns or Columns(Roles(), identity=Identity()))


def one(found: Understanding, name: str) -> Understood:
    return next(column for column in found.columns if column.name == name)


def test_every_format_belongs_to_one_kind() -> None:
    assert sorted(form for forms in FORMATS.values() for form in forms) == sorted(get_args(Format))


def test_formats_are_found_and_kept_with_the_fields() -> None:
    found = look(price=["1,5", "2.000,25"], day=["31.12.2025", "1.1.2026"], visits=["1", "2"])
    assert {field.name: (field.kind, field.format) for field in found.schema.fields} == {
        "price": ("number", "decimal_comma"),
        "day": ("date", "day_first"),
        "visits": ("number", None),
    }
    assert all(column.why for column in found.columns)


def test_roles_have_formats_too() -> None:
    columns = Columns(Roles(created_at="angelegt", value="wert"), known_at={"x": "seit"}, identity=Identity())
    found = look(columns, angelegt=["31/12/2025"], wert=["1.000,50"], seit=[1767225600000], x=["a"])
    assert found.schema.formats == {"angelegt": "day_first", "wert": "decimal_comma", "seit": "milliseconds"}
    assert one(found, "seit").role == "known_at of x"


def test_decimal_commas_elsewhere_settle_thousands() -> None:
    found = look(price=["1,5", "2,25"], staff=["1.200", "3.500"])
    assert found.format("staff") == "decimal_comma"
    assert not one(found, "staff").sure
    assert look(staff=["1.200", "3.500"]).format("staff") is None


def test_what_is_told_counts() -> None:
    told = Columns(Roles(), formats={"a": "decimal_comma", "d": "month_first", "l": "bars"}, identity=Identity())
    found = look(told, a=["1.234"], d=["01/02/2026"], l=["x|y"])
    assert [(c.kind, c.format) for c in found.columns] == [
        *(("number", "decimal_comma"), ("date", "month_first"), ("list", "bars")),
    ]
    assert not found.faults


def test_a_format_that_does_not_fit_is_a_fault() -> None:
    told = Columns(Roles(), kinds={"a": "number", "b": "flag"}, formats={"a": "day_first", "b": "commas"})
    messages = [fault.message for fault in look(told, a=["1"], b=["yes"]).faults]
    assert "is a number, so its format must be decimal_point or decimal_comma, got 'day_first'" in messages[0]
    assert "is a flag, so its format must not be set" in messages[1]


@pytest.mark.parametrize(("key", "use"), [("ignore", "ignored"), ("protected", "protected")])
def test_what_is_kept_out_is_no_field(key: str, use: str) -> None:
    told = Columns(Roles(), identity=Identity(), **{key: ("age",)})  # type: ignore[arg-type]
    assert one(look(told, age=[30, 40]), "age").use == use


def test_personal_columns_are_not_used() -> None:
    column = one(look(phone=["030 1234567", "030 7654321"]), "phone")
    assert (column.use, column.kind) == ("not used", None)
    assert "personal" in column.why
