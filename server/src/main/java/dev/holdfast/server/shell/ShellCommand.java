package dev.holdfast.server.shell;

import dev.holdfast.client.errors.InvalidAddressException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockForbiddenException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockSessionLostException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.errors.SemaphoreCapacityExceededException;
import dev.holdfast.client.transport.TransportException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that talks to a cluster. Reports a failure in one line, and by its exit code. */
public abstract class ShellCommand implements Callable<Integer> {
    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Runs the command, and returns its exit code. */
    protected abstract int run(ClusterOptions cluster) throws IOException, InterruptedException;

    @Override
    public final Integer call() throws IOException, InterruptedException {
        try {
            return run(cluster);
        } catch (LockUnavailableException | LockSessionLostException | LockOutcomeUnknownException e) {
            return failed(
                    e,
                    "no leader of the cluster at " + cluster.servers() + " answered in time" + why(e),
                    ExitCode.UNAVAILABLE);
        } catch (TransportException e) {
            return failed(
                    e,
                    String.valueOf(e.getMessage()),
                    e.kind() == TransportException.Kind.FORBIDDEN ? ExitCode.FORBIDDEN : ExitCode.UNAVAILABLE);
        } catch (UncheckedIOException e) {
            return failed(e, String.valueOf(e.getMessage()), ExitCode.USAGE);
        } catch (LockForbiddenException e) {
            return failed(e, String.valueOf(e.getMessage()), ExitCode.FORBIDDEN);
        } catch (LockRequestRejectedException | SemaphoreCapacityExceededException | InvalidAddressException e) {
            return failed(e, String.valueOf(e.getMessage()), ExitCode.USAGE);
        } catch (LockException e) {
            return failed(e, String.valueOf(e.getMessage()), ExitCode.FAILED);
        }
    }

    /**
     * Asks a person, and blocks until there is an answer. Complains unless it is yes.
     *
     * @param act what {@code --yes} would do without asking: "take 'a'"
     * @return the exit code with which to end now; empty if it is to be done
     */
    protected final OptionalInt exitUnlessConfirmed(String question, String act) throws IOException {
        return switch (Confirmation.ask(err(), question)) {
            case YES -> OptionalInt.empty();
            case NO -> {
                complain("nothing was done");
                yield OptionalInt.of(ExitCode.FAILED);
            }
            case NOBODY -> {
                complain("there is nobody to ask: use --yes to " + act);
                yield OptionalInt.of(ExitCode.USAGE);
            }
        };
    }

    /** What kept it from answering, if that is known. */
    private static String why(LockException failure) {
        Throwable cause = failure.getCause();
        return cause instanceof TransportException && cause.getMessage() != null ? ": " + cause.getMessage() : "";
    }

    private int failed(Exception cause, String message, int exitCode) {
        complain(message);
        if (cluster.isVerbose()) {
            cause.printStackTrace(err());
        }
        return exitCode;
    }

    /** Where results are printed. */
    protected final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** Where everything else is printed. */
    protected final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Prints a line on what went wrong. May be called from any thread. */
    protected final void complain(String message) {
        err().println("holdfast: " + message);
    }
}
