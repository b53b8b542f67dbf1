/**
 * Why a *_diag module is not there. The kernel's answer never tells (ENOENT for all of them), so the places where loading a module
 * can fail are looked at: modules.dep and modules.builtin, modprobe's configuration, the kernel's sysctls and its build configuration.
 */
import { shellScript } from "../target/command";
import type { Probe } from "./probe";

/** A part of the kernel, a module or built in, that lists the sockets of a protocol. */
export interface DiagModule {
  readonly module: string;
  /** Of the kernel's configuration. */
  readonly option: string;
  /** The protocol's name in /proc/net/protocols, which has everything of which a socket can be open. */
  readonly family: string;
}

export interface DiagModuleState {
  readonly module: string;
  readonly loaded: boolean;
  readonly builtIn: boolean;
  /** Path of the .ko when modules.dep names it and it is there. */
  readonly file?: string;
  /** `blacklist …` and `install …` lines of modprobe's configuration about it and inet_diag. */
  readonly configuration: readonly string[];
  /** kernel.modprobe; undefined when the kernel has no modules. */
  readonly modprobePath?: string;
  readonly modprobeRuns: boolean;
  readonly modulesDisabled: boolean;
  /** Whether the kernel has the protocol whose sockets the module lists; undefined when that is not to be found. */
  readonly familyThere?: boolean;
  /** CONFIG_INET_DIAG, CONFIG_INET_TCP_DIAG … of the running kernel: `y`, `m` or `n`. Empty when its configuration is not to be found. */
  readonly kernelConfig: Readonly<Record<string, string>>;
}

const script = String.raw`
module=$1 release=$2 option=$3 family=$4 pattern=$(printf %s "$1" | tr _ .)
PATH=$PATH:/usr/sbin:/sbin
folder=/lib/modules/$release
say() { printf '%s=%s\n' "$1" "$2"; }
grep -q "^$module " /proc/modules 2>/dev/null && say loaded 1
grep -qs "/$module[.]ko" "$folder/modules.builtin" && say builtin 1
file=$(sed -n "s,^\([^:]*/$module[.]ko[^:]*\):.*,\1,p" "$folder/modules.dep" 2>/dev/null | head -n 1)
if [ -n "$file" ]; then
  case $file in /*) ;; *) file=$folder/$file ;; esac
  [ -e "$file" ] && say file "$file"
fi
{ modprobe --showconfig 2>/dev/null || modprobe -c 2>/dev/null || cat /etc/modprobe.d/*.conf /lib/modprobe.d/*.conf /run/modprobe.d/*.conf 2>/dev/null; } |
  sed -n "s/^\(\(blacklist\|install\) \($pattern\|inet.diag\)\( .*\)\{0,1\}\)$/configuration=\1/p"
if [ -r /proc/sys/kernel/modprobe ]; then
  helper=$(cat /proc/sys/kernel/modprobe)
  say modprobe "$helper"
  [ -n "$helper" ] && [ -x "$helper" ] && say runs 1
fi
[ "$(cat /proc/sys/kernel/modules_disabled 2>/dev/null)" = 1 ] && say disabled 1
{ zcat /proc/config.gz 2>/dev/null || cat "/boot/config-$release" "$folder/config" 2>/dev/null; } |
  sed -n "s/^\(CONFIG_INET_DIAG\|CONFIG_MODULES\|$option\)=\(.\).*/config=\1 \2/p;s/^# \(CONFIG_INET_DIAG\|CONFIG_MODULES\|$option\) is not set/config=\1 n/p"
while read -r name rest; do
  case $name in protocol) say families 1 ;; "$family") say family 1 ;; esac
done </proc/net/protocols 2>/dev/null
exit 0
`;

export function diagModuleProbe({ module, option, family }: DiagModule, release: string): Probe<DiagModuleState> {
  return {
    command: { argv: shellScript(script, [module, release, option, family]) },
    parse: (result) => parseDiagModule(module, new TextDecoder().decode(result.stdout)),
  };
}

export function parseDiagModule(module: string, text: string): DiagModuleState {
  const values = (key: string): string[] => text.split("\n").filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1));
  const [file] = values("file");
  const [modprobePath] = values("modprobe");
  return {
    module,
    loaded: values("loaded").length > 0,
    builtIn: values("builtin").length > 0,
    ...(file !== undefined && { file }),
    configuration: [...new Set(values("configuration"))],
    ...(modprobePath !== undefined && { modprobePath }),
    modprobeRuns: values("runs").length > 0,
    modulesDisabled: values("disabled").length > 0,
    ...(values("families").length > 0 && { familyThere: values("family").length > 0 }),
    kernelConfig: Object.fromEntries(values("config").map((line) => line.split(" ")).map(([name = "", value = ""]) => [name, value])),
  };
}
