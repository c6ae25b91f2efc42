"""What all tests share."""

import unittest

from host import Host


class HostCase(unittest.IsolatedAsyncioTestCase):
    """A test against the one host of the run."""

    host: Host
