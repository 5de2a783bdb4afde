package dev.holdfast.spring.boot.actuate;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.spring.boot.actuate.SessionNews.News;
import dev.holdfast.spring.boot.actuate.SessionNews.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether locks can be taken here, in words. Down while no leader of each group answers, or the peer in this process is not well, or the
 * client's session is about to be lost. A session that was lost is told of, but does not keep it down: the next operation opens another, and
 * an application that gets no traffic would never do one.
 */
final class ClusterHealth {
    private final HoldfastClient client;
    private final SessionNews session;
    private final LocalPeer peer;
    private final Duration timeout;

    /**
     * What there is to say.
     *
     * @param details without secrets
     */
    record Verdict(boolean up, Map<String, Object> details) {}

    /** @param timeout for the cluster to answer, if there is no peer in this process to ask */
    ClusterHealth(HoldfastClient client, SessionNews session, LocalPeer peer, Duration timeout) {
        this.client = client;
        this.session = session;
        this.peer = peer;
        this.timeout = timeout;
    }

    /** Blocks for the timeout at most. */
    Verdict check() {
        Map<String, Object> details = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        if (peer.isThere()) {
            problems.addAll(peer.problems());
            details.putAll(peer.describe());
        } else {
            askForLeader(problems);
        }
        News news = session.last();
        if (news.state() == State.SUSPECT) {
            problems.add(
                    "the session of this client was not confirmed for half of its lease; if that goes on, all that it"
                            + " holds is lost");
        }
        details.put("session", news.state().words());
        Instant lostAt = news.lostAt();
        if (lostAt != null) {
            details.put("sessionLostAt", lostAt.toString());
        }
        if (!problems.isEmpty()) {
            details.put("reason", String.join("; ", problems));
        }
        return new Verdict(problems.isEmpty(), details);
    }

    private void askForLeader(List<String> problems) {
        try {
            if (!client.awaitConnected(timeout)) {
                problems.add("no leader of the cluster has answered within " + timeout.toMillis() + " ms");
            }
        } catch (LockException e) {
            problems.add(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problems.add("the check was interrupted");
        }
    }
}
