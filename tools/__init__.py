"""What the agent may call: one file per subject, typed arguments, one service call, a typed result.

Approving what costs money is no tool: only a person's own words or button do that (agent/runtime).
"""

from tools.base import AnyTool, Permission, Tool, ToolContext, ToolInput, ToolOutput
from tools.batch import BATCH_TOOLS
from tools.choices import CHOICE_TOOLS
from tools.discovery import DISCOVERY_TOOLS
from tools.edits import EDIT_TOOLS
from tools.finishing import FINISHING_TOOLS
from tools.jobs import JOB_TOOLS
from tools.looking import LOOKING_TOOLS
from tools.memory import MEMORY_TOOLS
from tools.niches import NICHE_TOOLS
from tools.productions import PRODUCTION_TOOLS
from tools.siblings import SIBLING_TOOLS

#: Every tool, in the order the model sees them.
TOOLS: tuple[AnyTool, ...] = (
    *PRODUCTION_TOOLS,
    *BATCH_TOOLS,
    *LOOKING_TOOLS,
    *EDIT_TOOLS,
    *FINISHING_TOOLS,
    *SIBLING_TOOLS,
    *CHOICE_TOOLS,
    *DISCOVERY_TOOLS,
    *NICHE_TOOLS,
    *MEMORY_TOOLS,
    *JOB_TOOLS,
)

__all__ = ["TOOLS", "AnyTool", "Permission", "Tool", "ToolContext", "ToolInput", "ToolOutput"]
