"""Who walks in step with the venue and how far each has come. Pure."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(slots=True)
class Progress:
    """The last minute (UTC instant) and the last session an account said it has finished with."""

    at: datetime | None = None
    session: date | None = None


class Participants:
    """The participating accounts; what is asked of them is the last minute sent and the last session closed."""

    def __init__(self) -> None:
        self._progress: dict[str, Progress] = {}
        self.awaited_at: datetime | None = None
        self.awaited_session: date | None = None

    def __bool__(self) -> bool:
        return bool(self._progress)

    def join(self, account: str) -> None:
        """Let an account take part; what was sent before it joined is not asked of it."""
        self._progress.setdefault(account, Progress(self.awaited_at, self.awaited_session))

    def leave(self, account: str) -> None:
        """Wait for an account no more."""
        self._progress.pop(account, None)

    def acknowledge(self, account: str, *, at: datetime | None = None, session: date | None = None) -> None:
        """Note what an account has finished with; an older word than the last is kept out.

        Who has worked off a session's close has finished with its minutes too.
        """
        progress = self._progress.setdefault(account, Progress())
        if session is not None and self.awaited_session is not None and session >= self.awaited_session:
            at = self.awaited_at if at is None else at
        if at is not None and (progress.at is None or at > progress.at):
            progress.at = at
        if session is not None and (progress.session is None or session > progress.session):
            progress.session = session

    def minute_sent(self, at: datetime) -> None:
        """Ask every participant for the minute that ended at an instant."""
        self.awaited_at = at

    def session_closed(self, on: date) -> None:
        """Ask every participant for the close of a session."""
        self.awaited_session = on

    def behind(self) -> list[str]:
        """Return the participants who have not yet finished with what was last asked."""
        return [account for account, progress in self._progress.items() if self._is_behind(progress)]

    def accounts(self) -> dict[str, Progress]:
        """Return every participant's progress."""
        return dict(self._progress)

    def _is_behind(self, progress: Progress) -> bool:
        minute = self.awaited_at is not None and (progress.at is None or progress.at < self.awaited_at)
        close = self.awaited_session is not None and (
            progress.session is None or progress.session < self.awaited_session
        )
        return minute or close
