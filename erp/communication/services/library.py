"""The file library, and the models that mails are written from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction

from erp.communication.models import LibraryFile, MailModel
from erp.communication.services.content import clean_mail_html, header_text, text_of_html
from erp.core import services as core
from erp.core.files import store_upload
from erp.core.models import File
from erp.various import data
from erp.various.services import localised
from tenants.models import Team

__all__ = ["save_library_file", "save_model", "seed_models", "stored_uploads"]


@transaction.atomic
def save_library_file(row: LibraryFile, values: Mapping[str, Any]) -> LibraryFile:
    """Save a file of the library. `file` is an upload: a new one leaves the former to the mails that have it.

    Without a `name`, it has the file's. Raises Invalid (422).
    """
    wanted = dict(values)
    if (upload := wanted.pop("file", None)) is not None:
        row.file = store_upload(upload, kind="mail_library")
    elif row.file_id is None:
        raise core.missing("file")
    row.name = header_text(wanted.get("name", row.name)) or row.name or row.file.filename
    core.validated(row)
    row.save()
    return row


@transaction.atomic
def save_model(row: MailModel, values: Mapping[str, Any]) -> MailModel:
    """Save a mail model.

    `attachments` (uploads) replaces the whole set, `add_attachments` (uploads) and `remove_attachments`
    (files) change it; likewise `library_files`, `add_library_files` and `remove_library_files` (rows). An
    empty `text` is made from the message whenever the message changes. Raises Invalid (422).
    """
    wanted = dict(values)
    files = {
        name: wanted.pop(name) for name in list(wanted) if name.endswith(("attachments", "library_files"))
    }
    if "html" in wanted:
        wanted["html"] = clean_mail_html(wanted["html"])
        wanted.setdefault("text", "")
    if "subject" in wanted:
        wanted["subject"] = header_text(wanted["subject"])
    if wanted.get("text") == "":
        wanted["text"] = text_of_html(wanted.get("html", row.html))
    core.save(row, wanted)
    for name in ("attachments", "add_attachments"):
        if name in files:
            files[name] = stored_uploads(files[name], name)
    for name in ("attachments", "library_files"):
        _change(getattr(row, name), *(files.get(f"{verb}{name}") for verb in ("", "add_", "remove_")))
    return row


def _change(relation: Any, whole: Any, added: Any, removed: Any) -> None:
    """Replace a set of rows, add some, take some away."""
    if whole is not None:
        relation.set(whole)
    if added:
        relation.add(*added)
    if removed:
        relation.remove(*removed)


def stored_uploads(uploads: list[Any], field: str) -> list[File]:
    """Keep the files of a body. Raises Invalid (422) at the one that is refused."""
    return [
        store_upload(upload, field=f"{field}.{place}", kind="mail") for place, upload in enumerate(uploads)
    ]


def seed_models(team: Team) -> None:
    """Give a new team a model for each kind of sales document, chosen in its settings (not saved here)."""
    language = "en" if settings.LANGUAGE_CODE.startswith("en") else "fr"
    for row in data.load("mail_models"):
        values = localised(row, language)
        setting = values.pop("setting")
        team.configs[setting] = save_model(MailModel(), values).pk
