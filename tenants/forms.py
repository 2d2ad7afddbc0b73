"""Forms of the public pages of links."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

__all__ = ["AccountForm", "AddressForm", "ConfirmForm", "PasswordForm"]


class ConfirmForm(forms.Form):
    """Nothing but the button."""


class AddressForm(forms.Form):
    """Who forgot their password."""

    email = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput({"autocomplete": "username"})
    )


class PasswordForm(forms.Form):
    """A new password, typed twice."""

    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )
    confirmation = forms.CharField(
        label=_("The same password again"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def clean_confirmation(self) -> str:
        if self.cleaned_data["confirmation"] != self.cleaned_data.get("password"):
            raise ValidationError(_t("The two passwords are not the same."))
        return str(self.cleaned_data["confirmation"])


class AccountForm(PasswordForm):
    """Names and first password of an invited person."""

    firstname = forms.CharField(label=_("First name"), max_length=100)
    lastname = forms.CharField(label=_("Last name"), max_length=100)
    field_order = ("firstname", "lastname", "password", "confirmation")
