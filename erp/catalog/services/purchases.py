"""What can happen to orders to suppliers: made, changed, received, deleted; and the stock that follows them.

Every change runs under the lock of the order, so that two receipts at once never exceed what was ordered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from erp.catalog.models import CommandStatus, ProviderCommand, ProviderCommandLine
from erp.catalog.services import arrivals
from erp.catalog.services.ordering import build_lines, recompute
from erp.core import numbering
from erp.core.errors import Conflict, Invalid
from erp.core.scope import current_team
from erp.core.services import validated
from erp.core.stored_pdf import PdfStatus
from erp.customers.models import Customer
from erp.various.models import Country, Currency
from erp.various.services import clean_html, default_pdf_model, team_today
from tenants.parameters import SERIES

__all__ = [
    "create_provider_command",
    "delete_provider_command",
    "receive",
    "starting_values",
    "update_provider_command",
    "why_provider_stays",
]

COMMAND_SERIES = SERIES["provider_command"].key
ADDRESS = ("road1", "road2", "road3", "postal_code", "town", "country")
DEFAULT_ADDRESS = "provider_command_delivery_address_"
#: The team's three values of a new order's status, and what they are on the order.
DEFAULT_STATUSES = {0: CommandStatus.DRAFT, 1: CommandStatus.WAITING, 3: CommandStatus.DELIVERED}


# --- Making ---------------------------------------------------------------------------------------


def starting_values() -> dict[str, Any]:
    """Attributes of a new order that the team's settings give: date, address, options of the PDF, status."""
    team = current_team()
    address = {name: team.parameter(f"{DEFAULT_ADDRESS}{name}") for name in ADDRESS}
    country = address["country"]
    return {
        "date": team_today(),
        "currency": Currency.objects.get(pk=team.parameter("currency")),
        "pdf_model": default_pdf_model("command"),
        **address,
        "country": Country.objects.filter(pk=country).first() if country else None,
        "show_contact": not team.parameter("provider_command_contact"),
        "show_reference_column": not team.parameter("provider_command_reference_column"),
        "show_units": not team.parameter("provider_command_units"),
        "not_show_price": team.parameter("provider_command_not_show_price"),
        "status": DEFAULT_STATUSES[team.parameter("provider_command_default_status")],
    }


@transaction.atomic
def create_provider_command(values: Mapping[str, Any]) -> ProviderCommand:
    """A new order, numbered; what `values` leaves out comes from the team's settings (see `starting_values`).

    `values`: the model's attributes, and `contents`, a list of rows with the attributes of a line. The
    default delivery address stands only when no part of another is given. With the status Delivered, lines
    that do not say how much of them arrived are delivered whole.
    Raises Invalid (422) by attribute, "contents.0.quantity" for a line's.
    """
    values = dict(values)
    start = starting_values()
    if any(values.get(name) for name in ADDRESS):
        start = {name: value for name, value in start.items() if name not in ADDRESS}
    given = {name: value for name, value in values.items() if value is not None or name in ADDRESS}
    asked = given.pop("status", None)
    status = asked or start["status"]
    is_delivered = status == CommandStatus.DELIVERED
    command = ProviderCommand()
    _set(command, start | given | {"status": CommandStatus.WAITING if is_delivered else start["status"]})
    lines = build_lines(given.get("contents") or [], {}, command.provider, deliver=is_delivered)
    _reach(command, lines, asked)
    day = min(command.date, team_today())  # a date mistyped far ahead does not take the series along
    command.reference = numbering.take_unused(
        COMMAND_SERIES, day, ProviderCommand.all_objects.all()
    ).reference
    _write(command, lines)
    arrivals.settle_command(command, lines, is_new=True)
    return command


# --- Changing -------------------------------------------------------------------------------------


@transaction.atomic
def update_provider_command(command: ProviderCommand, values: Mapping[str, Any]) -> ProviderCommand:
    """Change an order. `contents`, when given, is the whole new content: a row with `id` changes that line,
    other rows are new, lines not named go.

    What arrived stays: a line keeps its product and at least its delivered quantity, the order its supplier.
    A `delivered_quantity` that is typed corrects what was received. Raises Invalid (422) by attribute.
    """
    command = _locked(command)
    values = {name: value for name, value in values.items() if value is not None or name in NULLABLE}
    known = {line.pk: line for line in command.contents.select_related("vat_rate")}
    arrived = any(line.delivered_quantity for line in known.values())
    _check_provider(command, values, arrived=arrived)
    asked = values.pop("status", None)
    contents = values.pop("contents", None)
    _set(command, values)
    lines = list(known.values())
    if contents is not None:
        lines = build_lines(contents, known, command.provider, deliver=asked == CommandStatus.DELIVERED)
    elif asked == CommandStatus.DELIVERED:
        for line in lines:
            line.delivered_quantity = line.quantity
    _reach(command, lines, asked)
    _write(command, lines, gone=[key for key in known if key not in {line.pk for line in lines}])
    arrivals.settle_command(command, lines)
    return command


#: Attributes that null empties.
NULLABLE = ("contact", "country")


