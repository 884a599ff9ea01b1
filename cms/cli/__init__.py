"""The command line: every command with its words.  What a command does in more than a few lines is in the module it calls.

An expected refusal is one plain sentence on standard error: exit code 2 for a setting or a wrong use, 1 for the rest.
"""

import asyncio
import sys
from pathlib import Path
from uuid import UUID

import click

from cms import ids
from cms.actor import ROLES, SYSTEM
from cms.errors import CMSError
from cms.settings import BadSetting, Settings, listed
from media.errors import MediaError

# The product is imported inside the commands: `dateline --help` then takes 0.2 s in place of 2 s.


class _WrongSetting(click.ClickException):
    exit_code = 2


class _Commands(click.Group):
    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BadSetting as error:
            raise _WrongSetting(str(error)) from error
        except (CMSError, MediaError) as error:
            raise click.ClickException(error.message) from error
        except Exception as error:
            from cms.db.faults import fault

            if not isinstance(error, OSError) and (refusal := fault(error)):  # a file that is not there is no database
                raise click.ClickException(refusal.message) from error
            raise


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Dateline, a headless CMS for newsrooms.

    It is set up by DATELINE_… variables of the environment; `dateline settings` lists them.
    """


# ---------------------------------------------------------------------------------------------------------------- run


@main.command()
def demo() -> None:
    """Serve a small made-up newsroom; it is made at the first start.

    What opens it is listed in demo.json, beside its database.
    """
    from cms.cli import serving

    serving.demo(Settings.load())


@main.command()
def serve() -> None:
    """Serve the newsroom over HTTP.

    An embedded database is made and migrated on the way; for PostgreSQL that is what `dateline migrate` is for.
    """
    from cms.cli import serving

    serving.serve(Settings.load())


@main.command()
def worker() -> None:
    """Do the work that follows changes.

    For DATELINE_WORKER=off, which keeps it out of the web process; there may be any number of them on PostgreSQL.
    """
    from cms.cli import serving

    serving.work(Settings.load())


@main.command()
def migrate() -> None:
    """Bring the database's tables up to date.

    It prints the names of the steps it took, may be run again, and by two at once.
    """
    from cms.cli import serving

    steps = asyncio.run(serving.migrate(Settings.load()))
    click.echo("\n".join(steps) or "Nothing was pending.")


# ------------------------------------------------------------------------------------------------------------- people


@main.group()
def user() -> None:
    """Accounts of people."""


@user.command("add")
@click.option("--name", required=True, help="As colleagues see it.")
@click.option("--email", required=True, help="What they sign in with.")
@click.option("--role", required=True, type=click.Choice(ROLES, case_sensitive=False))
@click.option("--section", "sections", multiple=True, metavar="SLUG", help="Limits the account to it; may be repeated.")
def add_user(name: str, email: str, role: str, sections: tuple[str, ...]) -> None:
    """Make an account.  The password is asked for, or read from standard input: one line."""
    from cms.actions import accounts, listing
    from cms.cli import serving

    settings, password = Settings.load(), _password()

    async def add() -> UUID:
        async with serving.newsroom(settings):
            keys = [(await listing.section_named(slug, "section")).id for slug in sections]
            given = {"name": name, "email": email, "password": password, "role": role, "sections": keys}
            return await accounts.save_user(SYSTEM, given)

    asyncio.run(add())
    limits = f", limited to {', '.join(sections)}" if sections else ""
    click.echo(f"{name} <{email}> may sign in as {role}{limits}.")


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


@main.group()
def partner() -> None:
    """Syndication partners."""


@partner.command("add")
@click.argument("name")
def add_partner(name: str) -> None:
    """Make a partner; `dateline key create` makes its keys."""
    from cms.actions import partners
    from cms.cli import serving

    async def add() -> UUID:
        async with serving.newsroom(Settings.load()):
            return await partners.save_partner(SYSTEM, {"name": name})

    asyncio.run(add())
    click.echo(f"{name.strip()} is a partner; it has no key yet.")


@main.group()
def key() -> None:
    """Keys of programs."""


@key.command("create")
@click.option("--label", required=True, help="What it is for.")
@click.option("--user", "email", metavar="EMAIL", help="The account that it acts for.")
@click.option("--partner", metavar="NAME", help="The partner that it belongs to.")
@click.option("--scope", "scopes", multiple=True, metavar="VERB", help="Narrows an account's key; may be repeated.")
def create_key(label: str, email: str | None, partner: str | None, scopes: tuple[str, ...]) -> None:
    """Make a key for an account or a partner.  It is printed once, alone on standard output, and never again."""
    from cms.actions import accounts, partners
    from cms.cli import serving

    if (email is None) == (partner is None):
        raise click.UsageError("Name either --user or --partner.")

    async def create() -> accounts.NewKey:
        async with serving.newsroom(Settings.load()):
            owner = await accounts.user_named(SYSTEM, email) if email else None
            reader = await partners.partner_named(SYSTEM, partner) if partner else None
            return await accounts.create_key(SYSTEM, label, user=owner, partner=reader, scopes=scopes)

    made = asyncio.run(create())
    click.echo(f"The key {label!r} of {email or partner}; it is not shown again:", err=True)
    click.echo(made.secret)


# ---------------------------------------------------------------------------------------------------------- documents


@main.group()
def documents() -> None:
    """GraphQL documents that front ends run by name or hash."""


@documents.command("add")
@click.argument("name")
@click.argument("path", metavar="FILE|DIR", type=click.Path(exists=True, path_type=Path))
def add_documents(name: str, path: Path) -> None:
    """Register a file as NAME, or all .graphql files of a folder as NAME/…

    All of them or none; a name that stands for another text is given the new one.
    """
    from cms.cli import registering

    click.echo("\n".join(asyncio.run(registering.add(Settings.load(), name, path))))


@documents.command("list")
def list_documents() -> None:
    """List what is registered: documentId, time, name."""
    from cms.actions import documents
    from cms.cli import serving

    async def listing() -> list[documents.Registered]:
        async with serving.newsroom(Settings.load()):
            return await documents.listed(SYSTEM)

    for one in asyncio.run(listing()):
        click.echo(f"sha256:{one.sha256}  {one.created_at:%Y-%m-%dT%H:%M:%SZ}  {one.name}")


@documents.command("remove")
@click.argument("name")
def remove_document(name: str) -> None:
    """Take a document away; servers that run forget it within ten seconds."""
    from cms.actions import documents
    from cms.cli import serving

    async def remove() -> None:
        async with serving.newsroom(Settings.load()):
            await documents.remove(SYSTEM, name)

    asyncio.run(remove())
    click.echo(f"{name} is no longer registered.")


# ----------------------------------------------------------------------------------------------------------- looking


@main.command()
def settings() -> None:
    """List the settings: value, default, unit, meaning."""
    rows = [(one.variable, one.value, one.default, one.unit, one.help) for one in listed(Settings.load())]
    head = ("VARIABLE", "VALUE", "DEFAULT", "UNIT", "MEANING")
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(4)]
    for *columns, help in (head, *rows):
        click.echo("  ".join((*(text.ljust(width) for text, width in zip(columns, widths, strict=True)), help)))


@main.command()
def schema() -> None:
    """Print the GraphQL schema."""
    from schema.build import build_schema

    click.echo(build_schema().as_str())


@main.group("photos")
def photo_archive() -> None:
    """The photo archive."""


@photo_archive.command("add")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--credit", metavar="LINE", help="For all of them; otherwise each file names its own.")
@click.pass_context
def add_photos(context: click.Context, folder: Path, credit: str | None) -> None:
    """Take in all photos of a folder and of the folders in it.

    Run again it goes on: what the archive has is not sent.  Exit code 1 if a file was refused.
    """
    from cms.cli import adding

    counted = asyncio.run(adding.add(Settings.load(), folder, credit, lambda line: click.echo(line, err=True)))
    click.echo(f"{counted['added']} added, {counted['known']} there already, {counted['refused']} refused.")
    context.exit(int(counted["refused"] > 0))


@main.command("import")
@click.argument("format", type=click.Choice(["ninjs", "rss", "wordpress"]))
@click.argument("what", metavar="FILE|URL")
@click.option("--media", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Where its pictures lie.")
@click.option("--section", metavar="SLUG", help="For stories that name none; otherwise one called Imported is made.")
@click.option("--credit", metavar="LINE", help="For photos that name none, neither there nor in their files.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="The report for programs.")
@click.pass_context
def import_(
    context: click.Context,
    format: str,
    what: str,
    media: Path | None,
    section: str | None,
    credit: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring in what another system holds.

    Stories, photos, authors, sections, tags, and their old addresses; rss stands for Atom too.  Run again it changes nothing
    but what changed there.  Exit code 1 if something was refused.
    """
    import orjson

    from cms.cli import importing

    given = {"media": media, "section": section, "credit": credit, "dry_run": dry_run}
    report = asyncio.run(importing.run(Settings.load(), format, what, **given))  # type: ignore[arg-type]
    click.echo(orjson.dumps(report.document()) if as_json else "\n".join(importing.told(report)))
    context.exit(int(bool(report.refused)))


@main.command("kill-report")
@click.argument("photo")
@click.option("--url", help="Where this server answers; DATELINE_PUBLIC_URL unless given.")
@click.pass_context
def kill_report(context: click.Context, photo: str, url: str | None) -> None:
    """Prove that a withdrawn PHOTO is gone: who used it, what was told, what every address of it answers.

    Exit code 1 if it is still shown anywhere, or if that cannot be known.
    """
    from cms.cli import killed

    settings = Settings.load()
    if (id := ids.local(photo, "Photo")) is None:
        raise click.UsageError("A photo is named by its id, like photo_0190….")
    found = asyncio.run(killed.report(settings, id, (url or settings.public_url).rstrip("/")))
    click.echo("\n".join(found.lines))
    context.exit(int(not found.gone))


@main.command()
@click.pass_context
def doctor(context: click.Context) -> None:
    """Find what is broken, and say what to do.

    It looks at settings, database, storage, jobs and accounts.  Exit code 1 if something is broken.
    """
    from cms.cli import checkup

    found = asyncio.run(checkup.examine())
    for one in found:
        click.echo(f"{one.state:4}  {one.part:11}  {one.words}")
    context.exit(int(any(one.state == "fail" for one in found)))
