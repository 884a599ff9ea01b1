"""A bucket as a store, of Amazon's or any other S3.  boto3 blocks, so each call runs in one of a few threads.

Sends no checksum that only Amazon knows: Content-MD5 is what every S3 verifies.
"""

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import boto3
import urllib3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from media.errors import Missing, StoreUnavailable
from media.storage.store import Door, Promise, checked

T = TypeVar("T")

THREADS = 16  # and connections
WAITING = 128  # calls, running ones included; more are refused at once
CONNECT_SECONDS, READ_SECONDS = 5, 30
TRIES = 3
CHUNK = 1 << 20  # bytes
ABSENT = ("404", "NoSuchKey")


class S3Store:
    name = "s3"

    def __init__(self, bucket: str, endpoint: str | None = None, region: str | None = None, path_style: bool = False):
        """Credentials come from where boto3 looks for them: environment, profile, instance."""
        self.bucket = bucket
        self._threads = ThreadPoolExecutor(THREADS, "s3")
        self._calls = 0
        self._client: Any = boto3.session.Session().client(  # boto3-stubs types it only with a stub package of its own
            "s3",
            endpoint_url=endpoint,
            region_name=region,
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"total_max_attempts": TRIES, "mode": "standard"},
                max_pool_connections=THREADS,
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                signature_version="s3v4",
                s3={"addressing_style": "path" if path_style else "auto"},
            ),
        )

    async def put(self, key: str, source: Path | bytes, content_type: str) -> None:
        await self._call(self._put, checked(key), source, content_type)

    async def get(self, key: str) -> bytes:
        return await self._call(self._get, checked(key))

    async def fetch(self, key: str, path: Path) -> None:
        await self._call(self._fetch, checked(key), path)

    async def size(self, key: str) -> int | None:
        try:
            return await self._call(self._size, checked(key))
        except Missing:
            return None

    async def delete(self, key: str) -> None:
        await self._call(self._delete, checked(key))

    async def keys(self, prefix: str) -> AsyncIterator[str]:
        page: dict[str, Any] = {}
        while page.get("IsTruncated", True):
            page = await self._call(self._page, prefix, page.get("NextContinuationToken"))
            for row in page.get("Contents", ()):
                yield row["Key"]

    async def check(self) -> None:
        try:
            await self._call(self._check)
        except Missing as error:
            raise StoreUnavailable("The store's bucket does not exist.") from error

    async def door(self, promise: Promise, seconds: int) -> Door:
        return await self._call(self._door, promise, seconds)

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    async def _call(self, function: Callable[..., T], *arguments: Any) -> T:
        if self._calls >= WAITING:
            raise StoreUnavailable("The store has too much to do just now.")
        self._calls += 1
        call = asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)
        call.add_done_callback(self._called)
        return await asyncio.shield(call)  # a thread cannot be cancelled: it counts until it is through

    def _called(self, call: asyncio.Future[Any]) -> None:
        self._calls -= 1
        if not call.cancelled():
            call.exception()  # looked at, also when nobody waits any more

    def _put(self, key: str, source: Path | bytes, content_type: str) -> None:
        with _answers(key):
            if isinstance(source, bytes):
                self._send(key, source, hashlib.md5(source, usedforsecurity=False), content_type)
                return
            with source.open("rb") as file:
                digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
                file.seek(0)
                self._send(key, file, digest, content_type)

    def _send(self, key: str, body: Any, digest: Any, content_type: str) -> None:
        md5 = b64encode(digest.digest()).decode()
        self._client.put_object(Bucket=self.bucket, Key=key, Body=body, ContentMD5=md5, ContentType=content_type)

    def _get(self, key: str) -> bytes:
        with _answers(key):
            body: bytes = self._client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
            return body

    def _fetch(self, key: str, path: Path) -> None:
        with _answers(key):
            body = self._client.get_object(Bucket=self.bucket, Key=key)["Body"]
            with path.open("wb") as out:
                for chunk in body.iter_chunks(CHUNK):
                    out.write(chunk)

    def _size(self, key: str) -> int:
        with _answers(key):
            size: int = self._client.head_object(Bucket=self.bucket, Key=key)["ContentLength"]
            return size

    def _delete(self, key: str) -> None:
        with _answers(key):
            self._client.delete_object(Bucket=self.bucket, Key=key)

    def _door(self, promise: Promise, seconds: int) -> Door:
        """The signature covers size, type and checksum; a server that does not know the checksum leaves that to the reader."""
        checksum = b64encode(bytes.fromhex(promise.sha256)).decode()
        given = {
            "Bucket": self.bucket,
            "Key": checked(promise.key),
            "ContentType": promise.content_type,
            "ContentLength": promise.byte_size,
            "ChecksumSHA256": checksum,
        }
        with _answers(promise.key):
            url = self._client.generate_presigned_url("put_object", Params=given, ExpiresIn=seconds)
        return Door(url, "PUT", {"Content-Type": promise.content_type, "x-amz-checksum-sha256": checksum})

    def _page(self, prefix: str, token: str | None) -> dict[str, Any]:
        with _answers(prefix):
            onward = {"ContinuationToken": token} if token else {}
            page: dict[str, Any] = self._client.list_objects_v2(Bucket=self.bucket, Prefix=prefix, **onward)
            return page

    def _check(self) -> None:
        with _answers(self.bucket):
            self._client.head_bucket(Bucket=self.bucket)


@contextmanager
def _answers(key: str) -> Iterator[None]:
    """What the server or the line to it says, in our words."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in ABSENT:
            raise Missing(f"There is no object {key}.") from error
        raise StoreUnavailable("The store refuses to work just now.") from error
    except (BotoCoreError, urllib3.exceptions.HTTPError, OSError) as error:
        raise StoreUnavailable("The store cannot be reached just now.") from error
