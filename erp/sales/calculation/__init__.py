"""The arithmetic of sales documents, from plain values to plain values: no ORM, no HTTP, no language.

Everything is computed in the document's input mode first (the "given" side: HT or TTC), then the other side
is derived once per VAT rate and spread over the lines by largest remainder. So lines sum to rates and rates
to the document, to the cent (EN 16931: BR-CO-10, BR-S-08, BR-CO-14, BR-CO-15):

- `ht` mode: VAT of a rate = round(base x rate), the base being net lines plus eco-participation (BR-CO-17);
- `ttc` mode: HT of a rate = round(TTC / (1 + rate)), VAT = TTC - HT.

Lines with fixed amounts (deposits to deduct, rests of partial conversions) are added to their rate's row
afterwards, as they are. Results carry the names of the reference's attributes, so that they can be copied.

Import from here. Inside, in the order of the work: `values` (what goes in and comes out), `refusals` (what
cannot be computed), `prices` (a line by itself), `discount` (the global one, shared out), `rates` (VAT of
each rate, spread over its lines), `results` (attributes by wire name), `document` (all of it), `deposits`.
"""

from erp.sales.calculation.deposits import DepositRow, compute_deposit, deposit_deductions
from erp.sales.calculation.document import compute
from erp.sales.calculation.refusals import CalculationError, ErrorCode
from erp.sales.calculation.values import DocumentInput, DocumentResult, LineInput, LineResult, VatRow

__all__ = [
    "CalculationError",
    "DepositRow",
    "DocumentInput",
    "DocumentResult",
    "ErrorCode",
    "LineInput",
    "LineResult",
    "VatRow",
    "compute",
    "compute_deposit",
    "deposit_deductions",
]
