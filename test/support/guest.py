"""A guest behind a tap: answers ARP and ping for one address, with one MAC. Ends with its standard input."""
import fcntl, os, select, struct, sys

IFF_TAP, IFF_NO_PI, TUNSETIFF = 0x0002, 0x1000, 0x400454CA
tap, mac, address = sys.argv[1], bytes.fromhex(sys.argv[2].replace(":", "")), bytes(map(int, sys.argv[3].split(".")))


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data + b"\0" * (len(data) % 2))[: len(data) // 2])
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def answer(frame):
    destination, source, kind = frame[:6], frame[6:12], frame[12:14]
    if destination not in (mac, b"\xff" * 6):
        return None
    if kind == b"\x08\x06" and frame[20:22] == b"\0\1" and frame[38:42] == address:
        return source + mac + kind + frame[14:20] + b"\0\2" + mac + address + frame[22:32]
    if kind == b"\x08\0" and frame[23] == 1 and frame[30:34] == address and frame[34] == 8:
        length = struct.unpack("!H", frame[16:18])[0]
        echo = frame[38 : 14 + length]
        body = b"\0\0" + struct.pack("!H", checksum(b"\0\0\0\0" + echo)) + echo
        return source + mac + kind + frame[14:26] + address + frame[26:30] + body
    return None


device = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", tap.encode(), IFF_TAP | IFF_NO_PI))
print("ready", flush=True)
while True:
    ready, _, _ = select.select([device, sys.stdin], [], [])
    if sys.stdin in ready:
        break
    reply = answer(os.read(device, 2048))
    if reply is not None:
        os.write(device, reply)
