"""`manage.py stream`: hear the broker's order updates and bars, and start a pass for each minute. Ends on SIGTERM."""

import asyncio
import logging
import signal
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from kombu.exceptions import OperationalError

from risk import taking_up
from trading import lockstep, market_data, tasks
from trading.models import Account
from trading.streams.listening import DeskChanged, Listener, Superseded

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Listen to the broker: order updates of every active account, and the bars their strategies need."

    def handle(self, *args: Any, **options: Any) -> None:
        taking_up.take_up(now=timezone.now())
        accounts = list(Account.objects.filter(active=True).order_by("pk"))
        if not accounts:
            # A desk whose only account waits to go live is watched too: its preflight wants to see everybody at work.
            self.stdout.write("No account is active yet: waiting for one.")
        symbols = sorted({symbol for account in accounts for symbol in market_data.symbols_of(account)})
        listener = Listener(
            accounts, symbols, start_pass=_start_pass, ask_for_heal=_ask_for_heal, joined=lockstep.participate
        )
        self.stdout.write(f"Listening for {len(accounts)} account(s) and {len(symbols)} symbol(s).")
        asyncio.run(_until_told_to_stop(listener))


async def _until_told_to_stop(listener: Listener) -> None:
    listening = asyncio.create_task(listener.listen())
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, listening.cancel)
    try:
        await listening
    except* (DeskChanged, Superseded) as change:
        logger.info("%s", change.exceptions[0])
    except* asyncio.CancelledError:
        logger.info("told to stop")


def _start_pass(account: str, bar_at: datetime) -> None:
    _enqueue(tasks.run_pass, account=account, bar_at=bar_at.isoformat())


def _ask_for_heal(account: str) -> None:
    _enqueue(tasks.heal, account=account)


def _enqueue(task: Any, **arguments: str) -> None:
    """Hand work over without waiting for a queue that is away: `tick` finds what was not handed over."""
    try:
        task.apply_async(kwargs=arguments, retry=False)
    except OperationalError:
        logger.warning("the queue is away; the tick will find this work", extra={"task": task.name})
