"""Webhooks at work: what the ledger tells becomes deliveries, and deliveries are sent until they arrive.

At least once: a delivery keeps its id over all tries, and the other side may know it by that.  In order for each story and
photo: one is not sent while an earlier one of the same subject is on its way to the same address.  A receiver that is slow or
dead holds up nobody else.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

import orjson
from standardwebhooks.webhooks import Webhook as Signer

from cms import ids, outgoing, syndication
from cms.actions import accounts, deliveries, webhooks
from cms.actions.deliveries import Due
from cms.actor import ANONYMOUS, Actor
from cms.db.clock import now
from cms.errors import BadState, CMSError
from cms.read.catalog import select
from cms.read.reader import Reader
from cms.read.shape import Slot
from cms.settings import Settings
from cms.web.services import Services

POLL_S = 0.5
SECONDS = 5.0  # for one try
AT_ONCE, EACH = 200, 4  # requests on their way, in all and to one address
PAGE = 100  # changes
FIRST_WAIT_S, MOST_WAIT_S = 5.0, 4 * 3600.0  # doubled at each try
LASTS = timedelta(days=3)
BREAKS = 5  # failures in a row after which an address is tried by one delivery at a time

log = logging.getLogger("dateline.webhooks")

# a GraphQL query, run as the actor -> the answer's JSON
Ask = Callable[[str, dict[str, Any], Actor], Awaitable[bytes]]

_AFTER = Slot("var", ("after",))
_CHANGE = ("cursor", "at", "kind", "subjectId", "version", "note")
_PENDING = select(
    "Query",
    "ledgerHead",
    (
        "changes",
        {"first": PAGE, "after": _AFTER},
        ("nodes", "cursor", "kind"),
        ("pageInfo", "hasNextPage", "endCursor"),
    ),
)
_NEWEST = select("Query", ("changes", {"last": 1}, ("nodes", "cursor")))
_ARTICLE = (
    *("id", "version", "url", "slug", "language", "headline", "summary", "byline", "publishedAt", "modifiedAt"),
    *("embargoedUntil", "omitted"),
    ("section", "slug", "name"),
    ("tags", "slug", "name"),
    ("photos", "role", "caption", "credit", ("photo", "id", ("url", {"width": 1280, "format": "JPEG"}))),
)
_PHOTO = ("id", "version", "credit", "caption", "altText", ("url", {"width": 1280, "format": "JPEG"}))
_TOLD = select("Query", ("changeByCursor", {"cursor": _AFTER}, *_CHANGE, ("story", *_ARTICLE), ("picture", *_PHOTO)))


@dataclass(frozen=True, slots=True)
class Tried:
    """`status` is None where there was no answer, and `why` says what there was; `wait_s` is what the other side asks for."""

    status: int | None
    duration_ms: int
    why: str = ""
    wait_s: float | None = None

    @property
    def done(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


async def run(stop: asyncio.Event, services: Services, ask: Ask) -> None:
    """Work until `stop` is set, within an open database; what is on its way then is waited for, SECONDS at most."""
    post = _Post(services, ask)
    while not stop.is_set():
        try:
            await dispatch(services.reader)
            await post.send()
        except Exception:  # the database is lost, or full: it is waited for, and the next round tries again
            log.exception("webhooks could not be served")
        waits = [asyncio.create_task(one.wait()) for one in (stop, post.woken)]
        _, waiting = await asyncio.wait(waits, timeout=POLL_S, return_when=asyncio.FIRST_COMPLETED)
        for one in waiting:
            one.cancel()
        post.woken.clear()
    await post.finish()


async def test(reader: Reader, actor: Actor, id: UUID) -> UUID:
    """The newest change that the webhook is told of is sent to it, whatever it is told of otherwise; the delivery's key, when
    something came of it or after some seconds.

    Raises NotFound, BadState where nothing is sent: it is paused, its partner is switched off, or there is no change yet.
    """
    hook = await webhooks.held(actor, id)
    asks = await _actor(hook.partner_id)
    if asks is None:
        raise BadState("Its partner is switched off.")
    nodes = (await reader.value(_NEWEST, asks))["changes"]["nodes"]
    if not nodes:
        raise BadState("Nothing has happened yet that it could be told of: publish something first.")
    made = await deliveries.trial(actor, hook, nodes[-1]["cursor"])
    for _ in range(round((SECONDS + 2) / POLL_S)):
        if await deliveries.ended(made):
            break
        await asyncio.sleep(POLL_S)
    return made


async def dispatch(reader: Reader) -> None:
    """Deliveries are made of what each webhook is told of since it last was."""
    for hook in await deliveries.listening():
        actor = await _actor(hook.partner_id)
        place = hook.place
        while actor is not None:
            answer = await reader.value(_PENDING, actor, {"after": place})
            page = answer["changes"]
            more = page["pageInfo"]["hasNextPage"]
            found = [one["cursor"] for one in page["nodes"] if not hook.events or one["kind"] in hook.events]
            upto = page["pageInfo"]["endCursor"] if more else answer["ledgerHead"] or place
            if upto != place and not await deliveries.prepare(hook, place, upto, found):
                break  # another process was here
            place = upto
            if not more:
                break


class _Post:
    """What is on its way from this process.  `woken` is set when some of it has ended."""

    def __init__(self, services: Services, ask: Ask):
        self._services, self._ask = services, ask
        self._client = outgoing.Client(services.settings)
        self._running: set[asyncio.Task[None]] = set()
        self._to: Counter[UUID] = Counter()
        self.woken = asyncio.Event()

    async def send(self) -> None:
        """Starts what is due, until nothing is or everything is in use; does not wait for its end."""
        while room := AT_ONCE - len(self._running):
            due = await deliveries.claim(room, (+self._to).keys(), EACH)
            if not due:
                return
            for one in due:
                self._to[one.webhook_id] += 1
                task = asyncio.create_task(self._deliver(one))
                self._running.add(task)
                task.add_done_callback(self._running.discard)

    async def finish(self) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=SECONDS + 1)

    async def _deliver(self, due: Due) -> None:
        try:
            tried = await attempt(self._services, self._client, self._ask, due)
            await _settle(due, tried)
        except Exception:  # its lease runs out, and it is tried again
            log.exception("delivery %s could not be tried", due.id)
        finally:
            self._to[due.webhook_id] -= 1
            if not self._to[due.webhook_id]:
                self.woken.set()


async def attempt(services: Services, client: outgoing.Client, ask: Ask, due: Due) -> Tried | None:
    """One try; None where the partner may not know of this change any more, and nothing was sent."""
    actor = await _actor(due.partner_id)
    body = None if actor is None else await payload(services.reader, ask, actor, due)
    if body is None:
        return None
    headers = signature(services.settings, due, body, await now())
    began = asyncio.get_running_loop().time()

    def took() -> int:
        return round((asyncio.get_running_loop().time() - began) * 1000)

    try:
        answer = await client.post(due.url, body, headers, SECONDS)
    except CMSError as error:
        return Tried(None, took(), error.message)
    return Tried(answer.status, took(), "", _wait(answer.headers.get("retry-after")))


async def payload(reader: Reader, ask: Ask, actor: Actor, due: Due) -> bytes | None:
    """The change, and what it is about as `actor` sees it now: null where that is gone.  A webhook with a query of its own gets
    the answer to that as `data`."""
    found = (await reader.value(_TOLD, actor, {"after": due.cursor}))["changeByCursor"]
    if found is None:
        return None
    change = {name: found[name] for name in _CHANGE}
    told: Any = {"change": change, "article": found["story"], "photo": found["picture"]}
    if due.query:
        known = {"cursor": change["cursor"], "kind": change["kind"], "version": change["version"]}
        told = orjson.Fragment(await ask(due.query, {**known, "id": change["subjectId"]}, actor))
    return orjson.dumps({"type": change["kind"], "timestamp": change["at"], "data": told})


def signature(settings: Settings, due: Due, body: bytes, at: datetime) -> dict[str, str]:
    """Headers as Standard Webhooks has them; with both secrets while two hold."""
    numbers = [due.secret_number]
    if due.previous_until and due.previous_until > at:
        numbers.append(due.secret_number - 1)
    secrets = (syndication.webhook_secret(settings.secret_key, str(due.webhook_id), number) for number in numbers)
    id = ids.public("Delivery", due.id)
    return {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Signer(secret).sign(id, at, body.decode()) for secret in secrets),
    }


async def _actor(partner_id: UUID | None) -> Actor | None:
    return ANONYMOUS if partner_id is None else await accounts.partner(partner_id)


async def _settle(due: Due, tried: Tried | None) -> None:
    """What came of it, on the delivery and on its webhook."""
    at = await now()
    if tried is None:
        await deliveries.dropped(due, at)
    elif tried.done:
        await deliveries.arrived(due, at, tried.status, tried.duration_ms)
    else:
        log.info("delivery %s failed at try %d: %s", due.id, due.attempt, tried.status or tried.why)
        wait = timedelta(seconds=max(backoff(due.attempt), tried.wait_s or 0.0))
        dead = at + wait > ids.made_at(due.id) + LASTS
        await deliveries.failed(
            due,
            at,
            tried.status,
            tried.duration_ms,
            next_at=None if dead else at + wait,
            breaks=BREAKS,
            pauses=tried.status == 410 or (due.failing_since is not None and at > due.failing_since + LASTS),
        )


def backoff(attempt: int) -> float:
    """Seconds after so many tries: doubled each time, up to some hours, with jitter so that what failed together does not
    return together."""
    return min(MOST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(attempt - 1, 30)) * random.uniform(0.75, 1.25)


def _wait(header: str | None) -> float | None:
    """Seconds that Retry-After asks for, a day at most (RFC 9110, 10.2.3); None where it is none."""
    if header is None:
        return None
    if header.isascii() and header.isdigit():
        return min(float(header[:9]), 86_400.0)
    try:
        at = parsedate_to_datetime(header)
    except (ValueError, TypeError, OverflowError):
        return None
    left = (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(left, 0.0), 86_400.0)
