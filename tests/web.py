"""The product over HTTP, inside the test's own event loop: the real application, its real parts, no socket."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from cms import db
from cms.app import create_app
from cms.settings import Settings
from cms.web.services import Services

PREFLIGHT = {"GraphQL-Require-Preflight": "1"}
SIGN_IN = "mutation($input: SignInInput!) { signIn(input: $input) { token errors { code message } } }"
UPLOAD = """mutation($input: UploadPhotoInput!) { uploadPhoto(input: $input) {
  photo { id version credit caption altText width height format sha256 }
  errors { code message field } warnings { code field } } }"""


@dataclass(frozen=True)
class Web:
    """A client of the application.  `token` is sent with every request that does not bring its own."""

    client: httpx.AsyncClient
    services: Services
    token: str | None = None

    def as_(self, token: str | None) -> "Web":
        return Web(self.client, self.services, token)

    @property
    def credential(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    async def get(self, path: str, **headers: str) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.get(path, headers=self.credential | sent)

    async def post(self, document: str, variables: Mapping[str, Any] | None = None, **headers: str) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        body = {"query": document, "variables": dict(variables or {})}
        return await self.client.post("/graphql", json=body, headers=self.credential | sent)

    async def ask(self, document: str, **variables: Any) -> Any:
        """The `data` of an answer without errors."""
        answer = (await self.post(document, variables)).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def refused(self, document: str, **variables: Any) -> dict[str, Any]:
        """The `extensions` of the first error, of an answer that has one."""
        answer = (await self.post(document, variables)).json()
        extensions: dict[str, Any] = answer["errors"][0]["extensions"]
        return extensions

    async def signed_in(self, email: str, password: str) -> "Web":
        data = await self.ask(SIGN_IN, input={"email": email, "password": password})
        self.client.cookies.clear()  # who asks is told by the token alone
        return self.as_(data["signIn"]["token"])

    async def upload(self, data: bytes, filename: str = "photo.jpg", **fields: Any) -> Any:
        """What uploadPhoto answered."""
        response = await self.send_file(data, filename, {"input": {"file": None, **fields}})
        answer = response.json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]["uploadPhoto"]

    async def send_file(
        self, data: bytes, filename: str, variables: Any, headers: Mapping[str, str] = PREFLIGHT
    ) -> httpx.Response:
        operations = orjson.dumps({"query": UPLOAD, "variables": variables}).decode()
        fields = {"operations": operations, "map": '{"0": ["variables.input.file"]}'}
        files = {"0": (filename, data, "application/octet-stream")}
        return await self.client.post("/graphql", data=fields, files=files, headers={**self.credential, **headers})


@asynccontextmanager
async def serving(database: str, store: str, **settings: Any) -> AsyncIterator[Web]:
    """The application on this database and store, started and stopped as a server would."""
    address = "http://desk.test"
    given = Settings(
        database_url=database, storage_url=store, site_url=address, public_url=address, worker=False, **settings
    )
    await db.migrate(given)
    app = create_app(given)
    async with app.router.lifespan_context(app):
        # httpx would raise what the application answers with 500
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=address) as client:
            yield Web(client, app.state.services)
