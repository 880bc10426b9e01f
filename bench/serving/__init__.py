"""Serving: ``leadml serve`` beside a pydantic echo and ``mlflow models serve``; see ``__main__``."""
