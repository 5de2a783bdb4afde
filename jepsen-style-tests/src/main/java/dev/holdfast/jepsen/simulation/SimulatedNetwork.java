package dev.holdfast.jepsen.simulation;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Carries messages between processes: late, out of order, twice or never; now and then it is much worse than usual. */
final class SimulatedNetwork {
    private static final long LATENCY_MIN = TimeUnit.MICROSECONDS.toNanos(1100);
    private static final long LATENCY_USUAL = TimeUnit.MILLISECONDS.toNanos(3);
    private static final long HELD_UP = TimeUnit.MILLISECONDS.toNanos(4000);
    private static final long LATENCY_BAD = TimeUnit.MILLISECONDS.toNanos(1200);
    private static final long REPEATED_AFTER = TimeUnit.SECONDS.toNanos(4);

    private final Scheduler scheduler;
    private final Random random;
    private boolean healed;
    private long badUntilNanos;
    private final Map<SimulatedProcess, Long> cutOffUntil = new HashMap<>();

    SimulatedNetwork(Scheduler scheduler, Random random) {
        this.scheduler = scheduler;
        this.random = random;
    }

    /** Loses and delays many messages for that long. */
    void worsen(long nanos) {
        badUntilNanos = Math.max(badUntilNanos, scheduler.nowNanos() + nanos);
    }

    /** Cuts the process off for that long. */
    void cutOff(SimulatedProcess process, long nanos) {
        cutOffUntil.put(process, scheduler.nowNanos() + nanos);
    }

    private boolean isCutOff(SimulatedProcess process) {
        return !healed && cutOffUntil.getOrDefault(process, 0L) > scheduler.nowNanos();
    }

    /** From now on it works well. */
    void heal() {
        healed = true;
    }

    boolean isHealed() {
        return healed;
    }

    private boolean isBad() {
        return !healed && scheduler.nowNanos() < badUntilNanos;
    }

    /** Whether to lose the next message between those. */
    boolean loses(SimulatedProcess one, SimulatedProcess other) {
        return isCutOff(one) || isCutOff(other) || losesAny();
    }

    private boolean losesAny() {
        return !healed && random.nextInt(1000) < (isBad() ? 250 : 5);
    }

    long latencyNanos() {
        boolean slow = isBad() && random.nextInt(3) == 0;
        return LATENCY_MIN + random.nextLong(slow ? LATENCY_BAD : LATENCY_USUAL);
    }

    /** Of what follows others on a stream: all of it waits where one is held up. */
    long streamLatencyNanos() {
        boolean heldUp = isBad() && random.nextInt(6) == 0;
        return heldUp ? random.nextLong(HELD_UP) : latencyNanos();
    }

    /** Delivers it once, later or not at all. */
    void send(SimulatedProcess from, SimulatedProcess to, Runnable delivery) {
        if (!loses(from, to)) {
            scheduler.after(latencyNanos(), () -> to.run(delivery));
        }
    }

    /** Perhaps delivers it once more, perhaps after its sender has forgotten it. */
    void repeat(SimulatedProcess to, Runnable delivery) {
        if (!healed && random.nextInt(5) == 0) {
            long longest = random.nextBoolean() ? LATENCY_USUAL : REPEATED_AFTER;
            scheduler.after(LATENCY_MIN + random.nextLong(longest), () -> to.run(delivery));
        }
    }
}
