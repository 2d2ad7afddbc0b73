"""What mails say: HTML without dangers, plain text made from it, placeholders."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp.communication.services.content import (
    clean_mail_html,
    header_text,
    html_of_text,
    rewrite_links,
    text_of_html,
)
from erp.communication.services.documents import document_element
from erp.communication.services.placeholders import PLACEHOLDERS, fill, subjects_of
from erp.core.admin.richtext import is_simple
from erp.core.errors import Invalid
from erp.customers.models import Customer
from erp.sales.models import Document
from tenants.models import TeamUser

PIECES = st.sampled_from(
    ["<script>", "</script>", "<a href='javascript:x'>", "<a href=https://e.com>", "<img src=x onerror=y>",
     "<b>", "</b>", "<style>", "<iframe src=//e>", "<form>", "<svg onload=1>", "&lt;script&gt;", "text", '"',
     "<", ">", "<div style='background:url(//e)'>", "<math><mi>", "<!--", "-->", "\x00", "é"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12).map("".join))
def test_nothing_that_runs_survives_cleaning(html: str) -> None:
    clean = clean_mail_html(html)
    tags = " ".join(re.findall(r"<[^>]*>", clean.lower()))
    for danger in (
        "<script",
        "<iframe",
        "<form",
        "<svg",
        "<style",
        "onerror",
        "onload",
        "javascript",
        "url(",
    ):
        assert danger not in tags
    assert clean_mail_html(clean) == clean


@given(st.text())
def test_a_text_for_the_head_is_one_line(text: str) -> None:
    line = header_text(text)
    assert len(line.splitlines()) <= 1
    assert header_text(line) == line


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp"))))
def test_plain_text_survives_html_and_back(text: str) -> None:
    assert text_of_html(html_of_text(text)) == text.strip()


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Hello,<br/><br/>This is a message", "Hello,\n\nThis is a message"),
        ("<p>Un</p><p>Deux</p>", "Un\n\nDeux"),
        ("<div>Un</div><div>Deux</div>", "Un\nDeux"),
        ("Voir <ul><li>a</li><li>b</li></ul>fin", "Voir\n\n- a\n- b\n\nfin"),
        ('<a href="https://e.com/x">ici</a>', "ici (https://e.com/x)"),
        ('<a href="https://e.com/">https://e.com</a>', "https://e.com"),
        ('<a href="mailto:a@b.fr">écrire</a>', "écrire (a@b.fr)"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"),
        ("a &amp; b &lt;c&gt;\n   d", "a & b <c> d"),
        ("<script>x</script><style>y</style>z", "z"),
    ],
)
def test_plain_text_of_html(html: str, text: str) -> None:
    assert text_of_html(html) == text


def test_only_links_to_the_web_are_rewritten() -> None:
    html = (
        '<a href="https://a.fr/?x=1&amp;y=2">a</a><a href="mailto:b@c.fr">b</a><img src="https://a.fr/i.png">'
    )
    asked: list[str] = []
    changed = rewrite_links(html, lambda url: asked.append(url) or "https://t/")  # type: ignore[func-returns-value]
    assert asked == ["https://a.fr/?x=1&y=2"]
    assert changed.count("https://t/") == 1
    assert "mailto:b@c.fr" in changed


@pytest.mark.parametrize(
    ("html", "simple"),
    [("<p>a <b>b</b></p>", True), ('<a href="x" rel="y">z</a>', True), ("<table><tr></tr></table>", False),
     ('<p style="color:red">a</p>', False), ("<img src=x>", False)],
)  # fmt: skip
def test_the_editor_is_offered_for_what_it_keeps(html: str, simple: bool) -> None:
    assert is_simple(html) is simple


# --- Placeholders -----------------------------------------------------------------------------------


def test_every_placeholder_of_a_document_has_its_value(
    make_document: Callable[..., Document], owner: TeamUser
) -> None:
    document = make_document(title="Salle <de> bains", date=datetime.date(2026, 3, 2))
    subjects = subjects_of([document_element(document)], [], owner)
    subjects["contact"] = document.customer.contacts.get()
    for subject, names in PLACEHOLDERS.items():
        for name in names:
            assert "{" not in fill(f"{{{subject}.{name}}}", subjects, field="html")
    text = "{customer.name}: {document.reference} de {document.total_ttc}, avant le {document.due_date}"
    assert fill(text, subjects, field="html") == (
        f"Durand & Fils: {document.reference} de 120,00\u00a0€, avant le {document.due_date:%d/%m/%Y}"
    )
    assert fill("{document.title}", subjects, field="html", html=True) == "Salle &lt;de&gt; bains"


def test_a_placeholder_speaks_the_language_of_its_document(
    make_document: Callable[..., Document], owner: TeamUser
) -> None:
    document = make_document(language="en")
    subjects = subjects_of([document_element(document)], [], owner)
    assert fill("{document.kind} {document.total_ttc}", subjects, field="html") == "Invoice 120.00\u00a0€"


@pytest.mark.parametrize(
    "text",
    ["{customer.__class__}", "{0}", "{}", "{{ customer.name }}", "{% load x %}", "{document.snapshot}",
     "{customer.name!r}"],
)  # fmt: skip
def test_other_braces_stay_as_they_are(text: str, customer: Customer, owner: TeamUser) -> None:
    subjects = {"customer": customer, "user": owner}
    expected = text.replace("{customer.name}", customer.name)
    assert fill(text, subjects, field="html") == expected


def test_what_nothing_tells_is_refused(scope: Any, owner: TeamUser) -> None:
    with pytest.raises(Invalid) as caught:
        fill(
            "{document.reference} {customer.name} {document.reference}",
            subjects_of([], [], owner),
            field="subject",
        )
    assert caught.value.errors == {
        "subject": ["Nothing linked to the mail tells {document.reference}, {customer.name}."]
    }


def test_a_value_is_not_read_as_a_text_with_placeholders(customer: Customer, owner: TeamUser) -> None:
    customer.name = "{user.email}"
    assert fill("{customer.name}", {"customer": customer, "user": owner}, field="html") == "{user.email}"
