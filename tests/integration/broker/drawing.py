"""Drawing from a budget until it refuses, and what it may have grown by meanwhile."""

import time

from trading.broker.breaker import Group
from trading.broker.budget import Urgency
from trading.broker.gateway import BrokerUnavailable
from trading.broker.safeguards import Shared


def taken(safeguards: Shared, urgency: Urgency = Urgency.ORDINARY, most: int = 1000) -> int:
    """How many calls pass before one is refused."""
    for count in range(most):
        try:
            safeguards.enter(Group.ORDERS, urgency)
        except BrokerUnavailable:
            return count
    return most


def grown(began: float, limit: int = 200) -> int:
    """Calls a minute's limit may have added since."""
    return int((time.monotonic() - began) * limit / 60) + 1
