package dev.holdfast.node.internal.leadership;

import dev.holdfast.node.internal.transport.FrameKind;
import dev.holdfast.node.internal.transport.Lane;
import dev.holdfast.node.internal.transport.Members;
import dev.holdfast.node.internal.transport.RefusedException;
import java.util.concurrent.CompletableFuture;

/**
 * Questions to other peers. The first: which term do you know, and how far are you? It serves to confirm leadership, to learn who
 * answers, and to know when a peer has caught up. The second: do you miss the leader as well?
 *
 * <p>See {@code docs/adr/001-confirm-leadership-by-term-probe.md}.
 */
public final class PeerProbe {
    private static final long TIMEOUT_MS = 1000;

    private final Members members;

    public PeerProbe(Members members) {
        this.members = members;
    }

    /** Greets that member; fails if there is no answer within about a second. */
    public CompletableFuture<Greeting> greet(String memberId, Greeting greeting) {
        return ask(FrameKind.GREETING, memberId, greeting);
    }

    /** Asks whether it misses the leader of the greeting's term; fails if it does not, or not say so within about a second. */
    public CompletableFuture<Greeting> missLeader(String memberId, Greeting greeting) {
        return ask(FrameKind.MISSES_LEADER, memberId, greeting);
    }

    private CompletableFuture<Greeting> ask(FrameKind question, String memberId, Greeting greeting) {
        try {
            return members.link(memberId, Lane.CONTROL)
                    .ask(question, greeting.encode(), TIMEOUT_MS)
                    .thenApply(Greeting::decode);
        } catch (RefusedException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
