# Written by cdktf-exchange-balancer. Checks whether members' answers to clients come back to this pair.
# usage: way-back PORT PROBE_IPV4 PROBE_IPV6 <<< "NAME ADDRESS" lines
# Prints a line "NAME ADDRESS WORD" for each member: ok, astray (it answers this node, but not clients) or silent (no answer).
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

IP_TRANSPARENT = {socket.AF_INET: (socket.SOL_IP, 19), socket.AF_INET6: (socket.IPPROTO_IPV6, 75)}


def answers(family, address, port, source):
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Enough time for the kernel's second and third try, 1 s and 3 s after the first.
        probe.settimeout(4)
        try:
            if source is not None:
                level, option = IP_TRANSPARENT[family]
                probe.setsockopt(level, option, 1)
                probe.bind((source, 0))
            probe.connect((address, port))
        except OSError:
            return False
        return True


def judge(line):
    name, address = line.split()
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    source = sys.argv[3] if family == socket.AF_INET6 else sys.argv[2]
    port = int(sys.argv[1])
    if answers(family, address, port, source):
        return f"{name} {address} ok"
    return f"{name} {address} {'astray' if answers(family, address, port, None) else 'silent'}"


members = [line for line in sys.stdin if line.strip()]
with ThreadPoolExecutor(max_workers=max(1, len(members))) as pool:
    for verdict in pool.map(judge, members):
        print(verdict)
