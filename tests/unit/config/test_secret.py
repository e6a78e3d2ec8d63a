"""A secret shows itself only when asked in so many words."""

import copy
import pickle
from collections.abc import Callable

import pytest

from config.env.secret import Secret

TEXT = "hT9sK2mQ7vX4bN8c"


class TestSecret:
    def test_reveals_its_value_when_asked(self) -> None:
        assert Secret(TEXT).reveal() == TEXT

    @pytest.mark.parametrize("shown", [repr, str, "{}".format, "{:>40}".format, lambda s: f"{[s]}"])
    def test_is_masked_however_it_is_shown(self, shown: Callable[[Secret], str]) -> None:
        assert TEXT not in shown(Secret(TEXT))

    def test_is_not_pickled(self) -> None:
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(Secret(TEXT))

    def test_survives_a_copy(self) -> None:
        assert copy.deepcopy(Secret(TEXT)).reveal() == TEXT

    def test_is_compared_by_value(self) -> None:
        assert Secret(TEXT) == Secret(TEXT)
        assert Secret(TEXT) != Secret("other")
        assert Secret(TEXT) != TEXT

    def test_is_false_when_empty(self) -> None:
        assert not Secret("")


class TestFingerprint:
    def test_knows_the_same_secret_again_and_tells_nothing(self) -> None:
        one = Secret("s3cret-value").fingerprint("KEY")

        assert one == Secret("s3cret-value").fingerprint("KEY")
        assert len({one, Secret("s3cret-value").fingerprint("OTHER"), Secret("s3cret-valuf").fingerprint("KEY")}) == 3
        assert len(one) == 16

    def test_of_an_address_is_that_of_its_password(self) -> None:
        here, there = Secret("redis://:pass@one:6379/0"), Secret("redis://:pass@two:6380/1")

        assert (
            here.fingerprint("URL") == there.fingerprint("URL") != Secret("redis://:word@one:6379/0").fingerprint("URL")
        )
