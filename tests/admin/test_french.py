"""The French catalogue says everything, and the compiled file is the one of its source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

SOURCE = Path(settings.LOCALE_PATHS[0]) / "fr" / "LC_MESSAGES" / "django.po"
HOLES = re.compile(r"%\(\w+\)[sd]|%s|\{\w*\}")


def texts() -> Iterator[tuple[tuple[str, ...], tuple[str, ...], bool]]:
    """(English, French, whether it is a guess) of each entry, singular and plural."""
    with SOURCE.open("rb") as file:
        for message in read_po(file, locale="fr"):
            if message.id:
                english = message.id if isinstance(message.id, tuple) else (message.id,)
                french = message.string if isinstance(message.string, tuple) else (message.string,)
                yield english, french, message.fuzzy


def test_every_text_is_translated() -> None:
    missing = [english[0] for english, french, guess in texts() if guess or not all(french)]
    assert missing == []


def test_translations_keep_the_places_of_values() -> None:
    for english, french, _guess in texts():
        assert set(HOLES.findall(" ".join(french))) == set(HOLES.findall(" ".join(english))), english


def test_the_compiled_catalogue_is_up_to_date() -> None:
    with SOURCE.with_suffix(".mo").open("rb") as file:
        entries = [message for message in read_mo(file) if message.id]
    compiled = {_first(message.id): _first(message.string) for message in entries}
    assert compiled == {english[0]: french[0] for english, french, _guess in texts()}


def _first(text: Any) -> str:
    """The text, or the first of its plural forms."""
    return text if isinstance(text, str) else text[0]


def test_words_of_the_trade() -> None:
    trade = {
        "Quotation": "Devis",
        "Orders": "Commandes",
        "Delivery note": "Bon de livraison",
        "Credit": "Avoir",
        "deposit": "acompte",
        "due date": "date d’échéance",
        "total excl. VAT": "total HT",
        "VAT": "TVA",
        "total incl. VAT": "total TTC",
    }
    with translation.override("fr"):
        assert {english: gettext(english) for english in trade} == trade


def test_the_browser_chooses_the_language(db: None) -> None:
    french = Client(headers={"Accept-Language": "fr-FR,fr;q=0.9"}).get("/admin/login/").content.decode()
    english = Client(headers={"Accept-Language": "en-GB"}).get("/admin/login/").content.decode()
    other = Client(headers={"Accept-Language": "ja"}).get("/admin/login/").content.decode()
    assert ("Mot de passe" in french, "Password" in english, "Mot de passe" in other) == (True, True, True)
