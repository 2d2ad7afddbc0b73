"""The texts of mails: HTML without anything that could run, plain text made from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from html.parser import HTMLParser

import nh3

from erp.various.services import RICH_TEXT_TAGS

__all__ = ["clean_mail_html", "header_text", "html_of_text", "rewrite_links", "text_of_html"]

#: What a mail may contain beside the team's usual rich text: links, pictures of the web, quotes, layout.
TAGS = RICH_TEXT_TAGS | {
    "a", "blockquote", "caption", "center", "code", "del", "font", "hr", "img", "ins", "pre", "small",
    "tfoot",
}  # fmt: skip
LAYOUT = {"align", "bgcolor", "border", "cellpadding", "cellspacing", "height", "valign", "width"}
ATTRIBUTES = {
    "*": {"style", "dir", "lang"},
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "font": {"color", "face", "size"},
    "td": LAYOUT | {"colspan", "rowspan"},
    "th": LAYOUT | {"colspan", "rowspan"},
    "table": LAYOUT,
    "tr": LAYOUT,
}
#: Properties whose values load nothing and cover nothing.
STYLES = {
    "background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left",
    "border-radius", "border-right", "border-style", "border-top", "border-width", "color", "display",
    "font-family", "font-size", "font-style", "font-weight", "height", "letter-spacing", "line-height",
    "margin", "margin-bottom", "margin-left", "margin-right", "margin-top", "max-width", "padding",
    "padding-bottom", "padding-left", "padding-right", "padding-top", "text-align", "text-decoration",
    "text-transform", "vertical-align", "white-space", "width",
}  # fmt: skip
SCHEMES = {"http", "https", "mailto", "tel"}

#: Tags that end a line, and those that leave an empty one.
LINES = {"br", "div", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol", "hr", "blockquote", "pre"}
PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "table", "ul", "ol", "blockquote"}


def clean_mail_html(html: str) -> str:
    """The HTML of a mail without scripts, frames, forms or styles that load or hide anything."""
    return _cleaned(html)


def rewrite_links(html: str, change: Callable[[str], str]) -> str:
    """The same HTML (cleaned), each web address that a link opens replaced by `change(address)`."""

    def of_links(tag: str, name: str, value: str) -> str:
        is_web = tag == "a" and name == "href" and value.lower().startswith(("http://", "https://"))
        return change(value) if is_web else value

    return _cleaned(html, of_links)


def _cleaned(html: str, change: Callable[[str, str, str], str] | None = None) -> str:
    return nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, filter_style_properties=STYLES,
        attribute_filter=change,
    )  # fmt: skip


def header_text(text: str) -> str:
    """A text for a mail's head: on one line, so that it cannot begin another header."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def html_of_text(text: str) -> str:
    """Plain text as HTML."""
    return escape(text.strip(), quote=False).replace("\r\n", "\n").replace("\n", "<br>")


def text_of_html(html: str) -> str:
    """What HTML says, as plain text: lines where it has blocks, dashes for lists, addresses of links."""
    reader = _TextReader()
    reader.feed(_cleaned(html))
    reader.close()
    lines = [re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _TextReader(HTMLParser):
    """Gathers the text of cleaned HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        #: Address of the link being read, and the place of its text among the parts.
        self.link: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in PARAGRAPHS:
            self._end_line(2)
        elif tag in LINES and tag != "br":
            self._end_line(1)
        if tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("- ")
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag == "img" and values.get("alt"):
            self.parts.append(f"[{values['alt']}]")
        elif tag == "a" and values.get("href"):
            self.link = (values["href"] or "", len(self.parts))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.link is not None:
            address, start = self.link
            self.link = None
            plain = address.removeprefix("mailto:").removeprefix("tel:")
            if plain.rstrip("/") != "".join(self.parts[start:]).strip().rstrip("/"):
                self.parts.append(f" ({plain})")
        elif tag in PARAGRAPHS:
            self._end_line(2)
        elif tag in LINES:
            self._end_line(1)

    def handle_data(self, data: str) -> None:
        self.parts.append(re.sub(r"\s+", " ", data))

    def _end_line(self, wanted: int) -> None:
        """At least this many line ends before what follows; none at the beginning."""
        text = "".join(self.parts[-8:]).rstrip(" ")
        if text:
            self.parts.append("\n" * max(0, wanted - (len(text) - len(text.rstrip("\n")))))
