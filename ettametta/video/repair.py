"""Pure: what to make anew when a check failed. One repair is tried; what it does not mend is told."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ettametta.video.checks import MAX_BITS_PER_S, Checked, CheckReport, Wanted

#: So many steps of CRF make a file about half as large (x264's documentation).
_CRF_STEPS_A_HALF = 6
#: The repaired file is aimed this far under the limit.
_AIM = 0.85
_MAX_CRF_STEPS = 18
_SOUND_LINES = frozenset({"sound", "sound as it was measured", "loudness", "true peak", "sound as long as picture"})
#: When one of these fails it cannot be said which scene is at fault.
_WHOLE_LINES = frozenset({"frames", "frames evenly spaced", "codec", "pixel format", "size"})


@dataclass(frozen=True, slots=True)
class Repair:
    """What is made anew: these scenes (numbers), the sound, or all scenes with a higher CRF."""

    scenes: frozenset[int] = frozenset()
    sound: bool = False
    crf_steps: int = 0

    @property
    def needed(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.scenes) or self.sound or self.crf_steps > 0


def plan_repair(checked: Checked, wanted: Wanted, size_bytes: int) -> Repair:
    """What may mend the failed checks: nothing when none failed, or none that a second go could mend."""
    failed = {line.name for line in checked.report.failed}
    most = min(wanted.max_bytes, MAX_BITS_PER_S * wanted.timeline.duration_s / 8)
    too_large = {"file size", "bit rate"} & failed and size_bytes > most
    steps = math.ceil(_CRF_STEPS_A_HALF * math.log2(size_bytes / (most * _AIM))) if too_large else 0
    scenes = checked.faulty_scenes
    if _WHOLE_LINES & failed:
        scenes = frozenset(scene.index for scene in wanted.timeline.scenes)
    return Repair(scenes, bool(_SOUND_LINES & failed), min(steps, _MAX_CRF_STEPS))


def after_repair(before: CheckReport, after: CheckReport) -> CheckReport:
    """The second report, in which what failed before and is well now is marked as repaired."""
    failed = {line.name for line in before.failed}
    lines = (
        line.model_copy(update={"repaired": True}) if line.ok and line.name in failed else line for line in after.lines
    )
    return CheckReport(lines=tuple(lines))
