"""Settings of the simulated venue when it runs alone: none of the house's variables is asked for."""

import secrets

SECRET_KEY = secrets.token_urlsafe(48)
INSTALLED_APPS = ["config.venue_alone.VenueAlone"]
USE_TZ = True
