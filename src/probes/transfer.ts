/** Zeros from one host to another, by whatever tools the two have: the shell scripts of both sides. */
import { commandLine, quote } from '../shared/shell.js';

export interface Transfer {
  dest: string;
  port: number;
  /** Seconds to send for. */
  time: number;
  /** The most to send. */
  bytes: number;
  /** Seconds until the connection must stand. */
  connectSeconds: number;
  /** Bits per second; 0: no such bound. */
  min: number;
  max: number;
  source?: string;
  dev?: string;
}

/** What one write of the sender has. */
const BLOCK = 65_536;

/** Listens at argv 1 and 2, takes one connection, and copies what comes to its output. Python 2.6 to 3. */
const PYTHON_RECEIVE = `import os, socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
s = socket.socket(family)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((sys.argv[1], int(sys.argv[2])))
s.listen(1)
c = s.accept()[0]
while True:
    data = c.recv(${BLOCK})
    if not data: break
    os.write(1, data)
`;

const PERL_RECEIVE = `use Socket;
my ($host, $port) = @ARGV;
my $is6 = $host =~ /:/;
socket(S, $is6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0) or die "socket: $!\\n";
setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1);
bind(S, $is6 ? Socket::pack_sockaddr_in6($port, Socket::inet_pton(AF_INET6, $host)) : sockaddr_in($port, inet_aton($host))) or die "bind: $!\\n";
listen(S, 1);
accept(C, S) or die "accept: $!\\n";
while (sysread(C, my $data, ${BLOCK})) { syswrite(STDOUT, $data); }
`;

/**
 * Connects to argv 1 and 2 within argv 3 seconds, from the address argv 4 by the interface argv 5, and sends its input.
 * 25: SO_BINDTODEVICE.
 */
const PYTHON_SEND = `import os, socket, struct, sys
host, port, seconds, source, dev = sys.argv[1:6]
s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
try:
    if dev: s.setsockopt(socket.SOL_SOCKET, 25, struct.pack("16s", dev.encode()))
    if source: s.bind((source, 0))
    s.settimeout(float(seconds))
    s.connect((host, int(port)))
    s.settimeout(None)
    while True:
        data = os.read(0, ${BLOCK})
        if not data: break
        s.sendall(data)
except (socket.error, OSError):
    sys.exit(str(sys.exc_info()[1]))
`;

const PERL_SEND = `use Socket;
my ($host, $port, $seconds, $source, $dev) = @ARGV;
my $is6 = $host =~ /:/;
sub address { my ($port, $host) = @_;
  return $is6 ? Socket::pack_sockaddr_in6($port, Socket::inet_pton(AF_INET6, $host)) : sockaddr_in($port, inet_aton($host)); }
socket(S, $is6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0) or die "$!\\n";
if ($dev) { setsockopt(S, SOL_SOCKET, 25, pack("a16", $dev)) or die "$!\\n"; }
if ($source) { bind(S, address(0, $source)) or die "$!\\n"; }
$SIG{ALRM} = sub { die "timed out\\n" };
alarm $seconds;
connect(S, address($port, $host)) or die "$!\\n";
alarm 0;
$SIG{PIPE} = 'IGNORE';
while (sysread(STDIN, my $data, ${BLOCK})) { syswrite(S, $data) or die "$!\\n"; }
`;

/**
 * Shell functions: which of the tools is there, and the dialect of a netcat, told by its own help:
 * traditional (which needs -l -p), busybox's, nmap's, and OpenBSD's (in which -l excludes -p, on RHEL 6).
 */
const FIND_TOOL = `has() { command -v "$1" >/dev/null 2>&1; }
dialect() {
  case $($1 -h 2>&1 </dev/null) in
    *'applet not found'*) ;;
    *'[v1.1'*) echo traditional ;;
    *BusyBox*) echo busybox ;;
    *Ncat*) echo ncat ;;
    *usage:*nc*) echo openbsd ;;
  esac
}
find_nc() {
  for nc in nc ncat nc.openbsd nc.traditional netcat 'busybox nc'; do
    has \${nc%% *} || continue
    kind=$(dialect "$nc")
    [ -n "$kind" ] || continue
    case " $1 " in *" $kind "*) return 0 ;; esac
  done
  return 1
}
# What makes a netcat close the connection when it has sent all: some do so by themselves.
at_end() {
  case $($1 -h 2>&1 </dev/null) in *-q*) echo -q 0 ;; *-N*) echo -N ;; esac
}
find_script() {
  for script in python3 python python2 perl; do has $script && return; done
  return 1
}
`;

