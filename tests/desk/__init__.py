"""A believable desk for tests of pages: an account in the middle of a session, built through the models alone."""

from tests.desk.scene import Scene, build

__all__ = ["Scene", "build"]
