"""Base models: rows that belong to a team, number series, files.

The managers fail closed: outside a team's scope every read and write raises (see `scope.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, ClassVar, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.core.queries import TenantQuery
from erp.core.scope import WrongTeam, current_team, scoped_team

__all__ = [
    "File",
    "IdempotentRequest",
    "NumberSeries",
    "TenantManager",
    "TenantModel",
    "TenantQuerySet",
    "one",
]


class TenantQuerySet(models.QuerySet):
    """Rows of the current team. Bulk writes are checked like single ones; raw SQL is refused."""

    def __init__(self, model: Any = None, query: Any = None, **kwargs: Any) -> None:
        super().__init__(model, TenantQuery(model) if query is None else query, **kwargs)

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        if kwargs.get("update_conflicts") and "team" not in (kwargs.get("unique_fields") or ()):
            raise WrongTeam("Conflicting rows could be another team's: name the team among unique_fields.")
        rows = list(objs)
        check_rows(rows)
        return super().bulk_create(rows, *args, **kwargs)

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], *args: Any, **kwargs: Any) -> int:
        rows = list(objs)
        check_rows(rows)
        return super().bulk_update(rows, fields, *args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        check_update(self.model, kwargs)
        if "updated_at" not in kwargs:
            kwargs["updated_at"] = timezone.now()
        return super().update(**kwargs)

    def in_bulk(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        """Rows by id, in no order."""
        return models.QuerySet.in_bulk(self.order_by(), *args, **kwargs)

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError("Raw SQL does not know the team: write it as a queryset.")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Mark the rows deleted; they stay in the database (`with_deleted` shows their ids)."""
        count = self.update(deleted_at=timezone.now())
        return count, {self.model._meta.label: count}

    # As Django's own: not offered by managers, nor to templates.
    delete.queryset_only = delete.alters_data = True  # type: ignore[attr-defined]

    def hard_delete(self) -> None:
        """Really remove rows that nobody else refers to, such as the lines of an edited draft."""
        super().delete()

    hard_delete.queryset_only = hard_delete.alters_data = True  # type: ignore[attr-defined]


def one(queryset: models.QuerySet[Any]) -> Any:
    """The row that a queryset's conditions leave, or None. Unlike `first()` it sorts nothing."""
    return next(iter(queryset.order_by()[:1]), None)


class TenantManager(models.Manager.from_queryset(TenantQuerySet)):  # type: ignore[misc]
    """The only way to a tenant model's rows; raises NoTeam outside a scope."""

    def __init__(self, *, with_deleted: bool = False) -> None:
        super().__init__()
        self.with_deleted = with_deleted

    def get_queryset(self) -> TenantQuerySet:
        team = scoped_team()
        queryset = _team_rows(self._queryset_class, self.model, team, self.with_deleted)._chain()
        queryset._db, queryset._hints = self._db, self._hints
        return queryset


@lru_cache(maxsize=4096)
def _team_rows(kind: type[Any], model: type[Any], team: int | None, with_deleted: bool) -> Any:
    """The queryset that every one of a team starts from: building its conditions costs more than a copy."""
    conditions: dict[str, Any] = {} if team is None else {"team_id": team}
    if not with_deleted:
        conditions["deleted_at"] = None
    return kind(model=model).filter(**conditions)


class TenantModel(models.Model):
    """A row that belongs to one team, is dated, and is deleted softly."""

    #: Needed before a team is known (sign-in), hence outside PostgreSQL's row security.
    identity: ClassVar[bool] = False

    team = models.ForeignKey(
        "tenants.Team", models.PROTECT, related_name="+", editable=False, verbose_name=_("team")
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted at"), null=True, editable=False)

    objects: ClassVar[TenantManager] = TenantManager()
    all_objects: ClassVar[TenantManager] = TenantManager(with_deleted=True)

    class Meta:
        abstract = True
        base_manager_name = "all_objects"
        default_manager_name = "objects"

    #: Column values as loaded: links that did not change since are not checked again.
    _checked_links: Mapping[str, Any] = MappingProxyType({})

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **kwargs: Any
    ) -> Self:
        row = super().from_db(db, field_names, values, **kwargs)
        row._checked_links = row.__dict__.copy() if tenant_links(cls) else {}
        return row

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: DJ012 (beside its twin, delete)
        check_rows([self])
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Mark the row deleted."""
        check_rows([self])
        self.deleted_at = timezone.now()
        self.save(update_fields=["deleted_at", "updated_at"])
        return 1, {self._meta.label: 1}


def tenant_links(model: type[models.Model]) -> tuple[tuple[str, str, type[TenantModel]], ...]:
    """(name, column attribute, target) of each foreign key of `model` to a tenant model."""
    cached = model.__dict__.get("_tenant_links")
    if cached is None:
        cached = tuple(
            (field.name, field.attname, target)
            for field in model._meta.concrete_fields
            if (target := field.related_model) and field.name != "team" and issubclass(target, TenantModel)
        )
        model._tenant_links = cached  # type: ignore[attr-defined]
    return cached


def give_team(row: Any) -> None:
    """A new row belongs to the team in scope."""
    if row.team_id is None:
        row.team = current_team()


def check_rows(rows: list[Any]) -> None:
    """Give new rows the current team; raise WrongTeam if a row, or a row it points to, is another's."""
    if not rows:
        return
    team_id = scoped_team()
    for row in rows:
        give_team(row)
        if team_id is not None and row.team_id != team_id:
            raise WrongTeam(f"{row._meta.label} {row.pk} belongs to another team.")
    for name, attname, target in tenant_links(type(rows[0])):
        _check_links(rows, name, attname, target)


