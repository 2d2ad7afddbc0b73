"""The global discount, shared out between the VAT rates."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from erp.core.money import HUNDRED, ZERO, round_half_up, spread
from erp.sales.calculation.rates import RateGroup, Tax
from erp.sales.calculation.refusals import CalculationError, ErrorCode
from erp.sales.calculation.values import DocumentInput


def share_discount(document: DocumentInput, groups: list[RateGroup]) -> Decimal:
    """Give each rate its share of the global discount (BG-20 needs one VAT category each).

    Answers the part of its content (0 to 1) that each line gives up.
    """
    contents = [group.content for group in groups]
    if document.global_discount_type == "pourcent":
        ratio = document.global_discount_value / HUNDRED
        shares = spread([content * ratio for content in contents], round_half_up(sum(contents, ZERO) * ratio))
    elif document.global_discount_type_amount == document.input_mode:
        ratio = _ratio(document, contents)
        shares = spread([content * ratio for content in contents], _discount_amount(document))
    else:
        ratio, shares = _cross_shares(document, groups, contents)
    for group, share in zip(groups, shares, strict=True):
        group.discount = share
    return ratio


def _discount_amount(document: DocumentInput) -> Decimal:
    return round_half_up(document.global_discount_value)


def _ratio(document: DocumentInput, contents: Sequence[Decimal]) -> Decimal:
    """The discount amount as a part of the contents, refused if they are worth less."""
    discount, whole = _discount_amount(document), sum(contents, ZERO)
    if discount > max(whole, ZERO):
        raise CalculationError(ErrorCode.GLOBAL_DISCOUNT_EXCEEDS_CONTENT, "global_discount_value")
    return discount / whole if discount else ZERO


def _cross_shares(
    document: DocumentInput, groups: list[RateGroup], contents: list[Decimal]
) -> tuple[Decimal, list[Decimal]]:
    """Ratio and shares of a discount stated on the other side (TTC on an HT document, or the reverse).

    Each rate's net is the given amount whose other side comes nearest to what is wanted; what a rate misses
    (in `ht` mode not every TTC amount can be reached) is asked from the next. The whole misses
    a cent at most.
    """
    others = [group.tax.other(content) for group, content in zip(groups, contents, strict=True)]
    ratio = _ratio(document, others)
    wanted = spread([other * ratio for other in others], _discount_amount(document))
    shares, missed = [], ZERO
    for group, content, other, share in zip(groups, contents, others, wanted, strict=True):
        net = _nearest_net(group.tax, content, other, share + missed)
        missed += share - (other - group.tax.other(net))
        shares.append(content - net)
    return ratio, shares


def _nearest_net(tax: Tax, content: Decimal, other: Decimal, discount: Decimal) -> Decimal:
    """What is left of `content` when its `other` side loses `discount`: between nothing and all of it."""
    if not discount:
        return content
    net = tax.given(other - discount)
    return min(max(net, min(content, ZERO)), max(content, ZERO))
