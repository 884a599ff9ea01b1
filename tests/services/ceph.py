"""A second real S3, other than SeaweedFS: Ceph's gateway (radosgw) from the system's packages, on a cluster of one host.

A monitor, a store that keeps its objects in memory, and the gateway: three children of ours, on the loopback, without
authentication among themselves; the gateway checks signatures.  What it stores is gone when it ends: right for tests only.
`scripts/ceph.sh` installs what it needs; nothing else of the system is read or changed.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

from tests import services
from tests.services import s3

PROGRAMS = ("ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")
READY_SECONDS = 60
END_SECONDS = 5
OPTIONS = {
    "public_addr": "127.0.0.1",
    "auth_cluster_required": "none",
    "auth_service_required": "none",
    "auth_client_required": "none",
    "ms_mon_client_mode": "crc secure",
    "osd_objectstore": "memstore",
    # one host, one copy of everything, one group a pool: the usual numbers wait for three hosts
    "osd_crush_chooseleaf_type": "0",
    "osd_pool_default_size": "1",
    "osd_pool_default_pg_num": "1",
    "osd_pool_default_pg_autoscale_mode": "off",
    "mon_allow_pool_size_one": "true",
    "mon_max_pg_per_osd": "2000",
    "admin_socket": "",  # its path would be too long for a socket in a deep temporary folder
}


def lacking() -> list[str]:
    """The programs that are not installed."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


@contextmanager
def serve(home: Path) -> Iterator[str]:
    """Yields the endpoint's URL, once an object can be stored."""
    home.mkdir()
    port, cluster = services.free_ports(2), str(uuid4())
    monitor = f"v2:127.0.0.1:{port + 1}"
    places = {
        "mon_data": home / "mon",
        "osd_data": home / "osd",
        "rgw_data": home / "rgw",
        "keyring": home / "keyring",
        "log_file": home / "$name.log",
    }
    gateway = {"rgw_frontends": f"beast endpoint=127.0.0.1:{port}", "fsid": cluster, "mon_host": monitor}
    settings = home / "ceph.conf"
    lines = [f"{name} = {value}" for name, value in {**OPTIONS, **gateway, **places}.items()]
    settings.write_text("\n".join(["[global]", *lines, ""]))
    (home / "keyring").touch()
    for name in ("mon", "osd"):
        (home / name).mkdir()
    conf = ("--conf", settings)
    with ExitStack() as running:
        _run("monmaptool", "--create", "--fsid", cluster, "--addv", "a", f"[{monitor}]", home / "monmap")
        _run("ceph-mon", *conf, "-i", "a", "--mkfs", "--monmap", home / "monmap")
        running.enter_context(_child("ceph-mon", *conf, "-i", "a"))
        store = str(uuid4())
        _run("ceph", *conf, "--connect-timeout", READY_SECONDS, "osd", "new", store, "0")
        _run("ceph-osd", *conf, "-i", "0", "--mkfs", "--osd-uuid", store, "--no-mon-config")
        running.enter_context(_child("ceph-osd", *conf, "-i", "0"))
        keys = ("--access-key", s3.ACCESS_KEY, "--secret-key", s3.SECRET_KEY)
        _run("radosgw-admin", *conf, "user", "create", "--uid=newsroom", "--display-name=newsroom", *keys)
        server = running.enter_context(_child("radosgw", *conf, "-n", "client.rgw"))
        endpoint = f"http://127.0.0.1:{port}"
        s3.wait(server, s3.S3(endpoint))
        yield endpoint


@contextmanager
def _child(*command: str | Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Runs until the end of the block, and at most END_SECONDS longer."""
    child = subprocess.Popen([*command, "-f"], cwd="/", stdin=subprocess.DEVNULL)
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _run(*command: str | int | Path) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=READY_SECONDS,
    )
    if done.returncode:
        raise RuntimeError(f"{words[0]} failed:\n{done.stdout}")
