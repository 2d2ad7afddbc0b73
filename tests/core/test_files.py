"""Uploads are what their name says, have a size limit, and are kept under names of our own."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from erp.core.errors import Invalid
from erp.core.files import SIGNATURES, base64_content, file_content, store, store_upload
from tenants.models import Team

GENUINE = {
    "pdf": b"%PDF-1.7\n",
    "png": b"\x89PNG\r\n\x1a\n...",
    "jpg": b"\xff\xd8\xff\xe0",
    "jpeg": b"\xff\xd8\xff\xe0",
    "gif": b"GIF89a...",
    "webp": b"RIFF\x10\x00\x00\x00WEBPVP8 ",
    "docx": b"PK\x03\x04...",
    "xlsx": b"PK\x03\x04...",
    "odt": b"PK\x03\x04...",
    "ods": b"PK\x03\x04...",
    "zip": b"PK\x03\x04...",
    "csv": b"a;b\n",
    "txt": "é".encode(),
}


@pytest.mark.parametrize("extension", SIGNATURES)
def test_genuine_files_are_kept_as_they_are(scope: Team, extension: str) -> None:
    content = GENUINE[extension]
    file = store_upload(SimpleUploadedFile(f"My file.{extension.upper()}", content))
    assert (file.filename, file.extension, file.size) == (
        f"My file.{extension.upper()}",
        extension,
        len(content),
    )
    assert file_content(file) == content
    assert re.fullmatch(rf"teams/{scope.pk}/[0-9a-f]{{32}}\.{extension}", file.content.name)


@pytest.mark.parametrize("extension", SIGNATURES)
def test_files_that_are_not_what_they_say_are_refused(scope: Team, extension: str) -> None:
    content = b"MZ\x00\x90 a program" if extension != "webp" else b"RIFF\x10\x00\x00\x00WAVEfmt "
    with pytest.raises(Invalid) as refused:
        store_upload(SimpleUploadedFile(f"file.{extension}", content), field="logo")
    assert list(refused.value.errors) == ["logo"]


@pytest.mark.parametrize("name", ["x.svg", "x.html", "x.exe", "x", ".pdf", "x.pdf.php", "x.pdf "])
def test_other_kinds_are_refused(scope: Team, name: str) -> None:
    with pytest.raises(Invalid):
        store_upload(SimpleUploadedFile(name, b"%PDF-1.7"))


def test_a_caller_may_allow_fewer_kinds(scope: Team) -> None:
    with pytest.raises(Invalid, match="png"):
        store_upload(SimpleUploadedFile("x.pdf", GENUINE["pdf"]), allowed=("png",))


def test_large_files_are_refused(scope: Team) -> None:
    with override_settings(UPLOAD_MAX_BYTES=4), pytest.raises(Invalid):
        store_upload(SimpleUploadedFile("x.txt", b"12345"))


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.txt",
        "..\\..\\boot.txt",
        "/etc/passwd.txt",
        "C:\\boot.txt",
        "a/../b.txt",
        "é\u202egnp.txt",
    ],
)
def test_names_never_reach_the_disk(scope: Team, name: str) -> None:
    file = store(b"text", name)
    assert re.fullmatch(rf"teams/{scope.pk}/[0-9a-f]{{32}}\.txt", file.content.name)
    assert "/" not in file.filename
    assert "\\" not in file.filename


def test_content_is_answered_in_base64(scope: Team) -> None:
    assert base64_content(store(b"text", "a.txt")) == "dGV4dA=="


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1023, "1023 B"), (196465, "191.86 KiB"), (5 * 2**20, "5.00 MiB"), (2**31, "2.00 GiB")],
)
def test_sizes_are_told_in_binary_units(scope: Team, size: int, text: str) -> None:
    file = store(b"", "a.txt")
    file.size = size
    assert file.human_size == text
