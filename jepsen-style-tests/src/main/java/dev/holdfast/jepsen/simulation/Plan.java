package dev.holdfast.jepsen.simulation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * What is done in one run, and when. Everything else follows from the seed too, so a plan with fewer steps can be
 * repeated as well.
 */
record Plan(long seed, List<Step> steps) {
    static final int PEERS = 3;
    static final int CLIENTS = 4;
    static final int CALLERS_PER_CLIENT = 2;
    static final int LENGTH_MS = 20_000;

    private static final int ASKS = 40;
    private static final int DISTURBANCES_MAX = 24;
    private static final int ENTANGLED_ONE_IN = 4;
    private static final int FORCES_ONE_IN = 3;
    private static final int FORCES_MAX = 3;
    private static final int TOGETHER_MAX = 16;
    private static final int KEPT_ONE_IN = 12;
    private static final int KEPT_MS_MAX = 25_000;
    private static final int TIMEOUT_ONE_IN = 6;
    private static final int THREADS_ONE_IN = 2;
    private static final int ENTRIES_MAX = 40;
    private static final int INTERRUPTS_MAX = 40;

    /** A hold with a TTL outlives the session that acquired it, and another session may join it. */
    private static final Disturbance[] SESSION_LOSERS = {Disturbance.CLIENT_PAUSES, Disturbance.CLIENT_IS_CUT_OFF};

    Plan {
        steps = List.copyOf(steps);
    }

    /** Something that is done once. */
    sealed interface Step {
        long atMs();
    }

    /**
     * A caller acquires a lockable, checks what its client believes, perhaps extends it or acquires more, and releases
     * it.
     *
     * @param permits of a semaphore
     * @param times how often to acquire before releasing
     * @param ttlMs 0 for a hold that lasts as long as the session
     * @param furtherTtlMs the same for what is acquired after the first
     * @param oldestFirst whether what was acquired first is released first
     * @param waitMs 0 not to queue
     * @param giveUpMs when to give up the first acquire; 0 for never
     * @param hasty whether to acquire once more without waiting for the release; of a plain mutex only
     * @param keptMs how long it is kept if it is to last until it is released; else 0
     * @param timeoutMs within what time each acquire is to end; 0 for what follows from its wait
     */
    record Ask(
            long atMs,
            int caller,
            SimulatedLockable lockable,
            int permits,
            int times,
            long ttlMs,
            long furtherTtlMs,
            boolean oldestFirst,
            long waitMs,
            long giveUpMs,
            boolean extend,
            boolean hasty,
            long keptMs,
            long timeoutMs)
            implements Step {
        /** @param time 1 for the first acquire */
        long ttlMs(int time) {
            return time == 1 ? ttlMs : furtherTtlMs;
        }
    }

    /**
     * A caller asks who holds a lockable and who waits for it.
     *
     * @param peer whom it asks; -1 for the one that its client believes to lead
     */
    record Look(long atMs, int caller, SimulatedLockable lockable, int peer) implements Step {}

    /**
     * A caller acquires both mutexes at once.
     *
     * @param reversed whether the reentrant one is named first
     * @param ttlMs 0 for holds that last as long as the session
     * @param waitMs 0 not to queue
     * @param giveUpMs when to give up; 0 for never
     */
    record Together(long atMs, int caller, boolean reversed, long ttlMs, long waitMs, long giveUpMs) implements Step {
        /** What it would be to acquire each of them by itself. */
        List<Ask> asks() {
            List<Ask> asks = new ArrayList<>();
            for (SimulatedLockable each : List.of(SimulatedLockable.MUTEX, SimulatedLockable.REENTRANT_MUTEX)) {
                asks.add(reversed ? 0 : asks.size(), ask(each));
            }
            return asks;
        }

        private Ask ask(SimulatedLockable lockable) {
            return new Ask(atMs, caller, lockable, 1, 1, ttlMs, ttlMs, false, waitMs, giveUpMs, false, false, 0, 0);
        }
    }

