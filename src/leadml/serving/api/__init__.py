"""The routes of the HTTP API, each in the file of its noun; ``app`` puts them together."""
