"""A small load generator: keep-alive connections in threads of a child process, so that it costs the server none."""

import http.client
import itertools
import json
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.servers import Server

CONNECTIONS = 8


@dataclass(frozen=True)
class Request:
    """What is asked for. `paths` are taken in turn; `body` makes it a form post (`{n}` becomes a number)."""

    paths: list[str]
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    expect: int = 200


@dataclass(frozen=True)
class Measured:
    """Requests per second, milliseconds (median and 99th percentile), CPU milliseconds per request."""

    rps: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float


def measure(server: Server, request: Request, *, count: int, warm_up: int | None = None) -> Measured:
    """Send `count` requests after a warm-up. Raises when an answer has another status than expected.

    By default each address is asked for often enough that every thread of every process knows it.
    """
    _send(server.port, request, 40 * len(request.paths) if warm_up is None else warm_up)
    before = server.cpu_seconds()
    done = _send(server.port, request, count)
    cpu = server.cpu_seconds() - before
    times = sorted(done["times"])
    return Measured(
        rps=count / done["seconds"],
        p50_ms=statistics.median(times) * 1000,
        p99_ms=times[int(len(times) * 0.99) - 1] * 1000,
        cpu_ms=cpu * 1000 / count,
    )


def _send(port: int, request: Request, count: int) -> dict:
    order = {"port": port, "count": count, **request.__dict__}
    answer = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent.parent,
    )
    if answer.returncode:
        raise RuntimeError(answer.stderr.strip().splitlines()[-1])
    return json.loads(answer.stdout)


def _work(order: dict, numbers: "itertools.count[int]", times: list[float], failed: list[str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", order["port"], timeout=30)
    paths, body = order["paths"], order["body"]
    while not failed and (number := next(numbers)) < order["count"]:
        path = paths[number % len(paths)]
        sent = body.replace("{n}", f"{time.time_ns()}-{number}") if body else None
        started = time.perf_counter()
        connection.request("POST" if sent else "GET", path, body=sent, headers=order["headers"])
        answer = connection.getresponse()
        answer.read()
        times.append(time.perf_counter() - started)
        if answer.status != order["expect"]:
            failed.append(f"{path} answered {answer.status}, not {order['expect']}")


def main() -> None:
    """The child: read an order, send its requests, print the times as JSON."""
    order = json.load(sys.stdin)
    times: list[float] = []
    failed: list[str] = []
    numbers = itertools.count()
    threads = [
        threading.Thread(target=_work, args=(order, numbers, times, failed)) for _ in range(CONNECTIONS)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        sys.exit(failed[0])
    print(json.dumps({"times": times, "seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main()
