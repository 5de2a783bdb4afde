package dev.holdfast.node.internal.membership;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Who answers, and how far each is.
 *
 * @param applied for those that answered, up to which index they applied the log
 */
record Answers(Map<PeerId, Long> applied) {
    /** More than an answer takes. */
    private static final long TIMEOUT_S = 2;

    Answers {
        applied = Map.copyOf(applied);
    }

    /** Asks all of them at once, and blocks until they have answered, or for about a second. This peer always answers itself. */
    static Answers of(MemberControl.Group group, PeerId self, Stream<Peer> peers) throws InterruptedException {
        Map<PeerId, CompletableFuture<Long>> asked = new LinkedHashMap<>();
        peers.forEach(peer -> asked.put(
                peer.id(),
                peer.id().equals(self)
                        ? CompletableFuture.completedFuture(group.appliedIndex())
                        : group.appliedIndexOf(peer)));
        Map<PeerId, Long> applied = new LinkedHashMap<>();
        for (Map.Entry<PeerId, CompletableFuture<Long>> each : asked.entrySet()) {
            try {
                applied.put(each.getKey(), each.getValue().get(TIMEOUT_S, TimeUnit.SECONDS));
            } catch (ExecutionException | TimeoutException e) {
                // It does not answer.
            }
        }
        return new Answers(applied);
    }

    /** Whether it answered. */
    boolean has(PeerId peer) {
        return applied.containsKey(peer);
    }

    /** How far it is; -1 if it did not answer, or never applied anything. */
    long applied(PeerId peer) {
        return applied.getOrDefault(peer, -1L);
    }

    /** How many of those could be lost until there is no majority of them; negative if there is none. */
    int spare(List<Peer> voters) {
        int alive = (int) voters.stream().filter(voter -> has(voter.id())).count();
        return alive - (voters.size() / 2 + 1);
    }

    /** The names of those that do not answer. */
    List<String> silent(List<Peer> peers) {
        return peers.stream()
                .map(Peer::id)
                .filter(id -> !has(id))
                .map(PeerId::name)
                .toList();
    }

    /** The same, if those answer as well. */
    Answers and(Stream<PeerId> others) {
        Map<PeerId, Long> all = new LinkedHashMap<>(applied);
        others.forEach(other -> all.putIfAbsent(other, -1L));
        return new Answers(all);
    }
}
