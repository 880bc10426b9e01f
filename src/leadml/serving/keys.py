"""API keys: long random texts, of which the settings hold only the SHA-256.

A key has 256 random bits, so that a plain hash cannot be turned back by guessing, as that of a password could.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping

PREFIX = "leadml_"
HASHED = re.compile(r"sha256:[0-9a-f]{64}")


def new_key() -> str:
    """Return a fresh key."""
    return PREFIX + secrets.token_urlsafe(32)


def hashed(key: str) -> str:
    """Return what the settings hold of a key: ``sha256:`` and 64 hexadecimal digits."""
    return "sha256:" + hashlib.sha256(key.encode()).hexdigest()


def holder(key: str, keys: Mapping[str, str]) -> str | None:
    """Return the name of the key that is given, None where it is none of ``keys`` (name -> hash).

    Every hash is compared, each in constant time, so that the time taken tells nothing.
    """
    given, found = hashed(key), None
    for name, known in keys.items():
        if hmac.compare_digest(given, known):
            found = name
    return found
