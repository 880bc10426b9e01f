"""German: the first page."""

HOME: dict[str, str] = {}
