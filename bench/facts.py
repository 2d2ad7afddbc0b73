"""What workloads need to know of the data: ids and texts that exist."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    """Ids of one team's rows, and the key of its owner."""

    key: str
    customer_ids: list[int]
    product_ids: list[int]
    invoice_ids: list[int]
    #: Validated invoices whose PDF was never made.
    unprinted_ids: list[int]
    towns: list[str]
    company_type_id: int
    country_id: int
    vat_rate_id: int
    pdf_model_id: int
    #: The team's date, as 2026-11-30.
    today: str

    @classmethod
    def empty(cls) -> Facts:
        """Facts about nothing, for listing the workloads."""
        return cls("", [0], [0], [0], [0], [""], 0, 0, 0, 0, "")
