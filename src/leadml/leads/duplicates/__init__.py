"""Duplicates: which rows are the same person or company, and which columns tell it."""

from leadml.leads.duplicates.find import Duplicates, Example, find_duplicates, masked, masked_row
from leadml.leads.duplicates.identity import guess_identity

__all__ = ["Duplicates", "Example", "find_duplicates", "guess_identity", "masked", "masked_row"]
