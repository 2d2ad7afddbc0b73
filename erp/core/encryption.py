"""Secrets kept in the database (passwords of mail servers, of connections), unreadable without the settings.

    row.smtp_password = encrypt("secret")
    decrypt(row.smtp_password)

Fernet (AES and HMAC, of the library `cryptography`) with keys derived from FIELD_ENCRYPTION_KEYS: the first
encrypts, all decrypt. To change keys: put a new one first, run `manage.py renew_secrets`, then take the
former away. Columns of secrets are of the class SecretField, by which that command finds them.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

__all__ = ["SecretField", "Undecipherable", "decrypt", "encrypt", "renewed"]


class Undecipherable(ValueError):
    """None of FIELD_ENCRYPTION_KEYS reads this text: it was encrypted with another, or altered."""


class SecretField(models.TextField):
    """A column of what `encrypt` gave. It is not decrypted by itself: the code says where it is read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"editable": False, **kwargs})

    def deconstruct(self) -> Any:
        """For migrations it is a text."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs


def encrypt(text: str) -> str:
    """The text, encrypted with the newest key; nothing stays nothing."""
    return _cipher().encrypt(text.encode()).decode() if text else ""


def decrypt(stored: str) -> str:
    """The text that `encrypt` was given. Raises Undecipherable."""
    try:
        return _cipher().decrypt(stored).decode() if stored else ""
    except InvalidToken as error:
        raise Undecipherable("No key of FIELD_ENCRYPTION_KEYS reads this secret.") from error


def renewed(stored: str) -> str:
    """The same secret, encrypted with the newest key. Raises Undecipherable."""
    return encrypt(decrypt(stored))


def _cipher() -> MultiFernet:
    return _cipher_of(tuple(settings.FIELD_ENCRYPTION_KEYS))


@lru_cache(maxsize=8)
def _cipher_of(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    """A Fernet key of a setting of any length, apart from what SECRET_KEY signs."""
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"erp.core.encryption")
    return base64.urlsafe_b64encode(derivation.derive(key.encode()))
