"""Photos in, and changes to what is said of them."""

from collections.abc import Coroutine
from typing import Any
from uuid import UUID

import strawberry

from cms import audit, ids
from cms.actions import photos, uploads
from cms.errors import BadInput, Refusal, Refused, Unavailable
from schema.context import Context
from schema.errors import user_errors
from schema.mutations.call import answered, given, key, refused, step
from schema.scalars import JSON, URL, DateTime
from schema.types.inputs import (
    FinishPhotoUploadInput,
    ReplacePhotoFileInput,
    StartPhotoUploadInput,
    UpdatePhotoInput,
    UpdatePhotosInput,
    UploadPhotoInput,
    UploadPhotosInput,
)
from schema.types.payloads import (
    PhotoPayload,
    StartPhotoUploadPayload,
    UpdatePhotosPayload,
    UploadPhotosPayload,
)

Info = strawberry.Info[Context, None]

MOST_UPDATES = 100


@strawberry.type
class PhotoMutations:
    @strawberry.mutation(
        description="Takes a photo in; credit and caption are read from the file where they are left out."
    )
    async def upload_photo(self, info: Info, input: UploadPhotoInput) -> PhotoPayload:
        return await _upload(info.context, input)

    @strawberry.mutation(
        description="Takes several photos in; each has its own result, and one bad file stops no other."
    )
    async def upload_photos(self, info: Info, input: UploadPhotosInput) -> UploadPhotosPayload:
        most = info.context.services.settings.max_upload_files
        if not 1 <= len(input.photos) <= most:
            wrong = BadInput(f"A request takes 1 to {most} photos.", "photos")
            return UploadPhotosPayload(results=[refused(PhotoPayload, wrong)])
        return UploadPhotosPayload(
            results=[await _one_of_several(n, _upload(info.context, one)) for n, one in enumerate(input.photos)]
        )

    @strawberry.mutation(description="Begins an upload straight into the store; it is finished within an hour.")
    async def start_photo_upload(self, info: Info, input: StartPhotoUploadInput) -> StartPhotoUploadPayload:
        services = info.context.services
        try:
            begun = await uploads.start(info.context.actor, services.store, **given(input), settings=services.settings)
        except (Refusal, Refused) as error:
            return refused(StartPhotoUploadPayload, error)
        return StartPhotoUploadPayload(
            upload_id=strawberry.ID(ids.public("Upload", begun.id)),
            url=URL(begun.door.url),
            method=begun.door.method,
            headers=JSON(dict(begun.door.headers)),
            expires_at=DateTime(begun.expires_at),
        )

    @strawberry.mutation(description="Takes in a photo that was put into the store; asked again, it answers the same.")
    async def finish_photo_upload(self, info: Info, input: FinishPhotoUploadInput) -> PhotoPayload:
        services = info.context.services
        try:
            done = await uploads.finish(
                info.context.actor,
                services.store,
                services.workshop,
                key(input.upload_id, "Upload", "uploadId"),
                given(input, "upload_id", "on_duplicate"),
                settings=services.settings,
                on_duplicate=_on_duplicate(input),
            )
        except (Refusal, Refused) as error:
            return refused(PhotoPayload, error)
        return _taken(done)

    @strawberry.mutation(description="Changes what is said of a photo; every use of it shows the change.")
    async def update_photo(self, info: Info, input: UpdatePhotoInput) -> PhotoPayload:
        return await _update(info.context, input)

    @strawberry.mutation(description="Changes several photos; each has its own result, and one refusal stops no other.")
    async def update_photos(self, info: Info, input: UpdatePhotosInput) -> UpdatePhotosPayload:
        named = [one for one in map(_photo_key, input.photos[:MOST_UPDATES]) if one]
        await photos.require_all(info.context.actor, named)
        if not 1 <= len(input.photos) <= MOST_UPDATES:
            wrong = BadInput(f"A request changes 1 to {MOST_UPDATES} photos.", "photos")
            return UpdatePhotosPayload(results=[refused(PhotoPayload, wrong)])
        return UpdatePhotosPayload(
            results=[await _one_of_several(n, _update(info.context, one)) for n, one in enumerate(input.photos)]
        )

    @strawberry.mutation(description="Gives a photo a better file of the same picture; its uses and its history stay.")
    async def replace_photo_file(self, info: Info, input: ReplacePhotoFileInput) -> PhotoPayload:
        services = info.context.services
        try:
            done = await photos.replace(
                info.context.actor,
                services.store,
                services.workshop,
                key(input.id, "Photo"),
                input.version,
                input.file,
                settings=services.settings,
            )
        except (Refusal, Refused) as error:
            return refused(PhotoPayload, error)
        return _taken(done)


async def _one_of_several(number: int, action: Coroutine[Any, Any, PhotoPayload]) -> PhotoPayload:
    """What is lost on the way does not hide what was done before."""
    if (done := step(number, ("Photo",))) is not None:
        action.close()
        photo: Any = done
        return PhotoPayload(photo=photo)
    try:
        return await action
    except Unavailable as error:
        if held := audit.in_hand.get():
            held.again = True
        return refused(PhotoPayload, error)


async def _update(context: Context, input: UpdatePhotoInput) -> PhotoPayload:
    try:
        id, changes = key(input.id, "Photo"), given(input, "id", "version")
    except Refusal as error:
        return refused(PhotoPayload, error)
    return await answered(PhotoPayload, "photo", photos.update(context.actor, id, input.version, changes))


async def _upload(context: Context, input: UploadPhotoInput) -> PhotoPayload:
    services, file = context.services, input.file
    try:
        done = await photos.upload(
            context.actor,
            services.store,
            services.workshop,
            file,
            given(input, "file", "on_duplicate"),
            settings=services.settings,
            on_duplicate=_on_duplicate(input),
        )
    except (Refusal, Refused) as error:
        return refused(PhotoPayload, error)
    return _taken(done)


def _taken(done: photos.Uploaded) -> PhotoPayload:
    photo: Any = done.id
    return PhotoPayload(photo=photo, warnings=[warning for one in done.warnings for warning in user_errors(one)])


def _on_duplicate(input: UploadPhotoInput | FinishPhotoUploadInput) -> photos.OnDuplicate:
    return input.on_duplicate.value if input.on_duplicate else "REFUSE"


def _photo_key(input: UpdatePhotoInput) -> UUID | None:
    return ids.local(input.id, "Photo")
