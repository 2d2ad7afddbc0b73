"""The team, its users, and one's own account, as programs see them (reference: chapter "Team & users")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from django.db.models import Q
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from erp.core.access import Everyone, ListKey
from erp.core.etags import check_match
from erp.core.fields import (
    Computed,
    Relation,
    StatusFlag,
    TextList,
    Upload,
    WireEmail,
    WireInteger,
    datetime_of,
)
from erp.core.filters import FlagFilter, TextFilter, resembles
from erp.core.listing import ListQuery
from erp.core.models import File
from erp.core.parameters import ParametersField
from erp.core.resources import ApiView, ResourceViewSet, router
from erp.core.scope import current_actor, current_team
from erp.core.wire import BodySerializer, Include, WireSerializer
from tenants import services
from tenants.models import EmailChange, Team, TeamUser, User
from tenants.parameters import TEAM, TEAM_USER
from tenants.permissions import CATEGORIES, PERMISSIONS, Permission

DATES = ("created_at", "updated_at")


# --- Team -----------------------------------------------------------------------------------------


class LettersModel(Upload):
    """A document to upload; null takes it away; the object of an answer, sent back, changes nothing."""

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        if isinstance(data, Mapping):
            raise serializers.SkipField
        return super().validate_empty_values(data)


class TeamSerializer(WireSerializer):
    configs = ParametersField(TEAM, answer=services.team_configs)
    letters_model = Relation(model=File, always=True, with_id=False, read_only=True)

    class Meta:
        model = Team
        fields = (
            "road1",
            "road2",
            "road3",
            "postal_code",
            "town",
            "country",
            "phone",
            "mobile",
            "fax",
            "email",
            "website",
            "company_name",
            "company_type",
            "company_siret",
            "company_rcs",
            "company_vatrate",
            "company_naf",
            "company_capital",
            *DATES,
            "configs",
            "letters_model",
        )
        read_only_fields = DATES
        always = ("country",)


class TeamBody(TeamSerializer):
    """The same, but the letter template is sent as a file."""

    letters_model = LettersModel(required=False, allow_null=True)  # type: ignore[assignment]

    class Meta(TeamSerializer.Meta):
        register = False


class TeamViewSet(ApiView):
    """The company of the key."""

    guard = ListKey("app-configuration")
    serializer_class = TeamSerializer

    def list(self, request: Any) -> Response:
        ListQuery(request, allowed=())
        self.answered = Team.objects.get(pk=current_team().pk)
        return Response(TeamSerializer.render(self.answered))

    def change(self, request: Any) -> Response:
        ListQuery(request, allowed=())
        check_match(request, Team.objects.select_for_update().get(pk=current_team().pk))
        self.answered = services.update_team(TeamBody.parse(request.data, partial=True))
        return Response(TeamSerializer.render(self.answered))


# --- Permissions ------------------------------------------------------------------------------------


def permission_answer(permission: Permission) -> dict[str, Any]:
    """A permission key with its levels."""
    levels = [{"label": str(label), "value": value} for value, label in permission.levels]
    return {
        "key": permission.key,
        "name": str(permission.name),
        "description": None,
        "levels": levels,
        "defaultLevel": levels[-1],
        "sort": None,
        "category": permission.category,
    }


TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
LEVEL = {"type": "object", "required": ["label", "value"], "properties": {"label": TEXT, "value": WHOLE}}
#: Levels by key, in answers and bodies.
LEVELS = {
    "type": "object",
    "properties": {
        key: {"type": "integer", "enum": [value for value, _label in permission.levels]}
        for key, permission in PERMISSIONS.items()
    },
    "additionalProperties": False,
}
PERMISSION = {
    "type": "object",
    "required": ["key", "name", "description", "levels", "defaultLevel", "sort", "category"],
    "properties": {
        "key": {"type": "string", "enum": list(PERMISSIONS)},
        "name": TEXT,
        "description": {"type": "null"},
        "levels": {"type": "array", "items": LEVEL},
        "defaultLevel": LEVEL,
        "sort": {"type": "null"},
        "category": TEXT,
    },
}


class PermissionViewSet(ApiView):
    """Every permission key, by category."""

    answer_schema = {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["key", "name", "sort", "permissions"],
            "properties": {
                "key": TEXT,
                "name": TEXT,
                "sort": WHOLE,
                "permissions": {"type": "array", "items": PERMISSION},
            },
        },
    }
    guard = Everyone()
    pagination_class = None

    def list(self, request: Any) -> Response:
        ListQuery(request, allowed=())
        return Response(
            [
                {
                    "key": category.key,
                    "name": str(category.name),
                    "sort": number,
                    "permissions": [
                        permission_answer(permission)
                        for permission in PERMISSIONS.values()
                        if permission.category == category.key
                    ],
                }
                for number, category in enumerate(CATEGORIES, 1)
            ]
        )


# --- Team users -------------------------------------------------------------------------------------


def of_user(path: str) -> Computed:
    """A text of the member's user, null when it is empty, or theirs to tell once they join the team."""
    get = attrgetter(f"user.{path}")
    return Computed(
        lambda row: None if row.is_pending and path != "email" else get(row) or None,
        needs=("user",),
        schema={"type": ["string", "null"]},
    )


