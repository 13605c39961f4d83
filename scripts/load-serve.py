"""Asks a running `eosin serve` as several clients at once, and says how fast and how steadily.

    python3 scripts/load-serve.py http://127.0.0.1:8080 --clients 8 --seconds 300 --pid PID TILE...

Half of the requests embed a tile and a text, half classify a tile by four prompts; each client
sends its next request when it has the answer to the last. Prints one JSON line: requests a
second, percentiles in milliseconds, errors, mean sizes of batches, and with --pid the memory of
the server's process along the way (MiB, resident). Needs the standard library alone.
"""

import argparse
import base64
import http.client
import json
import os
import threading
import time
import urllib.parse

CLASSES = {name: [f"an H&E image of {name}"] for name in ("tumour", "stroma", "mucus", "normal mucosa")}


def bodies(tiles):
    urls = []
    for tile in tiles:
        with open(tile, "rb") as file:
            urls.append("data:image/png;base64," + base64.b64encode(file.read()).decode())
    embed = [("/v1/embeddings", {"input": [url, "a tile of tumour"]}) for url in urls]
    classify = [("/zero-shot", {"image": url, "classes": CLASSES}) for url in urls]
    mixed = [one for pair in zip(embed, classify) for one in pair]
    return [(path, json.dumps(body).encode()) for path, body in mixed]


def client(address, requests, first, end, times, errors):
    connection = http.client.HTTPConnection(address, timeout=120)
    number = first
    while time.monotonic() < end:
        path, body = requests[number % len(requests)]
        number += 1
        start = time.monotonic()
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                errors.append(f"{answer.status} {text[:200]!r}")
        except OSError as error:
            errors.append(repr(error))
            connection.close()
        times.append(time.monotonic() - start)
    connection.close()


def resident(pid):
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20


def batches(address):
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request("GET", "/metrics")
    found = {}
    for line in connection.getresponse().read().decode().splitlines():
        if line.startswith(("eosin_batch_size_sum", "eosin_batch_size_count")):
            name, value = line.rsplit(" ", 1)
            found[name] = float(value)
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("server")
    parser.add_argument("tiles", nargs="+")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--warm", type=float, default=10)
    parser.add_argument("--pid", type=int)
    arguments = parser.parse_args()
    address = urllib.parse.urlsplit(arguments.server).netloc
    requests = bodies(arguments.tiles)

    def run(seconds):
        times, errors = [], []
        end = time.monotonic() + seconds
        threads = [
            threading.Thread(target=client, args=(address, requests, 3 * i, end, times, errors))
            for i in range(arguments.clients)
        ]
        for thread in threads:
            thread.start()
        memory = []
        while any(thread.is_alive() for thread in threads):
            if arguments.pid:
                memory.append(resident(arguments.pid))
            time.sleep(min(5, seconds / 10))
        for thread in threads:
            thread.join()
        return times, errors, memory

    run(arguments.warm)
    before = batches(address)
    start = time.monotonic()
    times, errors, memory = run(arguments.seconds)
    took = time.monotonic() - start
    after = batches(address)
    times.sort()

    def at(share):
        return round(1000 * times[min(len(times) - 1, int(share * len(times)))], 1)

    sizes = {}
    for kind in ("image", "text"):
        label = f'{{input="{kind}"}}'
        total = after[f"eosin_batch_size_sum{label}"] - before.get(f"eosin_batch_size_sum{label}", 0)
        passes = after[f"eosin_batch_size_count{label}"] - before.get(f"eosin_batch_size_count{label}", 0)
        sizes[kind] = round(total / max(passes, 1), 2)
    print(
        json.dumps(
            {
                "clients": arguments.clients,
                "seconds": round(took, 1),
                "requests": len(times),
                "requests_per_s": round(len(times) / took, 2),
                "p50_ms": at(0.5),
                "p95_ms": at(0.95),
                "p99_ms": at(0.99),
                "errors": len(errors),
                "first_errors": errors[:3],
                "mean_batch": sizes,
                "resident_mib": memory,
            }
        )
    )


if __name__ == "__main__":
    main()