def _check_links(rows: list[Any], name: str, attname: str, target: type[TenantModel]) -> None:
    """Check one foreign key of all rows: loaded objects by their team, bare ids with one query."""
    unknown: dict[int, set[Any]] = {}
    for row in rows:
        value = getattr(row, attname)
        if value is None or row._checked_links.get(attname) == value:
            continue
        linked = row._state.fields_cache.get(name)
        if linked is None:
            unknown.setdefault(row.team_id, set()).add(value)
        elif linked.team_id != row.team_id:
            raise WrongTeam(f"{row._meta.label}.{name} points to another team's row.")
    for team_id, ids in unknown.items():
        if target._base_manager.filter(team_id=team_id, pk__in=ids).count() != len(ids):
            raise WrongTeam(f"{rows[0]._meta.label}.{name} points to a row that this team does not have.")


def check_update(model: type[models.Model], values: dict[str, Any]) -> None:
    """The same check for `queryset.update()`: the team never changes, links stay inside it."""
    if "team" in values or "team_id" in values:
        raise WrongTeam("A row never changes teams.")
    for name, attname, target in tenant_links(model):
        value = values.get(name, values.get(attname))
        if value is None or hasattr(value, "resolve_expression"):
            continue
        key = getattr(value, "pk", value)
        if not target._base_manager.filter(pk=key).exists():
            raise WrongTeam(f"{model._meta.label}.{name} points to a row that this team does not have.")


def check_many(
    action: str, instance: Any, model: type[models.Model], pk_set: set[Any] | None, **kwargs: Any
) -> None:
    """The same check for many-to-many links, which live in tables without a team (receives `m2m_changed`)."""
    condition: dict[str, Any] = {}
    if isinstance(instance, TenantModel):
        check_rows([instance])
        condition = {"team_id": instance.team_id}
    if action != "pre_add" or not pk_set or not issubclass(model, TenantModel):
        return
    if model._base_manager.filter(pk__in=pk_set, **condition).count() != len(pk_set):
        raise WrongTeam(f"{instance._meta.label} would be linked to a row that this team does not have.")


class NumberSeries(TenantModel):
    """One sequence of references of a team (invoices, customers, …): the counter that is locked to number."""

    class Mode(models.IntegerChoices):
        NEVER = 0, _("No reset")
        MONTHLY = 1, _("Reset every month")
        YEARLY = 2, _("Reset every year")

    key = models.CharField(_("numbers"), max_length=40, editable=False)
    prefix = models.CharField(_("prefix"), max_length=20, blank=True)
    length = models.PositiveSmallIntegerField(_("number length"), default=5)
    next_number = models.PositiveIntegerField(_("next number"), default=1)
    mode = models.PositiveSmallIntegerField(_("reset"), choices=Mode.choices, default=Mode.NEVER)
    period = models.CharField(_("current period"), max_length=7, blank=True, editable=False)
    last_date = models.DateField(_("last date"), null=True, editable=False)

    class Meta(TenantModel.Meta):
        abstract = False
        verbose_name = _("numbering")
        verbose_name_plural = _("numbering")
        constraints = [models.UniqueConstraint(fields=["team", "key"], name="series_key")]

    def __str__(self) -> str:
        return self.key


def file_path(file: File, filename: str) -> str:
    """Random name under the team's own folder: nothing of the user's name reaches the disk."""
    import secrets

    return f"teams/{file.team_id}/{secrets.token_hex(16)}.{file.extension or 'bin'}"


class IdempotentRequest(TenantModel):
    """A request that named itself (`Idempotency-Key`), and what it was answered; kept for a day."""

    key = models.CharField(max_length=255)
    author = models.ForeignKey("tenants.TeamUser", models.CASCADE, related_name="+")
    #: A hash of the method, the address and the body.
    fingerprint = models.CharField(max_length=64)
    #: The HTTP status answered; none while the request is being done.
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    #: The JSON answered, encrypted: some answers show a secret once.
    answer = models.TextField(blank=True)

    class Meta(TenantModel.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["team", "author", "key"], name="idempotent_request_once")
        ]
        indexes = [models.Index(fields=["team", "created_at"], name="idempotent_request_age")]

    def __str__(self) -> str:
        return self.key


class File(TenantModel):
    """A stored file of a team (reference: Various / File)."""

    content = models.FileField(_("content"), upload_to=file_path, max_length=200)
    name = models.CharField(_("name"), max_length=255, blank=True)
    filename = models.CharField(_("file name"), max_length=255)
    extension = models.CharField(_("extension"), max_length=10, blank=True)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    element_type = models.CharField(_("kind of element"), max_length=40, blank=True, editable=False)
    element_id = models.PositiveBigIntegerField(_("element"), null=True, editable=False)

    class Meta(TenantModel.Meta):
        abstract = False
        verbose_name = _("file")
        verbose_name_plural = _("files")
        indexes = [models.Index(fields=["team", "element_type", "element_id"], name="file_element")]

    def __str__(self) -> str:
        return self.name or self.filename

    @property
    def human_size(self) -> str:
        """Size for people, in binary units ("191.86 KiB")."""
        size = float(self.size)
        for unit in ("B", "KiB", "MiB"):
            if size < 1024:
                return f"{size:.2f} {unit}" if unit != "B" else f"{int(size)} B"
            size /= 1024
        return f"{size:.2f} GiB"
