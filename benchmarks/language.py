"""What the hints about language cost: CPU for a text of 6 KB, and how it grows.

    python -m benchmarks.language

Milliseconds depend on the machine; `share` does less: how many plain passes over the same words it costs.
"""

import re
import time
from collections.abc import Callable

from postmortem.blameless.language import hints

PARAGRAPH = (
    "The on-call engineer saw the first page at 10:04 and opened the dashboard. We should have tested the restore, and"
    " the team failed to see that a small number of hosts kept the old setting. `drain --all` was run twice.\n\n"
    "- 10:12: the cause of the outage was still open, and nobody knew which release it came from\n"
    "- 10:31: traffic moved to the other region; error rates fell below 1 % within four minutes\n\n"
)
SIZES = (1_536, 6_144, 24_576, 98_304)
LIMIT_MS = 50
ROUNDS = 7


def main() -> None:
    text = PARAGRAPH * (SIZES[-1] // len(PARAGRAPH) + 1)
    print(f"{'bytes':>8} {'ms':>8} {'share':>8}")
    for size in SIZES:
        part = text[:size]
        cost, plain = (
            _least(lambda part=part: hints(part)),
            _least(lambda part=part: re.findall(r"\w+", part)),
        )
        verdict = f"  ({LIMIT_MS} ms: {'holds' if cost < LIMIT_MS else 'misses'})" if size == 6_144 else ""
        print(f"{size:>8} {cost:>8.1f} {cost / plain:>8.0f}{verdict}")


def _least(act: Callable[[], object]) -> float:
    """CPU milliseconds of the cheapest round; others are of whoever else uses the machine."""
    act()
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        act()
        rounds.append((time.process_time() - start) * 1000)
    return min(rounds)


if __name__ == "__main__":
    main()
