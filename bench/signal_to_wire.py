"""From a strategy's answer to the order on the venue's wire, beside two durable commits and one keep-alive exchange."""

import http.client
import json
import os
import time
import uuid
from urllib.parse import urlsplit

import psycopg

from bench.desk import Desk, desk
from bench.order_path import path, timed
from bench.result import Result, percentile

RUNS, WARM = 150, 15
GOAL_MEDIAN, GOAL_TAIL = 4.0, 10.0
POST = "POST /v2/orders"


def run() -> list[Result]:
    """Path and floor in turns, against the same database and, through the same proxy, the same venue."""
    values: list[float] = []
    answers: list[float] = []
    floors: list[float] = []
    with desk() as made, path(made) as one, Bare(made) as bare:
        for _ in range(WARM + RUNS):
            made.wire.forget()
            began = time.monotonic()
            answers.append(timed(one))
            values.append((made.wire.seen(POST) - began) * 1000)
            floors.append(bare.timed())
    values, answers, floors = values[WARM:], answers[WARM:], floors[WARM:]
    note = f"answer after {percentile(answers, 0.5):.1f} ms"
    return [
        _result("signal_to_wire", values, floors, 0.5, GOAL_MEDIAN, note),
        _result("signal_to_wire_p99", values, floors, 0.99, GOAL_TAIL, "floor: its median"),
    ]


def _result(name: str, values: list[float], floors: list[float], share: float, goal: float, note: str) -> Result:
    value, floor = percentile(values, share), percentile(floors, 0.5)
    return Result(name, value, "ms", floor, value / floor, f"<= {goal:g} x", len(values), value <= goal * floor, note)


class Bare:
    """The least anybody could do who saves before he sends: a row, a row, and one POST on a connection kept open."""

    def __init__(self, made: Desk) -> None:
        self._made = made
        self._rows = psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True)
        self._rows.execute("CREATE TABLE IF NOT EXISTS bench_saved (id uuid PRIMARY KEY, said jsonb NOT NULL)")
        where = urlsplit(made.keys.base_url)
        self._wire = http.client.HTTPConnection(where.hostname or "", where.port)

    def __enter__(self) -> "Bare":
        return self

    def __exit__(self, *failure: object) -> None:
        self._rows.execute("DROP TABLE bench_saved")
        self._rows.close()
        self._wire.close()

    def timed(self) -> float:
        """Milliseconds of two durable commits and the exchange, the venue's answer read."""
        order = {
            "symbol": "S199", "qty": "1", "side": "buy", "type": "limit", "time_in_force": "gtc",
            "limit_price": "90", "client_order_id": str(uuid.uuid4()),
        }  # fmt: skip
        body, keys = json.dumps(order), self._made.keys
        headers = {
            "APCA-API-KEY-ID": keys.key.reveal(),
            "APCA-API-SECRET-KEY": keys.secret.reveal(),
            "Content-Type": "application/json",
        }
        began = time.perf_counter()
        for _ in range(2):
            with self._rows.transaction():
                self._rows.execute("INSERT INTO bench_saved VALUES (%s, %s)", [uuid.uuid4(), body])
        self._wire.request("POST", "/v2/orders", body, headers)
        answer = self._wire.getresponse()
        answer.read()
        took = (time.perf_counter() - began) * 1000
        assert answer.status == 200, answer.status
        return took
