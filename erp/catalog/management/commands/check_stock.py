"""manage.py check_stock [--team ID] [--fix]"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from erp.catalog.services import Drift, stock_drifts
from erp.core.scope import team_scope, unscoped
from tenants.models import Team


class Command(BaseCommand):
    """Compares the stocks that products show with the ledger; fails when they differ and stay so."""

    help = "List the products whose stock is not the sum of its movements; --fix sets it to that sum."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--team", type=int, metavar="ID", help="only this team (default: all)")
        parser.add_argument("--fix", action="store_true", help="set the stocks to the sums of the ledger")

    def handle(self, *args: Any, team: int | None = None, fix: bool = False, **options: Any) -> None:
        with unscoped("an operator checks every team"):
            teams = list(Team.objects.filter(**({} if team is None else {"pk": team})).order_by("pk"))
        if team is not None and not teams:
            raise CommandError(f"There is no team {team}.")
        found = 0
        for each in tqdm(teams, desc="teams", file=self.stderr, disable=None):
            with team_scope(each):
                for drift in stock_drifts(fix=fix):
                    found += 1
                    self.stdout.write(self._line(each, drift))
        if found and not fix:
            raise CommandError(f"{found} stocks differ from the ledger. --fix sets them right.")
        self.stdout.write(
            f"{found} stocks were set right." if found else "Every stock is the sum of its movements."
        )

    @staticmethod
    def _line(team: Team, drift: Drift) -> str:
        row = f"{drift.row._meta.model_name} {drift.row.pk} ({drift.row})"
        return f"team {team.pk}, {row}, {drift.kind}: shows {drift.stored}, ledger {drift.ledger}"
