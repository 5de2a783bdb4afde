package dev.holdfast.node.internal.transport;

import java.util.UUID;
import java.util.concurrent.CompletionStage;

/** Whom members talk to: answers their questions, and hears what the handshakes tell. */
public interface Host {
    /**
     * Answers a question.
     *
     * <p>{@link FrameKind#GREETING} and {@link FrameKind#APPEND} come on a thread of the network, and must not block for long; all
     * others on one of a pool. Questions of one connection come in their order.
     *
     * @param from the member that has proved to be at the other end
     * @param question of one of the kinds that have a lane
     * @return the answer's body. A {@link RefusedException} is told to the other; of any other failure only its text is
     * @throws RefusedException if it is refused; one for {@link Reason#FORGED} ends the connection
     */
    CompletionStage<byte[]> answer(String from, FrameKind question, byte[] body) throws RefusedException;

    /**
     * Whether that is a member of the cluster, or may be, as far as this one knows: whoever has just joined knows of nobody yet.
     *
     * @param id what it is in Raft
     */
    boolean isMember(String id);

    /** Whether the cluster ever had a leader, as far as this member knows. */
    boolean hasFormed();

    /** A member with the same secret is of another cluster. The network's thread. */
    void stranger(UUID cluster, boolean formed);

    /** A member's connection for entries has ended. The network's thread. */
    void entriesEnded(String from);
}