    /** A caller takes a lockable from whoever holds it. */
    record Force(long atMs, int caller, SimulatedLockable lockable) implements Step {}

    /** How a thread takes a lock. */
    enum How {
        LOCK,
        LOCK_INTERRUPTIBLY,
        TRY,
        TRY_FOR
    }

    /**
     * A thread takes the lock of all threads, and lets go of it.
     *
     * @param waitMs how long {@link How#TRY_FOR} waits
     * @param nested whether it takes it once more when it has it
     * @param last whether it has to be sure that it has let go
     */
    record Enter(long atMs, int caller, How how, long waitMs, boolean nested, long insideMs, boolean last)
            implements Step {}

    /** A thread is interrupted, whatever it does. */
    record Interrupt(long atMs, int caller) implements Step {}

    /** What can go wrong. */
    enum Disturbance {
        ELECTION,
        LEADER_FLAPS,
        PEER_CRASHES,
        ALL_PEERS_CRASH,
        PEER_PAUSES,
        CLIENT_PAUSES,
        CLIENT_DIES,
        CLIENT_CLOSES,
        CLIENT_IS_CUT_OFF,
        NETWORK_WORSENS,
        SNAPSHOT,
        SNAPSHOT_IS_INSTALLED
    }

    /** @param forMs how long it lasts, unless it cannot be undone */
    record Disturb(long atMs, Disturbance what, int who, long forMs) implements Step {}

    static Plan of(long seed) {
        Random random = new Random(seed);
        List<Step> steps = new ArrayList<>();
        List<SimulatedLockable> all = new ArrayList<>(List.of(SimulatedLockable.values()));
        Collections.shuffle(all, random);
        SimulatedLockable[] contended =
                all.subList(0, 1 + random.nextInt(all.size())).toArray(SimulatedLockable[]::new);
        for (int i = 0; i < ASKS; i++) {
            steps.add(anyAsk(random, anyOf(random, contended), isEntangled(seed)));
        }
        for (int i = random.nextInt(DISTURBANCES_MAX); i > 0; i--) {
            boolean losesSession = isEntangled(seed) && random.nextBoolean();
            Disturbance what = anyOf(random, losesSession ? SESSION_LOSERS : Disturbance.values());
            steps.add(new Disturb(random.nextInt(LENGTH_MS), what, random.nextInt(60), 50 + random.nextInt(4000)));
        }
        for (int i = random.nextInt(FORCES_ONE_IN) == 0 ? 1 + random.nextInt(FORCES_MAX) : 0; i > 0; i--) {
            steps.add(new Force(random.nextInt(LENGTH_MS), anyCaller(random), anyOf(random, contended)));
        }
        addTogether(seed, steps);
        addThreads(seed, steps);
        steps.sort(Comparator.comparingLong(Step::atMs));
        return new Plan(seed, steps);
    }

    /** From numbers of their own, so that they leave the rest of the plan as it is. */
    private static void addTogether(long seed, List<Step> steps) {
        if (isEntangled(seed) || sharesMutex(seed)) {
            return;
        }
        Random random = new Random(~seed);
        for (int i = random.nextInt(TOGETHER_MAX); i > 0; i--) {
            steps.add(new Together(
                    random.nextInt(LENGTH_MS),
                    anyCaller(random),
                    random.nextBoolean(),
                    random.nextBoolean() ? 0 : anyTtl(random),
                    random.nextInt(4) == 0 ? 0 : 100 + random.nextInt(4000),
                    random.nextInt(3) == 0 ? 1 + random.nextInt(random.nextBoolean() ? 20 : 1500) : 0));
        }
    }

