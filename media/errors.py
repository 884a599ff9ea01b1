"""Every refusal of media, as a tree.  The message is one plain sentence for people.

MediaError
├── UnsupportedImage   not a still picture of a kind that is taken
├── BadImage           broken: it cannot be decoded
├── ImageTooLarge      too many pixels, or too much memory to decode
├── FileTooLarge       too many bytes
├── Missing            the store holds no such object
├── Busy               too much work waits for a decoder; the same call may succeed later
└── StoreUnavailable   the store cannot be reached, or cannot take what is given; later it may
"""


class MediaError(Exception):
    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


class UnsupportedImage(MediaError):
    pass


class BadImage(MediaError):
    pass


class ImageTooLarge(MediaError):
    pass


class FileTooLarge(MediaError):
    pass


class Missing(MediaError):
    pass


class Busy(MediaError):
    pass


class StoreUnavailable(MediaError):
    pass
