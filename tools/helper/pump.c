/*
 * The pump for hosts that have neither perl nor python3: no libc, no allocation, one thread.
 *
 *     pump [-u] FILE... @INODE:PATH...
 *
 * Standard input: netlink requests, each behind a u32 with its protocol (src/probes/pumpRequest.ts). For every @INODE:PATH the network
 * namespace of PATH is entered (an empty PATH stays where we are), the FILEs are printed, the requests are asked and the raw answers
 * printed,
 * as frames of src/probes/pumpFrames.ts; the last frame is left to whoever started it. -u unlinks the file we were started from, first of all.
 *
 * Build: tools/helper/build.sh. System calls by number: Linux never changes them for an architecture.
 */
typedef unsigned int u32;
typedef unsigned short u16;

#if defined(__x86_64__)
enum { READ = 0, WRITE = 1, CLOSE = 3, SOCKET = 41, SENDTO = 44, RECVFROM = 45, EXIT = 231, OPENAT = 257, UNLINKAT = 263, SETNS = 308 };
static long call(long n, long a, long b, long c, long d, long e, long f)
{
	long result;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	__asm__ volatile("syscall" : "=a"(result) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
	return result;
}
__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call start\n");
#elif defined(__aarch64__)
enum { READ = 63, WRITE = 64, CLOSE = 57, SOCKET = 198, SENDTO = 206, RECVFROM = 207, EXIT = 94, OPENAT = 56, UNLINKAT = 35, SETNS = 268 };
static long call(long n, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = n;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;
	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
}
__asm__(".globl _start\n_start: mov x0, sp\n bl start\n");
#else
#error "no system call numbers for this architecture"
#endif

enum { AT_FDCWD = -100, CLONE_NEWNET = 0x40000000, AF_NETLINK = 16, SOCK_RAW = 3, NLMSG_ERROR = 2, NLMSG_DONE = 3 };

static char input[65536];
static char buffer[131072];
static u32 inputSize;

static void put(const char *bytes, long size)
{
	while (size > 0) {
		long n = call(WRITE, 1, (long)bytes, size, 0, 0, 0);
		if (n <= 0)
			call(EXIT, 3, 0, 0, 0, 0, 0);
		bytes += n;
		size -= n;
	}
}

static long length(const char *text)
{
	long n = 0;
	while (text[n])
		n++;
	return n;
}

static void say(const char *text) { put(text, length(text)); }

static void number(long value)
{
	char digits[24];
	int at = sizeof digits;
	unsigned long rest = value < 0 ? -value : value;
	do
		digits[--at] = '0' + rest % 10;
	while (rest /= 10);
	if (value < 0)
		digits[--at] = '-';
	put(digits + at, sizeof digits - at);
}

static void header(const char *kind, long a, long b, long size)
{
	say(kind);
	number(a);
	say(" ");
	number(b);
	say(" ");
	number(size);
	say("\n");
}

static void fail(long index, long error, const char *name)
{
	header("@fail ", index, -error, length(name));
	say(name);
}

static long open(const char *path) { return call(OPENAT, AT_FDCWD, (long)path, 0, 0, 0, 0); }

/* Files of /proc have no size, so their text goes out as it comes, up to a line of its own. */
static void file(const char *path)
{
	long f = open(path), n;
	say("@file 0 ");
	number(f < 0 ? -f : 0);
	say(" ~\n");
	say(path);
	say("\n");
	while (f >= 0 && (n = call(READ, f, (long)buffer, sizeof buffer, 0, 0, 0)) > 0)
		put(buffer, n);
	if (f >= 0)
		call(CLOSE, f, 0, 0, 0, 0, 0);
	say("\n@.\n");
}

static u32 word(const char *at) { return *(const u32 *)at; }

/* A dump ends in a message that stands first in its buffer, or last with 20 bytes and our sequence number. */
static int ended(long size, u32 sequence)
{
	const char *last = buffer + size - 20;
	u16 type = *(u16 *)(buffer + 4);
	if (size < 20 || type == NLMSG_ERROR || type == NLMSG_DONE)
		return 1;
	return word(last) == 20 && *(u16 *)(last + 4) == NLMSG_DONE && word(last + 8) == sequence;
}

static void ask(long index, u32 protocol, const char *message, u32 size)
{
	long s = call(SOCKET, AF_NETLINK, SOCK_RAW, protocol, 0, 0, 0), n;
	if (s < 0) {
		fail(index, s, "socket");
		return;
	}
	n = call(SENDTO, s, (long)message, size, 0, 0, 0);
	if (n < 0)
		fail(index, n, "send");
	else
		do {
			n = call(RECVFROM, s, (long)buffer, sizeof buffer, 0, 0, 0);
			if (n < 0) {
				fail(index, n, "recv");
				break;
			}
			header("@reply ", index, 0, n);
			put(buffer, n);
		} while (!ended(n, word(message + 8)));
	call(CLOSE, s, 0, 0, 0, 0, 0);
}

static void askAll(void)
{
	u32 at = 0;
	long index = 0;
	while (inputSize - at >= 20) {
		u32 size = word(input + at + 4);
		if (size < 16 || size > inputSize - at - 4)
			return;
		ask(index++, word(input + at), input + at + 4, size);
		at += 4 + ((size + 3) & ~3u);
	}
}

static void look(const char *place, char **files, char **end)
{
	long inode = 0, f, error = 0;
	while (*place >= '0' && *place <= '9')
		inode = inode * 10 + (*place++ - '0');
	if (*place == ':')
		place++;
	if (*place) {
		f = open(place);
		error = f < 0 ? f : call(SETNS, f, CLONE_NEWNET, 0, 0, 0, 0);
		if (f >= 0)
			call(CLOSE, f, 0, 0, 0, 0, 0);
	}
	header("@netns ", inode, 0, length(place));
	say(place);
	if (error < 0) {
		fail(-1, error, "setns");
		return;
	}
	for (; files < end; files++)
		if (**files != '@')
			file(*files);
	askAll();
}

__attribute__((used)) void start(long *stack)
{
	char **argv = (char **)(stack + 1), **end = argv + *stack, **at = argv + 1;
	long n;
	if (at < end && (*at)[0] == '-' && (*at)[1] == 'u') {
		call(UNLINKAT, AT_FDCWD, (long)argv[0], 0, 0, 0, 0);
		at++;
	}
	while (inputSize < sizeof input && (n = call(READ, 0, (long)(input + inputSize), sizeof input - inputSize, 0, 0, 0)) > 0)
		inputSize += n;
	for (char **place = at; place < end; place++)
		if (**place == '@')
			look(*place + 1, at, end);
	call(EXIT, 0, 0, 0, 0, 0, 0);
}
