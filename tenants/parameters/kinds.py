"""Kinds of settings, and how one of each is declared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _t

from erp.core.parameters import Kind, Parameter


@dataclass(frozen=True)
class Setting(Parameter):
    """A parameter whose choices have names for people: `labels` are (value, name), in their order."""

    labels: tuple[tuple[Any, Any], ...] = ()


@dataclass(frozen=True)
class Color(Setting):
    """A colour written as #rrggbb."""

    def _clean_string(self, value: Any) -> str:
        text = super()._clean_string(value)
        if not re.fullmatch(r"#[0-9A-Fa-f]{6}", text):
            raise ValueError(_t("Give a colour as #rrggbb."))
        return text.lower()


@dataclass(frozen=True)
class Group:
    """Settings shown together."""

    key: str
    name: Any
    settings: tuple[Setting, ...]


# --- How settings are declared --------------------------------------------------------------------


def flag(name: str, default: bool, label: Any) -> Setting:
    """A yes or no."""
    return Setting(name, "boolean", default, label=label)


def whole(name: str, default: int, label: Any, maximum: int, minimum: int = 0) -> Setting:
    """A whole number within limits."""
    return Setting(name, "integer", default, minimum=minimum, maximum=maximum, label=label)


def number(name: str, default: str, label: Any, maximum: int) -> Setting:
    """A decimal number from 0 to a maximum."""
    return Setting(name, "number", default, minimum=0, maximum=maximum, label=label)


def percent(name: str, default: str, label: Any) -> Setting:
    """A rate in percent."""
    return number(name, default, label, 100)


def text(name: str, default: str, label: Any, max_length: int = 255) -> Setting:
    """A text, possibly empty."""
    return Setting(name, "string", default, max_length=max_length, label=label)


def choice(name: str, default: Any, label: Any, *labels: tuple[Any, Any]) -> Setting:
    """One of several named values."""
    kind: Kind = "integer" if isinstance(default, int) else "string"
    return Setting(name, kind, default, tuple(value for value, _name in labels), label=label, labels=labels)


def link(name: str, model: str, label: Any, default: int | None = None) -> Setting:
    """A row of `model`, or none."""
    return Setting(name, "link", default, model=model, label=label)


def needed_link(name: str, model: str, label: Any, default: int) -> Setting:
    """A row of `model`, always one."""
    return NeededLink(name, "link", default, model=model, label=label)


@dataclass(frozen=True)
class NeededLink(Setting):
    """A link that cannot be empty."""

    def _absent(self) -> Any:
        raise ValueError(_t("This setting cannot be empty."))


def links(name: str, model: str, label: Any) -> Setting:
    """Rows of `model`. The default is never changed in place: it is copied when answered."""
    return Setting(name, "links", [], model=model, label=label)
