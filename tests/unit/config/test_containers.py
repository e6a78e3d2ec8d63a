"""The compose file: every process with what it needs, the owner's keys with the migration alone, no secret inside."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.env.variables import TABLE
from config.programs import QUEUES

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
OURS = {name: service for name, service in COMPOSE["services"].items() if service.get("image") == "gatehouse"}
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines())


def handed(service: dict[str, Any]) -> set[str]:
    """The secrets that a service's variables name as files."""
    values = (str(value) for value in service.get("environment", {}).values())
    return {value.rpartition("/")[2] for value in values if value.startswith("/run/secrets/")}


class TestServices:
    def test_are_the_processes_of_the_procfile(self) -> None:
        assert {"web", "worker", "beat", "stream", "watchdog", "prepare"} <= OURS.keys()
        assert {"web", "worker", "beat", "stream", "watchdog", "release"} == PROCFILE.keys()

    def test_work_every_queue(self) -> None:
        commands = [service["command"] for service in OURS.values() if "worker" in service.get("command", [])]

        assert ",".join(command[command.index("-Q") + 1] for command in commands) == QUEUES

    def test_begin_after_the_migration(self) -> None:
        for name in OURS.keys() - {"prepare"}:
            assert OURS[name]["depends_on"]["prepare"] == {"condition": "service_completed_successfully"}

    def test_may_write_nothing_but_their_scratch(self) -> None:
        for service in OURS.values():
            assert service["read_only"]
            assert service["cap_drop"] == ["ALL"]


class TestRoles:
    def test_give_the_owner_to_the_migration_alone(self) -> None:
        holders = {name for name, service in OURS.items() if "DATABASE_OWNER_URL_FILE" in service["environment"]}

        assert holders == {"prepare"}
        assert {name for name, service in OURS.items() if "database_owner_url" in service["secrets"]} == {"prepare"}

    def test_give_the_programs_role_to_everybody(self) -> None:
        assert all("DATABASE_URL_FILE" in service["environment"] for service in OURS.values())


class TestSecrets:
    @pytest.mark.parametrize("name", COMPOSE["services"])
    def test_are_declared_and_handed_over(self, name: str) -> None:
        service = COMPOSE["services"][name]

        assert handed(service) <= set(service.get("secrets", [])) <= set(COMPOSE["secrets"])

    def test_are_files_outside_of_the_repository(self) -> None:
        assert all(secret["file"].startswith("deploy/secrets/") for secret in COMPOSE["secrets"].values())
        assert "deploy/secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()

    def test_are_not_written_down(self) -> None:
        for service in OURS.values():
            for name, value in service["environment"].items():
                variable = TABLE[name.removesuffix("_FILE")]
                assert not variable.secret or str(value).startswith("/run/secrets/") or value == f"${{{name}:-}}"
        assert not re.search(r"://[^\s/]*:[^\s/$]+@", TEXT)
