"""Background work of the catalog."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django_tasks import task

from erp.core.scope import team_scope
from erp.core.stored_pdf import PdfFailed, render_later

if TYPE_CHECKING:
    from erp.catalog.models import ProviderCommand

__all__ = ["enqueue_command_pdf", "mail_stock_alert", "render_command_pdf"]


@task()
def mail_stock_alert(team_id: int, crossings: list[dict[str, Any]]) -> None:
    """Send the mails about stocks that reached a threshold."""
    from erp.catalog.services.thresholds import Crossing, mail_crossings
    from tenants.models import Team

    with team_scope(Team.objects.get(pk=team_id)):
        mail_crossings(
            Crossing(**{**row, "quantity": Decimal(row["quantity"]), "limit": Decimal(row["limit"])})
            for row in crossings
        )


@task()
def render_command_pdf(team_id: int, command_id: int, revision: int) -> None:
    """Render the PDF of a supplier order, unless it was done or the order changed; safe to run twice."""
    from erp.catalog.models import ProviderCommand
    from erp.catalog.services.command_pdf import pdf_of_command
    from tenants.models import Team

    with team_scope(Team.objects.get(pk=team_id)):
        command = ProviderCommand.objects.filter(pk=command_id, revision=revision).first()
        if command is not None:
            with suppress(PdfFailed):  # noted on the order and logged: the next reading tries again
                pdf_of_command(command)


def enqueue_command_pdf(command: ProviderCommand) -> None:
    """Have the PDF of an order to a supplier rendered once this transaction commits."""
    render_later(render_command_pdf, command.team_id, command.pk, command.revision)
