"""What opens the demo newsroom, as `demo.json` lists it: a file for its owner's eyes, whole or not there at all."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from cms.actor import Role


@dataclass(frozen=True, slots=True)
class Account:
    """`token` is that of a sign-in, and lasts for a year."""

    role: Role
    email: str
    password: str
    token: str


@dataclass(frozen=True, slots=True)
class ApiKey:
    label: str
    secret: str


@dataclass(frozen=True, slots=True)
class Partner:
    """`feeds` are paths on this server."""

    name: str
    key: str
    feeds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keyring:
    """`url` is where the server is reached."""

    url: str
    accounts: tuple[Account, ...]
    api_keys: tuple[ApiKey, ...]
    partners: tuple[Partner, ...]


def keep(ring: Keyring, path: Path) -> None:
    """Write it to `path`, readable by its owner alone, in one step."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(ring), file, indent=2, ensure_ascii=False)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def kept(path: Path) -> Keyring | None:
    """What `keep` wrote; None where it is gone."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    return Keyring(
        url=found["url"],
        accounts=tuple(Account(**one) for one in found["accounts"]),
        api_keys=tuple(ApiKey(**one) for one in found["api_keys"]),
        partners=tuple(Partner(one["name"], one["key"], tuple(one["feeds"])) for one in found["partners"]),
    )
