"""The host as a process, started as a user would: the demo fleet on ports of its own."""

import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 90
STOP_WITHIN_S = 15


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Host:
    """Starts on entry and is ready then; is stopped on exit."""

    def __enter__(self) -> "Host":
        self._folder = tempfile.TemporaryDirectory(prefix="fdi-host-interop-")
        self.data = Path(self._folder.name) / "data"
        self.port = free_port()
        self.url = f"opc.tcp://127.0.0.1:{self.port}"
        environment = {
            **os.environ,
            "FDI_HOST_OPCUA_PORT": str(self.port),
            "FDI_HOST_HTTP_PORT": str(free_port()),
            "FDI_HOST_MQTT_PORT": str(free_port()),
            "FDI_HOST_DATA": str(self.data),
        }
        self._log = (Path(self._folder.name) / "host.log").open("w+")
        node = ROOT / "node_modules" / ".bin" / "node"
        self._process = subprocess.Popen(
            [node, "src/app/main.ts"], cwd=ROOT, env=environment, stdout=self._log, stderr=subprocess.STDOUT
        )
        self._wait_until_ready()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
        self._folder.cleanup()

    @property
    def password(self) -> str:
        return (self.data / "secrets" / "admin-password").read_text().strip()

    def output(self) -> str:
        self._log.flush()
        return Path(self._log.name).read_text()

    def is_running(self) -> bool:
        return self._process.poll() is None

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            if re.search(r"is ready", self.output()):
                return
            if not self.is_running():
                break
            time.sleep(0.2)
        output = self.output()
        self.__exit__()
        raise RuntimeError(f"the host did not get ready:\n{output}")