def permissions_of(member: TeamUser) -> dict[str, int]:
    """The level of every key."""
    return {key: member.level(key) for key in PERMISSIONS}


ROLE = {"type": "string", "enum": list(services.ROLES)}


class TeamUserSerializer(WireSerializer):
    """A team user wherever another object names one; the endpoints of team users answer more."""

    firstname = of_user("firstname")
    lastname = of_user("lastname")
    fullname = of_user("fullname")
    email = of_user("email")
    status = StatusFlag(source="active", read_only=True)
    roles = Computed(lambda member: member.roles, schema={"type": "array", "items": ROLE})
    avatar = Relation(model=File, source="user.avatar", always=True, with_id=False, read_only=True)
    initials = of_user("initials")

    class Meta:
        model = TeamUser
        fields: tuple[str, ...] = (
            "id",
            "firstname",
            "lastname",
            "fullname",
            "email",
            *DATES,
            "last_connexion",
            "status",
            "roles",
            "user_id",
            "avatar",
            "initials",
        )


def settings_of(member: TeamUser) -> dict[str, Any]:
    """A member's settings; lists have fetched beforehand what they link to."""
    return TEAM_USER.answer(member.configs, rows=getattr(member, "linked_rows", None))


class MemberSerializer(TeamUserSerializer):
    """A team user with settings, permissions and the people they manage."""

    configs = ParametersField(TEAM_USER, answer=settings_of)
    permissions = Computed(permissions_of, schema=LEVELS)
    user = Computed(
        lambda member: None if member.is_pending else PersonSerializer.render(member.user),
        needs=("user__avatar",),
        on_request=True,
        schema={"type": ["object", "null"]},
    )

    class Meta(TeamUserSerializer.Meta):
        register = False
        fields: tuple[str, ...] = (
            "id",
            "firstname",
            "lastname",
            "fullname",
            "email",
            *DATES,
            "last_connexion",
            "status",
            "configs",
            "permissions",
            "roles",
            "team_users",
            "user_id",
            "avatar",
            "initials",
            "user",
        )
        always = ("team_users",)


class Levels(serializers.DictField):
    """Levels by key, checked by the service: it knows who gives them."""

    child = WireInteger()
    body_schema = LEVELS


class MemberBody(BodySerializer):
    """What can be written of a team user."""

    configs = ParametersField(TEAM_USER)
    permissions = Levels(required=False)
    roles = TextList(required=False)

    class Meta:
        ignored = MemberSerializer.answered_names()


class InvitationBody(MemberBody):
    """The same, and whom to invite."""

    email = WireEmail(required=True, max_length=254)


def has_role(term: str) -> Q:
    """The condition of a role, with `%` as in LIKE."""
    found = [role for role in services.ROLES if resembles(role, term)]
    condition = Q(pk=None)
    for role in found:
        condition |= Q(roles__icontains=f'"{role}"')
    return condition


class TeamUserViewSet(ResourceViewSet):
    """The people of the team."""

    serializer_class = MemberSerializer
    guard = ListKey("manage-users")
    default_sort = ("lastname", "firstname")
    sorts = {
        "lastname": "user__lastname",
        "firstname": "user__firstname",
        "fullname": ("user__firstname", "user__lastname"),
        "email": "user__email",
        "last_connexion": "last_connexion",
    }
    searches = {
        "user.lastname": "user__lastname",
        "user.firstname": "user__firstname",
        "user.email": "user__email",
    }
    filters = {"roles": TextFilter("roles", condition=has_role), "status": FlagFilter("active")}
    list_includes = ("permissions", "configurations", "configs", "roles", "user", "team_users", "teamUsers")
    include_aliases = {"configurations": "configs", "teamUsers": "team_users"}

    def answers(self, rows: Sequence[Any], include: Include) -> Sequence[dict[str, Any]]:
        linked = TEAM_USER.linked_rows([row.configs for row in rows])
        for row in rows:
            row.linked_rows = linked
        return super().answers(rows, include)

    def reader(self, *, partial: bool) -> Any:
        return MemberBody if partial else InvitationBody

    def create_row(self, values: dict[str, Any]) -> TeamUser:
        return services.invite(values.pop("email"), values)

    def update_row(self, row: TeamUser, values: dict[str, Any]) -> TeamUser:
        return services.update_member(row, values)

    def delete_row(self, row: TeamUser) -> None:
        services.delete_member(row)

    @action(detail=True, methods=["post"])
    def resend_invitation(self, request: Any, pk: str) -> Response:
        """Mail the invitation again."""
        include = self.single_include()
        member = services.resend_invitation(self.get_object(lock=True))
        return Response(self.written(member, include))