/** Which dialects can do what is asked: only some have IPv6, or take a source; none takes an interface. */
function dialects(side: 'send' | 'receive', { dest, source, dev }: Transfer): string {
  if (dev !== undefined && side === 'send') return '';
  const traditional = dest.includes(':') ? [] : ['traditional'];
  const busybox = side === 'send' && source !== undefined ? [] : ['busybox'];
  return ['openbsd', 'ncat', ...traditional, ...busybox].join(' ');
}

/** A script that says which tools a host has for its side, or that it has none. */
export function listTools(side: 'send' | 'receive', transfer: Transfer): string {
  const needs = side === 'receive' ? 'one-off' : transfer.dev === undefined ? 'format' : 'bind-dev';
  const bash = side === 'send' && transfer.dev === undefined && transfer.source === undefined;
  const needed = transfer.dev === undefined || side === 'receive' ? 'nc, python or perl' : 'python or perl';
  return `${FIND_TOOL}tools=
! has iperf3 || ! iperf3 -h 2>&1 | grep -qe '--${needs}' || tools=iperf3
! find_nc ${quote(dialects(side, transfer))} || tools="$tools $nc"
! find_script || tools="$tools $script"
${bash ? '! has bash || tools="$tools bash"\n' : ''}[ -n "$tools" ] || { echo 'no tool for it to ${side} with: needs ${needed}'; exit 127; }
echo $tools
`;
}

const BOTH_HAVE_IPERF = `both() { case $here in *iperf3*) case $there in *iperf3*) return ;; esac ;; esac; return 1; }
`;

/** Shell function: what a rate of $1 bit/s says to the bounds. */
function judgement({ min, max }: Transfer): string {
  const tests = [...(min > 0 ? [`[ $1 -ge ${min} ]`] : []), ...(max > 0 ? [`[ $1 -le ${max} ]`] : [])];
  return `judge() { ${tests.length === 0 ? 'true' : tests.join(' && ')}; }\n`;
}

/**
 * The sender waits for the receiver to listen, and says only what kept it from connecting: how it ends once
 * it is connected is the receiver's doing. With iperf3 it is the sender who is told what arrived.
 */
export function sendScript(transfer: Transfer): string {
  const { dest, port, source = '', dev = '', bytes, connectSeconds } = transfer;
  const target = commandLine([dest, String(port)]);
  const from = source === '' ? '' : ` -s ${quote(source)}`;
  const wait = ` -w ${connectSeconds}`;
  const others = commandLine([dest, String(port), String(connectSeconds), source, dev]);
  return `${FIND_TOOL}${BOTH_HAVE_IPERF}${judgement(transfer)}connect() {
  if find_nc ${quote(dialects('send', transfer))}; then
    case $kind in
      busybox) $nc${wait} ${target} ;;
      ncat) $nc -n${wait}${from} --send-only ${target} ;;
      *) $nc -n -v $(at_end "$nc")${wait}${from} ${target} ;;
    esac
  elif find_script; then
    case $script in
      perl) perl -e ${quote(PERL_SEND)} ${others} ;;
      *) $script -c ${quote(PYTHON_SEND)} ${others} ;;
    esac
  else
    bash -c 'exec 3<>"/dev/tcp/$0/$1" && cat >&3' ${target}
  fi
}
send() {
  if both; then
    ${iperfClient(transfer)}
  else
    dd if=/dev/zero bs=${BLOCK} count=${Math.max(1, Math.floor(bytes / BLOCK))} 2>/dev/null | connect 2>&1 >/dev/null
  fi
}
tries=${connectSeconds * 5}
while
  said=$(send)
  case $said in *[Rr]efused*) ;; *) false ;; esac
do
  tries=$((tries - 1))
  [ $tries -gt 0 ] || break
  sleep 0.2 || sleep 1
done
both && ${IPERF_RESULT}
case $said in
  *eset\\ by\\ peer* | *roken\\ pipe*) ;;
  *efused* | *nreachable* | *'o route'* | *'imed out'* | *TIMEOUT* | *annot* | *"an't"* | *ermitted* | *nvalid* | *sage:*)
    echo "can't send to ${dest} port ${port}: $(echo "$said" | tail -n 1)"
    exit 1 ;;
esac
`;
}

