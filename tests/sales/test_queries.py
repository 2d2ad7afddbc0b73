"""What documents cost: queries of the usual operations, so that nobody adds one without noticing."""

import pytest

from erp.core.numbering import series
from erp.sales import services


@pytest.fixture(autouse=True)
def _series(scope):
    """Counters are made on first use: these are not the first."""
    for key in ("affair", "quotation", "command", "invoice"):
        series(f"sales_{key}")


def test_a_quotation_of_five_lines(make, django_assert_max_num_queries):
    lines = [(f"Ligne {number}", "10.33", "3", "20" if number % 2 else "10") for number in range(5)]
    with django_assert_max_num_queries(16):
        make("quotation", *lines, is_draft=True)


def test_from_quotation_to_invoice(make, django_assert_max_num_queries):
    """Created, ordered and billed, each validated."""
    lines = [(f"Ligne {number}", "10.33", "3", "20" if number % 2 else "10") for number in range(5)]
    with django_assert_max_num_queries(59):
        quotation = make("quotation", *lines)
        order = services.convert(quotation, "command", {"is_draft": False})
        services.convert(order, "bill", {"is_draft": False})


def test_more_lines_cost_no_more_queries(make, django_assert_max_num_queries):
    many = [(f"Ligne {number}", "10.33", "3", "20") for number in range(8)]
    with django_assert_max_num_queries(16):
        make("quotation", *many, is_draft=True)
