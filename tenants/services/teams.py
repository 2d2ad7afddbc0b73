"""Companies: made with their lists, changed by their settings page; and the keys of their programs."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from erp.core import files, numbering
from erp.core import services as core
from erp.core.errors import Conflict, Invalid
from erp.core.models import NumberSeries
from erp.core.scope import current_actor, current_team, team_scope, unscoped
from tenants.models import ApiKey, Team, TeamUser, User
from tenants.parameters import SERIES, TEAM
from tenants.signals import team_created

__all__ = [
    "active_member",
    "create_api_key",
    "create_team",
    "make_api_key",
    "number_series",
    "preview_numbers",
    "record_connexion",
    "revoke_api_key",
    "team_configs",
    "update_team",
    "user_of",
]

#: Attributes of a team that hold a file, and what may be sent there.
TEAM_FILES = {"letters_model": files.DOCUMENTS, "logo": files.IMAGES}


# --- Making a team ----------------------------------------------------------------------------------


@transaction.atomic
def create_team(name: str, owner_email: str, password: str | None = None, **values: Any) -> Team:
    """A new team with its lists and settings. The owner's user is made when the e-mail is new.

    `values` are attributes of Team; `password` is only for a new user, who cannot sign in without one.
    Raises Invalid (422), or Django's ValidationError on an impossible e-mail.
    """
    user = user_of(owner_email, password)
    team: Team = core.save(Team(), {"company_name": name, **values})
    with team_scope(team):
        TeamUser.objects.create(user=user, is_owner=True, roles=["manager"])
        team_created.send(sender=Team, team=team)
        team.configs |= _first_choices()
        team.save(update_fields=["configs"])
    return team


def user_of(email: str, password: str | None = None) -> User:
    """The user of an e-mail address, made when there is none."""
    known = User.objects.filter(email__iexact=email)
    try:
        with transaction.atomic():
            return known.first() or User.objects.create_user(email, password)
    except IntegrityError:  # somebody else has just made it
        return known.get()


def _first_choices() -> dict[str, Any]:
    """The settings that name rows of a new team's lists, and texts in the installation's language."""
    term = _seeded("PaymentTerm").filter(day_number=30, end_month=False).first()
    sale_term = _seeded("SaleTerm").first()
    methods = _seeded("PaymentMethod").filter(type=5)
    with override(settings.LANGUAGE_CODE):
        subtotal = _("Subtotal")
    return {
        "sales_payment_term": term and term.pk,
        "sales_sale_term": sale_term and sale_term.pk,
        "sales_payment_methods": [method.pk for method in methods],
        "sales_subtotal_designation": subtotal,
    }


def _seeded(name: str) -> Any:
    """Rows of a list that another chapter gave the team."""
    return apps.get_model("various", name).objects.order_by("pk")


# --- Changing a team --------------------------------------------------------------------------------


@transaction.atomic
def update_team(values: Mapping[str, Any]) -> Team:
    """Change attributes and settings of the team in scope.

    `values`: attributes of Team; `configs`, cleaned settings by name, of which only the given ones change;
    `letters_model` and `logo`, uploads (None takes them away). Raises Invalid (422).
    """
    team = Team.objects.select_for_update(of=("self",)).get(pk=current_team().pk)
    changes = dict(values)
    configs = changes.pop("configs", {})
    _change_numbering({name: value for name, value in configs.items() if TEAM.by_name[name].external})
    kept = {name: value for name, value in configs.items() if not TEAM.by_name[name].external}
    for name, allowed in TEAM_FILES.items():
        if upload := changes.get(name):
            changes[name] = files.store_upload(upload, allowed=allowed, field=name, element=team, kind=name)
    core.save(team, {**changes, "configs": {**team.configs, **kept}})
    return team


def team_configs(team: Team) -> dict[str, Any]:
    """Every setting of the team in scope, as answered."""
    return TEAM.answer(team.configs, _numbering_values())


# --- Numbering --------------------------------------------------------------------------------------


def number_series(keys: Iterable[str] = SERIES) -> dict[str, NumberSeries]:
    """The team's number series by key; those that never served are not saved yet. One query."""
    found = {row.key: row for row in NumberSeries.objects.filter(key__in=keys)}
    return {key: found.get(key) or _untouched(key) for key in keys}


