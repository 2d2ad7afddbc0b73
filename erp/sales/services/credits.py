"""Credits: what an invoice is corrected by. They never exceed it, in all and at each VAT rate, and what an
invoice's credits leave can always be credited to the cent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from erp.core.errors import Invalid
from erp.core.money import NOTHING, Amounts, allocate
from erp.sales.choices import Kind
from erp.sales.models import Document, Line
from erp.sales.services.amounts import copy_line, drop_global_discount, drop_terms, ecotax_of, fix, net_of
from erp.sales.services.progress import Share, plain

__all__ = ["check_within_invoice", "credit_lines", "wanted_quantities"]

ZERO = Decimal(0)
#: An amount at one VAT rate: (rate, id of the rate).
Row = tuple[Decimal, int | None]


def credit_lines(
    invoice: Document, source_lines: list[Line], made: Document, values: Mapping[str, Any]
) -> list[Line]:
    """The quantities asked for (`contents`), an `amount` VAT included, or all that remains.

    Raises Invalid (422) saying what remains.
    """
    earlier = _credited_lines(invoice)
    rests = _rests_by_rate(invoice, earlier)
    total = sum((rest.ttc for rest in rests.values()), ZERO)
    if total <= 0 and (earlier or invoice.total_ttc):
        raise Invalid(
            {"contents": _("This invoice was credited wholly: nothing remains to credit.")},
            code="nothing_remains",
        )
    drop_terms(made)
    if not earlier and not values.get("contents") and values.get("amount") is None:
        return [copy_line(line, number) for number, line in enumerate(source_lines, start=1)]
    drop_global_discount(made)
    if values.get("contents"):
        return _of_quantities(invoice, source_lines, earlier, values, rests)
    if values.get("amount") is not None:
        return _of_amount(invoice, source_lines, rests, values["amount"], total)
    return _of_rest(invoice, source_lines, earlier, rests, total)


def check_within_invoice(credit: Document, lines: Sequence[Line]) -> None:
    """Refuse an edit of a draft credit that makes it exceed its invoice. Raises Invalid (422)."""
    invoice = credit.source
    if credit.kind != Kind.CREDIT or invoice is None:
        return
    earlier = [line for line in _credited_lines(invoice) if line.document_id != credit.pk]
    _check_rates(invoice, lines, _rests_by_rate(invoice, earlier))
    done = _shares(earlier)
    whole = {line.affair_content_id: line for line in invoice.contents.all() if line.is_goods}
    for number, line in enumerate(lines):
        if line.is_goods and (of := whole.get(line.affair_content_id)) is not None:
            rest = _rest(of, done)
            if abs(line.quantity) > rest:
                raise Invalid({f"contents.{number}.quantity": _at_most(rest)}, code="beyond_rest")


def _credited_lines(invoice: Document) -> list[Line]:
    return list(
        Line.objects.filter(
            document__source_id=invoice.pk,
            document__kind=Kind.CREDIT,
            document__deleted_at=None,
            is_option=False,
        )
    )


def _shares(earlier: Sequence[Line]) -> dict[int, Share]:
    done: dict[int, Share] = {}
    for line in earlier:
        done.setdefault(line.affair_content_id, Share()).add(line.quantity, net_of(line), ecotax_of(line), 1)
    return done


def _rest(line: Line, done: Mapping[int, Share]) -> Decimal:
    share = done.get(line.affair_content_id)
    return max(ZERO, abs(line.quantity) - abs(share.quantity)) if share else abs(line.quantity)


def _row(invoice: Document, line: Line) -> Row:
    """Where an invoice counts a line: rates of 0 stay apart, and one rate for all wins over the line's."""
    if line.vat_rate_value:
        return line.vat_rate_value, None
    for_all = invoice.vat_rate_id if invoice.use_global_vatrate else None
    is_for_all = any(row["vat_rate_id"] == for_all and not Decimal(row["rate"]) for row in invoice.vatrates)
    return line.vat_rate_value, for_all if for_all is not None and is_for_all else line.vat_rate_id


def _rests_by_rate(invoice: Document, earlier: Sequence[Line]) -> dict[Row, Amounts]:
    """What remains to credit at each VAT rate of an invoice."""
    rests: dict[Row, Amounts] = {}
    for row in invoice.vatrates:
        rate = Decimal(row["rate"])
        key = (rate, None if rate else row["vat_rate_id"])
        rests[key] = Amounts(Decimal(row["ht"]), Decimal(row["tva"]), Decimal(row["ttc"]))
    for line in earlier:
        at = _row(invoice, line)
        rests[at] = rests.get(at, NOTHING) - net_of(line) - ecotax_of(line)
    return rests


def _check_rates(invoice: Document, lines: Sequence[Line], rests: Mapping[Row, Amounts]) -> None:
    """Refuse lines worth more than what remains, in all or at their VAT rate."""
    totals: dict[Row, Decimal] = {}
    for line in lines:
        if line.is_goods or line.is_deposit:
            at = _row(invoice, line)
            totals[at] = totals.get(at, ZERO) + line.total_net_ttc + line.total_ecotax_ttc
    whole, left = sum(totals.values(), ZERO), sum((rest.ttc for rest in rests.values()), ZERO)
    if whole > max(left, ZERO):
        text = _("These lines are worth %(total)s, where %(rest)s remain to credit.")
        raise Invalid({"contents": text % {"total": whole, "rest": left}}, code="beyond_rest")
    for row, total in totals.items():
        rest = rests.get(row, NOTHING).ttc
        if total > max(rest, ZERO):
            text = _("These lines are worth %(total)s at the VAT rate of %(rate)s %%, where %(rest)s remain.")
            raise Invalid(
                {"contents": text % {"total": total, "rate": plain(row[0]), "rest": rest}}, code="beyond_rest"
            )


