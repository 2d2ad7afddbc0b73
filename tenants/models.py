"""Teams (tenants), the people who sign in, their membership of teams, and API keys."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.core import company_numbers
from erp.core.global_lists import GlobalLink
from erp.core.models import File, TenantModel

__all__ = [
    "ApiKey",
    "EmailChange",
    "Invitation",
    "OneTimeLink",
    "PasswordReset",
    "Team",
    "TeamUser",
    "User",
]


#: ISO codes of France and of its territories whose companies are in the SIRENE register.
FRENCH_TERRITORIES = frozenset({"FR", "BL", "GF", "GP", "MF", "MQ", "PM", "RE", "YT"})


class Team(models.Model):
    """A company that uses the product: it sees its own rows and no others' (reference: Team)."""

    #: Why this is no tenant model (the tenancy test asks every model).
    global_reason: ClassVar[str] = "it is the tenant"

    road1 = models.CharField(_("road"), max_length=255, blank=True)
    road2 = models.CharField(_("road (2)"), max_length=255, blank=True)
    road3 = models.CharField(_("road (3)"), max_length=255, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    town = models.CharField(_("town"), max_length=100, blank=True)
    country = GlobalLink(
        "various.Country", models.PROTECT, default=67, related_name="+", verbose_name=_("country")
    )
    phone = models.CharField(_("phone"), max_length=50, blank=True)
    mobile = models.CharField(_("mobile"), max_length=50, blank=True)
    fax = models.CharField(_("fax"), max_length=50, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.CharField(_("website"), max_length=255, blank=True)
    company_name = models.CharField(_("company name"), max_length=255)
    company_type = models.CharField(_("legal form"), max_length=50, blank=True)
    company_siret = models.CharField(_("SIRET"), max_length=20, blank=True)
    company_rcs = models.CharField(_("RCS"), max_length=100, blank=True)
    company_vatrate = models.CharField(_("VAT number"), max_length=20, blank=True)
    company_naf = models.CharField(_("NAF code"), max_length=10, blank=True)
    company_capital = models.CharField(_("capital"), max_length=50, blank=True)
    #: CGI annex II, article 242 nonies A: whoever chose this says so on each invoice.
    vat_on_debits = models.BooleanField(
        _("VAT paid on debits"),
        default=False,
        help_text=_("Invoices say that you opted to pay VAT when you invoice, not when you are paid."),
    )
    logo = models.ForeignKey(
        File, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("logo")
    )
    letters_model = models.ForeignKey(
        File, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("letter template")
    )
    #: Settings other than numbering, by the names of tenants/parameters.
    configs = models.JSONField(_("settings"), default=dict, blank=True)
    #: Whether some address listens to what happens (erp/webhooks): kept here to be known without asking.
    has_webhooks = models.BooleanField(default=False, editable=False)
    sandbox_of = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="sandbox",
        verbose_name=_("sandbox of"),
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True, editable=False)

    class Meta:
        verbose_name = _("company settings")
        verbose_name_plural = _("company settings")

    def __str__(self) -> str:
        return self.company_name

    @classmethod
    def restrict(cls, queryset: models.QuerySet[Team], actor: TeamUser) -> models.QuerySet[Team]:
        """A team user sees their team only."""
        return queryset.filter(pk=actor.team_id)

    def clean(self) -> None:
        """Numbers are written without spaces. A SIRET is checked where SIRETs are given: in France."""
        errors: dict[str, str] = {}
        for name, check in self._numbers().items():
            try:
                setattr(self, name, check(getattr(self, name)))
            except ValueError as error:
                errors[name] = str(error)
        if errors:
            raise ValidationError(errors)

    def _numbers(self) -> dict[str, Callable[[str], str]]:
        french = self.country.code in FRENCH_TERRITORIES
        siret = {"company_siret": company_numbers.siret} if french else {}
        return {**siret, "company_vatrate": company_numbers.vat_number}

    @property
    def is_sandbox(self) -> bool:
        """Whether this is the twin that test requests work on; nothing of it leaves the machine."""
        return self.sandbox_of_id is not None

    def parameter(self, name: str) -> Any:
        """A team setting (reference: "The Team config parameters"); links come as ids, numbers as Decimal."""
        from tenants.parameters import TEAM

        return TEAM.value(self.configs, name)

    @property
    def timezone(self) -> ZoneInfo:
        """The timezone in which the team's days, months and years turn."""
        zone: ZoneInfo = apps.get_model("various", "Timezone").zone(self.parameter("timezone"))
        return zone


class UserManager(BaseUserManager["User"]):
    """Users are found and created by e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **values: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **values)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **values: Any) -> User:
        return self.create_user(email, password, is_superuser=True, **values)


class User(AbstractBaseUser):
    """A person who signs in, by e-mail; a member of one or several teams (reference: User)."""

    global_reason: ClassVar[str] = "one person may belong to several teams"

    email = models.EmailField(_("e-mail"), unique=True)
    firstname = models.CharField(_("first name"), max_length=100, blank=True)
    lastname = models.CharField(_("last name"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=50, blank=True)
    mobile = models.CharField(_("mobile"), max_length=50, blank=True)
    fax = models.CharField(_("fax"), max_length=50, blank=True)
    #: Of the pages and mails that they read; empty: what their browser asks for, the installation's in mails.
    language = models.CharField(_("language"), max_length=5, blank=True, choices=settings.LANGUAGES)
    newsletter_updates = models.BooleanField(_("receives news of updates"), default=False)
    newsletter_offers = models.BooleanField(_("receives offers"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    #: Operators of the installation; says nothing about any team's data.
    is_superuser = models.BooleanField(_("operator"), default=False)
    avatar = models.ForeignKey(
        File, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("avatar")
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True, editable=False)

    USERNAME_FIELD = "email"
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.fullname or self.email

    @classmethod
    def restrict(cls, queryset: models.QuerySet[User], actor: TeamUser) -> models.QuerySet[User]:
        """A team user sees the people of their team only, once they joined it."""
        members = TeamUser.all_objects.filter(team_id=actor.team_id, is_pending=False)
        return queryset.filter(pk__in=members.values("user_id"))

    @property
    def fullname(self) -> str:
        """First and last name."""
        return f"{self.firstname} {self.lastname}".strip()

    def get_full_name(self) -> str:
        """The name that the admin shows for the signed-in user."""
        return self.fullname

    @property
    def initials(self) -> str:
        """First letters of both names."""
        return f"{self.firstname[:1]}{self.lastname[:1]}".upper()

    # The admin asks Django's permission API; the answers are the active team user's (see erp/core/admin.py).
    @property
    def is_staff(self) -> bool:
        return self.is_active

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return False

    def has_perms(self, perm_list: Iterable[str], obj: Any = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


class TeamUser(TenantModel):
    """A user's membership of a team: roles, permission levels, own settings (reference: TeamUser)."""

    identity = True

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name=_("user"))
    active = models.BooleanField(_("active"), default=True)
    #: Invited, and did not accept yet: of somebody who may be a stranger, the team knows the address alone.
    is_pending = models.BooleanField(default=False, editable=False)
    is_owner = models.BooleanField(_("owner"), default=False)
    #: Subset of commercial, manager, technical.
    roles = models.JSONField(_("roles"), default=list, blank=True)
    #: Levels by key of tenants/permissions.py; keys not set have their default level.
    permissions = models.JSONField(_("permissions"), default=dict, blank=True)
    #: Settings by the names of tenants/parameters.
    configs = models.JSONField(_("settings"), default=dict, blank=True)
    team_users = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="managers", verbose_name=_("team")
    )
    last_connexion = models.DateTimeField(_("last connection"), null=True, editable=False)

    class Meta(TenantModel.Meta):
        abstract = False
        verbose_name = _("team user")
        verbose_name_plural = _("team users")
        constraints = [
            models.UniqueConstraint(
                fields=["team", "user"],
                condition=models.Q(deleted_at=None),
                name="team_user_once",
                violation_error_message=_("This person is already a user of the team."),
            )
        ]

    def __str__(self) -> str:
        return self.user.email if self.is_pending else str(self.user)

    def level(self, key: str) -> int:
        """The permission level of this user for a key (see tenants/permissions.py)."""
        from tenants.permissions import level_of

        return level_of(self, key)

    def parameter(self, name: str) -> Any:
        """A setting of this user (reference: "The Team User config parameters")."""
        from tenants.parameters import TEAM_USER

        return TEAM_USER.value(self.configs, name)


