"""Becomes a program that has a terminal of its own: `terminal.py 0,2 PROGRAM ARGS` puts it on these descriptors.

What comes on standard input is typed, and its end closes the terminal; what the screen shows goes to standard error.
"""
import fcntl, os, select, struct, sys, termios

descriptors, program = [int(number) for number in sys.argv[1].split(",")], sys.argv[2:]
master, slave = os.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 24, 200, 0, 0))


def relay():
    """Whoever holds the other side of the terminal; ends with the program, or with what is typed."""
    while True:
        ready, _, _ = select.select([master, 0], [], [])
        if 0 in ready:
            typed = os.read(0, 4096)
            if not typed:
                return
            os.write(master, typed)
        if master in ready:
            try:
                os.write(2, os.read(master, 4096))
            except OSError:
                return


if os.fork() == 0:
    # A session of its own: nothing that happens to the program and its terminal happens to the relay.
    os.setsid()
    os.close(slave)
    os.close(1)
    relay()
    os._exit(0)
os.close(master)
fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
for descriptor in descriptors:
    os.dup2(slave, descriptor)
# What is not on the terminal is the test's; nobody but the relay listens to what is typed.
if slave > 2:
    os.close(slave)
os.execvp(program[0], program)
