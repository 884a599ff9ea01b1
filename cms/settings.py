"""Every setting, once.  Read from DATELINE_* into one frozen object; `dateline settings` lists them with unit and default.

A value that cannot be read is refused at start in plain words, with the variable's name.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

DEFAULT_SECRET_KEY = "dateline-development-only"
MASK = "••••"


class BadSetting(Exception):
    """A setting that cannot be used; the message names the variable and says what would do."""


def _text(value: str) -> str:
    return value.strip()


def _whole(value: str) -> int:
    if (number := int(value)) < 0:
        raise ValueError(value)
    return number


def _port(value: str) -> int:
    if not 1 <= (number := int(value)) <= 65535:
        raise ValueError(value)
    return number


def _level(value: str) -> str:
    return {one: one for one in ("DEBUG", "INFO", "WARNING", "ERROR")}[value.strip().upper()]


def _switch(value: str) -> bool:
    return {"on": True, "off": False}[value.strip().lower()]


def _site(value: str) -> str:
    parts = urlsplit(value.strip())
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(value)
    return value.strip().rstrip("/")


def _address(value: str) -> str:
    _site(value)
    return value.strip()


def _sites(value: str) -> str:
    return ",".join(map(_site, value.split(",")))


def _processes(value: str) -> int:
    if (number := int(value)) < 1:
        raise ValueError(value)
    return number


def _networks(value: str) -> str:
    return ",".join(str(ip_network(one.strip())) for one in value.split(","))


def _origins(value: str) -> str:
    return ",".join("*" if one.strip() == "*" else "/".join(_site(one).split("/")[:3]) for one in value.split(","))


def _zone(value: str) -> str:
    return ZoneInfo(value.strip()).key


def _setting(read: Callable[[str], Any], default: Any, help: str, unit: str = "") -> Any:
    return field(default=default, metadata={"read": read, "help": help, "unit": unit})


@dataclass(frozen=True)
class Settings:
    database_url: str = _setting(
        _text,
        "sqlite:///var/dateline.sqlite3",
        "Where the newsroom is kept: sqlite:///PATH or postgresql://USER@HOST/NAME.",
    )
    read_database_urls: str = _setting(
        _text,
        "",
        "Standbys of it that answer anonymous readers, with commas between: postgresql://USER@HOST/NAME.",
    )
    storage_url: str = _setting(
        _text,
        "file:var/media",
        "Where photos are kept: file:PATH or s3://BUCKET?endpoint=URL&region=NAME&path_style=1.",
    )
    host: str = _setting(_text, "127.0.0.1", "The address to listen on.")
    port: int = _setting(_port, 8000, "The port to listen on.")
    site_url: str = _setting(_site, "http://127.0.0.1:8000", "The public site's address; links in feeds start with it.")
    public_url: str = _setting(
        _site,
        "",
        "Where this server is reached from outside, if not at the site's address: images and feeds start with it.",
    )
    site_name: str = _setting(_text, "Dateline", "The newsroom's name, as readers and partners see it.")
    site_time_zone: str = _setting(_zone, "UTC", "The newsroom's time zone, an IANA name.")
    site_language: str = _setting(_text, "en", "The site's language, a BCP 47 tag.")
    websub_hub: str = _setting(_address, "", "The WebSub hub that feeds name, if there is one.")
    secret_key: str = _setting(_text, DEFAULT_SECRET_KEY, "Signs links; at least 32 characters in production.")
    production: bool = _setting(_switch, False, "on: refuse to start with a default secret key or the demo's accounts.")
    worker: bool = _setting(
        _switch, True, "on: the worker runs inside the web process; off: `dateline worker` runs it."
    )
    log_level: str = _setting(_level, "INFO", "DEBUG, INFO, WARNING or ERROR.")
    introspection: bool = _setting(_switch, False, "on: the schema may be asked for by everyone, not by staff alone.")
    schema_file: bool = _setting(_switch, True, "on: GET /schema.graphql answers with the public contract.")
    only_registered_documents: bool = _setting(
        _switch, False, "on: who is not signed in may run registered documents only."
    )
    session_hours: int = _setting(_whole, 12, "How long a sign-in lasts.", "hours")
    sign_in_tries: int = _setting(
        _whole, 10, "Sign-ins that may fail, for an account and from an address each; 0: any number.", "tries"
    )
    sign_in_minutes: int = _setting(_whole, 15, "How long a sign-in that failed counts; a day at most.", "minutes")
    max_body_kb: int = _setting(_whole, 256, "The largest JSON body of a request.", "kB")
    max_upload_mb: int = _setting(_whole, 32, "The largest photo file.", "MB")
    max_upload_files: int = _setting(_whole, 10, "The most files in one request.", "files")
    max_megapixels: int = _setting(_whole, 50, "The largest photo, width times height.", "megapixels")
    max_tokens: int = _setting(_whole, 2000, "The longest GraphQL document.", "tokens")
    max_depth: int = _setting(_whole, 12, "The deepest GraphQL selection.", "levels")
    max_aliases: int = _setting(_whole, 15, "The most aliases in a GraphQL document.", "aliases")
    max_cost: int = _setting(_whole, 1000, "The most objects that an answer to the public may hold.", "objects")
    max_staff_cost: int = _setting(_whole, 10_000, "The most objects that an answer to staff may hold.", "objects")
    max_directives: int = _setting(_whole, 20, "The most directives in a GraphQL document.", "directives")
    request_seconds: int = _setting(_whole, 10, "How long one request may take.", "seconds")
    idle_seconds: int = _setting(
        _whole, 15, "How long a connection may stay open on which nothing is asked.", "seconds"
    )
    head_seconds: int = _setting(_whole, 15, "How long a request's headers may take to arrive.", "seconds")
    body_seconds: int = _setting(
        _whole, 25, "How long a request's body may take to arrive; a file one second more for each 64 kB.", "seconds"
    )
    max_head_kb: int = _setting(_whole, 32, "The largest address and headers of a request.", "kB")
    max_connections: int = _setting(_whole, 2000, "Connections that may be open.", "connections")
    max_working: int = _setting(_whole, 64, "Requests that are worked on at once; more wait their turn.", "requests")
    max_waiting: int = _setting(
        _whole, 512, "Requests that wait their turn, a second at most; more are refused.", "requests"
    )
    web_processes: int = _setting(
        _processes, 1, "How many `dateline serve` there are: each gives out its share of the budgets.", "processes"
    )
    reads_per_minute: int = _setting(_whole, 30_000_000, "What one caller may read, in cost; 0: any number.", "objects")
    writes_per_minute: int = _setting(_whole, 6000, "Mutations of one caller; 0: any number.", "mutations")
    uploads_per_minute: int = _setting(_whole, 3000, "Requests with files of one caller; 0: any number.", "requests")
    sign_ins_per_minute: int = _setting(_whole, 120, "Sign-ins from one address; 0: any number.", "sign-ins")
    trusted_proxies: str = _setting(
        _networks, "", "Proxies whose X-Forwarded-For and -Proto are believed: address ranges, with commas between."
    )
    cors_origins: str = _setting(
        _origins, "", "Other sites whose scripts may ask, with commas between: https://app.example.org; *: all."
    )
    statement_seconds: int = _setting(_whole, 5, "How long one database statement may take.", "seconds")
    answer_cache_mb: int = _setting(
        _whole, 64, "Room for answers to the public, kept until the content changes; 0: none is kept.", "MB"
    )
    purge_urls: str = _setting(
        _sites, "", "HTTP caches in front that are told of a kill, with commas between; see deploying."
    )
    outgoing_networks: str = _setting(
        _networks,
        "",
        "Addresses that are not public and may be asked all the same, with commas between: 10.1.2.0/24.",
    )
    max_streams: int = _setting(
        _whole, 1000, "The most connections that follow changes, for each process.", "connections"
    )
    max_subscriptions: int = _setting(_whole, 50, "The most subscriptions of one WebSocket.", "subscriptions")
    pool_size: int = _setting(_whole, 8, "Connections to PostgreSQL, for reads and for writes each.", "connections")

    @classmethod
    def load(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Raises BadSetting for a value that cannot be read and for a DATELINE_ variable that is no setting."""
        known = {variable(one.name): one for one in fields(cls)}
        given = {name: value for name, value in environment.items() if name.startswith("DATELINE_") and value != ""}
        if unknown := sorted(given.keys() - known.keys()):
            raise BadSetting(f"{unknown[0]} is not a setting; `dateline settings` lists them all.")
        values = {}
        for name, value in given.items():
            try:
                values[known[name].name] = known[name].metadata["read"](value)
            except (ValueError, KeyError, OSError):  # OSError: a time zone that names a folder of zones
                raise BadSetting(f"{name} cannot be {value!r}: {known[name].metadata['help']}") from None
        settings = cls(**values)
        local = f"http://127.0.0.1:{settings.port}"
        site = values.get("site_url", local)
        return replace(settings, site_url=site, public_url=values.get("public_url", site))

    @property
    def embedded(self) -> bool:
        """SQLite: one process serves, works and writes."""
        return self.database_url.startswith("sqlite:")

    @property
    def caches(self) -> list[str]:
        return self.purge_urls.split(",") if self.purge_urls else []

    @property
    def outgoing(self) -> list[IPv4Network | IPv6Network]:
        """Where requests to other people's servers may go beside public addresses."""
        return [ip_network(one) for one in self.outgoing_networks.split(",") if one]

    def check_production(self) -> None:
        """Raises BadSetting when `production` is on and the secret key is the default or short."""
        if self.production and (self.secret_key == DEFAULT_SECRET_KEY or len(self.secret_key) < 32):
            raise BadSetting("DATELINE_SECRET_KEY must be set to at least 32 random characters in production.")


@dataclass(frozen=True)
class Listed:
    """A setting as `dateline settings` prints it; secrets in `value` are masked."""

    variable: str
    value: str
    default: str
    unit: str
    help: str


def variable(name: str) -> str:
    return f"DATELINE_{name.upper()}"


def listed(settings: Settings) -> list[Listed]:
    return [
        Listed(
            variable(one.name),
            _masked(one.name, _shown(getattr(settings, one.name))),
            _shown(one.default),
            one.metadata["unit"],
            one.metadata["help"],
        )
        for one in fields(Settings)
    ]


def _shown(value: Any) -> str:
    return ("off", "on")[value] if isinstance(value, bool) else str(value)


def _masked(name: str, value: str) -> str:
    if name == "secret_key" and value != DEFAULT_SECRET_KEY:
        return MASK
    if name in ("database_url", "read_database_urls", "purge_urls"):
        return ",".join(_without_password(one) for one in value.split(","))
    return value


def _without_password(url: str) -> str:
    password = urlsplit(url).password
    return url.replace(f":{password}@", f":{MASK}@") if password else url
