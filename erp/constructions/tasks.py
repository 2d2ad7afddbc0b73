"""Background work of worksites: rendering their pages."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from django_tasks import task

from erp.core.scope import team_scope
from erp.core.stored_pdf import PdfFailed, render_later

if TYPE_CHECKING:
    from erp.constructions.models import Construction, Planification

__all__ = ["enqueue_construction_pdf", "enqueue_planification_pdf"]


@task()
def render_construction(team_id: int, construction_id: int) -> None:
    """Render the page of a worksite as it is now, unless that was done; safe to run twice."""
    from erp.constructions.models import Construction
    from erp.constructions.services import pdf_of_construction
    from tenants.models import Team

    with team_scope(Team.objects.get(pk=team_id)):
        row = Construction.objects.filter(pk=construction_id).first()
        if row is not None:
            with suppress(PdfFailed):  # noted on the worksite and logged: the next reading tries again
                pdf_of_construction(row)


@task()
def render_planification(team_id: int, planification_id: int) -> None:
    """Render the work order of a planification as it is now, unless that was done; safe to run twice."""
    from erp.constructions.models import Planification
    from erp.constructions.services import pdf_of_planification
    from tenants.models import Team

    with team_scope(Team.objects.get(pk=team_id)):
        row = Planification.objects.filter(pk=planification_id).first()
        if row is not None:
            with suppress(PdfFailed):  # as above
                pdf_of_planification(row)


def enqueue_construction_pdf(row: Construction) -> None:
    """Have the page of a worksite rendered once this transaction commits."""
    render_later(render_construction, row.team_id, row.pk)


def enqueue_planification_pdf(row: Planification) -> None:
    """Have a work order rendered once this transaction commits.

    Those of other planifications of the worksite, which may show what changed, are made when they are read.
    """
    render_later(render_planification, row.team_id, row.pk)