# --- By quantities ----------------------------------------------------------------------------------


def _of_quantities(
    invoice: Document,
    source_lines: Sequence[Line],
    earlier: Sequence[Line],
    values: Mapping[str, Any],
    rests: Mapping[Row, Amounts],
) -> list[Line]:
    creditable = [line for line in source_lines if line.is_goods or line.is_deposit]
    done = _shares(earlier)
    left = {line.affair_content_id: _rest(line, done) for line in creditable}
    lines = _parts(creditable, done, wanted_quantities(values, left))
    _check_rates(invoice, lines, rests)
    return lines


def _parts(
    creditable: Sequence[Line], done: Mapping[int, Share], wanted: Mapping[int, Decimal]
) -> list[Line]:
    parts: list[Line] = []
    for line in creditable:
        if quantity := wanted.get(line.affair_content_id):
            part = copy_line(line, len(parts) + 1)
            part.quantity = quantity if line.quantity >= 0 else -quantity
            share = done.get(line.affair_content_id) or Share()
            parts.append(fix(part, *share.next_part(line, part.quantity)))
    return parts


def wanted_quantities(values: Mapping[str, Any], rests: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Quantities asked for by affair content; everything that remains when none is named.

    A line named twice counts twice. Raises Invalid (422) on each row that names no line, or too much of it.
    """
    contents = values.get("contents")
    if not contents:
        return {content: rest for content, rest in rests.items() if rest > 0}
    wanted: dict[int, Decimal] = {}
    errors: dict[str, str] = {}
    for number, row in enumerate(contents):
        content, quantity = row["id"], row.get("quantity")
        if content not in rests:
            errors[f"contents.{number}.id"] = _("This document has no such line: %(id)s.") % {"id": content}
            continue
        wanted[content] = wanted.get(content, ZERO) + (rests[content] if quantity is None else quantity)
        if not ZERO < wanted[content] <= rests[content] or (quantity is not None and quantity <= 0):
            errors[f"contents.{number}.quantity"] = _at_most(rests[content])
    if errors:
        raise Invalid(errors, code="beyond_rest")
    return wanted


def _at_most(rest: Decimal) -> str:
    return _("Give a quantity above 0 and at most %(rest)s, which is what remains.") % {"rest": plain(rest)}


# --- By amount --------------------------------------------------------------------------------------


def _of_rest(
    invoice: Document,
    source_lines: Sequence[Line],
    earlier: Sequence[Line],
    rests: Mapping[Row, Amounts],
    total: Decimal,
) -> list[Line]:
    """All that earlier credits left: line by line where that makes the rest exactly, else its amount."""
    creditable = [line for line in source_lines if line.is_goods or line.is_deposit]
    done = _shares(earlier)
    left = {line.affair_content_id: _rest(line, done) for line in creditable}
    lines = _parts(creditable, done, wanted_quantities({}, left))
    made = dict.fromkeys(rests, NOTHING)
    for line in lines:
        at = _row(invoice, line)
        made[at] = made.get(at, NOTHING) + net_of(line) + ecotax_of(line)
    return lines if made == dict(rests) else _of_amount(invoice, source_lines, rests, total, total)


def _of_amount(
    invoice: Document,
    source_lines: Sequence[Line],
    rests: Mapping[Row, Amounts],
    amount: Decimal,
    total: Decimal,
) -> list[Line]:
    """An amount, VAT included, spread over what remains at each VAT rate."""
    if not ZERO < amount <= total:
        text = _("Give an amount above 0 and at most %(rest)s, which is what remains to credit.")
        raise Invalid({"amount": text % {"rest": total}}, code="beyond_rest")
    is_all = amount == total
    shares = allocate(amount, [rest.ttc if is_all else max(rest.ttc, ZERO) for rest in rests.values()])
    lines: list[Line] = []
    for (row, rest), share in zip(rests.items(), shares, strict=True):
        if share:
            lines.append(_amount_line(invoice, row, rest.part(ZERO, share, rest.ttc), len(lines) + 1))
    _keep_deposit_identity(invoice, source_lines, lines)
    return lines


def _amount_line(invoice: Document, row: Row, amounts: Amounts, number: int) -> Line:
    rate, key = row
    keys = {Decimal(one["rate"]): one["vat_rate_id"] for one in invoice.vatrates}
    with override(invoice.language):
        label = _("Credit on invoice %(reference)s") % {"reference": invoice.reference}
    quantity = Decimal(1) if amounts.ttc > 0 else Decimal(-1)
    line = Line(
        line_number=number,
        designation=label,
        is_deposit=True,
        quantity=quantity,
        vat_rate_value=rate,
        vat_rate_id=key or keys.get(rate),
    )
    return fix(line, amounts)


def _keep_deposit_identity(invoice: Document, source_lines: Sequence[Line], lines: Sequence[Line]) -> None:
    """A credit on a deposit lowers what is still to deduct of it: its lines keep the deposit's identity."""
    if invoice.is_deposit:
        identities = {_row(invoice, line): line.affair_content_id for line in source_lines}
        for line in lines:
            line.affair_content_id = identities[_row(invoice, line)]
