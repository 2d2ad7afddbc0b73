"""What happens in the catalog, told to the chapters above."""

from django.dispatch import Signal

__all__ = ["stock_alert"]

#: Stocks reached a threshold. Sent inside the transaction that moves them, in the team's scope: what leaves
#: the machine waits for the commit. Argument: `crossings`, a list of `catalog.services.thresholds.Crossing`.
stock_alert = Signal()
