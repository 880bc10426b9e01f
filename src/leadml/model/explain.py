"""Everything that a score is made of: the contribution of each term to one lead, in words."""

from collections.abc import Mapping

import msgspec

from leadml.leads.coercion import PartValue, reader
from leadml.leads.schema import Axis
from leadml.model.scorer import Scorer


class Contribution(msgspec.Struct, frozen=True):
    """What one term adds to the logit of a lead, with half of the pairs that its part is in.

    ``missing`` says that its value was not known.
    """

    field: str
    part: str
    axis: Axis
    contribution: float
    text: str
    missing: bool


def explain(scorer: Scorer, lead: Mapping[str, object]) -> list[Contribution]:
    """Return the contributions of all terms to a lead that can be read, the largest first.

    With ``base`` they add up to its logit. Raises CoercionError for a value that cannot be read.
    """
    parts = {part.name: part for part in scorer.schema.parts}
    created = scorer.created(lead)
    values: dict[str, PartValue] = {}
    for field in scorer.fields:
        read = reader(field, scorer.schema.placeholders)(lead.get(field.name), created)
        values.update(zip((part.name for part in field.parts), read, strict=True))
    found = []
    one_by_one = [term.one(values[term.part]) for term in scorer.read]
    added = one_by_one if scorer.credit is None else scorer.credit.one(one_by_one)
    for term, (contribution, key) in zip(scorer.terms, added, strict=True):
        part, missing = parts[term.part], values[term.part] is None
        found.append(
            Contribution(part.field, part.name, part.axis, contribution, scorer.book.phrase(key).text, missing)
        )
    return sorted(found, key=lambda one: -one.contribution)
