"""From the pull that button and command make to the cancel-all on the venue's wire, beside a bare client's request."""

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.models import User
from django.test import Client

from bench.desk import Desk, desk
from bench.result import Result, percentile
from trading.broker.bare import BareBroker
from trading.halting import kill_switch

ENTRIES = 20
RUNS = 20
GOAL = "p95 <= 50 ms"


def run() -> list[Result]:
    """Latch, then cancel-all; what a process needs before it pulls is not in the first line.

    The button is its whole request in a web process that has shown the page before: session, permission, form, pull.
    """
    with desk() as made:
        floors = [_once(made, _bare) for _ in range(RUNS)]
        command = [_once(made, _pull) for _ in range(RUNS + 2)][2:]
        button = [_once(made, _press) for _ in range(RUNS + 2)][2:]
    return [_result("halt_to_wire", command, floors), _result("halt_to_wire_button", button, floors)]


def _result(name: str, seconds: list[float], floors: list[float]) -> Result:
    value, floor = percentile(seconds, 0.95) * 1000, percentile(floors, 0.95) * 1000
    note = f"p50 {percentile(seconds, 0.5) * 1000:.1f} ms"
    return Result(name, value, "ms", floor, value / floor, GOAL, len(seconds), value <= 50, note)


def _once(made: Desk, act: Callable[[Desk], Callable[[], object]]) -> float:
    made.refresh()
    made.rest(ENTRIES)
    go = act(made)
    time.sleep(0.05)
    made.wire.forget()
    began = time.monotonic()
    go()
    return made.wire.seen("DELETE /v2/orders") - began


def _pull(made: Desk) -> Callable[[], object]:
    def go() -> object:
        return kill_switch.pull(account=made.account, level="H2", reason="bench", by="bench", now=datetime.now(UTC))

    return go


def _press(made: Desk) -> Callable[[], object]:
    """What the form of the button sends, by somebody who has looked at a page before."""
    browser, person = Client(), User.objects.create_superuser(f"olga {uuid.uuid4()}")
    totp.TOTP.activate(person, totp.generate_totp_secret())
    browser.force_login(person)
    browser.get("/")
    form = {"scope": str(made.account.pk), "level": "H2", "reason": "bench"}

    def go() -> object:
        answer = browser.post("/halt/", form)
        if answer.status_code != 302 or "/halt/" not in answer.headers["Location"]:
            raise AssertionError(f"the button did not halt: {answer.status_code} {answer.headers}")
        return answer

    return go


def _bare(made: Desk) -> Callable[[], object]:
    broker = BareBroker(made.keys.base_url, made.keys.key.reveal(), made.keys.secret.reveal())
    broker.account_number()
    return broker.cancel_all
