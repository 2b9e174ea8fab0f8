# Generated from src/protocol by `npm run gen`. Do not edit.
"""Types of the files that the worker shares with the rest of Slipway."""

from worker.protocol.plan import *  # noqa: F403
from worker.protocol.event import *  # noqa: F403
from worker.protocol.inspection import *  # noqa: F403
from worker.protocol.artifact import *  # noqa: F403
from worker.protocol.parity_reference import *  # noqa: F403
from worker.protocol.reward_reference import *  # noqa: F403
