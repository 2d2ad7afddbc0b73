"""The form of a sales document and its grid of lines: what is typed, as the services take it.

Import from here. Inside: `choices` (a row among those read once), `texts` (what a line's inputs hold), `line`
(one line of the grid), `lines` (the grid), `document` (the form around it).
"""

from erp.sales.forms.document import DocumentForm, customer_named
from erp.sales.forms.line import LineForm, stock_text
from erp.sales.forms.lines import Lines
from erp.sales.forms.texts import SIDED, line_initial

__all__ = [
    "SIDED",
    "DocumentForm",
    "LineForm",
    "Lines",
    "customer_named",
    "line_initial",
    "stock_text",
]
