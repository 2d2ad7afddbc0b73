"""Secrets of the database: readable with the settings' keys only, which may be changed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp.core.encryption import Undecipherable, decrypt, encrypt, renewed


@given(st.text())
def test_what_was_encrypted_is_read_again(text: str) -> None:
    stored = encrypt(text)
    assert decrypt(stored) == text
    assert len(text) < 8 or text not in stored


def test_the_same_secret_is_never_stored_twice_alike() -> None:
    assert encrypt("secret") != encrypt("secret")


def test_a_new_key_reads_what_the_former_wrote(settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["old"]
    stored = encrypt("secret")
    settings.FIELD_ENCRYPTION_KEYS = ["new", "old"]
    assert decrypt(stored) == "secret"
    again = renewed(stored)
    settings.FIELD_ENCRYPTION_KEYS = ["new"]
    assert decrypt(again) == "secret"
    with pytest.raises(Undecipherable):
        decrypt(stored)


def test_an_altered_secret_is_refused() -> None:
    stored = encrypt("secret")
    with pytest.raises(Undecipherable):
        decrypt(stored[:-4] + "AAAA")
