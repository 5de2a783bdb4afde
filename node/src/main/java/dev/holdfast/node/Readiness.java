package dev.holdfast.node;

import dev.holdfast.client.remote.LeaderHint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits until a peer knows the leaders, or has caught up with them, and finds out which members do not answer. */
final class Readiness {
    private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);
    private static final long LOOK_EVERY_MS = 5;
    private static final long UNKNOWN = Long.MAX_VALUE;

    private final Member self;
    private final Supplier<List<Member>> members;
    private final List<NodeGroup> groups;
    private final BooleanSupplier running;

    /** @param running whether waiting any longer can help */
    Readiness(Member self, Supplier<List<Member>> members, List<NodeGroup> groups, BooleanSupplier running) {
        this.self = self;
        this.members = members;
        this.groups = groups;
        this.running = running;
    }

    /** Whether each group has a leader, as far as this peer knows, within that time. */
    boolean awaitLeader(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!groups.stream().allMatch(this::hasLeader)) {
            if (isOver(deadline)) {
                return false;
            }
            Thread.sleep(LOOK_EVERY_MS);
        }
        return true;
    }

    private boolean hasLeader(NodeGroup group) {
        LeaderHint leader = group.leader();
        return leader != null && (group.isLed() || !leader.peerId().equals(self.id()));
    }

    /** Whether this peer leads each group, or has applied what its leader had applied after this call, within that time. */
    boolean awaitCaughtUp(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        for (NodeGroup group : groups) {
            long target = UNKNOWN;
            while (!group.isLed() && group.appliedIndex() < target) {
                if (isOver(deadline)) {
                    return false;
                }
                target = target == UNKNOWN ? leadersAppliedIndex(group) : target;
                Thread.sleep(LOOK_EVERY_MS);
            }
        }
        return true;
    }

    private boolean isOver(long deadlineNanos) {
        return System.nanoTime() - deadlineNanos >= 0 || !running.getAsBoolean();
    }

    private List<Member> others() {
        return members.get().stream()
                .filter(member -> !member.id().equals(self.id()))
                .toList();
    }

    private long leadersAppliedIndex(NodeGroup group) throws InterruptedException {
        LeaderHint leader = group.leader();
        for (Member member : others()) {
            if (leader != null && member.id().equals(leader.peerId())) {
                try {
                    long applied = group.log().appliedIndexOf(member).get();
                    return applied < 0 ? UNKNOWN : applied;
                } catch (ExecutionException e) {
                    LOG.debug("The leader, {}, did not say how far it is", member.id(), e);
                }
            }
        }
        return UNKNOWN;
    }

    /** The ids of the other members that do not answer. Asks all of them at once. */
    List<String> silentMembers() throws InterruptedException {
        Map<String, CompletableFuture<Long>> answers = new LinkedHashMap<>();
        if (!groups.get(0).hasLog()) {
            return others().stream().map(Member::id).toList();
        }
        others().forEach(member -> answers.put(member.id(), groups.get(0).log().appliedIndexOf(member)));
        List<String> silent = new ArrayList<>();
        for (Map.Entry<String, CompletableFuture<Long>> answer : answers.entrySet()) {
            try {
                answer.getValue().get();
            } catch (ExecutionException e) {
                silent.add(answer.getKey());
            }
        }
        return silent;
    }
}
