"""The desk: lists that a person uploads or opens, ranked once, then looked at; without any HTTP."""
