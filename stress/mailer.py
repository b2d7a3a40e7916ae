"""An admin who asks for test mails all the time."""

import http.client
import threading
import time
from dataclasses import dataclass, field

from benchmarks.visitor import Visitor
from stress.writers import PASSWORD


@dataclass
class Mailer:
    """Counts the acknowledged ones. A test mail has no one-time key: one that got no answer is not asked for again."""

    port: int
    email: str
    name: str = "Mailer"
    acknowledged: int = 0
    trouble: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._visitor = Visitor(self.port)
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._token = ""

    def start(self) -> None:
        self._visitor.sign_in(self.email, PASSWORD)
        self._token = self._visitor.token(self._visitor.get("/settings/deliveries/")[1])
        self._thread.start()

    def finish(self) -> None:
        self.over.set()
        self._thread.join(60)

    def _run(self) -> None:
        while not self.over.wait(0.15):
            try:
                status, text, _ = self._visitor.send(
                    "POST", "/settings/deliveries/test-mail", {"csrf_token": self._token}
                )
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)
                continue
            if status == 303:
                self.acknowledged += 1
            elif status != 503:
                self.trouble = f"an answer of {status}: {text[:300]!r}"
                return
