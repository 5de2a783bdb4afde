package dev.holdfast.server.shell;

import dev.holdfast.client.errors.InvalidAddressException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockSessionLostException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.errors.SemaphoreCapacityExceededException;
import dev.holdfast.client.transport.TransportException;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** A command that talks to a cluster. What fails is told in a line, and by the exit code. */
public abstract class ShellCommand implements Callable<Integer> {
    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    /** Does it, and returns the exit code. */
    protected abstract int run(ClusterOptions cluster) throws IOException, InterruptedException;

    @Override
    public final Integer call() throws IOException, InterruptedException {
        try {
            return run(cluster);
        } catch (LockUnavailableException | LockSessionLostException | LockOutcomeUnknownException e) {
            return failed(
                    e, "no leader of the cluster at " + cluster.servers() + " answered in time", ExitCode.UNAVAILABLE);
        } catch (TransportException e) {
            return failed(e, String.valueOf(e.getMessage()), ExitCode.UNAVAILABLE);
        } catch (LockRequestRejectedException | SemaphoreCapacityExceededException | InvalidAddressException e) {
            return failed(e, String.valueOf(e.getMessage()), ExitCode.USAGE);
        } catch (LockException e) {
            return failed(e, String.valueOf(e.getMessage()), ExitCode.FAILED);
        }
    }

    private int failed(Exception cause, String message, int exitCode) {
        complain(message);
        if (cluster.isVerbose()) {
            cause.printStackTrace();
        }
        return exitCode;
    }

    /** Says it on standard error. */
    protected static void complain(String message) {
        System.err.println("holdfast: " + message);
    }
}
