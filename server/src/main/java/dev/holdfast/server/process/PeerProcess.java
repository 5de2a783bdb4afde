package dev.holdfast.server.process;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.node.Member;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A member of a cluster, run as a child JVM that can be killed and started again. The plan says which program it runs. Safe for use by several threads,
 * except that only one at a time may start, kill, suspend or resume it.
 */
public final class PeerProcess implements AutoCloseable {
    private final Member member;
    private final ChildJvm.Plan plan;
    private volatile @Nullable ChildJvm jvm;
    private volatile boolean suspended;

    public PeerProcess(Member member, ChildJvm.Plan plan) {
        this.member = member;
        this.plan = plan;
    }

    public Member member() {
        return member;
    }

    public String id() {
        return member.id();
    }

    /** Where a client reaches it. */
    public HostPort clientAddress() {
        return member.clientAddress();
    }

    /**
     * Starts it, for the first time or again.
     *
     * @throws IllegalStateException if it is up
     */
    public ChildJvm start() throws IOException {
        if (isUp()) {
            throw new IllegalStateException("peer " + id() + " is up");
        }
        ChildJvm started = plan.start();
        suspended = false;
        jvm = started;
        return started;
    }

    /**
     * Its JVM, or its last one if it is down.
     *
     * @throws IllegalStateException if it was never started
     */
    public ChildJvm jvm() {
        ChildJvm current = jvm;
        if (current == null) {
            throw new IllegalStateException("peer " + id() + " was not started");
        }
        return current;
    }

    /** Whether its JVM runs, suspended or not. */
    public boolean isUp() {
        ChildJvm current = jvm;
        return current != null && current.isAlive();
    }

    public boolean isSuspended() {
        return suspended;
    }

    /** Suspends it, with SIGSTOP. */
    public void suspend() throws IOException, InterruptedException {
        suspended = true;
        jvm().suspend();
    }

    public void resume() throws IOException, InterruptedException {
        jvm().resume();
        suspended = false;
    }

    /** Sends SIGKILL, and blocks until it is gone. Does nothing if it is down. */
    public void kill() {
        ChildJvm current = jvm;
        if (current != null) {
            current.kill();
        }
        suspended = false;
    }

    /** Kills it. */
    @Override
    public void close() {
        kill();
    }

    @Override
    public String toString() {
        return id();
    }
}
