"""A field for rich text: an editor, unless the text has what the editor would lose."""

from __future__ import annotations

import re
from typing import Any

from unfold.contrib.forms.widgets import WysiwygWidget
from unfold.widgets import UnfoldAdminTextareaWidget

__all__ = ["RichTextWidget"]

#: Tags that the editor gives back as they were; of attributes, only those of links.
KEPT = {
    "a", "b", "blockquote", "br", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "i", "li", "ol", "p",
    "pre", "s", "strong", "u", "ul",
}  # fmt: skip
TAG = re.compile(r"<([a-zA-Z0-9]+)([^>]*)>")
LINK = re.compile(r"""(?:\s+(?:href|rel|title|target)\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?""")


def is_simple(html: str) -> bool:
    """Whether the editor can show a text without losing anything of it."""
    return all(tag.lower() in KEPT and LINK.fullmatch(rest) for tag, rest in TAG.findall(html))


class RichTextWidget(WysiwygWidget):
    """Bold, lists, links… Texts with tables, pictures or styles are shown as HTML instead."""

    class Media:
        extend = False  # one list, or the order of the scripts is not kept
        css = {"all": ("unfold/forms/css/trix/trix.css",)}
        js = (
            "unfold/forms/js/trix/trix.js",
            "unfold/forms/js/trix.config.js",
            "core/richtext.js",
        )

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        if value and not is_simple(str(value)):
            plain = UnfoldAdminTextareaWidget(attrs={"rows": 16, "spellcheck": "false"})
            return plain.render(name, value, attrs, renderer)
        return super().render(name, value, attrs, renderer)
