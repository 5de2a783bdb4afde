package dev.holdfast.jepsen.checker;

import dev.holdfast.jepsen.checker.SimulatedLock.Bug;
import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Clients that use a {@link SimulatedLock} at the same time, in virtual time. */
final class SimulatedHistory {
    private static final int CLIENTS = 4;
    private static final int OPERATIONS = 60;
    private static final long TTL_MS = 20;

    private record Event(long nanos, Runnable action) {}

    private final Random random;
    private final SimulatedLock lock;
    private final int limit;
    private final PriorityQueue<Event> events = new PriorityQueue<>(Comparator.comparingLong(Event::nanos));
    private final List<Operation> history = new ArrayList<>();
    private int processes;
    private long now;

    private SimulatedHistory(long seed, int limit, Bug bug) {
        this.random = new Random(seed);
        this.lock = new SimulatedLock(bug);
        this.limit = limit;
    }

    static List<Operation> of(long seed, int limit, Bug bug) {
        return new SimulatedHistory(seed, limit, bug).run();
    }

    private List<Operation> run() {
        for (int i = 0; i < CLIENTS; i++) {
            new Client().later();
        }
        for (Event next = events.poll(); next != null; next = events.poll()) {
            now = next.nanos;
            next.action.run();
        }
        return history;
    }

    private long soon(int ms) {
        return now + 1 + (long) (random.nextDouble() * TimeUnit.MILLISECONDS.toNanos(ms));
    }

    /** Makes one call after another; after an unknown outcome another client takes its place. */
    private final class Client {
        private final int process = processes++;
        private final String owner = "owner-" + process;
        private long token;
        private long olderToken;
        private long believedUntil;

        void later() {
            if (history.size() < OPERATIONS) {
                events.add(new Event(soon(6), this::invoke));
            }
        }

        private void invoke() {
            Call call = nextCall();
            long invoked = now;
            if (call instanceof Call.Believe) {
                Result belief = now < believedUntil ? new Result.Done() : new Result.NotHeld();
                history.add(new Operation(process, "k", call, belief, invoked, now));
                later();
                return;
            }
            if (call instanceof Call.Release) {
                believedUntil = 0;
            }
            boolean answered = random.nextInt(16) != 0;
            if (answered || random.nextBoolean()) {
                events.add(new Event(soon(2), () -> {
                    Result result = lock.execute(call, now);
                    if (answered) {
                        events.add(new Event(soon(2), () -> complete(call, result, invoked)));
                    }
                }));
            }
            if (!answered) {
                history.add(
                        new Operation(process, "k", call, new Result.Unknown("no answer"), invoked, Operation.NEVER));
                new Client().later();
            }
        }

        private void complete(Call call, Result result, long invoked) {
            history.add(new Operation(process, "k", call, result, invoked, now));
            if (result instanceof Result.Granted granted) {
                if (granted.token() != token) {
                    olderToken = token;
                    token = granted.token();
                }
                believe(invoked);
            } else if (call instanceof Call.Extend && result instanceof Result.Done) {
                believe(invoked);
            }
            later();
        }

        private void believe(long invoked) {
            believedUntil = Math.max(believedUntil, invoked + TimeUnit.MILLISECONDS.toNanos(TTL_MS));
        }

        private Call nextCall() {
            int permits = limit == 1 ? 1 : 1 + random.nextInt(2);
            return switch (random.nextInt(12)) {
                case 0, 1, 2, 3 -> new Call.Acquire(owner, permits, limit, false, Call.Lease.TTL, TTL_MS);
                case 4, 5 -> new Call.Release(owner, token, 0);
                case 6 -> new Call.Release(owner, olderToken == 0 ? token : olderToken, limit == 1 ? 0 : 1);
                case 7 -> new Call.Extend(owner, token, TTL_MS);
                case 8, 9 -> new Call.Believe(owner, token);
                case 10 -> new Call.Inspect();
                default -> random.nextInt(4) == 0 ? new Call.ForceRelease() : new Call.Inspect();
            };
        }
    }
}
