"""English: the page on the model."""

MODEL: dict[str, str] = {}
