"""Webhooks, sent to real receivers: signed, in order, once each, again until they arrive, and never more than is due."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks.webhooks import Webhook as Standard
from standardwebhooks.webhooks import WebhookVerificationError
from tortoise.connection import get_connection

from cms import ids, syndication, webhooks
from cms.actions import accounts, articles, deliveries, partners, photos, publishing
from cms.actions import webhooks as actions
from cms.actor import SYSTEM, Actor
from cms.db.clock import now
from cms.errors import BadInput, BadState, Conflict, Forbidden, NotFound
from cms.models import Delivery, Webhook
from cms.settings import Settings
from tests import house
from tests.web import Web, serving

OK = (200, "")
LOOPBACK = {"outgoing_networks": "127.0.0.0/8"}
SECRET_KEY = Settings().secret_key


@dataclass
class Receiver:
    """What came; `reply` says what is answered: the status, more header lines, and after how long."""

    url: str = ""
    reply: Callable[["Got"], tuple[int, str] | tuple[int, str, float]] = lambda got: OK
    got: list["Got"] = field(default_factory=list)

    @property
    def kinds(self) -> list[str]:
        return [one.body["type"] for one in self.got]


@dataclass
class Got:
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)


@asynccontextmanager
async def receiving(reply: Any = lambda got: OK) -> AsyncIterator[Receiver]:
    receiver = Receiver(reply=reply)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            headers = {
                name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:])
            }
            text = (await reader.readexactly(int(headers["content-length"]))).decode()
            receiver.got.append(got := Got(headers, text))
            status, more, *wait = receiver.reply(got)
            await asyncio.sleep(wait[0] if wait else 0)
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n{more}\r\n".encode())
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
        yield receiver


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with serving(database, f"file:{tmp_path}/media", **LOOPBACK) as web:
        await house.section("World")
        yield web


async def hook(receiver: Receiver, **given: Any) -> UUID:
    await house.settled()
    networks = Settings(outgoing_networks="127.0.0.0/8").outgoing
    return (await actions.save(SYSTEM, {"url": receiver.url, **given}, near=networks)).id


async def _never(query: str, variables: dict[str, Any], actor: Actor) -> bytes:
    raise AssertionError("no webhook here has a query")


async def sent(web: Web, rounds: int = 1, ask: Any = _never) -> None:
    """All that is due now, tried."""
    await house.settled()
    post = webhooks._Post(web.services, ask)
    for _ in range(rounds):
        await webhooks.dispatch(web.services.reader)
        while True:
            await post.send()
            if not post._running:
                break
            await post.finish()


async def outcomes(of: UUID) -> list[tuple[str, str, int, int | None]]:
    rows = await Delivery.filter(webhook_id=of).order_by("change_id", "id").select_related("change")
    return [(row.change.kind, row.outcome, row.attempt, row.status) for row in rows]


async def due(of: UUID) -> None:
    """What waits is due now."""
    await Delivery.filter(webhook_id=of, next_attempt_at__isnull=False).update(next_attempt_at=await now())
    await Webhook.filter(id=of).update(retry_at=None)


# --------------------------------------------------------------------------------------------------------- what is sent


async def test_what_happens_is_sent_once_signed_in_order_with_what_it_is_about(desk: Web) -> None:
    await house.live(headline="Before")
    async with receiving() as receiver:
        made = await hook(receiver)
        story = await house.live(headline="Told")
        await sent(desk)
        await articles.correct(SYSTEM, story, 2, "It was Tuesday.", {})
        await sent(desk)
        await publishing.withdraw(SYSTEM, story, 3, note="Not ours")
        await house.article(headline="Draft")
        await sent(desk, rounds=3)
        assert receiver.kinds == ["ARTICLE_PUBLISHED", "ARTICLE_CORRECTED", "ARTICLE_WITHDRAWN"]
        assert "Draft" not in str(receiver.got)
        assert "Before" not in str(receiver.got)
        last = receiver.got[-1].body
        assert (last["data"]["article"], last["data"]["photo"]) == (None, None)
        assert (last["data"]["change"]["subjectId"], last["data"]["change"]["note"]) == (f"article_{story}", "Not ours")
        verify = Standard(syndication.webhook_secret(SECRET_KEY, str(made), 1))
        for one in receiver.got:
            assert verify.verify(one.text, one.headers) == one.body
        with pytest.raises(WebhookVerificationError):
            verify.verify(receiver.got[0].text.replace("Told", "Tald") + " ", receiver.got[0].headers)
        rows = await Delivery.filter(webhook_id=made).order_by("change_id")
        assert [one.headers["webhook-id"] for one in receiver.got] == [f"delivery_{row.id}" for row in rows]
        assert {row.outcome for row in rows} == {"DELIVERED"}


async def test_only_events_that_it_asks_for_are_sent(desk: Web) -> None:
    async with receiving() as receiver:
        await hook(receiver, events=["PHOTO_UPDATED"])
        await house.live()
        photo = await house.photo(credit="Ada/AFP")
        await photos.update(SYSTEM, photo, 1, {"caption": "A quay"})
        await sent(desk)
        assert receiver.kinds == ["PHOTO_UPDATED"]
        told = receiver.got[0].body["data"]["photo"]
        assert (told["id"], told["credit"], told["caption"]) == (f"photo_{photo}", "Ada/AFP", "A quay")


async def test_a_partners_webhook_is_told_what_the_partner_may_know(desk: Web) -> None:
    sport = await house.section("Sport")
    mine = await partners.save_partner(SYSTEM, {"name": "Wire", "sections": [sport], "embargo_access": True})
    async with receiving() as entitled, receiving() as public:
        await hook(entitled, partner=mine)
        await hook(public)
        await house.live(headline="Far")
        held = await house.article(headline="Secret", section="sport", embargoed_until=house.hours(2))
        await publishing.publish(SYSTEM, held, 1)
        await sent(desk)
        assert [one.body["data"]["article"]["headline"] for one in entitled.got] == ["Secret"]
        assert [one.body["data"]["article"]["headline"] for one in public.got] == ["Far"]
        await partners.save_partner(SYSTEM, {"active": False}, mine, 1)
        await house.live(headline="Fast", section="sport")
        await sent(desk)
        assert (len(entitled.got), len(public.got)) == (1, 2)


async def test_what_the_partner_may_not_know_any_more_is_not_sent(desk: Web) -> None:
    sport = await house.section("Sport")
    mine = await partners.save_partner(SYSTEM, {"name": "Wire", "sections": [sport]})
    async with receiving() as receiver:
        made = await hook(receiver, partner=mine)
        await house.live(headline="Fast", section="sport")
        await house.settled()
        await webhooks.dispatch(desk.services.reader)
        world = await house.section("Elsewhere")
        await partners.save_partner(SYSTEM, {"sections": [world]}, mine, 1)
        await sent(desk)
        assert receiver.got == []
        assert await outcomes(made) == [("ARTICLE_PUBLISHED", "DEAD", 1, None)]


QUERY = "query($id: ID!) { node(id: $id) { ... on Article { headline byline } } }"
SAVE = """mutation($input: SaveWebhookInput!) { saveWebhook(input: $input) {
  webhook { id version url state events active query partner { name } } secret errors { code field message } } }"""


async def admin(web: Web, role: Any = "ADMIN") -> Web:
    key = await accounts.create_key(SYSTEM, role, user=(await house.staff(role)).user_id)
    return web.as_(key.secret)


async def test_a_query_of_its_own_is_answered_as_the_partner(desk: Web) -> None:
    app: Any = desk.client._transport.app  # type: ignore[attr-defined]
    async with receiving() as receiver:
        saved = (await (await admin(desk)).ask(SAVE, input={"url": receiver.url, "query": QUERY}))["saveWebhook"]
        assert saved["errors"] == []
        story = await house.live(headline="Told", internal_note="QUIET")
        await sent(desk, ask=app.state.ask)
        [got] = receiver.got
        assert got.body["data"] == {"data": {"node": {"headline": "Told", "byline": ""}}}
        assert (got.body["type"], str(story) in got.text) == ("ARTICLE_PUBLISHED", False)


# ------------------------------------------------------------------------------------------------- until they arrive


async def test_what_fails_is_tried_again_with_the_same_id_and_holds_up_only_its_own_story(desk: Web) -> None:
    broken = True

    def reply(got: Got) -> tuple[int, str]:
        return (500, "") if broken and "First" in got.text else OK

    async with receiving(reply) as receiver:
        made = await hook(receiver)
        first = await house.live(headline="First")
        await articles.update(SYSTEM, first, 2, {"kicker": "Again"})
        await house.live(headline="Second")
        await sent(desk)
        assert await outcomes(made) == [
            ("ARTICLE_PUBLISHED", "RETRYING", 1, 500),
            ("ARTICLE_UPDATED", "PENDING", 0, None),
            ("ARTICLE_PUBLISHED", "DELIVERED", 1, 200),
        ]
        waits = await Delivery.get(webhook_id=made, outcome="RETRYING")
        assert timedelta(seconds=3) < waits.next_attempt_at - waits.at < timedelta(seconds=7)
        await sent(desk)
        assert len(receiver.got) == 2  # not before its hour
        broken = False
        await due(made)
        await sent(desk)
        assert [one[1] for one in await outcomes(made)] == ["DELIVERED"] * 3
        assert receiver.got[0].headers["webhook-id"] == receiver.got[2].headers["webhook-id"]
        assert [one.body["data"]["change"]["version"] for one in receiver.got] == [2, 2, 2, 3]
        assert (await Webhook.get(id=made)).failures == 0


@pytest.mark.parametrize(("header", "seconds"), [("120", 120), ("9" * 30, 86_400), ("x", 5), ("-5", 5)])
async def test_retry_after_is_honoured_a_day_at_most(desk: Web, header: str, seconds: int) -> None:
    async with receiving(lambda got: (503, f"Retry-After: {header}\r\n")) as receiver:
        made = await hook(receiver)
        await house.live()
        await sent(desk)
        row = await Delivery.get(webhook_id=made)
        assert seconds * 0.7 <= (row.next_attempt_at - row.at).total_seconds() <= seconds * 1.3


async def test_gone_pauses_at_once_and_resuming_sends_what_waited(desk: Web) -> None:
    gone = True
    async with receiving(lambda got: (410, "") if gone else OK) as receiver:
        made = await hook(receiver)
        await house.live(headline="First")
        await sent(desk)
        assert (await Webhook.get(id=made)).paused_at is not None
        await house.live(headline="Second")
        await due(made)
        await sent(desk)
        assert len(receiver.got) == 1
        gone = False
        await actions.save(SYSTEM, {"active": True}, made, 1)
        await due(made)
        await sent(desk)
        assert [one.body["data"]["article"]["headline"] for one in receiver.got] == ["First", "First", "Second"]


async def test_an_address_that_fails_again_and_again_is_tried_by_one_delivery_at_a_time(desk: Web) -> None:
    async with receiving(lambda got: (500, "")) as receiver:
        made = await hook(receiver)
        for number in range(8):
            await house.live(headline=f"Story {number}")
        await sent(desk)
        assert len(receiver.got) <= 8
        row = await Webhook.get(id=made)
        assert (row.failures >= 5, row.retry_at is not None, row.paused_at) == (True, True, None)
        tries = len(receiver.got)
        await Delivery.filter(webhook_id=made).update(next_attempt_at=await now())
        await sent(desk)
        assert len(receiver.got) == tries  # the address has its hour
        await Webhook.filter(id=made).update(retry_at=await now())
        await sent(desk)
        assert len(receiver.got) == tries + 1


async def test_after_three_days_a_delivery_is_dead_its_webhook_paused_and_a_person_sends_it_again(desk: Web) -> None:
    broken = True
    async with receiving(lambda got: (500, "") if broken else OK) as receiver:
        made = await hook(receiver)
        await house.live()
        await house.settled()
        await webhooks.dispatch(desk.services.reader)
        row = await Delivery.get(webhook_id=made)
        old = UUID(int=(row.id.int & ((1 << 80) - 1)) | ((int(house.hours(-73).timestamp() * 1000)) << 80))
        await get_connection("default").execute_script(f"UPDATE delivery SET id = '{old}' WHERE id = '{row.id}'")
        await Webhook.filter(id=made).update(failures=3, failing_since=house.hours(-73))
        await sent(desk)
        assert [one[1] for one in await outcomes(made)] == ["DEAD"]
        assert (await Webhook.get(id=made)).paused_at is not None
        broken = False
        await actions.save(SYSTEM, {"active": True}, made, 1)
        with pytest.raises(Forbidden):
            await actions.redeliver(await house.staff("EDITOR"), old)
        await actions.redeliver(SYSTEM, old)
        with pytest.raises(BadState):
            await actions.redeliver(SYSTEM, old)
        await sent(desk)
        assert [one[1:] for one in await outcomes(made)] == [("DELIVERED", 2, 200)]


async def test_a_worker_that_died_leaves_its_delivery_to_another(desk: Web) -> None:
    async with receiving() as receiver:
        made = await hook(receiver)
        await house.live()
        await house.settled()
        await webhooks.dispatch(desk.services.reader)
        [one] = await deliveries.claim(10, (), 4)
        assert await deliveries.claim(10, (), 4) == []
        await due(made)  # the lease has run out
        await sent(desk)
        assert len(receiver.got) == 1
        await deliveries.arrived(one, await now(), 500, 1)  # what the dead one would say now is not heard
        assert await outcomes(made) == [("ARTICLE_PUBLISHED", "DELIVERED", 2, 200)]


async def test_two_processes_that_dispatch_at_once_make_each_delivery_once(desk: Web) -> None:
    async with receiving() as receiver:
        made = await hook(receiver)
        for number in range(5):
            await house.live(headline=f"Story {number}")
        await house.settled()
        await asyncio.gather(*(webhooks.dispatch(desk.services.reader) for _ in range(4)))
        assert await Delivery.filter(webhook_id=made).count() == 5


async def test_slow_and_dead_receivers_hold_up_nobody(desk: Web) -> None:
    async with receiving(lambda got: (200, "", 3.0)) as slow, receiving() as healthy:
        await hook(slow)
        fast = await hook(healthy)
        for number in range(6):
            await house.live(headline=f"Story {number}")
        await house.settled()
        stop = asyncio.Event()
        running = asyncio.create_task(webhooks.run(stop, desk.services, _never))
        async with asyncio.timeout(15):
            while len(healthy.got) < 6:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert len(slow.got) <= webhooks.EACH
        stop.set()
        await running
        assert [one[1] for one in await outcomes(fast)] == ["DELIVERED"] * 6


async def test_a_private_address_is_not_reached(database: str, tmp_path: Path) -> None:
    async with serving(database, f"file:{tmp_path}/media") as web, receiving() as receiver:
        await house.section("World")
        made = await hook(receiver)
        await house.live()
        await sent(web)
        assert receiver.got == []
        assert await outcomes(made) == [("ARTICLE_PUBLISHED", "RETRYING", 1, None)]


async def test_a_redirect_is_a_failure(desk: Web) -> None:
    async with receiving() as there, receiving(lambda got: (307, f"Location: {there.url}\r\n")) as receiver:
        made = await hook(receiver)
        await house.live()
        await sent(desk)
        assert (await outcomes(made), there.got) == ([("ARTICLE_PUBLISHED", "RETRYING", 1, 307)], [])


# ------------------------------------------------------------------------------------------------------ who has a say


async def test_both_secrets_hold_for_a_day_after_a_rotation(desk: Web) -> None:
    async with receiving() as receiver:
        boss = await admin(desk)
        saved = (await boss.ask(SAVE, input={"url": receiver.url}))["saveWebhook"]
        assert saved["webhook"]["state"] == "HEALTHY"
        rotate = {"id": saved["webhook"]["id"], "version": 1, "rotateSecret": True}
        rotated = (await boss.ask(SAVE, input=rotate))["saveWebhook"]
        assert rotated["secret"] not in (None, saved["secret"])
        await house.live()
        await sent(desk)
        for secret in (saved["secret"], rotated["secret"]):
            Standard(secret).verify(receiver.got[0].text, receiver.got[0].headers)
        await Webhook.all().update(previous_until=house.hours(-1))
        await house.live()
        await sent(desk)
        Standard(rotated["secret"]).verify(receiver.got[1].text, receiver.got[1].headers)
        with pytest.raises(WebhookVerificationError):
            Standard(saved["secret"]).verify(receiver.got[1].text, receiver.got[1].headers)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"url": "http://partner.example/hook"}, ["url"]),
        ({"url": "https://ann:secret@partner.example/"}, ["url"]),
        ({"url": "https://partner.example/", "query": "{ nothing }"}, ["query"]),
        ({"url": "https://partner.example/", "query": "mutation { signOut { ok } }"}, ["query"]),
        ({"url": "https://partner.example/", "query": "query($x: ID!) { node(id: $x) { id } }"}, ["query"]),
        ({"url": "https://partner.example/", "partner": f"partner_{UUID(int=1)}"}, ["partner"]),
        ({"events": []}, ["url"]),
    ],
)
async def test_a_webhook_that_cannot_be_is_refused_and_nothing_is_stored(
    desk: Web, given: Any, field: list[str]
) -> None:
    saved = (await (await admin(desk)).ask(SAVE, input=given))["saveWebhook"]
    assert (saved["webhook"], [one["field"] for one in saved["errors"]]) == (None, [field])
    assert await Webhook.all().count() == 0


async def test_who_does_not_manage_webhooks_makes_none_and_sees_none(desk: Web) -> None:
    async with receiving() as receiver:
        made = await hook(receiver)
        editor = await admin(desk, "EDITOR")
        assert (await editor.refused(SAVE, input={"url": "https://partner.example/"}))["code"] == "FORBIDDEN"
        ask = "{ webhooks { nodes { url } totalCount } }"
        assert (await editor.ask(ask))["webhooks"] == {"nodes": [], "totalCount": 0}
        assert (await (await admin(desk)).ask(ask))["webhooks"] == {"nodes": [{"url": receiver.url}], "totalCount": 1}
        with pytest.raises(Forbidden):
            await actions.save(await house.staff("EDITOR"), {"active": False}, made, 1)
        with pytest.raises(Conflict):
            await actions.save(SYSTEM, {"active": False}, made, 2)
        with pytest.raises(NotFound):
            await actions.redeliver(SYSTEM, ids.new())
        with pytest.raises(BadInput):
            await actions.save(SYSTEM, {"events": ["NOTHING"]}, made, 1)


TEST = """mutation($id: ID!) { testWebhook(input: {id: $id}) {
  delivery { outcome status channel change { kind } } errors { code message } } }"""


async def test_a_webhook_is_tried_with_the_newest_change_it_is_told_of(desk: Web) -> None:
    boss = await admin(desk)
    async with receiving() as receiver:
        made = f"webhook_{await hook(receiver)}"
        await house.settled()
        empty = (await boss.ask(TEST, id=made))["testWebhook"]
        assert [one["code"] for one in empty["errors"]] == ["BAD_STATE"]
        await house.live(headline="Told")
        await sent(desk)
        stop = asyncio.Event()
        running = asyncio.create_task(webhooks.run(stop, desk.services, _never))
        done = (await boss.ask(TEST, id=made))["testWebhook"]
        stop.set()
        await running
        assert (done["errors"], done["delivery"]["outcome"], done["delivery"]["status"]) == ([], "DELIVERED", 200)
        assert receiver.kinds == ["ARTICLE_PUBLISHED", "ARTICLE_PUBLISHED"]
        assert (await (await admin(desk, "EDITOR")).refused(TEST, id=made))["code"] == "FORBIDDEN"
