"""The one writer of fills, lots and positions: what executions do to the books. Called by `trading.orders`."""

from trading.positions.executions import Execution, apply_fill, apply_fills
from trading.positions.ledger import move_cash, note_naked

__all__ = ["Execution", "apply_fill", "apply_fills", "move_cash", "note_naked"]
