"""Form fields of the chapter: several files, several addresses."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

__all__ = ["AddressesField", "FilesField"]


class FilesWidget(UnfoldAdminFileFieldWidget):
    """An input of several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, as a list."""

    widget = FilesWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(file, initial) for file in files if file]


class AddressesField(forms.CharField):
    """E-mail addresses, separated by commas, semicolons or spaces."""

    widget = UnfoldAdminTextInputWidget
    default_error_messages = {"address": _("“%(address)s” is not an e-mail address.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def clean(self, value: Any) -> list[str]:
        addresses = [word for word in re.split(r"[\s,;]+", super().clean(value)) if word]
        for address in addresses:
            try:
                validate_email(address)
            except forms.ValidationError:
                text = self.error_messages["address"]
                raise forms.ValidationError(text, params={"address": address}) from None
        return addresses
