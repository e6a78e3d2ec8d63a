"""What a failing seed shows beside its steps: the record, the books and the broker as they stood."""

from audit.models import AuditEvent
from tests.simulation import books
from tests.simulation.world import World

LINES = 30


def state(world: World) -> list[str]:
    """The end of the record, our orders and positions, and the same of the broker."""
    latest = AuditEvent.objects.order_by("-id").values_list("at", "event", "sentence")[:LINES]
    told = [f"record {at:%d %H:%M:%S} {event}: {sentence}"[:180] for at, event, sentence in reversed(latest)]
    rows = books.read()
    told += [
        f"ours {row.symbol} {row.purpose} {row.status} {row.filled}/{row.quantity} booked {row.booked}"
        f" {row.client_id[:8]}"
        for row in rows.orders
    ]
    told += [f"ours {number} {symbol} {shares}" for (number, symbol), (shares, _) in rows.positions.items()]
    for desk in world.desks:
        number = desk.account.number
        told += [
            f"broker {each.symbol} {each.side.value} {each.type.value} {each.status.value} {each.filled_qty}/{each.qty}"
            f" {each.client_order_id[:8]}"
            for each in reversed(world.exchange.orders(number, status="all", limit=500))
        ]
        told += [f"broker {number} {each.symbol} {each.qty}" for each in world.exchange.positions(number)]
    return told
