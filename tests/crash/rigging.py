"""Putting a rig together: services, variables, Django in this process, and the nursery."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from config import embedded
from tests.crash import environment, grounds
from tests.crash.family import Nursery

if TYPE_CHECKING:
    from tests.crash.session import Rig


@contextmanager
def rig() -> Iterator["Rig"]:
    """A rig ready for its first run; nothing of it is left afterwards."""
    with grounds.grounds() as (postgres, valkey, home):
        venue_port, site_port = embedded.free_port(), embedded.free_port()
        given = environment.variables(home, database=postgres.url, redis=valkey.url, venue_port=venue_port)
        _set_up(given, postgres.owner_url)
        from tests.crash.session import Rig
        from tests.crash.wires import Network

        def wire_up() -> tuple[Network, Nursery]:
            parts = urlsplit(postgres.url)
            socket = Path(unquote(parse_qs(parts.query)["host"][0])) / ".s.PGSQL.5432"
            network = Network(venue=venue_port, postgres=socket, valkey=valkey.port)
            ports = {name: wire.port for name, wire in network.wires.items()}
            address = f"{parts.username}:{parts.password}@127.0.0.1:{ports['postgres']}"
            over = environment.variables(
                home,
                database=f"postgresql://{address}{parts.path}",
                redis=f"redis://127.0.0.1:{ports['valkey']}/0",
                venue_port=ports["venue"],
            )
            return network, Nursery(over, home / "nursery-wired.log")

        nursery = Nursery(given, home / "nursery.log")
        made = Rig(postgres, valkey, home, nursery, venue_port, site_port, given["VENUE_CONTROL_TOKEN"], wire_up)
        try:
            yield made
        finally:
            made.close()


def _set_up(given: Mapping[str, str], owner_url: str) -> None:
    for name in [name for name in os.environ if name not in given]:
        del os.environ[name]
    os.environ |= {**given, "DATABASE_OWNER_URL": owner_url}
    import django

    django.setup()
    grounds.migrate(owner_url)


def kept_logs(run: Path, to: Path) -> None:
    """Copy the logs of a failed run to where a person finds them."""
    import shutil

    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(run, to)
