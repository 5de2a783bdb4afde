package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LockableOptions;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockRequestRejectedException.Reason;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.v1.ClientFrame;
import dev.holdfast.client.v1.FailureFrame;
import dev.holdfast.client.v1.FailureKind;
import dev.holdfast.client.v1.ServerFrame;
import dev.holdfast.node.support.Bystander;
import dev.holdfast.node.support.Frames;
import dev.holdfast.node.support.RawClient;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LockableKind;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Frames that are wrong in every way there is: each is answered in a typed way, and none does harm. */
@TestInstance(Lifecycle.PER_CLASS)
class MalformedFramesTest {
    private static final int MIB = 1024 * 1024;
    private static final long PROBE = 0x70726f6265L;

    private final MetricRegistry metrics = new MetricRegistry();
    private HoldfastNode node;
    private HostPort address;
    private Bystander bystander;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        node = HoldfastNode.builder().dataFolder(folder).metrics(metrics).start();
        address = new HostPort("127.0.0.1", node.member().clientPort());
    }

    @AfterAll
    void stop() {
        node.close();
    }

    @BeforeEach
    void somebody_works() throws Exception {
        bystander = new Bystander(address.toString());
    }

    @AfterEach
    void nobody_noticed_and_nothing_is_left() throws Exception {
        bystander.goesOn();
        bystander.close();
        await("the connections to be gone").atMost(RawClient.PATIENCE).until(() -> clients() == 0);
        assertThat(node.failure().toCompletableFuture()).isNotDone();
    }

    private int clients() {
        return (Integer) metrics.getGauges().get(NodeMetrics.PREFIX + "clients").getValue();
    }

    /** One of each kind, all of which would take effect. */
    private static List<ClientFrame> validFrames(SessionId session) {
        return List.of(
                Frames.hello(1, "mutant"),
                Frames.submit(
                        2,
                        Frames.batch(
                                session,
                                List.of(
                                        new SequencedCommand(1, Frames.acquire("mutated", "a", Lease.ttl(50), 0)),
                                        new SequencedCommand(2, Frames.acquire("mutated", "b", Lease.SESSION, 20)),
                                        new SequencedCommand(3, new Command.CancelAcquire(2))))),
                Frames.query(3, new Query.Inspect(new LockableKey(LockableKind.MUTEX, "mutated"), 10)),
                Frames.query(4, new Query.ListLockables("mut", null, 10)),
                Frames.keepAlive(5, session),
                Frames.subscribe(6, session));
    }

    @Test
    void frames_cut_off_at_any_byte_are_answered_or_end_their_stream() throws Exception {
        try (RawClient owner = RawClient.welcomed(address)) {
            List<byte[]> cut = new ArrayList<>();
            for (ClientFrame frame : validFrames(Frames.openSession(owner, 60_000))) {
                byte[] whole = frame.toByteArray();
                for (int length = 0; length < whole.length; length++) {
                    cut.add(Arrays.copyOf(whole, length));
                }
            }
            assertThat(cut).hasSizeGreaterThan(200);
            assertEachIsAnswered(cut);
        }
    }

    @Test
    void frames_with_changed_bytes_are_answered_or_end_their_stream() throws Exception {
        assertMutantsAreAnswered(200);
    }

    @Test
    @Tag("long")
    void many_frames_with_changed_bytes_are_answered_or_end_their_stream() throws Exception {
        assertMutantsAreAnswered(3000);
    }

    private void assertMutantsAreAnswered(int count) throws Exception {
        long seed = Long.getLong("holdfast.mutation.seed", 20240611);
        Random random = new Random(seed);
        try (RawClient owner = RawClient.welcomed(address)) {
            List<ClientFrame> valid = validFrames(Frames.openSession(owner, 60_000));
            List<byte[]> mutants = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                mutants.add(mutated(valid.get(random.nextInt(valid.size())).toByteArray(), random));
            }
            Map<Status.Code, Integer> ends = assertEachIsAnswered(mutants);
            // Both happened often, or the mutants are not what they should be.
            assertThat(ends.get(Status.Code.INVALID_ARGUMENT))
                    .as("seed %d: %s", seed, ends)
                    .isGreaterThan(count / 30);
            assertThat(ends.get(Status.Code.OK)).as("seed %d: %s", seed, ends).isGreaterThan(count / 30);
        }
    }

    private static byte[] mutated(byte[] frame, Random random) {
        byte[] bytes = frame;
        for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) random.nextInt();
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes[at] = (byte) (random.nextBoolean() ? 0xff : 0x7f);
                default -> {
                    // A piece of it twice.
                    int length = Math.min(bytes.length - at, 1 + random.nextInt(16));
                    byte[] longer = Arrays.copyOf(bytes, bytes.length + length);
                    System.arraycopy(bytes, at, longer, at + length, bytes.length - at);
                    bytes = longer;
                }
            }
        }
        return bytes;
    }

    /** Each on a stream of its own, with a keep-alive behind it: that is answered too, or the stream ends. */
    private Map<Status.Code, Integer> assertEachIsAnswered(List<byte[]> frames) throws Exception {
        Map<Status.Code, Integer> ends = new EnumMap<>(Status.Code.class);
        ManagedChannel channel = RawClient.channel(address);
        try {
            for (byte[] frame : frames) {
                RawClient client = new RawClient(channel, true);
                client.send(Frames.hello(1, "mutant"));
                client.sendBytes(frame);
                client.send(Frames.keepAlive(PROBE, new SessionId(1, 1)));
                client.finish();
                Status end = client.end.get(RawClient.PATIENCE.toSeconds(), TimeUnit.SECONDS);
                assertThat(end.getCode())
                        .as("%s after %s", end, Arrays.toString(frame))
                        .isIn(Status.Code.OK, Status.Code.INVALID_ARGUMENT);
                assertThat(client.frames)
                        .as("answers to %s", Arrays.toString(frame))
                        .noneMatch(answer -> failure(answer).getKind() == FailureKind.FAILURE_KIND_OUTCOME_UNKNOWN)
                        .anyMatch(answer -> answer.getKeepAliveReply().getRequestId() == PROBE
                                || (answer.hasFailure() && failure(answer).getRequestId() == 0));
                ends.merge(end.getCode(), 1, Integer::sum);
            }
        } finally {
            channel.shutdownNow();
        }
        return ends;
    }

    private static FailureFrame failure(ServerFrame frame) {
        return frame.hasSubscriptionBroken() ? frame.getSubscriptionBroken().getFailure() : frame.getFailure();
    }

    @Test
    void a_key_of_a_megabyte_is_rejected_by_the_client_in_a_short_message() {
        String key = "k".repeat(MIB);
        try (HoldfastClient client = Holdfast.connect(address.toString())) {
            assertThatThrownBy(() -> client.createLock()
                            .acquire(
                                    client.processOwner(),
                                    Holdfast.createLockable("big", LockableOptions.plural())
                                            .of(key)))
                    .isInstanceOfSatisfying(
                            LockRequestRejectedException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.TOO_LONG))
                    .satisfies(MalformedFramesTest::isShort);
            assertThatThrownBy(() -> new Lockable("big", key))
                    .isInstanceOf(LockRequestRejectedException.class)
                    .satisfies(MalformedFramesTest::isShort);
            assertThatThrownBy(() -> Holdfast.createLockOwner("user").of(key))
                    .isInstanceOf(LockRequestRejectedException.class)
                    .satisfies(MalformedFramesTest::isShort);
            assertThatThrownBy(() -> client.list(key).count())
                    .isInstanceOf(LockRequestRejectedException.class)
                    .satisfies(MalformedFramesTest::isShort);
        }
    }

    private static void isShort(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            assertThat(t.toString()).hasSizeLessThan(2000);
        }
    }

    @Test
    void a_key_of_a_megabyte_on_the_wire_is_refused_and_never_gets_into_the_log() throws Exception {
        bystander.close();
        try (RawClient client = RawClient.welcomed(address)) {
            SessionId session = Frames.openSession(client, 600_000);
            String key = "k".repeat(MIB);
            List<SessionBatch> inLog = new CopyOnWriteArrayList<>();
            node.group(0).replica().measureWith((batch, applied, nanos) -> inLog.addAll(batch.sessions()));
            client.send(Frames.submit(2, Frames.batch(session, 1, Frames.acquire(key, "a", Lease.SESSION, 0))));
            client.send(Frames.submit(3, Frames.batch(session, 2, Frames.acquire("short", key, Lease.SESSION, 0))));
            client.send(Frames.query(4, new Query.Inspect(new LockableKey(LockableKind.MUTEX, key), 10)));
            client.send(Frames.query(5, new Query.ListLockables(key, null, 10)));
            for (long id = 2; id <= 5; id++) {
                assertRefused(client.next(), id, "4096");
            }
            assertThat(inLog).isEmpty();

            // What is only somewhat too long is judged by the machine, whose answer names the trouble too.
            client.send(Frames.submit(
                    6,
                    Frames.batch(
                            session, 3, Frames.acquire("k".repeat(Limits.KEY_BYTES_MAX + 1), "a", Lease.SESSION, 0))));
            assertThat(Frames.outcome(client.next()))
                    .isInstanceOfSatisfying(
                            Outcome.Rejected.class,
                            rejected -> assertThat(rejected.code()).isEqualTo(RejectionCode.TOO_LONG));
            // And the longest that may be is welcome.
            client.send(Frames.submit(
                    7,
                    Frames.batch(session, 4, Frames.acquire("k".repeat(Limits.KEY_BYTES_MAX), "a", Lease.SESSION, 0))));
            assertThat(Frames.outcome(client.next())).isInstanceOf(Outcome.Granted.class);
            client.send(Frames.submit(8, Frames.batch(session, 5, new Command.CloseSession())));
            client.next();
        }
        bystander = new Bystander(address.toString());
    }

    @Test
    void a_batch_of_too_many_commands_is_refused_and_the_connection_goes_on() throws Exception {
        try (RawClient client = RawClient.welcomed(address)) {
            List<SequencedCommand> commands = LongStream.rangeClosed(0, Limits.COMMANDS_PER_BATCH_MAX)
                    .mapToObj(i -> new SequencedCommand(i, new Command.Acknowledge()))
                    .toList();
            client.send(Frames.submit(1, Frames.batch(new SessionId(1, 1), commands)));
            assertRefused(client.next(), 1, "2048");
            client.send(Frames.keepAlive(2, new SessionId(1, 1)));
            assertThat(client.next().getKeepAliveReply().hasGone()).isTrue();
        }
    }

    @Test
    void a_frame_of_more_than_4_MiB_ends_its_own_stream_as_exhausting() throws Exception {
        ManagedChannel channel = RawClient.channel(address);
        try (RawClient beside = new RawClient(channel, true)) {
            beside.send(Frames.hello(1, "beside"));
            assertThat(beside.next().hasWelcome()).isTrue();
            RawClient client = new RawClient(channel, true);
            client.send(Frames.hello(1, "oversized"));
            client.sendBytes(new byte[4 * MIB + 1]);
            Status end = client.end.get(RawClient.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(end.getCode()).as("%s", end).isIn(Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED);

            beside.send(Frames.keepAlive(1, new SessionId(1, 1)));
            assertThat(beside.next().getKeepAliveReply().hasGone()).isTrue();
        }
    }

    @Test
    void a_client_of_a_newer_version_hears_both_versions() throws Exception {
        for (int version : new int[] {2, 1000, Integer.MAX_VALUE, 0, -1}) {
            try (RawClient client = new RawClient(address, true)) {
                client.send(Frames.hello(version, "newer"));
                assertRefused(client.next(), 0, "version 1, ", "version " + version);
                Status end = client.end.get(RawClient.PATIENCE.toSeconds(), TimeUnit.SECONDS);
                assertThat(end.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            }
        }
    }

    @Test
    void a_hello_with_long_names_is_answered_in_a_short_message() throws Exception {
        try (RawClient client = new RawClient(address, true)) {
            client.hello(1, "c".repeat(MIB));
            assertRefused(client.next(), 0, "belongs to cluster");
            Status end = client.end.get(RawClient.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(end.getCode()).as("%s", end).isEqualTo(Status.Code.INVALID_ARGUMENT);
        }
    }

    private static void assertRefused(ServerFrame answer, long requestId, String... words) {
        assertThat(answer.hasFailure()).as("%s", answer).isTrue();
        assertThat(answer.getFailure().getRequestId()).isEqualTo(requestId);
        assertThat(answer.getFailure().getKind()).isEqualTo(FailureKind.FAILURE_KIND_REFUSED);
        assertThat(answer.getFailure().getMessage()).contains(words).hasSizeLessThan(1000);
    }

    @Test
    void a_name_that_the_longest_options_make_still_fits_on_the_wire() throws Exception {
        // Four bytes for two chars: the most that a name can take.
        String name = "\ud83d\udd12".repeat(Limits.NAME_BYTES_MAX / 4);
        try (HoldfastClient client = Holdfast.connect(address.toString())) {
            client.createLock()
                    .hold(
                            Holdfast.createLockOwner(name).within(name).of(name, name),
                            new Lockable("a", "k".repeat(Limits.KEY_BYTES_MAX)),
                            AcquireOptions.defaults())
                    .release();
        }
    }
}
