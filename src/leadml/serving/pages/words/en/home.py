"""English: the first page."""

HOME: dict[str, str] = {}
