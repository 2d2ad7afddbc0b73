"""Public pages that mailed links open. Reading changes nothing: mail programs visit links by themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView
from django.views.i18n import set_language

from erp.core.errors import BusinessError, Conflict
from tenants import services
from tenants.forms import AccountForm, AddressForm, ConfirmForm, PasswordForm
from tenants.models import User
from tenants.tasks import mail_password_reset

__all__ = ["EmailChangeView", "ForgottenView", "InvitationView", "PasswordResetView", "choose_language"]

#: Links that are asked for from one address of the network within an hour.
ASKED_PER_HOUR = 60


@method_decorator((never_cache, sensitive_post_parameters("password", "confirmation")), name="dispatch")
class LinkView(FormView):
    """A page that asks for confirmation, then says what was done. A dead link says so (410)."""

    template_name = "tenants/link.html"
    form_class: Any = ConfirmForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            self.find(kwargs["token"])
            return super().dispatch(request, *args, **kwargs)
        except Conflict as error:
            context = {"title": _("This link does not work"), "text": error.message}
            return render(request, "tenants/message.html", context, status=410)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            title, text = self.use(self.kwargs["token"], form.cleaned_data)
        except Conflict:
            raise
        except BusinessError as error:
            for path, texts in error.errors.items():
                form.add_error(path if path in form.fields else None, texts)
            return self.form_invalid(form)
        return render(self.request, "tenants/message.html", {"title": title, "text": text, "sign_in": True})

    def find(self, token: str) -> None:
        """Remember what the link is about. Raises Conflict when it does not work."""
        raise NotImplementedError

    def use(self, token: str, values: dict[str, Any]) -> tuple[str, str]:
        """Do what the link is for; returns a title and a text for the page that says so."""
        raise NotImplementedError


def choose_language(request: HttpRequest) -> HttpResponse:
    """The choice of language on every page: for this browser and, when signed in, for mails too."""
    wanted = request.POST.get("language", "")
    if request.user.is_authenticated and wanted in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=wanted, updated_at=timezone.now())
    response: HttpResponse = set_language(request)
    return response


class InvitationView(LinkView):
    """Joining a team; people who are new choose their password here."""

    def find(self, token: str) -> None:
        self.member = services.invited_member(token)

    def get_form_class(self) -> Any:
        return ConfirmForm if self.member.user.has_usable_password() else AccountForm

    def get_initial(self) -> dict[str, Any]:
        return {"firstname": self.member.user.firstname, "lastname": self.member.user.lastname}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        names = {"team": self.member.team.company_name, "email": self.member.user.email}
        return super().get_context_data(
            title=_("Join %(team)s") % names,
            text=_("You will sign in as %(email)s.") % names,
            button=_("Join the team"),
            rules=password_validators_help_texts(),
            **kwargs,
        )

    def use(self, token: str, values: dict[str, Any]) -> tuple[str, str]:
        team = services.accept_invitation(token, values).team
        names = {"team": team.company_name, "email": self.member.user.email}
        return _("Welcome to %(team)s") % names, _("You can now sign in as %(email)s.") % names


class EmailChangeView(LinkView):
    """Confirming a new e-mail address."""

    def find(self, token: str) -> None:
        self.change = services.email_to_confirm(token)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("Confirm your e-mail address"),
            text=_("You will sign in as %(email)s.") % {"email": self.change.email},
            button=_("Confirm this address"),
            **kwargs,
        )

    def use(self, token: str, values: dict[str, Any]) -> tuple[str, str]:
        user = services.confirm_email(token)
        return _("Your address is confirmed"), _("You now sign in as %(email)s.") % {"email": user.email}


@method_decorator(never_cache, name="dispatch")
class ForgottenView(FormView):
    """Asking for a link to choose a new password; the answer is the same whoever has the address."""

    template_name = "tenants/link.html"
    form_class = AddressForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("Forgotten password"),
            text=_("Give the address with which you sign in: we mail a link to choose a new password to it."),
            button=_("Send the link"),
            **kwargs,
        )

    def form_valid(self, form: forms.Form) -> HttpResponse:
        if not self._asks_too_often():
            mail_password_reset.enqueue(form.cleaned_data["email"])
        text = _("If somebody signs in with this address, a link was mailed to it. It works for one hour.")
        return render(
            self.request, "tenants/message.html", {"title": _("Look into your mailbox"), "text": text}
        )

    def _asks_too_often(self) -> bool:
        """Whether one place asks for many addresses: mails to strangers, or a search for accounts."""
        counter = f"password-resets:{self.request.META.get('REMOTE_ADDR', '')}"
        cache.add(counter, 0, timeout=3600)
        return bool(cache.incr(counter) > ASKED_PER_HOUR)


class PasswordResetView(LinkView):
    """Choosing a new password."""

    form_class = PasswordForm

    def find(self, token: str) -> None:
        self.reset = services.password_to_reset(token)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("Choose a new password"),
            text=_("You sign in as %(email)s.") % {"email": self.reset.user.email},
            button=_("Choose this password"),
            rules=password_validators_help_texts(),
            **kwargs,
        )

    def use(self, token: str, values: dict[str, Any]) -> tuple[str, str]:
        user = services.reset_password(token, values["password"])
        return _("Your password is changed"), _("You now sign in as %(email)s.") % {"email": user.email}
