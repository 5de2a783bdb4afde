package dev.holdfast.client.support;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs a scenario once for every order of its threads' steps, from one {@link Race#pause} to the next, one thread at a time.
 * What it finds it finds every time, on any machine.
 *
 * <p>A thread that waits for a lock which a paused thread holds does not count as able to go on. Two threads that wait for
 * each other are a deadlock, and that is a failure.
 */
public final class EveryOrder {
    private static final int ORDERS_MAX = 50_000;
    private static final long STEP_NANOS_MAX = TimeUnit.MINUTES.toNanos(2);

    /** Runs the scenario, which asserts what it must, in every order. Returns how many there were. */
    public static int holds(Consumer<Race> scenario) {
        Search search = new Search();
        do {
            try {
                scenario.accept(search);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("order " + search.taken() + ": " + e.getMessage(), e);
            }
        } while (search.next());
        return search.orders;
    }

    /** The same for a scenario that must not hold: the one with the race put in. */
    public static void breaks(Consumer<Race> scenario) {
        Search search = new Search();
        do {
            try {
                scenario.accept(search);
            } catch (RuntimeException | AssertionError found) {
                return;
            }
        } while (search.next());
        throw new AssertionError("none of " + search.orders + " orders breaks it");
    }

    /** One choice among the threads that could go on. */
    private static final class Choice {
        final int options;
        int taken;

        Choice(int options) {
            this.options = options;
        }
    }

    /** Depth first: repeats the choices of the last run up to the last one that has an option left, and takes that. */
    private static final class Search implements Race {
        private final List<Choice> choices = new ArrayList<>();
        private int made;
        private int orders;

        boolean next() {
            orders++;
            if (orders > ORDERS_MAX) {
                throw new AssertionError("more than " + ORDERS_MAX + " orders");
            }
            while (!choices.isEmpty()) {
                Choice last = choices.get(choices.size() - 1);
                if (++last.taken < last.options) {
                    made = 0;
                    return true;
                }
                choices.remove(choices.size() - 1);
            }
            return false;
        }

        List<Integer> taken() {
            return choices.stream().map(choice -> choice.taken).toList();
        }

        private int choose(int options) {
            if (made == choices.size()) {
                choices.add(new Choice(options));
            }
            return choices.get(made++).taken;
        }

        @Override
        public void pause() {
            if (Thread.currentThread() instanceof Actor actor) {
                actor.pauseHere();
            }
        }

        @Override
        public void together(Runnable first, Runnable second) {
            List<Actor> both = List.of(new Actor(first), new Actor(second));
            both.forEach(Thread::start);
            awaitRest(both);
            for (List<Actor> able = able(both); !able.isEmpty(); able = able(both)) {
                able.get(able.size() == 1 ? 0 : choose(able.size())).step();
                awaitRest(both);
            }
            if (both.stream().anyMatch(Actor::isAlive)) {
                throw new AssertionError("deadlock");
            }
            both.forEach(Actor::rethrow);
        }

        // Twice: one that waited when it was looked at may have been let go by the other, which was looked at later.
        @SuppressWarnings("ThreadPriorityCheck")
        private static void awaitRest(List<Actor> actors) {
            long startNanos = System.nanoTime();
            int passes = 0;
            while (passes < 2) {
                passes = actors.stream().allMatch(actor -> actor.isAtRest(actors)) ? passes + 1 : 0;
                if (System.nanoTime() - startNanos > STEP_NANOS_MAX) {
                    throw new AssertionError("a step does not end");
                }
                Thread.yield();
            }
        }

        private static List<Actor> able(List<Actor> actors) {
            return actors.stream().filter(Actor::isPaused).toList();
        }
    }

    private static final class Actor extends Thread {
        private final Semaphore go = new Semaphore(0);
        private final Runnable task;
        private volatile boolean paused;
        private volatile boolean resuming;
        private volatile @Nullable Throwable failure;

        Actor(Runnable task) {
            this.task = task;
            setDaemon(true);
        }

        @Override
        public void run() {
            pauseHere();
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                failure = e;
            }
        }

        void pauseHere() {
            paused = true;
            go.acquireUninterruptibly();
            resuming = false;
        }

        boolean isPaused() {
            return paused;
        }

        void step() {
            paused = false;
            resuming = true;
            go.release();
        }

        /** Whether it is paused, at its end, or waits for a lock that one of those has. */
        boolean isAtRest(List<Actor> actors) {
            return paused || !isAlive() || (!resuming && isWaitingForOneOf(actors));
        }

        // A lock that is free again has no owner, even before the thread that waited for it wakes up. A lock that any
        // other
        // thread has, such as that of a log, will be free without a step of anybody.
        private boolean isWaitingForOneOf(List<Actor> actors) {
            Thread.State state = getState();
            if (state != Thread.State.WAITING && state != Thread.State.BLOCKED) {
                return false;
            }
            ThreadInfo info = ManagementFactory.getThreadMXBean().getThreadInfo(getId());
            return info != null && actors.stream().anyMatch(actor -> actor.getId() == info.getLockOwnerId());
        }

        void rethrow() {
            if (failure != null) {
                throw new AssertionError(failure.getMessage(), failure);
            }
        }
    }

    private EveryOrder() {}
}
