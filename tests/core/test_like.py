"""Terms with `%` compared with texts at hand: as the database does, and in no time whatever the term."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp.core.filters import resembles
from tests.conftest import ApiClient


@given(text=st.text("abA"), term=st.text("aB%", max_size=8))
def test_it_is_what_like_says(text: str, term: str) -> None:
    import sqlite3

    with sqlite3.connect(":memory:") as database:
        [[expected]] = database.execute("SELECT ? LIKE ?", [text, term])
    database.close()
    assert resembles(text, term) == bool(expected)


@pytest.mark.parametrize("term", ["%" * 400 + "x", "%c%" * 100 + "x", "(a+)+$", "[", "\\"])
def test_no_term_holds_the_server_up(api: ApiClient, term: str) -> None:
    """As a regular expression, thirty `%` before a letter that is missing took for ever."""
    assert api.get("/team/user", **{"filter[roles]": term}).json()["datas"] == []
