package dev.holdfast.server.run;

import dev.holdfast.client.LockHandle;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A process that does what {@link LeaseGuard} does when this process no longer can. It is told again and again for how long the
 * command may run. While this process is suspended, it suspends the command; when this process is gone, it asks the command to
 * end; and when the time that it was told last is over, it kills the command. Signals from the terminal do not reach it. There is
 * none without bash.
 */
final class Deputy implements AutoCloseable {
    private static final long BEAT_MS = 250;

    /** For a hold that has no end. */
    private static final long ENDLESS_MS = TimeUnit.DAYS.toMillis(1);

    private static final long TAKEN_AWAY_MS = 3000;

    private static final long GOODBYE_MS = 1000;

    private static final String SCRIPT = Programs.script("deputy.sh");

    private final LockHandle handle;
    private final Duration reserve;
    private final OutputStream out;
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread teller = new Thread(this::tell, "deputy");

    private Deputy(LockHandle handle, Duration reserve, OutputStream out) {
        this.handle = handle;
        this.reserve = reserve;
        this.out = out;
        teller.setDaemon(true);
    }

    /**
     * Starts it for a command that runs under that hold.
     *
     * @param reserve how long before the end of the lease the command is to be gone
     * @return empty if there is no bash
     * @throws IOException if it cannot be started
     */
    static Optional<Deputy> start(ProcessGroup command, LockHandle handle, Duration reserve) throws IOException {
        Optional<String> bash = Programs.find("bash");
        if (bash.isEmpty()) {
            return Optional.empty();
        }
        List<String> line = new ArrayList<>();
        // Out of reach for what is sent to the process group of this process.
        Programs.find("setsid").ifPresent(line::add);
        line.addAll(List.of(
                bash.get(),
                "-c",
                SCRIPT,
                "holdfast",
                command.target(),
                String.valueOf(ProcessHandle.current().pid()),
                String.valueOf(leftMs(handle, reserve))));
        Process process = new ProcessBuilder(line)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        Deputy deputy = new Deputy(handle, reserve, process.getOutputStream());
        deputy.teller.start();
        return Optional.of(deputy);
    }

    private static long leftMs(LockHandle handle, Duration reserve) {
        return handle.leaseLeft()
                // Of a hold that was taken away nothing is left: LeaseGuard, which is at work, gives the command a
                // moment.
                .map(left -> left.isZero()
                        ? TAKEN_AWAY_MS
                        : Math.max(0, left.minus(reserve).toMillis()))
                .orElse(ENDLESS_MS);
    }

    private void tell() {
        try (out) {
            do {
                write(String.valueOf(leftMs(handle, reserve)));
            } while (!done.await(BEAT_MS, TimeUnit.MILLISECONDS));
            write("done");
        } catch (IOException e) {
            // It is gone: with the command, or because somebody killed it. What it could do, LeaseGuard does.
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(String line) throws IOException {
        out.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    /** Sends it away: the command has ended. What it has left behind is spared. */
    @Override
    public void close() {
        done.countDown();
        try {
            // What it does not hear before the end of this process, it takes for that.
            teller.join(GOODBYE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
