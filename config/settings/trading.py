"""What trading needs to know: mode, broker accounts with their keys, the simulated venue."""

import functools

from config import env

_environment = env.current()

TRADING_MODE = _environment.text("TRADING_MODE")
LIVE_TRADING_ENABLED = _environment.flag("LIVE_TRADING_ENABLED")
MARKET_DATA_FEED = _environment.text("MARKET_DATA_FEED")

# Account number -> credentials and addresses; "default" when ALPACA_ACCOUNT_NUMBER is not set (paper only).
BROKER_ACCOUNTS = dict(_environment.accounts)

# Asked, not read: fingerprints take a second, and few processes want them.
SECRETS_IN_USE = functools.cache(_environment.fingerprints)

# Empty when trading at Alpaca.
VENUE_CONTROL_URL = _environment.text("VENUE_CONTROL_URL")
VENUE_CONTROL_TOKEN = _environment.secret("VENUE_CONTROL_TOKEN")

# Relative to the repository: every process must find the same files.
HALT_DIRECTORY = env.ROOT / _environment.text("HALT_DIRECTORY")

# One's own rules beside those of the house, by dotted path: "package.module.Rule".
STRATEGY_RULES = _environment.items("STRATEGY_RULES")
