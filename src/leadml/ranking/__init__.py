"""Order, grades and worklists (numpy only; serving uses it)."""
