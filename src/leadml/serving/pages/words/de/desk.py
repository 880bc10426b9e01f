"""German: uploads, lists and leads."""

DESK: dict[str, str] = {}
