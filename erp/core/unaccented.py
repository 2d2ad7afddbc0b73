"""The lookup `unaccented`: text that contains another, whatever its accents and capitals.

`name__unaccented="hopital"` finds "Hôpital Saint-Élie", on SQLite and on PostgreSQL (no extension).
"""

from __future__ import annotations

import unicodedata
from typing import Any

from django.db.models.lookups import Contains

__all__ = ["UnaccentedContains", "add_sqlite_function", "unaccented"]

SQLITE_FUNCTION = "erp_unaccented"
#: Letters of the languages of Europe that are written with the Latin alphabet.
LETTERS = "".join(chr(code) for code in range(0xC0, 0x180))


def _bare(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[0].lower()


#: Accented letter -> plain small letter. Capitals too: PostgreSQL's LOWER leaves them in some locales.
TABLE = {letter: _bare(letter) for letter in LETTERS if _bare(letter).isascii()}
PAIR = ("".join(TABLE), "".join(TABLE.values()))
TRANSLATION = str.maketrans(*PAIR)


def unaccented(text: str) -> str:
    """A text in small letters without accents: "Hôpital" gives "hopital"."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", text).lower().translate(TRANSLATION)


class UnaccentedContains(Contains):
    """Whether a column contains a text, both without accents."""

    lookup_name = "unaccented"

    def get_prep_lookup(self) -> str:
        return unaccented(str(self.rhs))

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        return str(connection.operators["contains"] % rhs)

    def process_lhs(self, compiler: Any, connection: Any, lhs: Any = None) -> Any:
        sql, params = super().process_lhs(compiler, connection, lhs)
        if connection.vendor == "sqlite":
            return f"{SQLITE_FUNCTION}({sql})", params
        return f"TRANSLATE(LOWER({sql}), %s, %s)", [*params, *PAIR]


def add_sqlite_function(connection: Any, **_signal: Any) -> None:
    """Make the lookup known to a new connection to SQLite (signal `connection_created`)."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(SQLITE_FUNCTION, 1, _of_column, deterministic=True)


def _of_column(text: Any) -> str | None:
    return None if text is None else unaccented(str(text))
