package dev.holdfast.node.support;

import com.google.protobuf.ByteString;
import dev.holdfast.client.v1.ClientFrame;
import dev.holdfast.client.v1.HelloFrame;
import dev.holdfast.client.v1.KeepAliveFrame;
import dev.holdfast.client.v1.QueryFrame;
import dev.holdfast.client.v1.ServerFrame;
import dev.holdfast.client.v1.SubmitFrame;
import dev.holdfast.client.v1.SubscribeFrame;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LockableKind;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.codec.BatchCodec;
import dev.holdfast.protocol.codec.MalformedMessageException;
import dev.holdfast.protocol.codec.QueryCodec;
import dev.holdfast.protocol.codec.ReplyCodec;
import dev.holdfast.protocol.codec.TermCodec;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** What raw clients say. */
public final class Frames {

    public static ClientFrame hello(int version, String name) {
        return ClientFrame.newBuilder()
                .setHello(HelloFrame.newBuilder().setProtocolVersion(version).setClientName(name))
                .build();
    }

    public static ClientFrame keepAlive(long requestId, SessionId session) {
        return ClientFrame.newBuilder()
                .setKeepAlive(
                        KeepAliveFrame.newBuilder().setRequestId(requestId).setSession(TermCodec.encode(session)))
                .build();
    }

    public static ClientFrame subscribe(long id, SessionId session) {
        return ClientFrame.newBuilder()
                .setSubscribe(SubscribeFrame.newBuilder().setSubscriptionId(id).setSession(TermCodec.encode(session)))
                .build();
    }

    public static ClientFrame query(long requestId, Query query) {
        return ClientFrame.newBuilder()
                .setQuery(QueryFrame.newBuilder().setRequestId(requestId).setQuery(QueryCodec.encode(query)))
                .build();
    }

    public static ClientFrame submit(long requestId, SessionBatch batch) {
        return ClientFrame.newBuilder()
                .setSubmit(SubmitFrame.newBuilder()
                        .setRequestId(requestId)
                        .setBatch(ByteString.copyFrom(BatchCodec.encode(batch))))
                .build();
    }

    public static SessionBatch batch(SessionId session, List<SequencedCommand> commands) {
        return new SessionBatch(session, 0, 0, commands);
    }

    public static SessionBatch batch(SessionId session, long sequence, Command.ClientCommand command) {
        return batch(session, List.of(new SequencedCommand(sequence, command)));
    }

    public static Command.Acquire acquire(String key, String owner, Lease lease, long waitMs) {
        return new Command.Acquire(
                new LockableKey(LockableKind.MUTEX, key), Owner.of("raw", owner), 1, 1, false, lease, waitMs);
    }

    /** Opens a session under the request id 1. */
    public static SessionId openSession(RawClient client, long leaseMs) throws Exception {
        SessionId nonce = new SessionId(ThreadLocalRandom.current().nextLong(), 0);
        client.send(submit(1, batch(nonce, 0, new Command.OpenSession(leaseMs, "here", "raw"))));
        return ((Outcome.SessionOpened) outcome(client.next())).session();
    }

    /** The first outcome of a reply. */
    public static Outcome outcome(ServerFrame frame) throws MalformedMessageException {
        if (!frame.hasSubmitReply()) {
            throw new AssertionError("no reply to a batch: " + frame);
        }
        return ReplyCodec.decode(frame.getSubmitReply().getReply())
                .outcomes()
                .get(0)
                .outcome();
    }

    private Frames() {}
}
