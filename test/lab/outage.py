# How long is the address away? Connects anew every 10 ms, asks HAProxy for its redirect, and
# notes when the first byte of each answer came. A connect alone would not do: for a process that
# hangs the kernel accepts. Prints the longest time between two answers, in seconds.
#
# usage: python3 - ADDRESS SECONDS   (ends sooner when all is well again after an outage)
import asyncio
import sys
import time

ADDRESS, SECONDS = sys.argv[1], float(sys.argv[2])
answers = []


async def ask():
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(ADDRESS, 80), 1)
    except (OSError, asyncio.TimeoutError):
        return
    try:
        writer.write(b"GET / HTTP/1.0\r\nHost: mail.lab.test\r\n\r\n")
        if await asyncio.wait_for(reader.read(1), 1):
            answers.append(time.monotonic())
    except (OSError, asyncio.TimeoutError):
        pass
    finally:
        writer.close()


def longest():
    gaps = [(after - before, after) for before, after in zip(answers, answers[1:])]
    return max(gaps, default=(float("inf"), 0))


async def main():
    asking = set()
    began = time.monotonic()
    turn = 0
    while time.monotonic() - began < SECONDS:
        task = asyncio.ensure_future(ask())
        asking.add(task)
        task.add_done_callback(asking.discard)
        turn += 1
        if turn % 20 == 0 and answers:
            gap, ended = longest()
            if gap > 0.2 and answers[-1] - ended > 0.5:
                break
        await asyncio.sleep(max(0, began + turn * 0.01 - time.monotonic()))
    # One that never came back is as long as we looked.
    gap = max(longest()[0], time.monotonic() - answers[-1]) if answers else float("inf")
    print(f"{gap:.4f}")
    for task in asking:
        task.cancel()


asyncio.run(main())
