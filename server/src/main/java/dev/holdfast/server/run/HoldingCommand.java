package dev.holdfast.server.run;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.server.inspect.Lookup;
import dev.holdfast.server.shell.ClusterOptions;
import dev.holdfast.server.shell.Durations;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.Owners;
import dev.holdfast.server.shell.ShellCommand;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Acquires a lock or permits, runs a command, and releases them. */
abstract class HoldingCommand extends ShellCommand {
    private static final int SIGKILL = 9;

    @Parameters(index = "0", paramLabel = "KEY", description = "The key of the lockable, such as app:order:42.")
    private String key = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "COMMAND",
            description = "The command to run, after a '--'.")
    private List<String> command = List.of();

    @Option(
            names = "--owner",
            converter = Owners.class,
            paramLabel = "TYPE:ID",
            description =
                    "The owner of the hold. An owner may acquire what it already holds, so two commands with the same owner"
                            + " do not exclude each other. Default: each run of this command is its own owner.")
    private @Nullable LockOwner owner;

    @Option(
            names = "--ttl",
            converter = Durations.class,
            paramLabel = "TIME",
            description =
                    "Hold it for at most this long, such as 500ms, 30s, 5m, 2h. Default: as long as the command runs.")
    private @Nullable Duration ttl;

    @Option(
            names = "--wait",
            converter = Durations.class,
            paramLabel = "TIME",
            description = "Wait for it for at most this long; 0: do not wait. Default: as long as it takes.")
    private @Nullable Duration wait;

    /** Acquires it, waiting as long as the options say. */
    protected abstract AcquireResult acquire(
            HoldfastClient client, LockOwner holder, Lockable lockable, AcquireOptions options)
            throws InterruptedException;

    @Override
    protected final int run(ClusterOptions cluster) throws IOException {
        Lockable lockable = new Lockable("KEY", key);
        AcquireOptions options = options();
        try (Signals signals = Signals.caughtFor(Thread.currentThread())) {
            return run(cluster, lockable, options, signals);
        }
    }

    private int run(ClusterOptions cluster, Lockable lockable, AcquireOptions options, Signals signals)
            throws IOException {
        try (HoldfastClient client = cluster.connectToHold("holdfast " + command.get(0))) {
            if (wait != null) {
                // The wait is for the lock. A process that has just started needs time for its first connection as
                // well.
                var unused = client.awaitConnected(cluster.timeout());
            }
            AcquireResult result = acquire(client, owner == null ? client.processOwner() : owner, lockable, options);
            if (!result.acquired()) {
                complain("'" + key + "' was not acquired in time"
                        + why(client, lockable, result.waitersAhead(), cluster));
                return ExitCode.NOT_ACQUIRED;
            }
            return runHolding(result.orThrow(), signals);
        } catch (InterruptedException e) {
            return ExitCode.ofSignal(signals.first());
        }
    }

    private static String why(HoldfastClient client, Lockable lockable, int waitersAhead, ClusterOptions cluster) {
        if (waitersAhead > 0) {
            return ": it is free, but others have been waiting longer: " + waitersAhead;
        }
        String owners = Lookup.owners(Lookup.find(client, lockable, cluster));
        return owners.isEmpty() ? "" : ": it is held by " + owners;
    }

    private AcquireOptions options() {
        AcquireOptions options = AcquireOptions.defaults();
        if (ttl != null) {
            options = options.ttl(ttl);
        }
        if (wait == null) {
            return options.waitForever();
        }
        return wait.isZero() ? options.noWait() : options.wait(wait);
    }

    private int runHolding(LockHandle handle, Signals signals) throws InterruptedException {
        Duration lease = handle.leaseLeft().orElse(Duration.ZERO);
        ProcessGroup group;
        try {
            group = ProcessGroup.start(
                    command, Map.of("HOLDFAST_KEY", key, "HOLDFAST_TOKEN", String.valueOf(handle.token())));
        } catch (IOException e) {
            release(handle);
            complain("cannot run '" + command.get(0) + "': " + e.getMessage());
            return ExitCode.CANNOT_RUN;
        }
        LeaseGuard guard = new LeaseGuard(handle, group, ttl == null ? lease : ttl, this::complain);
        guard.start();
        signals.passTo(group);
        int exitCode = waitFor(group, handle, guard.reserve());
        boolean isKilled = exitCode == ExitCode.ofSignal(SIGKILL);
        if (guard.isLost() || (isKilled && isGone(handle))) {
            // What it left behind must end too.
            group.signal("KILL");
            if (!guard.isLost()) {
                complain(
                        "the hold of '" + key + "' was lost while this process was suspended; the command was stopped");
            }
            return ExitCode.LOST;
        }
        if (exitCode > ExitCode.ofSignal(0)) {
            // Shells have what they run in the background ignore INT and QUIT. It is not to go on without the hold.
            group.signal(isKilled ? "KILL" : "TERM");
        }
        release(handle);
        return exitCode;
    }

    private int waitFor(ProcessGroup group, LockHandle handle, Duration reserve) throws InterruptedException {
        Optional<Deputy> deputy = Optional.empty();
        try {
            deputy = Deputy.start(group, handle, reserve);
        } catch (IOException e) {
            complain("nobody watches over the command if this process is killed: " + e.getMessage());
        }
        int exitCode = group.waitFor();
        deputy.ifPresent(Deputy::close);
        return exitCode;
    }

    private static boolean isGone(LockHandle handle) {
        return handle.leaseLeft().filter(Duration::isZero).isPresent();
    }

    private void release(LockHandle handle) {
        try {
            handle.close();
        } catch (LockException e) {
            complain(String.valueOf(e.getMessage()));
        }
    }
}
