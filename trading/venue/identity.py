"""Ids that a run can repeat: the same seed gives the same ids in the same order."""

from collections.abc import Callable
from random import Random
from uuid import UUID, uuid5

ACCOUNTS = UUID("6f0dd7a4-7c0f-5b0e-9f55-0f6f2f6f8a01")
ASSETS = UUID("b0b5a2c7-1b3f-5d0c-8a53-2c1f7f4d9e02")


def seeded_ids(seed: int | str) -> Callable[[], UUID]:
    """A factory of version-4 UUIDs. Ids are names, not secrets, so a plain generator serves."""
    source = Random(seed)  # noqa: S311
    return lambda: UUID(int=source.getrandbits(128), version=4)


def asset_id(symbol: str) -> str:
    """The id of a listed stock, the same in every run."""
    return str(uuid5(ASSETS, symbol))