/** Kbits of `-f k` are thousands of bits. @returns shell text that ends the script */
const IPERF_RESULT = `{
  set -- $(echo "$said" | sed -n 's/.*-\\([0-9]*\\)[.]\\([0-9][0-9]\\) *sec .* \\([0-9]*\\)[0-9.]* Kbits\\/sec.*receiver.*/\\1\\2 \\3/p')
  [ -n "$2" ] || { echo "$said" | tail -n 1; exit 1; }
  took=\${1#0}
  echo "rate \${2}000 $(($2 * took * 10 / 8)) $took iperf3"
  judge \${2}000
  exit
}`;

function iperfClient({ dest, port, time, bytes, source, dev }: Transfer): string {
  const pace = Math.max(1, Math.floor((bytes * 8) / time));
  const by = [
    ...(source === undefined ? [] : ['-B', source]),
    ...(dev === undefined ? [] : ['--bind-dev', dev]),
  ];
  const words = ['-c', dest, '-p', String(port), '-t', String(time), '-b', String(pace), '-f', 'k', ...by];
  return `iperf3 ${commandLine(words)} 2>&1`;
}

/**
 * iperf3's client tells what arrived, so that its server need say nothing. Else the listener names its process,
 * then copies what comes; from the first byte on it has its time, by the clock of /proc/uptime (hundredths of a
 * second). Its input is a pipe that it can write to itself, which never ends: a netcat would tell the sender of an
 * end, and busybox's sender stops at that. What shells say of processes that are ended is nobody's concern.
 */
export function receiveScript(transfer: Transfer): string {
  const { dest, port, time, connectSeconds } = transfer;
  const any = dest.includes(':') ? '::' : '0.0.0.0';
  const iperf = commandLine(['-s', '-1', '-p', String(port)]);
  return `${FIND_TOOL}${BOTH_HAVE_IPERF}${judgement(transfer)}exec 4>&1 2>/dev/null
# Ends process $2 after $1 seconds, unless it is ended itself before.
after() {
  (
    nap=
    trap 'kill $nap; exit' TERM
    sleep "$1" &
    nap=$!
    wait $nap
    kill "$2"
  ) >/dev/null 2>&1 &
  timer=$!
}
if both; then
  iperf3 ${iperf} >/dev/null 2>&1 &
  server=$!
  after ${connectSeconds + time + 2} $server
  wait $server
  kill $timer
  exit 0
fi
at=${any}
! ip -o addr show 2>/dev/null | grep -qF ${quote(` ${dest}/`)} || at=${quote(dest)}
listen() {
  if find_nc ${quote(dialects('receive', transfer))}; then
    case $kind in
      busybox) exec $nc -l -p ${port} ;;
      traditional) exec $nc -n -l -p ${port} -s $at ;;
      ncat) exec $nc -n -l --recv-only $at ${port} ;;
      *) exec $nc -n -l $at ${port} ;;
    esac
  fi
  find_script
  case $script in
    perl) exec perl -e ${quote(PERL_RECEIVE)} $at ${port} ;;
    *) exec $script -c ${quote(PYTHON_RECEIVE)} $at ${port} ;;
  esac
}
clock() {
  read -r now rest </proc/uptime
  now=\${now%.*}\${now#*.}
}
tool=$(if find_nc ${quote(dialects('receive', transfer))}; then echo $nc | tr ' ' '-'; else find_script; echo $script; fi)
measure() {
  read -r pid
  after ${connectSeconds} $pid
  first=$(dd bs=1 count=1 2>/dev/null | wc -c)
  kill $timer
  if [ $first -eq 0 ]; then
    echo "nothing came to port ${port}"
    exit 1
  fi
  clock
  begun=$now
  after ${time} $pid
  bytes=$(wc -c)
  clock
  kill $timer
  took=$((now - begun))
  [ $took -gt 0 ] || took=1
  rate=$((bytes * 800 / took))
  echo "rate $rate $((bytes)) $took $tool"
  judge $rate
}
listen_by_name() {
  exec 5<>/proc/self/fd/0 2>&4
  exec <&5
  sh -c 'echo $PPID'
  listen
}
: | listen_by_name | measure
`;
}
