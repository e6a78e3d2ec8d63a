"""Orders that belong together: a bracket's entry and exits, one-cancels-other pairs, one-triggers-other.

The parent of a bracket or OTO is its entry; the parent of an OCO is its take-profit, with the stop as its leg.
"""

from trading.venue.values import VenueOrder
from trading.venue.words import OrderClass, OrderStatus

_WITH_ENTRY = frozenset({OrderClass.BRACKET, OrderClass.OTO})


def is_entry(order: VenueOrder) -> bool:
    """Whether exits wait for this order to fill."""
    return order.order_class in _WITH_ENTRY and not order.is_leg


def exit_peers(order: VenueOrder) -> list[VenueOrder]:
    """The open orders that a fill of this one makes smaller or cancels."""
    if order.order_class is OrderClass.SIMPLE or is_entry(order):
        return []
    parent = order.parent or order
    family = parent.legs if is_entry(parent) else [parent, *parent.legs]
    return [one for one in family if one is not order and one.is_open]


def working_twins(order: VenueOrder) -> list[VenueOrder]:
    """Orders that go live in the same moment: the stop of an OCO."""
    if order.order_class is not OrderClass.OCO or order.is_leg:
        return []
    return [leg for leg in order.legs if leg.status is OrderStatus.HELD]


def dependants(order: VenueOrder) -> list[VenueOrder]:
    """The open orders that end when this one is taken away: cancel one and the rest of its class goes too."""
    if order.parent is None:
        return [leg for leg in order.legs if leg.is_open]
    return [one for one in (order.parent, *order.parent.legs) if one is not order and one.is_open]


def hand_over(old: VenueOrder, new: VenueOrder) -> None:
    """Put ``new`` into the place of ``old`` among its relatives."""
    new.legs, old.legs = old.legs, []
    for leg in new.legs:
        leg.parent = new
        if leg.status is OrderStatus.HELD:
            leg.qty = new.qty
    if old.parent is not None:
        new.parent = old.parent
        siblings = old.parent.legs
        siblings[siblings.index(old)] = new
