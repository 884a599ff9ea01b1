"""Photos in, and changes to what is said of them."""

from typing import Any

import strawberry

from cms.actions import photos
from cms.errors import BadInput, Refusal, Refused, Unavailable
from schema.context import Context
from schema.errors import user_errors
from schema.mutations.call import answered, given, key, refused
from schema.types.inputs import UpdatePhotoInput, UploadPhotoInput, UploadPhotosInput
from schema.types.payloads import PhotoPayload, UploadPhotosPayload

Info = strawberry.Info[Context, None]


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
            return UploadPhotosPayload(results=[refused(PhotoPayload, wrong) for _ in input.photos[:1]])
        return UploadPhotosPayload(results=[await _one_of_several(info.context, one) for one in input.photos])

    @strawberry.mutation(description="Changes what is said of a photo; every use of it shows the change.")
    async def update_photo(self, info: Info, input: UpdatePhotoInput) -> PhotoPayload:
        try:
            id, changes = key(input.id, "Photo"), given(input, "id", "version")
        except Refusal as error:
            return refused(PhotoPayload, error)
        return await answered(PhotoPayload, "photo", photos.update(info.context.actor, id, input.version, changes))


async def _one_of_several(context: Context, input: UploadPhotoInput) -> PhotoPayload:
    """A store that is lost on the way does not hide what was taken in before."""
    try:
        return await _upload(context, input)
    except Unavailable as error:
        return refused(PhotoPayload, error)


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
            on_duplicate=input.on_duplicate.value if input.on_duplicate else "REFUSE",
        )
    except (Refusal, Refused) as error:
        return refused(PhotoPayload, error)
    photo: Any = done.id
    return PhotoPayload(photo=photo, warnings=[warning for one in done.warnings for warning in user_errors(one)])
