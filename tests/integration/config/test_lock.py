"""What runs stands on `requirements.txt` alone: nothing that only tests install is imported by a program."""

import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
IMPORT_EVERYTHING = """
import importlib, pkgutil, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

ABSENT = set(sys.argv[1].split(","))
sys.meta_path.insert(0, Absent())

import django
django.setup()
from config.celery import app
app.loader.import_default_modules()
app.connection().transport
import config, trading, risk, audit
for room in (config, trading, risk, audit):
    for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
        if not module.name.startswith("config.settings") and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
"""


def locked(name: str) -> set[str]:
    """The names of the distributions that a lock installs."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return {found.lower().replace("_", "-") for found in re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)}


def modules_of_tests_alone() -> list[str]:
    """Top-level modules that only distributions of the tests' lock bring."""
    only = locked("requirements-dev.txt") - locked("requirements.txt")
    return [
        module
        for module, names in metadata.packages_distributions().items()
        if {name.lower().replace("_", "-") for name in names} <= only
    ]


class TestRequirements:
    def test_suffice_for_every_program(self) -> None:
        absent = modules_of_tests_alone()
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}

        ended = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", IMPORT_EVERYTHING, ",".join(absent)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

        assert {"pytest", "jsonschema"} <= set(absent)
        assert ended.stderr == ""
        assert ended.returncode == 0