def hash_secret(secret: str) -> str:
    """Stored form of keys and one-time links. They are long and random, so a plain hash suffices."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiKey(TenantModel):
    """A program's key: works as one team user. Shown once, stored hashed, revocable."""

    identity = True
    PREFIX_LENGTH: ClassVar[int] = 8

    team_user = models.ForeignKey(
        TeamUser, models.PROTECT, related_name="api_keys", verbose_name=_("team user")
    )
    name = models.CharField(_("name"), max_length=100, blank=True)
    prefix = models.CharField(_("begins with"), max_length=PREFIX_LENGTH, editable=False)
    hashed = models.CharField(max_length=64, unique=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)

    class Meta(TenantModel.Meta):
        abstract = False
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.name or _('API key')} ({self.prefix}…)"

    @classmethod
    def make(cls, team_user: TeamUser, name: str = "") -> tuple[Self, str]:
        """A new key, saved, and its secret, which nobody can read again."""
        secret = f"erp_{secrets.token_urlsafe(32)}"
        key = cls(
            team_user=team_user, name=name, prefix=secret[: cls.PREFIX_LENGTH], hashed=hash_secret(secret)
        )
        key.save()
        return key, secret


class OneTimeLink(models.Model):
    """A mailed link that works once and expires: base of invitations and e-mail validations.

    `used_at` is set by use alone; a link that is called back expires.
    """

    #: How long a link works, and the name of the page that it opens.
    lifetime: ClassVar[datetime.timedelta]
    page: ClassVar[str]

    hashed = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        """Whether the link still works."""
        return self.used_at is None and timezone.now() < self.expires_at


class Invitation(OneTimeLink):
    """Asks a person to join a team."""

    global_reason: ClassVar[str] = "whoever opens the link is in no team yet"
    lifetime = datetime.timedelta(days=7)
    page = "invitation"

    team_user = models.ForeignKey(TeamUser, models.CASCADE, related_name="invitations")

    def __str__(self) -> str:
        return f"{_('invitation')} {self.pk}"


class EmailChange(OneTimeLink):
    """A user's change of e-mail address, waiting for the new address to be confirmed."""

    global_reason: ClassVar[str] = "users belong to no team"
    lifetime = datetime.timedelta(days=2)
    page = "email_change"

    user = models.ForeignKey(User, models.CASCADE, related_name="email_changes")
    email = models.EmailField()

    def __str__(self) -> str:
        return self.email


class PasswordReset(OneTimeLink):
    """Lets somebody who forgot their password choose another."""

    global_reason: ClassVar[str] = "users belong to no team"
    lifetime = datetime.timedelta(hours=1)
    page = "password_reset"

    user = models.ForeignKey(User, models.CASCADE, related_name="password_resets")

    def __str__(self) -> str:
        return f"{_('new password')} {self.pk}"
