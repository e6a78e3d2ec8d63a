"""Three people of a desk for tests: Ann asks, Ben and Eve approve."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User

from risk import people
from risk.people import Member
from tests import voting


@dataclass(frozen=True, slots=True)
class People:
    ann: User
    ben: User
    eve: User


def three(now: datetime) -> People:
    """Enrol them as the first people of the desk; all three may vote at once."""
    users = [voting.approver(User.objects.create_user(name)) for name in ("ann", "ben", "eve")]
    members = [Member(user.username.capitalize(), user, approves=True) for user in users]
    people.found(members, by="setup", now=now)
    return People(*users)
