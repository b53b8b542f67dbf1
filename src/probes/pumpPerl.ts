/**
 * The pump in perl without any module, as perl-base of Debian has it. It stays for many passes and watches over itself: its input is looked at
 * between frames, and an alarm, put off by each line read and each write done, ends it when the other side is silent. A receive buffer that ends a dump is known by its first
 * message (an error, or the end alone) or by its last 20 bytes: the end, with our sequence number. A request that found no handler (−2) is not
 * repeated in other namespaces: each time the kernel would run modprobe in vain.
 */
import type { ResidentPump } from "./pump";

const script = String.raw`
my ($setns64, $setns32) = @ARGV;
my $setns = length(pack 'p', undef) == 8 ? $setns64 : $setns32;
my ($in, $lease, $squeeze, $held, $moved) = ('', 0, 0, '', 0);
$SIG{ALRM} = $SIG{PIPE} = 'DEFAULT';
alarm 60;
binmode STDIN; binmode STDOUT;
sub more { alarm $lease; exit unless sysread STDIN, $in, 65536, length $in }
sub line { more() until $in =~ s/^([^\n]*)\n//; $1 }
sub heed {
  my $input = "\1";
  while (select my $ready = $input, undef, undef, 0) { more(); while ($in =~ s/^(renew|squeeze)\n//) { $squeeze = 1 if $1 eq 'squeeze' } }
}
sub put { for (my $at = 0; $at < length $_[0];) { alarm $lease; my $n = syswrite STDOUT, $_[0], length($_[0]) - $at, $at; exit 3 unless defined $n; $at += $n } }
sub squeezed {
  my $child = open my $from, '-|';
  return unless defined $child;
  if (!$child) { open my $to, '|-', 'gzip', '-1' or exit 1; binmode $to; print $to $_[0]; exit !close $to }
  binmode $from; local $/; my $data = <$from>; close $from and $data
}
sub pass_on {
  my $data = squeezed($held);
  if (defined $data && length $data) { put('@gzip 0 0 ' . length($data) . "\n" . $data) } else { put($held); $squeeze = 0 }
  $held = '';
}
sub frame {
  my ($kind, $x, $y) = @_;
  heed();
  my $head = "\@$kind $x " . ($y + 0) . ' ' . length($_[3]) . "\n";
  return put($head . $_[3]) unless $squeeze;
  $held .= $head . $_[3];
  pass_on() if length $held > 1000000 || $kind eq 'end';
}
sub slurp { my $path = shift; open my $f, '<', $path or return; local $/; my $text = <$f>; close $f; $text }
sub comm { my $name = slurp("/proc/$_[0]/comm"); $name = '' unless defined $name; chomp $name; $name =~ tr/\n\0/  /; $name }
my ($all, $owners, $cgroups, @files, @requests, %refused, %wanted, $seen);
sub note {
  for (my ($at, $all) = (0, length $_[0]); $all - $at >= 32;) {
    my ($length, $type) = unpack 'LS', substr $_[0], $at, 6;
    last if $length < 16 || $length > $all - $at;
    if ($type > 15) {
      my $family = ord substr $_[0], $at + 16, 1;
      my $where = $family == 2 || $family == 10 ? 68 : $family == 16 ? 16 : $family == 40 ? 20 : 4;
      $wanted{unpack 'L', substr $_[0], $at + 16 + $where, 4} = 1 if $length >= 20 + $where;
    }
    $at += ($length + 3) & ~3;
  }
}
sub ask {
  my ($index, $protocol, $sequence, $message) = @_;
  my $buffer;
  return frame('fail', $index, 2, 'skipped') if $refused{$index};
  socket(my $s, 16, 3, $protocol) or return frame('fail', $index, $!, 'socket');
  defined send($s, $message, 0) or return frame('fail', $index, $!, 'send');
  while (1) {
    defined recv($s, $buffer, 131072, 0) or return frame('fail', $index, $!, 'recv');
    frame('reply', $index, 0, $buffer);
    note($buffer) if $owners && $protocol == 4 && ($seen += length $buffer) < 65536;
    my ($x, $type) = unpack 'LS', $buffer;
    if ($type == 2 || $type == 3) { $refused{$index} = 1 if length $buffer >= 20 && unpack('l', substr $buffer, 16, 4) == -2; last }
    last if length $buffer < 16;
    my ($length, $last, $flags, $of) = unpack 'LSSL', substr $buffer, -20;
    last if $length == 20 && $last == 3 && $of == $sequence;
  }
}
my $first;
sub look {
  my ($inode, $path, $pid) = @_;
  my $init = $first && (stat '/proc/self/net/dev')[1] == $first ? 1 : 0;
  frame('netns', $inode, $init, $path . "\n" . ($pid ? comm($pid) : ''));
  for my $path (@files) { my $text = slurp($path); my $why = defined $text ? 0 : $!; frame('file', 0, $why, $path . "\n" . (defined $text ? $text : '')) }
  ask($_, @{$requests[$_]}) for 0 .. $#requests;
}
sub look_around {
  $first = (stat '/proc/1/net/dev')[1] || 0;
  my $own = (stat '/proc/self/ns/net')[1] || 0;
  my (%pid, %mount, $denied, @pids);
  opendir my $proc, '/proc'; @pids = sort { $a <=> $b } grep /^\d+$/, readdir $proc; closedir $proc;
  if ($all) {
    for my $pid (@pids) {
      my $inode = (stat "/proc/$pid/ns/net")[1];
      if (defined $inode) { $pid{$inode} = $pid unless $pid{$inode} } elsif ($! == 13) { $denied++ }
    }
    open my $mounts, '<', '/proc/self/mountinfo';
    while (<$mounts>) { next unless / net:\[(\d+)\] (\S+) /; my ($inode, $path) = ($1, $2); $path =~ s/\\([0-7]{3})/chr oct $1/ge; $mount{$inode} = $path unless $mount{$inode} }
    frame('mounts', 0, 0, join '', map { "$_ $mount{$_}\n" } keys %mount);
    frame('denied', $denied, 0, '') if $denied;
  }
  if ($cgroups) {
    my ($root) = grep { -e "$_/cgroup.procs" } '/sys/fs/cgroup/unified', '/sys/fs/cgroup';
    my ($list, @folders) = ('', defined $root ? '' : ());
    while (defined(my $path = shift @folders)) {
      my (undef, $id, undef, $links) = stat "$root$path" or next;
      $list .= "$id " . ($path eq '' ? '/' : $path) . "\n";
      next if $links == 2 || !opendir my $folder, "$root$path";
      push @folders, map { "$path/$_" } grep { !/^\.\.?$|^(?:cgroup|cpuset|cpu|io|memory|pids|hugetlb|rdma|misc)\.(?!slice|scope|service)/ && -d "$root$path/$_" } readdir $folder;
    }
    frame('cgroups', 0, 0, $list);
  }
  my $self = $pid{$own};
  my $only = $all > 1 ? $all : 0;
  look($own, $self ? "/proc/$self/ns/net" : '/proc/self/ns/net', $self || $$) unless $only && $only != $own;
  my %known = (%pid, %mount);
  for my $inode (sort { $a <=> $b } keys %known) {
    next if $inode == $own || $only && $only != $inode;
    my $path = $pid{$inode} ? "/proc/$pid{$inode}/ns/net" : $mount{$inode};
    my $f; my $ok = open $f, '<', $path;
    if (!$ok && $mount{$inode}) { $path = $mount{$inode}; $ok = open $f, '<', $path }
    my $call = 'open';
    if ($ok) { $call = 'setns'; if ($setns) { $ok = 0 == syscall($setns, fileno $f, 0x40000000); $moved ||= $ok } else { $ok = 0; $! = 38 } }
    if ($ok) { look($inode, $path, $pid{$inode}) } else { my $why = $!; frame('netns', $inode, 0, $path . "\n" . ($pid{$inode} ? comm($pid{$inode}) : '')); frame('fail', -1, $why, $call) }
  }
  if ($owners) {
    my ($text, $hidden) = ('', 0);
    my $few = $owners < 2 && $seen < 65536;
    delete $wanted{0};
    for my $pid ($few && !%wanted ? () : @pids) {
      heed();
      if (!chdir "/proc/$pid/fd" or !opendir my $fds, '.') { $hidden++ if $! == 13 }
      else {
        my $list = '';
        for my $fd (readdir $fds) {
          my $to = readlink $fd;
          next unless defined $to && 'socket:[' eq substr $to, 0, 8;
          my $inode = substr $to, 8, -1;
          $list .= "$fd $inode\n" if !$few || $wanted{$inode};
        }
        $text .= ".$pid " . comm($pid) . "\n" . $list if length $list;
        if (length $text > 500000) { frame('owners', 0, 0, $text); $text = '' }
      }
    }
    chdir '/';
    frame('owners', $hidden, 0, $text);
  }
  frame('end', 0, 0, '');
}
open my $home, '<', '/proc/self/ns/net';
until ($lease) { $lease = $1 if line() =~ /^knetscope-begin (\d+)$/ }
while (1) {
  my ($word, $paths, $length, $inodes);
  ($word, $all, $owners, $cgroups, $paths, $length, $inodes) = split ' ', line();
  $squeeze = 1 if $word eq 'squeeze';
  next if $word ne 'pass';
  more() while length $in < $paths + $length + $inodes;
  @files = split /\n/, substr $in, 0, $paths, '';
  my $asked = substr $in, 0, $length, '';
  @requests = %refused = (); $seen = 0;
  %wanted = map { $_ => 1 } split ' ', substr $in, 0, $inodes, '';
  while (length $asked >= 20) {
    my ($protocol, $size, $x, $sequence) = unpack 'LLLL', $asked;
    push @requests, [$protocol, $sequence, substr $asked, 4, $size];
    substr $asked, 0, 4 + (($size + 3) & ~3), '';
  }
  look_around();
  $moved = 0 if $moved && 0 == syscall $setns, fileno $home, 0x40000000;
  exit 4 if $moved;
}
`;

/** setns by machine, for 64-bit and for 32-bit programs; arch/…/syscalls. Others get a note instead of their namespaces. */
const setnsNumbers: Readonly<Record<string, readonly [wide: number, narrow: number]>> = {
  x86_64: [308, 346],
  aarch64: [268, 375],
  riscv64: [268, 268],
  loongarch64: [268, 268],
  ppc64le: [350, 350],
  ppc64: [350, 350],
  s390x: [339, 339],
  i686: [346, 346],
  armv7l: [375, 375],
};

export function pumpPerl(host: { readonly machine: string }, perl = "perl"): ResidentPump {
  const [wide, narrow] = setnsNumbers[host.machine] ?? [0, 0];
  return { argv: ["env", "LC_ALL=C", perl, "-C0", "-e", script, "--", String(wide), String(narrow)], where: "perl" };
}
