"""Secrets of the database: readable with the settings' keys only, which may be changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from erp.communication.models import Sender
from erp.core.encryption import Undecipherable, decrypt, encrypt, renewed
from erp.core.scope import team_scope
from tenants.models import Team
from tests.factories import make


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


def test_secrets_are_encrypted_anew_by_a_command(team: Team, settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["old"]
    with team_scope(team):
        kept = make(Sender, smtp_password=encrypt("secret"))
        before = kept.updated_at
        settings.FIELD_ENCRYPTION_KEYS = ["forgotten"]
        lost = make(Sender, smtp_password=encrypt("other"))
    settings.FIELD_ENCRYPTION_KEYS = ["new", "old"]
    with pytest.raises(CommandError, match=f"communication.Sender {lost.pk}"):
        call_command("renew_secrets")
    settings.FIELD_ENCRYPTION_KEYS = ["new"]
    with team_scope(team):
        kept.refresh_from_db()
    assert decrypt(kept.smtp_password) == "secret"
    assert kept.updated_at == before
