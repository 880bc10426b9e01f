"""Leaks: fields that know what came after the lead did, proven or suspected, each with its evidence in a sentence.

Kaufman et al., "Leakage in Data Mining", ACM TKDD 6, 2012. ``search`` looks for all of them.
"""
