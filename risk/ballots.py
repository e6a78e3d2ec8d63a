"""Every stored vote verified again from the rows alone: its request's hash, its second factor, its signature."""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from risk import proofs, signoff_terms, wording
from risk.models import Execution, Factor, Vote


@dataclass(frozen=True, slots=True)
class Finding:
    """A vote or an execution that does not hold, and why."""

    what: str
    number: int
    request: str
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """How many votes were read, by how they were proved, and what does not hold."""

    votes: int
    by_key: int
    by_code: int
    executions: int
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether every vote and every execution is genuine."""
        return not self.findings


def verify() -> Report:
    """Read every vote and every execution and say which do not hold."""
    findings: list[Finding] = []
    counts, executed = Counter[str](), 0
    for vote in _votes():
        counts[vote.auth_method] += 1
        if why := _why_not(vote):
            findings.append(Finding("vote", vote.pk, str(vote.request_id), why))
    for done in _executions():
        executed += 1
        if why := _why_not_executed(done):
            findings.append(Finding("execution", done.pk, str(done.request_id), why))
    return Report(counts.total(), counts[Factor.Kind.KEY], counts[Factor.Kind.APP], executed, tuple(findings))


def describe(report: Report) -> str:
    """The report for people, one finding a line."""
    key, code = wording.proof(Factor.Kind.KEY), wording.proof(Factor.Kind.APP)
    lines = [f"{each.what} {each.number} on request {each.request}: {each.why}." for each in report.findings]
    end = "All hold." if report.holds else f"{len(report.findings)} do not hold."
    counted = f"{report.votes} votes ({report.by_key} by {key}, {report.by_code} by {code})"
    return "\n".join([*lines, f"{counted} and {report.executions} executions were verified. {end}"])


def as_json(report: Report) -> str:
    """The report for machines."""
    return json.dumps({**asdict(report), "holds": report.holds}, indent=1)


def _votes() -> Any:
    related = ("request", "factor__account__user", "factor__change")
    return Vote.objects.select_related(*related).order_by("pk").iterator(chunk_size=500)


def _executions() -> Any:
    related = Execution.objects.select_related("request").prefetch_related("request__votes")
    return related.order_by("pk").iterator(chunk_size=500)


def _why_not(vote: Vote) -> str:
    if vote.decided_by_id == vote.request.requested_by_id or vote.requested_by_id != vote.request.requested_by_id:
        return "it is by the person who asked"
    if not vote.payload_hash == vote.request.payload_hash == signoff_terms.content_hash(vote.request):
        return "the request is not what was voted on"
    why = proofs.why_not_genuine(vote)
    return why or _why_not_usable(vote)


def _why_not_usable(vote: Vote) -> str:
    factor = vote.factor
    if factor is None or (factor.founding and factor.change_id is not None):
        return "it bears no second factor"
    if vote.decided_at < factor.usable_from:
        return "its second factor was too new"
    if not factor.founding and factor.change is None:
        return "its second factor was never admitted"
    return ""


def _why_not_executed(done: Execution) -> str:
    decisions = {vote.decision for vote in done.request.votes.all()}
    if decisions != {Vote.Decision.APPROVE}:
        return "it is not approved by every vote"
    same = done.payload_hash == done.request.payload_hash == signoff_terms.content_hash(done.request)
    return "" if same else "the request is not what was carried out"