def _set(command: ProviderCommand, values: Mapping[str, Any]) -> None:
    """Set attributes; the supplier and the contact must suit."""
    for name, value in values.items():
        if name != "contents":
            setattr(command, name, value)
    command.comments = clean_html(command.comments)
    if command.pdf_model_id is None:
        raise Invalid({"pdf_model": _("This field is required.")}, code="required")
    provider: Customer = command.provider
    if "provider" in values and not (provider.is_provider or provider.is_subcontractor):
        text = _("%(customer)s is no supplier: mark it as one first.")
        raise Invalid({"customer": text % {"customer": provider}})
    contact = command.contact
    if contact is not None and not contact.customers.filter(pk=provider.pk).exists():
        text = _("%(contact)s is no contact of %(customer)s.")
        raise Invalid({"contact": text % {"contact": contact, "customer": provider}})


def _check_provider(command: ProviderCommand, values: Mapping[str, Any], *, arrived: bool) -> None:
    provider = values.get("provider")
    if arrived and provider is not None and provider.pk != command.provider_id:
        text = _("Goods of this order have arrived: its supplier cannot change any more.")
        raise Invalid({"customer": text})


def _reach(command: ProviderCommand, lines: Sequence[ProviderCommandLine], asked: int | None) -> None:
    """Set the status: what arrived decides, else what is asked for, else it stays, or is again waiting.

    Raises Invalid (422) for a status that what arrived contradicts.
    """
    derived = arrivals.status_of(lines)
    if derived is None:
        if asked in (CommandStatus.PARTLY, CommandStatus.DELIVERED):
            raise Invalid({"status": _("Nothing has arrived: enter what was delivered.")})
        undelivered = command.status in (CommandStatus.DRAFT, CommandStatus.WAITING)
        command.status = asked or (command.status if undelivered else CommandStatus.WAITING)
        return
    if asked in (CommandStatus.DRAFT, CommandStatus.WAITING):
        raise Invalid({"status": _("Goods of this order have arrived: its status follows from them.")})
    if asked == CommandStatus.DELIVERED and derived != asked:
        raise Invalid({"status": _("Some of this order has not arrived: enter what was delivered.")})
    command.status = derived


def _locked(command: ProviderCommand) -> ProviderCommand:
    """The order as it is now, with the lock under which everything happens. Raises Conflict (409)."""
    rows = ProviderCommand.objects.select_related("provider", "contact").select_for_update(of=("self",))
    found: ProviderCommand | None = rows.filter(pk=command.pk).first()
    if found is None:
        raise Conflict(_("This order was deleted meanwhile."), code="deleted")
    return found


def _write(command: ProviderCommand, lines: Sequence[ProviderCommandLine], gone: Iterable[int] = ()) -> None:
    """Compute and write an order with its lines, and have its page made after the commit."""
    from erp.catalog.tasks import enqueue_command_pdf

    recompute(command, lines)
    command.revision += 0 if command._state.adding else 1
    command.pdf_status, command.pdf_file = PdfStatus.WAIT, None
    validated(command).save()
    ProviderCommandLine.objects.filter(pk__in=list(gone)).hard_delete()
    for line in lines:
        line.command = command
    ProviderCommandLine.objects.bulk_update([line for line in lines if line.pk is not None], LINE_COLUMNS)
    ProviderCommandLine.objects.bulk_create(line for line in lines if line.pk is None)
    enqueue_command_pdf(command)


#: Columns of a line that a change may write.
LINE_COLUMNS = tuple(
    field.name
    for field in ProviderCommandLine._meta.concrete_fields
    if field.name not in ("id", "team", "command", "created_at", "deleted_at")
)


# --- Receiving, deleting --------------------------------------------------------------------------


@transaction.atomic
def receive(command: ProviderCommand, receipts: Sequence[Mapping[str, Any]]) -> ProviderCommand:
    """Enter goods that arrived: each receipt is {"id": a line or its id, "delivered_quantity": how much of it
    arrived now}. Receipts add up; the status and the stock follow.

    Raises Invalid (422) on "contents.0.delivered_quantity" beyond what remains, saying how much does.
    """
    command = _locked(command)
    lines = list(command.contents.all())
    arrivals.enter(lines, receipts)
    command.status = arrivals.status_of(lines) or command.status
    command.save(update_fields=["status", "updated_at"])
    ProviderCommandLine.objects.bulk_update(lines, ["delivered_quantity", "updated_at"])
    arrivals.settle_command(command, lines)
    return command


@transaction.atomic
def delete_provider_command(command: ProviderCommand) -> None:
    """Delete an order of which nothing arrived; what it had added to stock goes. Raises Conflict (409)."""
    command = _locked(command)
    lines = list(command.contents.all())
    if arrivals.status_of(lines) is not None:
        text = _("Goods of %(command)s have arrived: correct what was delivered before deleting it.")
        raise Conflict(text % {"command": command}, code="received")
    command.contents.all().delete()
    command.delete()
    arrivals.settle_command(command, [])


def why_provider_stays(provider: Customer) -> str | None:
    """Why a supplier cannot be deleted: its orders; None when it has none."""
    if not ProviderCommand.objects.filter(provider=provider).exists():
        return None
    return _("%(provider)s has supplier orders: archive it instead of deleting it.") % {"provider": provider}
