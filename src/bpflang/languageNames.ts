/**
 * Names of the bpftrace language with the version that first had them, read from the sources and docs/stdlib.md of bpftrace's releases
 * `checkedVersions`: a name first seen in one of them may be as old as the one before it.
 */
export interface LanguageName {
  readonly name: string;
  /** As a value (`pid`), as a call (`str(…)`), or as both (`kstack`, `kstack(perf)`). */
  readonly use: "keyword" | "value" | "call" | "both";
  readonly since: string;
  /** The first version without it. */
  readonly until?: string;
  /** `type name(type parameter, [type optional])` */
  readonly signatures: readonly string[];
  readonly summary: string;
}

export const checkedVersions = ["0.9.4", "0.11.4", "0.14.1", "0.16.0", "0.17.1", "0.18.1", "0.19.1", "0.20.4", "0.21.3", "0.22.1", "0.23.5", "0.24.2", "0.25.1", "0.26.1"] as const;

export const languageNames: readonly LanguageName[] = [
  { name: "argN", use: "value", since: "0.9.4", signatures: [], summary: "Argument N of the probed function, from its register; an integer that wants a cast to be looked into." },
  { name: "args", use: "value", since: "0.9.4", signatures: [], summary: "All arguments of the probe by their names: of fentry and fexit from BTF, of tracepoints from their format." },
  { name: "assert", use: "call", since: "0.24.2", signatures: ["void assert(bool condition, string message)"], summary: "Ends the program with an error when the condition does not hold." },
  { name: "assert_str", use: "call", since: "0.25.1", signatures: [], summary: "Ends the compilation unless the expression is a string." },
  { name: "avg", use: "call", since: "0.9.4", signatures: ["avg_t avg(int64 n)"], summary: "Average of all values that were given, kept per CPU." },
  { name: "break", use: "keyword", since: "0.11.4", signatures: [], summary: "Leaves the loop." },
  { name: "bswap", use: "call", since: "0.16.0", signatures: ["uint8 bswap(uint8 n)", "uint16 bswap(uint16 n)", "uint32 bswap(uint32 n)", "uint64 bswap(uint64 n)"], summary: "The integer with its bytes in reverse order." },
  { name: "buf", use: "call", since: "0.11.4", signatures: ["buffer buf(void * data, [int64 length])"], summary: "Bytes of memory, for %r and %rx of printf." },
  { name: "cat", use: "call", since: "0.9.4", signatures: ["void cat(string namefmt, [...args])"], summary: "Prints a file of the host when the event is handled." },
  { name: "cgroup", use: "both", since: "0.9.4", signatures: ["uint64 cgroup()"], summary: "Id of the cgroup (version 2) of the current process." },
  { name: "cgroup_path", use: "call", since: "0.16.0", signatures: ["cgroup_path_t cgroup_path(int cgroupid, string filter)"], summary: "Path of a cgroup by its id, found when it is printed." },
  { name: "cgroupid", use: "call", since: "0.9.4", signatures: ["uint64 cgroupid(const string path)"], summary: "Id of the cgroup at a path, found when the program is compiled." },
  { name: "clear", use: "call", since: "0.9.4", signatures: ["void clear(map m)"], summary: "Removes every key of a map." },
  { name: "comm", use: "both", since: "0.9.4", signatures: ["string comm()", "string comm(uint32 pid)"], summary: "Name of the current thread, at most 15 characters." },
  { name: "comptime", use: "keyword", since: "0.25.1", signatures: [], summary: "Evaluates an expression when the program is compiled." },
  { name: "config", use: "keyword", since: "0.20.4", signatures: [], summary: "Settings of the program, before its probes." },
  { name: "continue", use: "keyword", since: "0.11.4", signatures: [], summary: "Goes on with the next turn of the loop." },
  { name: "count", use: "call", since: "0.9.4", signatures: ["count_t count()"], summary: "How often it was called, kept per CPU." },
  { name: "cpid", use: "both", since: "0.9.4", signatures: ["uint32 cpid()"], summary: "Process id of the child that was started with -c." },
  { name: "cpu", use: "both", since: "0.9.4", signatures: ["uint32 cpu()"], summary: "Number of the CPU that the event happened on." },
  { name: "ctx", use: "value", since: "0.9.4", signatures: [], summary: "The raw context of the BPF program." },
  { name: "curtask", use: "both", since: "0.9.4", signatures: ["uint64 curtask()"], summary: "The current task, a struct task_struct *." },
  { name: "debugf", use: "call", since: "0.16.0", signatures: [], summary: "Prints to the trace pipe of the kernel, for debugging." },
  { name: "default_str_length", use: "value", since: "0.25.1", signatures: [], summary: "How many bytes str() reads when no length is given." },
  { name: "delete", use: "call", since: "0.9.4", signatures: ["bool delete(map m, mapkey k)"], summary: "Removes one key of a map." },
  { name: "dw_ustack", use: "call", since: "0.26.1", signatures: ["ustack_t dw_ustack([StackMode mode, ][int limit])"], summary: "Stack of user space, unwound by DWARF." },
  { name: "elapsed", use: "both", since: "0.9.4", signatures: ["uint64 elapsed()"], summary: "Nanoseconds since the program started." },
  { name: "else", use: "keyword", since: "0.9.4", signatures: [], summary: "The block for when the condition does not hold." },
  { name: "errorf", use: "call", since: "0.24.2", signatures: ["void errorf(const string fmt, args...)"], summary: "Prints a message as an error, with the place in the program." },
  { name: "exit", use: "call", since: "0.9.4", signatures: ["void exit([int code])"], summary: "Ends the program; END and the printing of maps still happen." },
  { name: "fail", use: "call", since: "0.25.1", signatures: ["void fail(const string fmt, args...)"], summary: "Ends the compilation with a message." },
  { name: "false", use: "keyword", since: "0.24.2", signatures: [], summary: "The boolean 0." },
  { name: "find", use: "call", since: "0.25.1", signatures: ["boolean find(map m, mapkey k, mapvalue result)"], summary: "Looks a key up and puts its value into the third argument; false when it is not there." },
  { name: "fn", use: "keyword", since: "0.21.3", signatures: [], summary: "A function of the program itself." },
  { name: "for", use: "keyword", since: "0.11.4", signatures: [], summary: "Goes through the keys of a map (0.21), or a range of numbers (0.24)." },
  { name: "func", use: "both", since: "0.9.4", signatures: ["string func()"], summary: "Name of the function that is being traced." },
  { name: "getopt", use: "call", since: "0.24.2", signatures: ["bool getopt(string arg_name)", "bool getopt(string arg_name, bool default_value, [string description])", "int getopt(string arg_name, int default_value, [string description])", "string getopt(string arg_name, string default_value, [string description])"], summary: "Value of an option given after -- on the command line." },
  { name: "gid", use: "both", since: "0.9.4", signatures: ["uint64 gid()"], summary: "Group id of the current process." },
  { name: "has_cpid", use: "both", since: "0.25.1", signatures: ["bool has_cpid()"], summary: "Whether a child was started with -c." },
  { name: "has_key", use: "call", since: "0.22.1", signatures: ["boolean has_key(map m, mapkey k)"], summary: "Whether a map has this key." },
  { name: "hist", use: "call", since: "0.9.4", signatures: ["hist_t hist(int64 n[, int k])"], summary: "Histogram with buckets by powers of two." },
  { name: "if", use: "keyword", since: "0.9.4", signatures: [], summary: "Does a block when a condition holds." },
  { name: "import", use: "keyword", since: "0.24.2", signatures: [], summary: "Takes in another file." },
  { name: "is_array", use: "call", since: "0.25.1", signatures: ["bool is_array(any expression)"], summary: "Whether the expression is an array; known when compiled." },
  { name: "is_err", use: "call", since: "0.26.1", signatures: ["bool is_err(void * ptr)"], summary: "Whether a pointer is an error number of the kernel (IS_ERR)." },
  { name: "is_integer", use: "call", since: "0.25.1", signatures: ["bool is_integer(any expression)"], summary: "Whether the expression is an integer; known when compiled." },
  { name: "is_literal", use: "call", since: "0.25.1", signatures: ["bool is_literal(Expression expr)"], summary: "Whether the expression is a literal; known when compiled." },
  { name: "is_ptr", use: "call", since: "0.25.1", signatures: ["bool is_ptr(any expression)"], summary: "Whether the expression is a pointer; known when compiled." },
  { name: "is_str", use: "call", since: "0.25.1", signatures: ["bool is_str(any expression)"], summary: "Whether the expression is a string; known when compiled." },
  { name: "is_unsigned_integer", use: "call", since: "0.25.1", signatures: ["bool is_unsigned_integer(any expression)"], summary: "Whether the expression is an unsigned integer; known when compiled." },
  { name: "jiffies", use: "both", since: "0.20.4", signatures: ["uint64 jiffies()"], summary: "Timer ticks of the kernel since boot." },
  { name: "join", use: "call", since: "0.9.4", signatures: ["void join(char *arr[], [char * sep = ' '])"], summary: "Prints the strings of an array with a separator between them." },
  { name: "kaddr", use: "call", since: "0.9.4", signatures: ["uint64 kaddr(const string name)"], summary: "Address of a symbol of the kernel." },
  { name: "kfunc_allowed", use: "call", since: "0.25.1", signatures: ["boolean kfunc_allowed(const string kfunc)"], summary: "Whether a probe of this kind may call a kernel function of BTF." },
  { name: "kfunc_exist", use: "call", since: "0.25.1", signatures: ["boolean kfunc_exist(const string kfunc)"], summary: "Whether the kernel has such a function for BPF programs." },
  { name: "kptr", use: "call", since: "0.14.1", signatures: ["T * kptr(T * ptr)"], summary: "The same pointer, to be read in kernel memory." },
  { name: "kstack", use: "both", since: "0.9.4", signatures: ["kstack_t kstack([StackMode mode, ][int limit])"], summary: "Stack of the kernel: mode bpftrace, perf or raw, and how many frames." },
  { name: "ksym", use: "call", since: "0.9.4", signatures: ["ksym_t ksym(uint64 addr)"], summary: "The symbol that a kernel address belongs to." },
  { name: "leader_comm", use: "both", since: "0.26.1", signatures: ["string leader_comm()", "string leader_comm(struct task_struct * task)"], summary: "Name of the first thread of the process." },
  { name: "leader_tid", use: "both", since: "0.26.1", signatures: ["string leader_tid()", "string leader_tid(struct task_struct * task)"], summary: "Id of the first thread of the process." },
  { name: "len", use: "call", since: "0.20.4", signatures: ["int64 len(map m)", "int64 len(ustack stack)", "int64 len(kstack stack)"], summary: "Number of keys of a map, or of frames of a stack." },
  { name: "let", use: "keyword", since: "0.22.1", signatures: [], summary: "Declares a variable in its block." },
  { name: "lhist", use: "call", since: "0.9.4", signatures: ["lhist_t lhist(int64 n, int64 min, int64 max, int64 step)"], summary: "Histogram with buckets of equal width between min and max." },
  { name: "macaddr", use: "call", since: "0.14.1", signatures: ["macaddr_t macaddr(char [6] mac)"], summary: "Six bytes as a MAC address." },
  { name: "macro", use: "keyword", since: "0.24.2", signatures: [], summary: "A piece of program that is put in where it is called." },
  { name: "max", use: "call", since: "0.9.4", signatures: ["max_t max(int64 n)"], summary: "Largest of all values that were given." },
  { name: "memcmp", use: "call", since: "0.25.1", signatures: ["int memcmp(left, right, uint64 count)"], summary: "Compares bytes of memory: 0 when they are equal." },
  { name: "min", use: "call", since: "0.9.4", signatures: ["min_t min(int64 n)"], summary: "Smallest of all values that were given." },
  { name: "ncpus", use: "both", since: "0.24.2", signatures: ["uint64 ncpus()"], summary: "Number of CPUs." },
  { name: "nsecs", use: "both", since: "0.9.4", signatures: ["timestamp nsecs([TimestampMode mode])"], summary: "Nanoseconds since boot, or of the clock that is named." },
  { name: "ntop", use: "call", since: "0.9.4", signatures: ["inet ntop([int64 af, ] int addr)", "inet ntop([int64 af, ] char addr[4])", "inet ntop([int64 af, ] char addr[16])"], summary: "An IPv4 or IPv6 address as text." },
  { name: "numaid", use: "both", since: "0.16.0", signatures: ["uint32 numaid()"], summary: "Number of the NUMA node." },
  { name: "offsetof", use: "keyword", since: "0.18.1", signatures: ["uint64 offsetof(STRUCT, FIELD[.SUBFIELD])", "uint64 offsetof(EXPRESSION, FIELD[.SUBFIELD])"], summary: "Where a field lies in a structure, in bytes." },
  { name: "override", use: "call", since: "0.9.4", signatures: ["void override(uint64 rc)"], summary: "Makes the probed function return this at once. Needs --unsafe and a kernel that allows error injection there." },
  { name: "path", use: "call", since: "0.14.1", signatures: ["char * path(struct path * path [, int32 size])"], summary: "Path of a struct path *; only in functions of an allow list of the kernel." },
  { name: "pcomm", use: "both", since: "0.25.1", signatures: ["string pcomm()", "string pcomm(struct task_struct * task)"], summary: "Name of the parent process." },
  { name: "percpu_kaddr", use: "call", since: "0.22.1", signatures: ["uint64 *percpu_kaddr(const string name)", "uint64 *percpu_kaddr(const string name, int cpu)"], summary: "Address of a per-CPU symbol of the kernel, of this or another CPU." },
  { name: "pid", use: "both", since: "0.9.4", signatures: ["uint32 pid([curr_ns|init])"], summary: "Process id (thread group id) of the current process." },
  { name: "ppid", use: "both", since: "0.24.2", signatures: ["uint32 ppid()", "uint32 ppid(struct task_struct * task)"], summary: "Process id of the parent." },
  { name: "print", use: "call", since: "0.9.4", signatures: ["void print(T val)", "void print(@map)", "void print(@map, uint64 top)", "void print(@map, uint64 top, uint64 div)"], summary: "Prints a value or a map, of a map perhaps only its largest entries." },
  { name: "printf", use: "call", since: "0.9.4", signatures: ["void printf(const string fmt, args...)"], summary: "Prints by a format as in C, with %s, %d, %r for buffers and stacks as %s." },
  { name: "probe", use: "both", since: "0.9.4", signatures: ["string probe()"], summary: "Full name of the probe that was hit." },
  { name: "probetype", use: "both", since: "0.25.1", signatures: ["string probetype()"], summary: "Kind of the probe that was hit." },
  { name: "pton", use: "call", since: "0.16.0", signatures: ["char addr[4] pton(const string *addr_v4)", "char addr[16] pton(const string *addr_v6)"], summary: "An address from its text, found when compiled." },
  { name: "rand", use: "both", since: "0.9.4", signatures: ["uint32 rand()"], summary: "A random number." },
  { name: "reg", use: "call", since: "0.9.4", signatures: ["uint64 reg(const string name)"], summary: "A register by its name in struct pt_regs." },
  { name: "return", use: "keyword", since: "0.11.4", signatures: [], summary: "Ends the block of the probe." },
  { name: "retval", use: "both", since: "0.9.4", signatures: ["uint64 retval()"], summary: "What the function returned, in kretprobe, fexit and uretprobe." },
  { name: "sargN", use: "value", since: "0.9.4", until: "0.25", signatures: [], summary: "Word N of the stack, for arguments that are passed there." },
  { name: "signal", use: "call", since: "0.9.4", signatures: ["void signal(const string sig)", "void signal(uint32 signum)"], summary: "Sends a signal to the current process. Needs --unsafe." },
  { name: "signal_name", use: "call", since: "0.26.1", signatures: ["string signal_name(int sig)"], summary: "Name of a signal by its number." },
  { name: "signal_thread", use: "call", since: "0.25.1", signatures: ["void signal_thread(const string sig)", "void signal_thread(uint32 signum)"], summary: "Sends a signal to the current thread. Needs --unsafe." },
  { name: "sizeof", use: "keyword", since: "0.11.4", signatures: ["uint64 sizeof(TYPE)", "uint64 sizeof(EXPRESSION)"], summary: "Size of a type or value in bytes." },
  { name: "skboutput", use: "call", since: "0.16.0", signatures: ["uint32 skboutput(const string path, struct sk_buff *skb, uint64 length, const uint64 offset)"], summary: "Writes a packet to a pcap file." },
  { name: "socket_cookie", use: "call", since: "0.24.2", signatures: ["uint64 socket_cookie(struct sock *sk)"], summary: "The number that stays the same as long as the socket lives." },
  { name: "stack", use: "both", since: "0.9.4", until: "0.10", signatures: [], summary: "An old name of kstack." },
  { name: "static_assert", use: "call", since: "0.25.1", signatures: ["void static_assert(bool condition, string msg)"], summary: "Ends the compilation unless the condition holds." },
  { name: "stats", use: "call", since: "0.9.4", signatures: ["stats_t stats(int64 n)"], summary: "Count, average and total of all values that were given." },
  { name: "str", use: "call", since: "0.9.4", signatures: ["string str(char * data [, uint32 length])"], summary: "The text at an address, up to a zero byte." },
  { name: "strcap", use: "call", since: "0.25.1", signatures: ["int64 strcap(string exp)", "int64 strcap(int8 exp[])", "int64 strcap(int8 *exp)"], summary: "How many bytes the string can hold." },
  { name: "strcontains", use: "call", since: "0.17.1", signatures: ["bool strcontains(string haystack, string needle)"], summary: "Whether one string contains another." },
  { name: "strerror", use: "call", since: "0.16.0", signatures: ["string strerror(int error)"], summary: "Words for an error number." },
  { name: "strftime", use: "call", since: "0.14.1", signatures: ["timestamp strftime(const string fmt, int64 timestamp_ns)"], summary: "A time of nsecs as text, by a format of strftime(3)." },
  { name: "strlen", use: "call", since: "0.25.1", signatures: ["uint64 strlen(string exp)", "uint64 strlen(int8 exp[])", "uint64 strlen(int8 *exp)"], summary: "Length of a string." },
  { name: "strncmp", use: "call", since: "0.9.4", signatures: ["int64 strncmp(char * s1, char * s2, int64 n)"], summary: "Compares the first n bytes of two strings: 0 when they are equal." },
  { name: "strstr", use: "call", since: "0.25.1", signatures: ["int64 strstr(string haystack, string needle)"], summary: "Where a string occurs in another, -1 where it does not." },
  { name: "sum", use: "call", since: "0.9.4", signatures: ["sum_t sum(int64 n)"], summary: "Sum of all values that were given, kept per CPU." },
  { name: "sym", use: "call", since: "0.9.4", until: "0.10", signatures: [], summary: "An old name of ksym." },
  { name: "syscall_name", use: "call", since: "0.25.1", signatures: ["string syscall_name(int nr_syscall)"], summary: "Name of a system call by its number." },
  { name: "system", use: "call", since: "0.9.4", signatures: ["void system(string namefmt [, ...args])"], summary: "Runs a shell command on the host. Needs --unsafe." },
  { name: "tid", use: "both", since: "0.9.4", signatures: ["uint32 tid([curr_ns|init])"], summary: "Thread id of the current thread." },
  { name: "time", use: "call", since: "0.9.4", signatures: ["void time(const string fmt)"], summary: "Prints the time of day, by a format of strftime(3)." },
  { name: "true", use: "keyword", since: "0.24.2", signatures: [], summary: "The boolean 1." },
  { name: "tseries", use: "call", since: "0.24.2", signatures: ["tseries_t tseries(int64 n, int64 interval_ns, int64 num_intervals)", "tseries_t tseries(int64 n, int64 interval_ns, int64 num_intervals, const string agg)"], summary: "A value over time, in intervals of fixed length." },
  { name: "typeinfo", use: "keyword", since: "0.25.1", signatures: ["typeinfo(TYPE)", "typeinfo(EXPRESSION)"], summary: "Facts about the type of an expression, known when compiled." },
  { name: "typeof", use: "keyword", since: "0.25.1", signatures: ["typeof(TYPE)", "typeof(EXPRESSION)"], summary: "The type of an expression, in a declaration or cast." },
  { name: "uaddr", use: "call", since: "0.9.4", signatures: ["T * uaddr(const string sym)"], summary: "Address of a symbol of the traced program." },
  { name: "uid", use: "both", since: "0.9.4", signatures: ["uint64 uid()"], summary: "User id of the current process." },
  { name: "unroll", use: "keyword", since: "0.9.4", signatures: [], summary: "Repeats a block a fixed number of times." },
  { name: "unwatch", use: "call", since: "0.14.1", signatures: ["void unwatch(void * addr)"], summary: "Removes a watchpoint at an address." },
  { name: "uptr", use: "call", since: "0.14.1", signatures: ["T * uptr(T * ptr)"], summary: "The same pointer, to be read in user memory." },
  { name: "usermode", use: "both", since: "0.24.2", signatures: ["uint8 usermode()"], summary: "Whether the CPU was in user mode." },
  { name: "username", use: "both", since: "0.9.4", signatures: ["string username()"], summary: "Name of the current user, found when it is printed." },
  { name: "ustack", use: "both", since: "0.9.4", signatures: ["ustack_t ustack([StackMode mode, ][int limit])"], summary: "Stack of user space: mode and how many frames." },
  { name: "usym", use: "call", since: "0.9.4", signatures: ["usym_t usym(uint64 * addr)"], summary: "The symbol that an address of user space belongs to." },
  { name: "warnf", use: "call", since: "0.25.1", signatures: ["void warnf(const string fmt, args...)"], summary: "Prints a message as a warning, with the place in the program." },
  { name: "while", use: "keyword", since: "0.11.4", signatures: [], summary: "Repeats a block; the kernel must be able to see that it ends." },
  { name: "write_user", use: "call", since: "0.26.1", signatures: ["bool write_user(T * dst, T * src, uint32 len)"], summary: "Writes to memory of user space. Needs --unsafe." },
  { name: "zero", use: "call", since: "0.9.4", signatures: ["void zero(map m)"], summary: "Sets every value of a map to zero." },
];

