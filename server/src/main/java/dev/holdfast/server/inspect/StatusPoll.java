package dev.holdfast.server.inspect;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.PeerStatus;
import dev.holdfast.server.process.Daemons;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Asks peers for their status, all at once, and the members that their answers name as soon as they are named: one that is silent
 * takes no time from the others, and each has until the same deadline.
 */
final class StatusPoll {

    /** Asks one peer. */
    interface Question {

        /**
         * Blocks until it has answered.
         *
         * @param timeLeft how long it may take, positive
         * @return empty if it does not answer
         */
        Optional<PeerStatus> ask(HostPort peer, Duration timeLeft);
    }

    private record Reply(HostPort peer, Optional<PeerStatus> status) {}

    private final Question question;
    private final Predicate<PeerStatus> isMeant;
    private final long deadlineNanos;
    private final BlockingQueue<Reply> replies = new LinkedBlockingQueue<>();
    private final Map<HostPort, Optional<PeerStatus>> asked = new LinkedHashMap<>();

    /**
     * @param isMeant whether the members that such an answer names are to be asked, too
     * @param timeout for all of it
     */
    StatusPoll(Question question, Predicate<PeerStatus> isMeant, Duration timeout) {
        this.question = question;
        this.isMeant = isMeant;
        this.deadlineNanos = System.nanoTime() + timeout.toNanos();
    }

    /**
     * Blocks until all have answered or cannot be reached, or the time is up. To be called once.
     *
     * @return what each has answered, in the order in which they were asked; empty for those that have not
     */
    Map<HostPort, Optional<PeerStatus>> run(Collection<HostPort> peers) throws InterruptedException {
        peers.forEach(this::ask);
        for (int silent = asked.size(); silent > 0; silent--) {
            Reply reply = replies.poll(leftNanos(), TimeUnit.NANOSECONDS);
            if (reply == null) {
                break;
            }
            asked.put(reply.peer, reply.status);
            int before = asked.size();
            reply.status.filter(isMeant).ifPresent(status -> status.members().forEach(member -> ask(member.clients())));
            silent += asked.size() - before;
        }
        return asked;
    }

    private long leftNanos() {
        return deadlineNanos - System.nanoTime();
    }

    private void ask(HostPort peer) {
        if (asked.putIfAbsent(peer, Optional.empty()) == null) {
            Daemons.start("status of " + peer, () -> replies.add(new Reply(peer, answerOf(peer))));
        }
    }

    private Optional<PeerStatus> answerOf(HostPort peer) {
        long leftNanos = leftNanos();
        return leftNanos <= 0 ? Optional.empty() : question.ask(peer, Duration.ofNanos(leftNanos));
    }
}
