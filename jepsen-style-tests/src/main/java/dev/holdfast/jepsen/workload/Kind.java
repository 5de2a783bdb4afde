package dev.holdfast.jepsen.workload;

import dev.holdfast.client.ClientOptions;
import java.time.Duration;

/** What callers can do. */
public enum Kind {
    /**
     * Mutexes, bound to a session or to a TTL, with waits, extensions, inspections and checks of what the client
     * believes.
     */
    MUTEX(8000, 25) {
        @Override
        Script script(WorkloadPlan plan) {
            return new MutexScript();
        }
    },
    /** The same with short sessions, which end soon after their client is paused or killed. */
    SESSIONS(1500, 25) {
        @Override
        Script script(WorkloadPlan plan) {
            return new MutexScript();
        }
    },
    /** Mutexes that are acquired several times over by their holders. */
    REENTRANT(8000, 20) {
        @Override
        Script script(WorkloadPlan plan) {
            return new ReentrantScript();
        }
    },
    /** A semaphore of five permits, one to three of which are asked for. */
    SEMAPHORE(8000, 12) {
        @Override
        Script script(WorkloadPlan plan) {
            return new SemaphoreScript();
        }
    },
    /** Many owners that wait for a mutex, served in the order in which they came. */
    QUEUE(8000, 25) {
        @Override
        Script script(WorkloadPlan plan) {
            return new QueueScript();
        }
    },
    /** Counters in a database, read and written under a mutex and guarded by its token. */
    FENCED(2000, 25) {
        @Override
        Script script(WorkloadPlan plan) {
            return new FencedScript(plan.database());
        }
    };

    private final Duration sessionLease;
    private final int grantsPerKey;

    Kind(long sessionLeaseMs, int grantsPerKey) {
        this.sessionLease = Duration.ofMillis(sessionLeaseMs);
        this.grantsPerKey = grantsPerKey;
    }

    /** What one caller does; each has a script of its own. */
    abstract Script script(WorkloadPlan plan);

    /** Whether the plan has to name a database. */
    public boolean needsDatabase() {
        return this == FENCED;
    }

    /** How many permits there are; 1 for a mutex. */
    public int limit() {
        return this == SEMAPHORE ? SemaphoreScript.LIMIT : 1;
    }

    int grantsPerKey() {
        return grantsPerKey;
    }

    /** The options of such callers' clients. */
    public ClientOptions clientOptions(String name) {
        return ClientOptions.defaults().name(name).sessionLease(sessionLease).requestTimeout(Duration.ofSeconds(5));
    }
}
