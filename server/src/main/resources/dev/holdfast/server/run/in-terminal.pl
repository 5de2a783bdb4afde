# Runs a command, which is its arguments, in a process group of its own: that of this process, which waits for it. With a
# terminal, the command is what a shell's job is: it reads from the terminal and gets what is typed there, if the group that started
# it is in the foreground; and if it stops, so does that group, until it is resumed. Without one, the command takes this process's
# place.
#
# Exits with the command's code, or 128 and the number of the signal that ended it.

BEGIN {
  eval {
    require POSIX;
    POSIX->import(qw(:signal_h :sys_wait_h setpgid setsid tcgetpgrp tcsetpgrp ENOENT));
    1;
  } or do {
    # A perl without its library.
    setpgrp(0, 0);
    exec { $ARGV[0] } @ARGV;
    exit 127;
  };
}

my @passed = grep { ($SIG{$_} // '') ne 'IGNORE' } qw(HUP INT QUIT TERM USR1 USR2 ALRM TSTP TTIN TTOU);

# Threads of a JVM have QUIT blocked, and what they start inherits that.
sub become_command {
  $SIG{$_} = 'DEFAULT' for @passed;
  sigprocmask(SIG_SETMASK, POSIX::SigSet->new);
  no warnings 'exec';
  exec { $ARGV[0] } @ARGV;
  my $error = $!;
  print STDERR "holdfast: cannot run '$ARGV[0]': $error\n";
  POSIX::_exit($error == ENOENT ? 127 : 126);
}

if (!open(my $probe, '+<', '/dev/tty')) {
  setsid();
  become_command();
}
open(TERMINAL, '+<', '/dev/tty') or exit 126;
my $terminal = fileno(TERMINAL);
my $holder = getppid();
my $outer = getpgrp(0);
my $all = POSIX::SigSet->new;
$all->fillset;
sigprocmask(SIG_SETMASK, $all);
setpgid(0, 0);
my $inner = getpgrp(0);

sub take { tcsetpgrp($terminal, $inner) if tcgetpgrp($terminal) == $outer; }
sub give { tcsetpgrp($terminal, $outer) if tcgetpgrp($terminal) == $inner; }

sub holder_is_suspended {
  return 0 if getppid() != $holder;
  if (open(my $stat, '<', "/proc/$holder/stat")) {
    return <$stat> =~ /.*\) [Tt]/;
  }
  return `ps -o stat= -p $holder` =~ /^[Tt]/;
}

take();
# What came since this process has a group was meant for the command.
my $early = POSIX::SigSet->new;
sigpending($early);
my $command = fork();
exit 126 if !defined $command;
become_command() if $command == 0;
for my $name (@passed) {
  kill($name, $command) if $early->ismember(POSIX->can("SIG$name")->());
}
# What reaches the group is for the command. It must not end this, nor must changing the terminal from the background stop it.
$SIG{$_} = sub { } for @passed;
my $stoppers = POSIX::SigSet->new(SIGTSTP, SIGTTIN, SIGTTOU);
sigprocmask(SIG_SETMASK, $stoppers);

while (1) {
  my $ended = waitpid($command, WUNTRACED);
  next if $ended != $command;
  my $status = ${^CHILD_ERROR_NATIVE};
  last if !WIFSTOPPED($status);
  my $stop = WSTOPSIG($status);
  if (($stop == SIGTTIN || $stop == SIGTTOU) && tcgetpgrp($terminal) == $outer) {
    # It was brought to the front meanwhile.
    take();
    kill('CONT', -$inner);
    next;
  }
  give();
  kill($stop == SIGSTOP ? SIGTSTP : $stop, -$outer);
  # A group that nobody could resume does not stop.
  select(undef, undef, undef, 0.05);
  for (my $turns = 0; $turns < 20 && !holder_is_suspended(); $turns++) {
    select(undef, undef, undef, 0.05);
  }
  select(undef, undef, undef, 0.05) while holder_is_suspended();
  take();
  kill('CONT', -$inner);
}
give();
my $signal = $? & 127;
kill('INT', -$outer) if $signal == SIGINT;
exit($signal ? 128 + $signal : $? >> 8);
