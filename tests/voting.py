"""Approvers of tests: the role, a security key, and a vote with it."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import Permission, User

from risk import signoff
from risk.models import ChangeRequest
from tests import security_key


def approver(user: User) -> User:
    """Give the account the permission to vote and a key; enrol it afterwards (`people.found`)."""
    user.user_permissions.add(Permission.objects.get(codename="add_vote", content_type__app_label="risk"))
    security_key.give(user)
    return user


def cast(request_id: UUID, *, by: User, now: datetime, decision: str = "APPROVE", **terms: str) -> ChangeRequest:
    """Vote with the account's key, asked for at `now`; raises what `signoff.vote` does."""
    proof = security_key.sign(by, ChangeRequest.objects.get(pk=request_id), now, decision)
    return signoff.vote(request_id, decision=decision, by=by, now=now, proof=proof, **terms)
