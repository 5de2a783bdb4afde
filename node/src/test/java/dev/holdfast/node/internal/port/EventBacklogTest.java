package dev.holdfast.node.internal.port;

import static dev.holdfast.node.internal.port.PortFixture.CLUSTER;
import static dev.holdfast.node.internal.port.PortFixture.get;
import static dev.holdfast.node.internal.port.PortFixture.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemotePeers;
import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.v1.ClientFrame;
import dev.holdfast.client.v1.KeepAliveFrame;
import dev.holdfast.client.v1.ServerFrame;
import dev.holdfast.client.v1.SubmitFrame;
import dev.holdfast.client.v1.SubscribeFrame;
import dev.holdfast.node.gateway.LocalLeader;
import dev.holdfast.node.leader.LeaderTerm;
import dev.holdfast.node.leader.Replica;
import dev.holdfast.node.leader.ReplicatedLog;
import dev.holdfast.node.support.RawClient;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.codec.BatchCodec;
import dev.holdfast.protocol.codec.TermCodec;
import dev.holdfast.statemachine.Applied;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A session comes back to more events than its connection may have waiting. */
class EventBacklogTest {
    private static final Owner OWNER = Owner.of("user", "alice");
    private static final int ROBBED_PER_ENTRY = 500;

    @RegisterExtension
    final PortFixture fixture = new PortFixture();

    private final Replica replica = new Replica();
    private final Log log = new Log();
    private SessionId victim;
    private SessionId thief;
    private long lastSequence;

    private final class Log implements ReplicatedLog {
        private long lastIndex;

        @Override
        public synchronized CompletableFuture<Applied> append(long term, long stampMs, Batch batch) {
            return CompletableFuture.completedFuture(replica.apply(++lastIndex, stampMs, batch));
        }

        @Override
        public CompletableFuture<Void> confirmLeadership(long term) {
            return CompletableFuture.completedFuture(null);
        }
    }

    @BeforeEach
    void open_sessions() {
        victim = open(1);
        thief = open(2);
    }

    private SessionId open(long nonce) {
        SessionBatch batch = new SessionBatch(
                new SessionId(nonce, 0),
                0,
                0,
                List.of(new SequencedCommand(0, new Command.OpenSession(3_600_000, "host", "name"))));
        Applied applied = log.append(1, 0, Batch.of(batch)).join();
        return ((Outcome.SessionOpened)
                        applied.replies().get(0).outcomes().get(0).outcome())
                .session();
    }

    /** The victim loses that many locks, each with a long key, and does not acknowledge that. */
    private void rob(int events) {
        for (int robbed = 0; robbed < events; robbed += ROBBED_PER_ENTRY) {
            List<SequencedCommand> holds = new ArrayList<>();
            List<SequencedCommand> thefts = new ArrayList<>();
            for (int i = 0; i < ROBBED_PER_ENTRY; i++) {
                LockableKey key = LockableKey.mutex("x".repeat(1000) + i);
                lastSequence++;
                holds.add(new SequencedCommand(
                        lastSequence, new Command.Acquire(key, OWNER, 1, 1, false, Lease.UNTIL_RELEASED, 0)));
                thefts.add(new SequencedCommand(lastSequence, new Command.ForceRelease(key, 0)));
            }
            log.append(
                    1,
                    0,
                    Batch.of(
                            new SessionBatch(victim, lastSequence - ROBBED_PER_ENTRY, 0, holds),
                            new SessionBatch(thief, lastSequence - ROBBED_PER_ENTRY, 0, thefts)));
        }
    }

