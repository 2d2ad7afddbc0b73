"""Storing and answering files: checked by content and size, kept under random names in the team's folder."""

from __future__ import annotations

import base64
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from erp.core.errors import Invalid
from erp.core.models import File

__all__ = ["file_content", "store", "store_upload"]

#: Extension -> the bytes that a genuine file begins with. SVG and HTML are refused: they can carry scripts.
SIGNATURES: dict[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "gif": (b"GIF87a", b"GIF89a"),
    "webp": (b"RIFF",),  # and WEBP after the size
    "docx": (b"PK\x03\x04",),
    "xlsx": (b"PK\x03\x04",),
    "odt": (b"PK\x03\x04",),
    "ods": (b"PK\x03\x04",),
    "zip": (b"PK\x03\x04",),
    "csv": (),
    "txt": (),
}
IMAGES = ("png", "jpg", "jpeg", "gif", "webp")
DOCUMENTS = ("docx", "odt")


def store(content: bytes, filename: str, *, name: str = "", element: Any = None, kind: str = "") -> File:
    """Keep bytes made by the product itself; `element` is the row they belong to."""
    file = File(
        name=name[:255],
        filename=PurePosixPath(filename.replace("\\", "/")).name[:255],
        extension=PurePosixPath(filename).suffix.lstrip(".").lower()[:10],
        size=len(content),
        element_type=kind,
        element_id=element.pk if element is not None else None,
    )
    from erp.core.models import check_rows

    check_rows([file])
    file.content.save(file.filename, ContentFile(content), save=False)
    file.save()
    return file


def store_upload(
    upload: Any, *, allowed: tuple[str, ...] = tuple(SIGNATURES), field: str = "file", **kwargs: Any
) -> File:
    """Keep an uploaded file. Raises Invalid when it is too large or not what its name says."""
    extension = PurePosixPath(upload.name or "").suffix.lstrip(".").lower()
    if extension not in allowed:
        raise Invalid(
            {field: _("Send a file of one of these kinds: %(names)s.") % {"names": ", ".join(allowed)}}
        )
    if upload.size > settings.UPLOAD_MAX_BYTES:
        megabytes = settings.UPLOAD_MAX_BYTES // (1024 * 1024)
        raise Invalid({field: _("The file is larger than %(size)s MB.") % {"size": megabytes}})
    content = upload.read()
    if not _is_genuine(content, extension):
        raise Invalid({field: _("The file is not a real %(kind)s file.") % {"kind": extension.upper()}})
    return store(content, upload.name, **kwargs)


def _is_genuine(content: bytes, extension: str) -> bool:
    """Whether the bytes are what the extension says; a text has no NUL."""
    signatures = SIGNATURES[extension]
    if not signatures:
        return b"\x00" not in content
    return content.startswith(signatures) and (extension != "webp" or content[8:12] == b"WEBP")


def file_content(file: File) -> bytes:
    """The bytes of a stored file."""
    with file.content.open("rb") as stream:
        return bytes(stream.read())


def base64_content(file: File) -> str:
    """The bytes as the wire's `file` attribute."""
    return base64.b64encode(file_content(file)).decode()
