"""What happens to teams, told to the chapters above."""

from django.dispatch import Signal

__all__ = ["team_created"]

#: A team was made and is in scope: each chapter gives it its lists. Argument: `team`.
team_created = Signal()
