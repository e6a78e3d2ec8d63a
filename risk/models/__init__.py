"""The rows of risk: limits, breaches, halts, stages, people, and changes that need a second person."""

from risk.models.adoption import PolicyAdoption
from risk.models.attestation import Attestation
from risk.models.breach import Breach
from risk.models.change import ChangeRequest, Execution, Vote
from risk.models.factor import Factor
from risk.models.halt import Halt, HaltReceipt
from risk.models.limit import Limit
from risk.models.person import Person, PersonAccount
from risk.models.stage import StageMove

__all__ = [
    "Attestation",
    "Breach",
    "ChangeRequest",
    "Execution",
    "Factor",
    "Halt",
    "HaltReceipt",
    "Limit",
    "Person",
    "PersonAccount",
    "PolicyAdoption",
    "StageMove",
    "Vote",
]
