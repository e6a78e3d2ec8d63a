"""What the rig finds: an invariant that did not hold, with a sentence of what was seen."""


class Violation(BaseException):
    """An invariant of the fault matrix was broken. `invariant` is its number, or `escaped` for an exception.

    No `Exception`, for the program takes every such failure of a send for an order of unknown outcome, and goes on.
    """

    def __init__(self, invariant: str, sentence: str) -> None:
        super().__init__(f"{invariant}: {sentence}")
        self.invariant, self.sentence = invariant, sentence
