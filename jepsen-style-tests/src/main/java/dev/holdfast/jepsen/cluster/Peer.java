package dev.holdfast.jepsen.cluster;

import dev.holdfast.node.Member;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A member of a {@link RealCluster}, whose process comes and goes. */
public final class Peer {
    private final Member member;
    private final int number;
    private final Path folder;
    volatile @Nullable PeerProcess process;
    volatile boolean paused;

    Peer(Member member, int number, Path folder) {
        this.member = member;
        this.number = number;
        this.folder = folder;
    }

    public String id() {
        return member.id();
    }

    public Member member() {
        return member;
    }

    /** 0 for the first. */
    public int number() {
        return number;
    }

    /** Its data folder. */
    public Path folder() {
        return folder;
    }

    /** What its processes logged. */
    public Path log() {
        return folder.resolveSibling(id() + ".log");
    }

    public boolean isPaused() {
        return paused;
    }

    /** Whether its process runs, paused or not. */
    public boolean isUp() {
        PeerProcess now = process;
        return now != null && now.isAlive();
    }

    /** Why its last process stopped by itself; {@code null} if it has not. */
    public @Nullable String failure() {
        PeerProcess now = process;
        return now == null ? null : now.failure();
    }

    boolean answers() {
        return isUp() && !paused;
    }

    PeerProcess process() {
        PeerProcess now = process;
        if (now == null) {
            throw new IllegalStateException(id() + " was not started");
        }
        return now;
    }

    @Override
    public String toString() {
        return id();
    }
}
