"""`make run`: the desk on this machine against the Alpaca account whose keys are in `.env`.

Where DATABASE_URL or REDIS_URL is not set, PostgreSQL or Valkey of the package serves, with its data under `var/run`.
"""

import argparse
import sys
from collections.abc import Sequence

from config import embedded, env, launch, programs
from config.launch import ROOT, UnableToLaunch, say
from config.supervisor import Supervisor

HOME = ROOT / "var" / "run"
LOGS = ROOT / "var" / "log"


def main(arguments: Sequence[str]) -> int:
    """Run until Ctrl-C; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m config.run", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="port of the site")
    options = parser.parse_args(arguments)
    launch.take_signals()
    services = embedded.Services(HOME / "services")
    supervisor: Supervisor | None = None
    try:
        held = launch.lock(ROOT / "var")
        launch.check_port(options.port, "run")
        environment, owner_url = _environment(options.port, services)
        if owner_url:
            launch.prepare(environment, owner_url)
        else:
            launch.seed(environment)
        supervisor = Supervisor(ROOT, LOGS, environment, say)
        launch.start(supervisor, programs.desk(options.port, str(HOME / "beat-schedule")))
        launch.wait_for_site(supervisor, options.port)
        say(f"Look at {environment['SITE_URL']}. Logs are in var/log. Ctrl-C ends everything.")
        launch.wait(supervisor, lambda: False, patience=None, what="")
        held.close()
    except KeyboardInterrupt:
        say("Ending.")
    except env.UnableToStart as refusal:
        say(str(refusal))
        return 2
    except (UnableToLaunch, embedded.UnableToServe) as refusal:
        say(f"The desk stopped: {refusal}")
        return 2
    finally:
        launch.ignore_signals()
        if supervisor is not None:
            supervisor.stop()
        services.stop()
    return 0


def _environment(port: int, services: embedded.Services) -> tuple[dict[str, str], str]:
    """Return the checked variables of all programs, and the owner's address of the database ("" when not known).

    Raises UnableToStart with every problem of `.env` and the environment, before any service is started.
    """
    variables = env.process_variables()
    owner_url = variables.pop("DATABASE_OWNER_URL", "")
    variables.setdefault("SITE_URL", f"http://localhost:{port}")
    variables.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
    variables["PYTHONUNBUFFERED"] = "1"
    if not _given(variables, "DJANGO_SECRET_KEY"):
        variables["DJANGO_SECRET_KEY"] = launch.secret_of(HOME, "django")
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not _given(variables, name)]
    standing_in = {"DATABASE_URL": "postgresql://x@localhost/x", "REDIS_URL": "redis://localhost"}
    env.load(variables | {name: standing_in[name] for name in missing})
    if missing:
        addresses = services.start()
        say(f"{' and '.join(missing)} not set: PostgreSQL and Valkey run under var/run.")
        if "REDIS_URL" in missing:
            variables["REDIS_URL"] = addresses.redis_url
        if "DATABASE_URL" in missing:
            variables["DATABASE_URL"], owner_url = addresses.database_url, addresses.owner_url
    # Already read: the programs are not to read the file again and find other things in it.
    return variables | {"ENV_FILE": ""}, owner_url


def _given(variables: dict[str, str], name: str) -> bool:
    return bool(variables.get(name) or variables.get(f"{name}_FILE"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