/** Types that a cast or declaration may name, with the first version. */
export const languageTypes: readonly (readonly [name: string, since: string])[] = [
  ["avg_t", "0.19.1"], ["bool", "0.19.1"], ["buf_t", "0.18.1"], ["buffer", "0.22.1"], ["cgroup_path_t", "0.19.1"],
  ["count_t", "0.19.1"], ["hist_t", "0.19.1"], ["inet", "0.22.1"], ["inet_t", "0.18.1"], ["int16", "0.19.1"],
  ["int32", "0.19.1"], ["int64", "0.19.1"], ["int8", "0.19.1"], ["kstack_t", "0.22.1"], ["ksym_t", "0.19.1"],
  ["lhist_t", "0.19.1"], ["macaddr_t", "0.19.1"], ["max_t", "0.19.1"], ["min_t", "0.19.1"], ["probe_t", "0.19.1"],
  ["stats_t", "0.19.1"], ["str_t", "0.18.1"], ["strerror_t", "0.19.1"], ["string", "0.22.1"], ["sum_t", "0.19.1"],
  ["timestamp", "0.22.1"], ["timestamp_t", "0.19.1"], ["tseries_t", "0.24.2"], ["uint16", "0.19.1"], ["uint32", "0.19.1"],
  ["uint64", "0.19.1"], ["uint8", "0.19.1"], ["username_t", "0.19.1"], ["ustack_t", "0.22.1"], ["usym_t", "0.19.1"],
  ["void", "0.21.3"],
];

const byName = new Map(languageNames.map((entry) => [entry.name, entry]));

/** What the language has under this name; the numbered arguments are one entry. */
export const languageName = (name: string): LanguageName | undefined => byName.get(/^s?arg\d+$/.test(name) ? name.replace(/\d+$/, "N") : name);

/** The type of the language that a call gives; undefined where that depends on what it is given, or is nothing. */
export function resultOf(call: string): string | undefined {
  const [first, ...others] = (languageName(call)?.signatures ?? []).map((signature) => /^(\w+) \w+\(/.exec(signature.replace(/^char \* /, "string "))?.[1]);
  return first === undefined || first === "void" || others.some((other) => other !== first) ? undefined : first;
}
