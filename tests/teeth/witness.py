"""A plugin for the tests of a copy: writes down which test failed, when, and of what."""

import json
import os
from pathlib import Path

import pytest

FILE, SEEDS = "TEETH_WITNESS", "TEETH_SEEDS"
"""Variables of a run: where failures are written to, and which seeds `tests.teeth.seeds` plays."""


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """One line of JSON for each failure."""
    if not report.failed:
        return
    crash = getattr(report.longrepr, "reprcrash", None)
    why = crash.message if crash is not None else str(report.longrepr)
    with Path(os.environ[FILE]).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"test": report.nodeid, "when": report.when, "why": why}) + "\n")