def _untouched(key: str) -> NumberSeries:
    prefix, length, mode = numbering.DEFAULTS[key]
    return NumberSeries(key=key, prefix=prefix, length=length, mode=mode)


def _numbering_values() -> dict[str, Any]:
    """Values of the settings of every series."""
    rows = number_series()
    return {
        name: getattr(rows[series.key], attribute)
        for series in SERIES.values()
        for name, attribute in series.attributes.items()
    }


def _change_numbering(values: Mapping[str, Any]) -> None:
    """Change number series by their settings. Raises Invalid with every refusal at once."""
    if not values:
        return
    rows = number_series()
    errors: dict[str, list[str]] = {}
    for series in SERIES.values():
        given = {attr: values[name] for name, attr in series.attributes.items() if name in values}
        if any(getattr(rows[series.key], attribute) != value for attribute, value in given.items()):
            try:
                _turned(numbering.series(series.key, lock=True), given).save()
            except Invalid as error:
                paths = {
                    f"configs.{series.key}_reference_{end}": texts for end, texts in error.errors.items()
                }
                errors |= paths
    if errors:
        raise Invalid(errors)


def preview_numbers(key: str, given: Mapping[str, Any]) -> list[str]:
    """The next three references of a series if its attributes were those given. Raises Invalid."""
    row = _turned(number_series([key])[key], given)
    return numbering.preview(row, _numbering_date(row))


def _numbering_date(row: NumberSeries) -> datetime.date:
    """Today in the team's timezone, or the last date numbered when that is later."""
    today = timezone.now().astimezone(current_team().timezone).date()
    return max(today, row.last_date or today)


def _turned(row: NumberSeries, given: Mapping[str, Any]) -> NumberSeries:
    """The series with other attributes, counting on from where it is; not saved.

    Raises Invalid, by the last word of the setting's name, when a number would repeat or could be refused.
    """
    today = _numbering_date(row)
    lowest = numbering.next_number_of(row, today)
    wanted = given.get("next_number", row.next_number)
    if row.last_date and wanted < lowest and wanted != row.next_number:
        text = _("Lower numbers were already given: the next number is at least %(number)s.")
        raise Invalid({"number": text % {"number": lowest}}, code="number_goes_back")
    next_number = lowest if wanted == row.next_number else wanted
    for attribute, value in {**given, "next_number": next_number}.items():
        setattr(row, attribute, value)
    row.period = numbering.period_of(row.mode, today)
    try:
        numbering.check_prefix(row.prefix, row.mode, row.length)
    except Invalid as error:
        raise Invalid({"prefix": error.message}) from error
    return row


# --- Keys -------------------------------------------------------------------------------------------


def make_api_key(member: TeamUser, name: str = "") -> tuple[ApiKey, str]:
    """A new key for a team user, and its secret, which is shown only now.

    Raises PermissionDenied (403): a key does all that its user may, so only owners make keys of others.
    """
    actor = current_actor()
    if actor is not None and actor.pk != member.pk and not actor.is_owner:
        raise PermissionDenied(_("Only an owner can make a key for somebody else."))
    return ApiKey.make(member, name)


def create_api_key(member: TeamUser, name: str = "") -> str:
    """The secret of a new key for a team user."""
    return make_api_key(member, name)[1]


def revoke_api_key(key: ApiKey) -> ApiKey:
    """Stop a key for ever. Raises Conflict (409) when it is stopped already."""
    if key.revoked_at is not None:
        raise Conflict(_("This key was already revoked."))
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at", "updated_at"])
    return key


# --- Signing in -------------------------------------------------------------------------------------


def active_member(user: User, team_id: int | None) -> TeamUser | None:
    """The membership that a signed-in user works as: of the chosen team, else of the first one."""
    with unscoped("the session tells the team"):
        members = (
            TeamUser.objects.select_related("team", "user").filter(user=user, active=True).order_by("pk")
        )
        return members.filter(team_id=team_id).first() or members.filter(team__sandbox_of=None).first()


def record_connexion(user: User) -> None:
    """Note when somebody signed in, on the membership that they start as."""
    with unscoped("signing in tells no team yet"):
        if member := active_member(user, None):
            TeamUser.objects.filter(pk=member.pk).update(last_connexion=timezone.now())
