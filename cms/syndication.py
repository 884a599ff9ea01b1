"""What a feed is called: its formats, its addresses, and the private one that needs no key; what webhooks sign with.

A private address opens one partner's feed to whoever has it, for readers that cannot send a header.  It is derived from the
server's secret, so nothing of it is kept, and ends when the feed's number is raised.
"""

import base64
import hmac

# as the contract calls them -> as addresses end
FORMATS = {"RSS": "rss", "ATOM": "atom", "JSON_FEED": "json", "NINJS": "ninjs", "NEWSML_G2": "newsml", "NITF": "nitf"}


def address(public: str, slug: str, ending: str) -> str:
    return f"{public}/feeds/{slug}.{ending}"


def private_address(public: str, token: str, slug: str, ending: str) -> str:
    return f"{public}/feeds/private/{token}/{slug}.{ending}"


def token(secret: str, feed: str, number: int) -> str:
    """192 bits of the feed with the key `feed`."""
    seal = hmac.new(secret.encode(), f"feed {feed} {number}".encode(), "sha256").digest()
    return base64.urlsafe_b64encode(seal[:24]).decode()


def opens(given: str, secret: str, feed: str, number: int) -> bool:
    return hmac.compare_digest(token(secret, feed, number).encode(), given.encode(errors="replace"))


def webhook_secret(secret: str, webhook: str, number: int) -> str:
    """What deliveries to the webhook with the key `webhook` are signed with, as Standard Webhooks writes it."""
    seal = hmac.new(secret.encode(), f"webhook {webhook} {number}".encode(), "sha256").digest()
    return f"whsec_{base64.b64encode(seal).decode()}"