    private HostPort serve(PortLimits limits) throws Exception {
        ManualTimers timers = new ManualTimers();
        LeaderTerm term = new LeaderTerm(1, replica, log, timers);
        replica.onApplied(term::applied);
        LocalLeader leader = new LocalLeader();
        leader.begin(term);
        ClientPort port = fixture.closing(ClientPort.builder()
                .host("127.0.0.1")
                .port(0)
                .clusterId(() -> CLUSTER)
                .peerId("a")
                .group((caller, address) -> leader, () -> null)
                .limits(limits)
                .build());
        port.start();
        // Keep-alives wait for company, and this time stands still.
        fixture.timers.scheduleWithFixedDelay(
                () -> timers.advance(Duration.ofMillis(100)), 1, 1, TimeUnit.MILLISECONDS);
        return new HostPort("127.0.0.1", port.port());
    }

    private SessionBatch acknowledgement() {
        return new SessionBatch(
                victim, lastSequence, 0, List.of(new SequencedCommand(++lastSequence, new Command.Acknowledge())));
    }

    private static Long[] numbers(long to) {
        return LongStream.rangeClosed(1, to).boxed().toArray(Long[]::new);
    }

    @Test
    void a_slow_reader_gets_all_of_it_in_order_over_one_connection_and_its_replies_in_between() throws Exception {
        rob(2000);
        PortLimits limits = PortLimits.defaults().withUnreadBytesMax(300_000).withEventBytesMax(50_000);
        RawClient client = fixture.closing(new RawClient(serve(limits), false));
        client.hello(1, "");
        client.send(ClientFrame.newBuilder()
                .setSubscribe(SubscribeFrame.newBuilder().setSubscriptionId(1).setSession(TermCodec.encode(victim)))
                .build());

        List<Long> received = new ArrayList<>();
        int asked = 0;
        int answered = 0;
        while (received.size() < 2500) {
            if (received.size() > 1500 && lastSequence <= 2000) {
                // More happens before all that waited has come.
                rob(500);
            }
            asked++;
            client.send(ClientFrame.newBuilder()
                    .setKeepAlive(
                            KeepAliveFrame.newBuilder().setRequestId(asked).setSession(TermCodec.encode(victim)))
                    .build());
            client.read(1);
            ServerFrame frame = client.next();
            if (frame.hasEvents()) {
                frame.getEvents().getEventsList().forEach(event -> received.add(event.getNumber()));
            } else if (frame.hasKeepAliveReply()) {
                answered++;
            } else {
                assertThat(frame.hasWelcome()).as("%s", frame).isTrue();
            }
        }

        assertThat(received).containsExactly(numbers(2500));
        for (; answered < asked; answered++) {
            client.read(1);
            assertThat(client.next().getKeepAliveReply().hasAliveLogTimeMs()).isTrue();
        }
        client.send(ClientFrame.newBuilder()
                .setSubmit(SubmitFrame.newBuilder()
                        .setRequestId(asked + 1)
                        .setBatch(ByteString.copyFrom(BatchCodec.encode(acknowledgement()))))
                .build());
        client.read(1);
        assertThat(client.next().hasSubmitReply()).isTrue();
    }

    @Test
    @Tag("long")
    void tens_of_megabytes_arrive_in_order_over_one_connection_while_submits_and_keep_alives_go_on() throws Exception {
        rob(100_000);
        Transport client = fixture.closing(RemotePeers.peer(serve(PortLimits.defaults()), options(), fixture.timers));
        AtomicLong last = new AtomicLong();
        List<Object> wrong = new CopyOnWriteArrayList<>();

        client.subscribe(victim, 0, new EventSink() {
            @Override
            public void onEvents(List<NumberedEvent> events) {
                for (NumberedEvent event : events) {
                    if (event.number() != last.get() + 1) {
                        wrong.add(event);
                    }
                    last.set(event.number());
                }
            }

            @Override
            public void onBroken(TransportException cause) {
                wrong.add(cause);
            }
        });
        while (last.get() < 100_000 && wrong.isEmpty()) {
            assertThat(get(client.keepAlive(victim))).isInstanceOf(KeepAliveReply.Alive.class);
            get(client.submit(acknowledgement()));
        }

        assertThat(wrong).isEmpty();
    }
}
