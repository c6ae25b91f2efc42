"""Runs all interop tests against one host and prints "N passed, N failed"; the exit code is 0 only when none failed."""

import asyncio
import logging
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from cases import HostCase  # noqa: E402
from host import Host  # noqa: E402
from sessions import until, visitor  # noqa: E402

# asyncua logs what the tests provoke, asyncio how busy the machine is.
for noisy in ("asyncua", "asyncio"):
    logging.getLogger(noisy).setLevel(logging.CRITICAL)


async def wait_for_fleet(host: Host) -> None:
    """The demo's breakers introduce themselves shortly after the host is ready."""
    async with visitor(host) as client:

        async def last_has_values():
            node = client.get_node("ns=1;s=CB-0012/Position")
            value = await node.read_data_value(raise_on_bad_status=False)
            return value.StatusCode.is_good() or None

        await until("the last breaker of the demo fleet", last_has_values, 60)


def main() -> int:
    suite = unittest.defaultTestLoader.discover(str(Path(__file__).parent), "test_*.py")
    with Host() as host:
        HostCase.host = host
        asyncio.run(wait_for_fleet(host))
        result = unittest.TextTestRunner(verbosity=2).run(suite)
        if not host.is_running():
            print(host.output())
            result.errors.append((suite, "the host stopped during the tests"))
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    passed = max(0, result.testsRun - failed)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed > 0 or passed == 0 else 0


sys.exit(main())
