package dev.holdfast.bench.cluster;

import dev.holdfast.server.process.ChildJvm;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** A process that takes a processor, at the priority of its parent, until its standard input ends or its time is over. */
public final class BusyProcess {
    private static final Duration READY_TIMEOUT = Duration.ofMinutes(1);

    /** Between two looks at the clock. */
    private static final int SPINS = 1_000_000;

    /** Argument: after how many seconds it ends by itself. */
    public static void main(String[] args) {
        long nanos = Duration.ofSeconds(Long.parseLong(args[0])).toNanos();
        long began = System.nanoTime();
        AtomicBoolean over = new AtomicBoolean();
        Thread watcher = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {
                    // Only the end matters.
                }
            } catch (IOException e) {
                // That is the end, too.
            }
            over.set(true);
        });
        watcher.setDaemon(true);
        watcher.start();
        System.out.println("busy");
        while (!over.get() && System.nanoTime() - began < nanos) {
            for (int i = 0; i < SPINS; i++) {
                Thread.onSpinWait();
            }
        }
    }

    /** As many as there are processors; to be closed by the caller. Blocks until all are busy. */
    public static Crew onAllProcessors(Duration atMost) throws IOException, InterruptedException {
        List<ChildJvm> started = new ArrayList<>();
        Crew crew = new Crew(started);
        try {
            for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
                started.add(ChildJvm.plan("a busy process", BusyProcess.class)
                        .jvmOptions(ChildJvm.SHORT_LIVED)
                        .jvmOptions("-Xmx16m")
                        .arguments(String.valueOf(atMost.toSeconds()))
                        .start());
            }
            for (ChildJvm each : started) {
                var unused = each.awaitReady(READY_TIMEOUT);
            }
            return crew;
        } catch (IOException | InterruptedException | RuntimeException e) {
            crew.close();
            throw e;
        }
    }

    /** Several of them. */
    public record Crew(List<ChildJvm> processes) implements AutoCloseable {
        public int size() {
            return processes.size();
        }

        /** How much processor time they have used. */
        public Duration cpu() {
            return processes.stream().map(ChildJvm::cpu).reduce(Duration.ZERO, Duration::plus);
        }

        /** Kills them. */
        @Override
        public void close() {
            ChildJvm.killAll(processes);
        }
    }

    private BusyProcess() {}
}
