"""A process that draws from a shared budget until it is refused, first ordinary calls, then urgent ones."""

import json
import os
import sys
import time

CALL = 0.002
"""Seconds a call takes on the wire."""


def main(url: str, number: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    from trading.broker.breaker import Group
    from trading.broker.budget import Urgency
    from trading.broker.gateway import BrokerUnavailable
    from trading.broker.safeguards import Shared
    from trading.broker.shared_ledger import SharedLedger
    from trading.broker.shared_memory import SharedMemory

    shared = Shared(200, SharedMemory(url, "test", number), SharedLedger(number, "broker.test", first_limit=200))
    shared.row(), shared.circuits()
    print("ready", flush=True)
    sys.stdin.readline()
    told = {}
    for urgency in Urgency:
        count = 0
        try:
            while True:
                shared.enter(Group.ORDERS, urgency)
                count += 1
                time.sleep(CALL)
        except BrokerUnavailable:
            told[urgency.name.lower()] = count
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