# --- The key's own user -----------------------------------------------------------------------------


def email_change_answer(change: EmailChange | None) -> dict[str, Any] | None:
    """An address that waits to be confirmed."""
    if change is None:
        return None
    return {
        "id": change.pk,
        "email": change.email,
        "created_at": datetime_of(change.created_at),
        "expires_at": datetime_of(change.expires_at),
    }


def own_member() -> dict[str, Any]:
    """The team user of the key."""
    return MemberSerializer.render(current_actor())


class PersonSerializer(WireSerializer):
    """A user, as other members of their team see them."""

    fullname = Computed(lambda user: user.fullname or None, schema={"type": ["string", "null"]})
    initials = Computed(lambda user: user.initials or None, schema={"type": ["string", "null"]})
    last_connexion = Computed(lambda user: datetime_of(user.last_login), schema={"type": ["string", "null"]})
    status = StatusFlag(source="is_active", read_only=True)
    avatar = Relation(model=File, always=True, with_id=False, read_only=True)

    class Meta:
        model = User
        fields: tuple[str, ...] = (
            "id",
            "firstname",
            "lastname",
            "fullname",
            "initials",
            "email",
            "phone",
            "mobile",
            "fax",
            "last_connexion",
            *DATES,
            "status",
            "avatar",
        )


#: The component of team users, which their own endpoints describe.
MEMBER = {"$ref": "#/components/schemas/Member"}


class UserSerializer(PersonSerializer):
    """The key's own user. Of all the teams that they may belong to, a key shows its own only."""

    active_team_user = Computed(lambda user: own_member(), schema=MEMBER)
    teamUsers = Computed(lambda user: [own_member()], schema={"type": "array", "items": MEMBER})  # noqa: N815
    email_validation = Computed(
        lambda user: email_change_answer(services.pending_email(user)), schema={"type": ["object", "null"]}
    )
    email = WireEmail(required=False, max_length=254)
    password = serializers.CharField(
        required=False,
        write_only=True,
        allow_blank=True,
        allow_null=True,
        trim_whitespace=False,
        max_length=128,
    )
    current_password = serializers.CharField(
        required=False,
        write_only=True,
        allow_blank=True,
        allow_null=True,
        trim_whitespace=False,
        max_length=128,
    )

    class Meta(PersonSerializer.Meta):
        register = False
        fields: tuple[str, ...] = (
            "id",
            "firstname",
            "lastname",
            "fullname",
            "initials",
            "email",
            "phone",
            "mobile",
            "fax",
            "last_connexion",
            *DATES,
            "status",
            "active_team_user",
            "teamUsers",
            "email_validation",
            "language",
            "newsletter_updates",
            "newsletter_offers",
            "avatar",
            "password",
            "current_password",
        )
        write_only = ("password", "current_password")


class UserViewSet(ApiView):
    """The user whose key it is."""

    guard = Everyone(write=True)
    serializer_class = UserSerializer

    def answer(self, user: User) -> Response:
        """The user as they are now."""
        self.answered = user
        return Response(UserSerializer.render(user))

    def list(self, request: Any) -> Response:
        ListQuery(request, allowed=())
        return self.answer(request.user)

    def change(self, request: Any) -> Response:
        ListQuery(request, allowed=())
        check_match(request, User.objects.select_for_update().get(pk=request.user.pk))
        values = UserSerializer.parse(request.data, partial=True)
        try:
            user = services.update_user(request.user, values)
        except services.TooManyTries as error:
            raise exceptions.Throttled(services.PASSWORD_PAUSE, error.message) from error
        request.actor.user = user
        return self.answer(user)

    @action(detail=False, methods=["post"], url_path="email-validation/resend")
    def resend_email_validation(self, request: Any) -> Response:
        """Mail the link that confirms a new address again."""
        ListQuery(request, allowed=())
        return self.answer(services.resend_email_link(request.user))

    @action(detail=False, methods=["post"], url_path="email-validation/cancel")
    def cancel_email_validation(self, request: Any) -> Response:
        """Give up a change of address."""
        ListQuery(request, allowed=())
        return self.answer(services.cancel_email_change(request.user))


router.register("team", TeamViewSet)
router.register("team/user", TeamUserViewSet)
router.register("user", UserViewSet)
router.register("user/permission", PermissionViewSet)
