"""Addresses that open by themselves until an instant: signed with the secret key, so that nothing has to be kept of them."""

import hmac
from datetime import datetime
from urllib.parse import quote


def signed(secret: str, method: str, path: str, ends: datetime) -> str:
    """`path` as an address holds it, with the query that opens it for `method` until `ends`, to the second."""
    expires = int(ends.timestamp())
    return f"{quote(path)}?expires={expires}&signature={_seal(secret, method, path, expires)}"


def opens(secret: str, method: str, path: str, expires: str, signature: str, at: datetime) -> bool:
    """Does this query open `path`, the address decoded, for `method` at the instant `at`?"""
    if not (expires.isascii() and expires.isdigit() and len(expires) < 12):
        return False
    genuine = hmac.compare_digest(_seal(secret, method, path, int(expires)).encode(), signature.encode())
    return genuine and at.timestamp() < int(expires)


def _seal(secret: str, method: str, path: str, expires: int) -> str:
    return hmac.new(secret.encode(), f"{method} {path} {expires}".encode(), "sha256").hexdigest()
