"""What the rig's processes run on: production's settings with quicker delays, the rig's rule, and no static files."""

import os

from tests.crash import tempo

# The point at which this process is to end is the nursery's affair; production refuses to start with it.
os.environ.pop("CRASH_AT", None)
tempo.before_settings()

from config.settings.production import *  # noqa: E402, F403
from config.settings.production import CELERY_BEAT_SCHEDULE, STORAGES  # noqa: E402

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STRATEGY_RULES = ("tests.crash.rule.Planned",)
for _line in CELERY_BEAT_SCHEDULE.values():
    _line["schedule"] = tempo.scheduled(_line["schedule"])
    _line["options"] = {"expires": 5.0}