    /** Likewise. */
    private static void addThreads(long seed, List<Step> steps) {
        Random random = new Random(seed ^ 0x5DEECE66DL);
        if (random.nextInt(THREADS_ONE_IN) > 0) {
            return;
        }
        for (int i = 2 + random.nextInt(ENTRIES_MAX); i > 0; i--) {
            steps.add(anyEnter(random, random.nextInt(LENGTH_MS), anyCaller(random), false));
        }
        for (int i = random.nextInt(INTERRUPTS_MAX); i > 0; i--) {
            steps.add(new Interrupt(random.nextInt(LENGTH_MS), anyCaller(random)));
        }
        for (int caller = 0; caller < CLIENTS * CALLERS_PER_CLIENT; caller++) {
            steps.add(anyEnter(random, LENGTH_MS - 1, caller, true));
        }
    }

    private static Enter anyEnter(Random random, long atMs, int caller, boolean last) {
        return new Enter(
                atMs,
                caller,
                anyOf(random, How.values()),
                1 + random.nextInt(3000),
                random.nextInt(4) == 0,
                random.nextInt(random.nextInt(4) == 0 ? 3000 : 300),
                last);
    }

    private static <T> T anyOf(Random random, T[] values) {
        return values[random.nextInt(values.length)];
    }

    private static Step anyAsk(Random random, SimulatedLockable lockable, boolean mayMix) {
        long at = random.nextInt(LENGTH_MS);
        int caller = anyCaller(random);
        if (random.nextInt(4) == 0) {
            return new Look(at, caller, lockable, random.nextBoolean() ? -1 : random.nextInt(PEERS));
        }
        boolean kept = random.nextInt(KEPT_ONE_IN) == 0;
        boolean ttl = !kept && random.nextBoolean();
        boolean mixed = random.nextBoolean() && mayMix;
        return new Ask(
                at,
                caller,
                lockable,
                1 + random.nextInt(lockable.limit()),
                kept || lockable == SimulatedLockable.MUTEX ? 1 : 1 + random.nextInt(mayMix ? 3 : 2),
                ttl ? anyTtl(random) : 0,
                ttl != mixed ? anyTtl(random) : 0,
                random.nextBoolean(),
                random.nextInt(3) == 0 ? 0 : 100 + random.nextInt(4000),
                random.nextInt(8) == 0 ? 1 + random.nextInt(1500) : 0,
                ttl && random.nextInt(3) == 0,
                !kept && lockable == SimulatedLockable.MUTEX && random.nextInt(3) == 0,
                kept ? 1 + random.nextInt(KEPT_MS_MAX) : 0,
                random.nextInt(TIMEOUT_ONE_IN) == 0 ? 1 + random.nextInt(3000) : 0);
    }

    private static int anyCaller(Random random) {
        return random.nextInt(CLIENTS * CALLERS_PER_CLIENT);
    }

    private static int anyTtl(Random random) {
        return 300 + random.nextInt(random.nextInt(3) == 0 ? 8000 : 2000);
    }

    /**
     * Whether callers of two clients share owners, and acquire holds with leases of two kinds. No client can know what
     * such a hold counts, so fewer checks apply to its history.
     */
    boolean isEntangled() {
        return isEntangled(seed);
    }

    private static boolean isEntangled(long seed) {
        return Math.floorMod(seed, ENTANGLED_ONE_IN) == 0;
    }

    /**
     * Whether that caller shares its owner with a caller of another client. Only for holds that count: whoever releases
     * a plain mutex releases it for all.
     */
    boolean sharesOwner(int caller) {
        return isEntangled() && caller % CALLERS_PER_CLIENT == 0 && caller / CALLERS_PER_CLIENT < 2;
    }

    /** Whether the callers of one client act as one owner of the plain mutex: whoever releases it releases it for both. */
    boolean sharesMutex() {
        return sharesMutex(seed);
    }

    private static boolean sharesMutex(long seed) {
        return Math.floorMod(seed, ENTANGLED_ONE_IN) == 1;
    }

    /** Whether there are threads that wait in their calls. */
    boolean hasThreads() {
        return steps.stream().anyMatch(step -> step instanceof Enter || step instanceof Interrupt);
    }

    /** A copy with only those of its steps. */
    Plan only(List<Integer> kept) {
        return new Plan(seed, kept.stream().map(steps::get).toList());
    }
}
