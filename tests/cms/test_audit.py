"""The audit: one entry for each write, in its own transaction, with who asked and in which request."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from cms import audit, db, ids
from cms.actions import accounts, articles, documents, partners, publishing, related, taxonomy
from cms.actor import SYSTEM, Actor
from cms.db.clock import now
from cms.errors import CMSError
from cms.models import ApiKey, AuditEntry, Partner, Session, Tag, User
from cms.settings import Settings
from cms.telemetry import request_id
from tests import house

pytestmark = pytest.mark.usefixtures("newsroom")

PASSWORD = "correct horse, battery"
PERSON = {"name": "Ada Editor", "email": "ada@desk.test", "password": PASSWORD, "role": "EDITOR"}
SETTINGS = Settings()

Deed = Callable[[Actor], Awaitable[Any]]


async def entries() -> list[tuple[str, str, UUID, str]]:
    rows = await AuditEntry.all().order_by("at", "id")
    return [(row.action, row.subject_type, row.subject_id, row.summary) for row in rows]


async def test_an_entry_says_who_when_and_in_which_request() -> None:
    admin = await house.staff("ADMIN", name="Ida Admin")
    before, token = await now(), request_id.set("0d1f0b4094e7115ca3c9")
    made = await taxonomy.save_tag(admin, {"name": "Harbour"})
    request_id.reset(token)
    await taxonomy.save_tag(SYSTEM, {"name": "Quay"})
    first, second = await AuditEntry.all().order_by("at", "id")
    assert (first.by, first.user_id, first.request_id) == ("Ida Admin", admin.user_id, "0d1f0b4094e7115ca3c9")
    assert (first.subject_type, first.subject_id) == ("Tag", made)
    assert before <= first.at <= second.at <= await now()
    assert (second.by, second.user_id, second.request_id) == ("Dateline", None, "")


async def test_what_is_undone_was_not_done() -> None:
    async def saved_and_undone() -> None:
        async with db.transaction():
            await taxonomy.save_tag(SYSTEM, {"name": "Harbour"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await saved_and_undone()
    assert await AuditEntry.all().count() == await Tag.all().count() == 0


async def test_a_summary_is_one_line_of_300_characters() -> None:
    async with db.transaction():
        await audit.record(SYSTEM, "tag.save", "Tag", ids.new(), " A\nheadline\t" + "x" * 400)
    assert (await AuditEntry.get()).summary == "A headline " + "x" * 289


async def test_every_write_to_accounts_partners_and_documents_leaves_one_entry() -> None:
    user = await accounts.save_user(SYSTEM, PERSON)
    signed_in = await accounts.sign_in("ada@desk.test", PASSWORD, settings=SETTINGS, source="192.0.2.7")
    await accounts.sign_out(signed_in.actor)
    signed_in = await accounts.sign_in("ada@desk.test", PASSWORD, settings=SETTINGS)
    changed = await accounts.change_password(signed_in.actor, PASSWORD, "another, of words", settings=SETTINGS)
    await accounts.sign_out_everywhere(changed.actor)
    key = (await accounts.create_key(SYSTEM, "Import", user=user)).id
    await accounts.revoke_key(SYSTEM, key)
    await accounts.save_user(SYSTEM, {"name": "Ada B.", "password": PASSWORD, "sections": []}, user, 2)
    partner = await partners.save_partner(SYSTEM, {"name": "Harbour Wire"})
    await partners.save_partner(SYSTEM, {"active": False}, partner, 1)
    await documents.add(SYSTEM, {"front": "{ __typename }"})
    document = (await AuditEntry.filter(subject_type="Document").first() or pytest.fail("none")).subject_id
    await documents.remove(SYSTEM, "front")
    assert await entries() == [
        ("user.create", "User", user, "Ada Editor, EDITOR"),
        ("session.sign_in", "User", user, "From 192.0.2.7"),
        ("session.sign_out", "User", user, ""),
        ("session.sign_in", "User", user, ""),
        ("user.change_password", "User", user, ""),
        ("session.sign_out_everywhere", "User", user, "Sessions ended: 1"),
        ("key.create", "Key", key, "Import"),
        ("key.revoke", "Key", key, "Import"),
        ("user.update", "User", user, "Ada Editor: name, password, sections"),
        ("partner.create", "Partner", partner, "Harbour Wire"),
        ("partner.update", "Partner", partner, "Harbour Wire: active"),
        ("document.add", "Document", document, "front"),
        ("document.remove", "Document", document, "front"),
    ]
    told = repr(await AuditEntry.all().values())
    assert not any(word in told for word in (PASSWORD, "another, of words", "dls_", "dlk_", "argon2"))


async def test_every_write_to_stories_and_their_sorting_leaves_one_entry() -> None:
    editor = await house.staff("EDITOR", name="Eve")
    section = await taxonomy.save_section(editor, {"name": "World"})
    tag = await taxonomy.save_tag(editor, {"name": "Harbour"})
    author = await taxonomy.save_author(editor, {"name": "Ann"})
    story = await house.article(editor, headline="A story")
    await articles.update(editor, story, 1, {"kicker": "New"})
    await articles.set_lead_photo(editor, story, 2, None)
    await related.set_links(editor, story, 3, [])
    await publishing.publish(editor, story, 4)
    await publishing.unpublish(editor, story, 5)
    found = [(action, type_, subject) for action, type_, subject, _ in await entries()]
    assert found == [
        ("section.save", "Section", section),
        ("tag.save", "Tag", tag),
        ("author.save", "Author", author),
        ("article.create", "Article", story),
        *[("article.update", "Article", story)] * 3,
        ("article.publish", "Article", story),
        ("article.unpublish", "Article", story),
    ]
    assert {row.by for row in await AuditEntry.all()} == {"Eve"}


NOTHING: dict[str, Deed] = {
    "the same registered again": lambda actor: documents.add(actor, {"front": "{ __typename }"}),
    "an account without a change": lambda actor: _first(User, lambda key: accounts.save_user(actor, {}, key, 1)),
    "a partner without a change": lambda actor: _first(Partner, lambda key: partners.save_partner(actor, {}, key, 1)),
    "a key revoked again": lambda actor: _first(ApiKey, lambda key: accounts.revoke_key(actor, key)),
    "a session that ended signed out": lambda actor: accounts.sign_out(actor),
    "a slug that is taken": lambda actor: taxonomy.save_tag(actor, {"name": "Harbour"}),
    "a stale version": lambda actor: _first(Tag, lambda key: taxonomy.save_tag(actor, {"name": "New"}, key, 9)),
    "an account that cannot be": lambda actor: accounts.save_user(actor, PERSON),
    "a document that is not there": lambda actor: documents.remove(actor, "none"),
}


async def _first(model: Any, deed: Callable[[UUID], Awaitable[Any]]) -> Any:
    row = await model.all().order_by("id").first()
    return await deed(row.id)


@pytest.mark.parametrize("name", NOTHING)
async def test_what_changes_nothing_leaves_none(name: str) -> None:
    user = await accounts.save_user(SYSTEM, PERSON)
    await partners.save_partner(SYSTEM, {"name": "Harbour Wire"})
    await documents.add(SYSTEM, {"front": "{ __typename }"})
    await taxonomy.save_tag(SYSTEM, {"name": "Harbour"})
    await accounts.revoke_key(SYSTEM, (await accounts.create_key(SYSTEM, "Import", user=user)).id)
    admin = await house.staff("ADMIN")
    assert await Session.all().count() == 0
    before = await entries()
    try:
        await NOTHING[name](admin)
    except CMSError:
        pass
    assert await entries() == before
