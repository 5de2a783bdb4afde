package dev.holdfast.node.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.wire.HostLookup;
import dev.holdfast.node.internal.membership.PeerId;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Members talk to each other, and nobody else does. */
class MembersTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final UUID CLUSTER = UUID.randomUUID();
    private static final MemberSecret SECRET = MemberSecret.random();
    private static final byte[] BODY = {7};

    private final List<AutoCloseable> open = new ArrayList<>();
    private final RecordingHost host = new RecordingHost();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private static Identity identity(UUID cluster, String id, MemberSecret secret) {
        return new Identity(cluster, PeerId.parse(id), secret, null);
    }

    /** It allows for a busy machine. */
    private Members member(Identity self, Map<String, HostPort> others, Host itsHost) throws IOException {
        return opened(
                new Members(self, RecordingHost.at(others), itsHost, 100, PATIENCE.toMillis(), HostLookup.shared()));
    }

    private Members opened(Members members) throws IOException {
        open.add(members);
        members.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        members.accept();
        return members;
    }

    /** Listens, and answers. */
    private Members b() throws IOException {
        return member(identity(CLUSTER, "b", SECRET), Map.of(), host);
    }

    private static HostPort addressOf(Members members) {
        return new HostPort(
                "127.0.0.1", Objects.requireNonNull(members.address()).getPort());
    }

    private Link from(Identity self, HostPort to, Lane lane) throws IOException {
        return member(self, Map.of("b", to), new RecordingHost()).link("b", lane);
    }

    private Link fromA(HostPort to, Lane lane) throws IOException {
        return from(identity(CLUSTER, "a", SECRET), to, lane);
    }

    private static byte[] ask(Link link, FrameKind kind, byte[] body) throws Exception {
        return link.ask(kind, body, PATIENCE.toMillis()).get(1, TimeUnit.MINUTES);
    }

    private static Reason refusal(Link link, FrameKind kind) {
        try {
            ask(link, kind, BODY);
            throw new AssertionError("it was answered");
        } catch (ExecutionException e) {
            return Objects.requireNonNull(Reason.in(e.getCause()), e.toString());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_question_is_answered_on_its_lane_and_refused_on_any_other(FrameKind kind) throws Exception {
        HostPort b = addressOf(b());
        for (Lane lane : Lane.values()) {
            Link link = fromA(b, lane);
            if (lane == kind.lane()) {
                assertThat(ask(link, kind, BODY)).isEqualTo(BODY);
            } else {
                assertThatThrownBy(() -> link.ask(kind, BODY, 1000)).isInstanceOf(IllegalArgumentException.class);
            }
        }
        assertThat(host.asked).isEqualTo(kind.lane() == null ? List.of() : List.of("a " + kind + " 7"));
    }

    @Test
    void questions_of_several_threads_arrive_in_the_order_in_which_they_were_asked() throws Exception {
        Link link = fromA(addressOf(b()), Lane.ENTRIES);
        AtomicInteger next = new AtomicInteger();
        List<CompletableFuture<byte[]>> answers = new ArrayList<>();
        Runnable asking = () -> {
            for (int i = 0; i < 20; i++) {
                synchronized (answers) {
                    answers.add(link.ask(FrameKind.APPEND, new byte[] {(byte) next.getAndIncrement()}, 60_000)
                            // An answer's thread asks too, and must not overtake the others.
                            .thenCompose(answer -> {
                                synchronized (answers) {
                                    return link.ask(
                                            FrameKind.APPEND, new byte[] {(byte) next.getAndIncrement()}, 60_000);
                                }
                            }));
                }
            }
        };
        Thread other = new Thread(asking);
        other.start();
        asking.run();
        other.join();
        CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new)).get(1, TimeUnit.MINUTES);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 80; i++) {
            expected.add("a APPEND " + i);
        }
        assertThat(host.asked).isEqualTo(expected);
    }

    @Test
    void whoever_has_another_secret_is_refused_and_so_is_whoever_is_dialled_and_has_another() throws Exception {
        Members b = b();
        Link stranger = from(identity(CLUSTER, "a", MemberSecret.random()), addressOf(b), Lane.CONTROL);
        assertThat(refusal(stranger, FrameKind.VOTE)).isEqualTo(Reason.NOT_PROVED);
        assertThat(b.refused(Reason.NOT_PROVED)).isPositive();
        assertThat(host.asked).isEmpty();
    }

    @Test
    void whoever_answers_without_the_secret_is_asked_nothing() throws Exception {
        try (ServerSocket pretended = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Link link = fromA(new HostPort("127.0.0.1", pretended.getLocalPort()), Lane.CONTROL);
            CompletableFuture<byte[]> answer = link.ask(FrameKind.VOTE, BODY, PATIENCE.toMillis());
            try (Socket socket = pretended.accept();
                    RawMember raw = new RawMember(socket)) {
                raw.read(FrameKind.HELLO);
                raw.write(FrameKind.CHALLENGE, 0, challenge("b", CLUSTER));
                raw.read(FrameKind.PROOF);
                raw.write(FrameKind.WELCOME, 0, new byte[MemberSecret.PROOF_BYTES]);
                assertThat(answer).failsWithin(PATIENCE);
                raw.awaitEnd();
            }
        }
    }

    private static byte[] challenge(String id, UUID cluster) {
        return new Handshake.Challenge(new Handshake.Cluster(cluster, true), id).encode();
    }

    private static byte[] hello(Lane lane, String from, String to) {
        return new Handshake.Hello(lane, new Handshake.Cluster(CLUSTER, true), from, to).encode();
    }

    @Test
    void members_of_two_clusters_with_one_secret_tell_each_other_so() throws Exception {
        UUID another = UUID.randomUUID();
        RecordingHost stranger = new RecordingHost();
        Members a = member(identity(another, "a", SECRET), Map.of("b", addressOf(b())), stranger);
        assertThat(refusal(a.link("b", Lane.CONTROL), FrameKind.VOTE)).isEqualTo(Reason.OTHER_CLUSTER);
        await().atMost(PATIENCE).until(() -> host.strangers.equals(List.of(another)));
        assertThat(stranger.strangers).containsExactly(CLUSTER);
        assertThat(host.asked).isEmpty();
    }

    /** A cluster is born at one after the other. */
    @Test
    void a_member_that_has_no_cluster_yet_is_no_stranger_whoever_dials() throws Exception {
        Identity late = identity(null, "b", SECRET);
        RecordingHost hostOfLate = new RecordingHost();
        Members a = member(identity(CLUSTER, "a", SECRET), Map.of(), host);
        Members b = member(late, Map.of("a", addressOf(a)), hostOfLate);
        Link toB = member(identity(CLUSTER, "a", SECRET), Map.of("b", addressOf(b)), host)
                .link("b", Lane.CONTROL);

        assertThat(refusal(toB, FrameKind.VOTE)).isEqualTo(Reason.STARTING);
        assertThat(refusal(b.link("a", Lane.CONTROL), FrameKind.VOTE)).isEqualTo(Reason.STARTING);
        assertThat(host.strangers).isEmpty();
        assertThat(hostOfLate.strangers).isEmpty();

        late.belongsTo(CLUSTER);
        await().atMost(PATIENCE).ignoreExceptions().until(() -> ask(toB, FrameKind.VOTE, BODY).length == BODY.length);
    }

    @Test
    void somebody_without_the_secret_cannot_say_that_it_is_of_another_cluster() throws Exception {
        Link link = from(identity(UUID.randomUUID(), "a", MemberSecret.random()), addressOf(b()), Lane.CONTROL);
        assertThat(refusal(link, FrameKind.VOTE)).isEqualTo(Reason.NOT_PROVED);
        assertThat(host.strangers).isEmpty();
    }

    @Test
    void one_that_calls_itself_something_else_than_a_member_is_refused() throws Exception {
        for (String id : List.of("d", "b")) {
            Link link = from(identity(CLUSTER, id, SECRET), addressOf(b()), Lane.CONTROL);
            assertThat(refusal(link, FrameKind.VOTE)).isEqualTo(Reason.NOT_A_MEMBER);
        }
        assertThat(host.asked).isEmpty();
    }

    @Test
    void another_member_at_the_address_is_noticed() throws Exception {
        Members c = member(identity(CLUSTER, "c", SECRET), Map.of(), host);
        assertThat(refusal(fromA(addressOf(c), Lane.CONTROL), FrameKind.VOTE)).isEqualTo(Reason.NOT_A_MEMBER);
        assertThat(host.asked).isEmpty();
    }

    @Test
    void what_a_member_said_once_proves_nothing_the_next_time() throws Exception {
        HostPort b = addressOf(b());
        byte[] said = hello(Lane.CONTROL, "a", "b");
        byte[] proof;
        try (RawMember first = RawMember.dial(b)) {
            first.write(FrameKind.HELLO, 0, said);
            proof = Handshake.proof(SECRET, said, first.read(FrameKind.CHALLENGE));
            first.write(FrameKind.PROOF, 0, proof);
            first.read(FrameKind.WELCOME);
        }
        try (RawMember again = RawMember.dial(b)) {
            again.write(FrameKind.HELLO, 0, said);
            again.read(FrameKind.CHALLENGE);
            again.write(FrameKind.PROOF, 0, proof);
            again.read(FrameKind.REFUSED);
            again.awaitEnd();
        }
    }

    @Test
    void a_welcome_is_no_proof_of_the_one_that_dials() throws Exception {
        HostPort b = addressOf(b());
        byte[] said = hello(Lane.CONTROL, "a", "b");
        try (RawMember raw = RawMember.dial(b)) {
            raw.write(FrameKind.HELLO, 0, said);
            raw.write(FrameKind.PROOF, 0, Handshake.welcome(SECRET, said, raw.read(FrameKind.CHALLENGE)));
            raw.read(FrameKind.REFUSED);
            raw.awaitEnd();
        }
    }

    /** Every kind, a new one as well, until somebody lets it pass without a proof. */
    @ParameterizedTest
    @EnumSource
    void before_the_proof_every_frame_but_a_hello_ends_the_connection(FrameKind kind) throws Exception {
        HostPort b = addressOf(b());
        try (RawMember first = RawMember.dial(b)) {
            first.write(kind, 1, kind == FrameKind.HELLO ? hello(Lane.ENTRIES, "x", "y") : BODY);
            first.read(FrameKind.REFUSED);
            first.awaitEnd();
        }
        try (RawMember second = RawMember.dial(b)) {
            second.write(FrameKind.HELLO, 0, hello(Lane.ENTRIES, "a", "b"));
            second.read(FrameKind.CHALLENGE);
            second.write(kind, 1, BODY);
            second.read(FrameKind.REFUSED);
            second.awaitEnd();
        }
        assertThat(host.asked).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void a_member_that_says_on_one_lane_what_belongs_to_another_is_cut_off(FrameKind kind) throws Exception {
        HostPort b = addressOf(b());
        for (Lane lane : Lane.values()) {
            if (lane == kind.lane()) {
                continue;
            }
            try (RawMember raw = RawMember.proved(b, lane)) {
                raw.write(kind, 1, BODY);
                raw.read(FrameKind.REFUSED);
                raw.awaitEnd();
            }
        }
        assertThat(host.asked).isEmpty();
    }

    @Test
    void frames_that_are_too_long_end_the_connection_before_they_are_read() throws Exception {
        HostPort b = addressOf(b());
        try (RawMember stranger = RawMember.dial(b)) {
            stranger.writeHeader(FrameKind.HELLO, FrameDecoder.HANDSHAKE_BYTES_MAX + 1);
            stranger.read(FrameKind.REFUSED);
            stranger.awaitEnd();
        }
        for (Lane lane : Lane.values()) {
            try (RawMember member = RawMember.proved(b, lane)) {
                member.writeHeader(FrameKind.APPEND, lane.frameBytesMax() + 1);
                member.read(FrameKind.REFUSED);
                member.awaitEnd();
            }
        }
    }

    @Test
    void silent_and_surplus_connections_are_closed_and_members_get_through() throws Exception {
        Members b = opened(
                new Members(identity(CLUSTER, "b", SECRET), name -> List.of(), host, 4, 1000, HostLookup.shared()));
        List<RawMember> silent = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            RawMember each = RawMember.dial(addressOf(b));
            open.add(each);
            silent.add(each);
        }
        Link link = fromA(addressOf(b), Lane.CONTROL);
        await().atMost(PATIENCE).ignoreExceptions().until(() -> Arrays.equals(ask(link, FrameKind.VOTE, BODY), BODY));
        for (RawMember each : silent) {
            each.awaitEnd();
        }
        assertThat(b.refused(Reason.BUSY)).isPositive();
        assertThat(b.refused(Reason.NOT_PROVED)).isPositive();
    }

    @Test
    void a_member_has_one_connection_for_each_lane() throws Exception {
        HostPort b = addressOf(b());
        try (RawMember first = RawMember.proved(b, Lane.ENTRIES);
                RawMember other = RawMember.proved(b, Lane.CONTROL);
                RawMember second = RawMember.proved(b, Lane.ENTRIES)) {
            first.awaitEnd();
            second.write(FrameKind.APPEND, 5, BODY);
            assertThat(second.read(FrameKind.ANSWER)).isEqualTo(BODY);
            other.write(FrameKind.VOTE, 5, BODY);
            assertThat(other.read(FrameKind.ANSWER)).isEqualTo(BODY);
            assertThat(host.entriesEnded).isEmpty();
        }
        await().atMost(PATIENCE).until(() -> host.entriesEnded.equals(List.of("a")));
    }

    @Test
    void too_many_questions_are_not_read_until_others_are_answered() throws Exception {
        List<CompletableFuture<byte[]>> unanswered = new ArrayList<>();
        Host slow = new RecordingHost() {
            @Override
            public synchronized CompletionStage<byte[]> answer(String from, FrameKind question, byte[] body) {
                CompletableFuture<byte[]> answer = new CompletableFuture<>();
                unanswered.add(answer);
                return answer;
            }
        };
        HostPort b = addressOf(member(identity(CLUSTER, "b", SECRET), Map.of(), slow));
        int asked = 100;
        try (RawMember raw = RawMember.proved(b, Lane.SNAPSHOTS)) {
            for (int i = 0; i < asked; i++) {
                raw.write(FrameKind.SNAPSHOT_PIECE, i, BODY);
            }
            for (int answered = 0; answered < asked; answered++) {
                int expected = answered;
                await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> {
                    synchronized (slow) {
                        return unanswered.size() > expected;
                    }
                });
                synchronized (slow) {
                    assertThat(unanswered.size() - answered).isLessThanOrEqualTo(Lane.SNAPSHOTS.unansweredMax());
                    unanswered.get(answered).complete(BODY);
                }
                raw.read(FrameKind.ANSWER);
            }
        }
    }

    @Test
    void a_question_that_fails_is_answered_with_a_text_and_the_connection_goes_on() throws Exception {
        Host failing = new RecordingHost() {
            @Override
            public CompletionStage<byte[]> answer(String from, FrameKind question, byte[] body)
                    throws RefusedException {
                if (body[0] == 1) {
                    return CompletableFuture.failedFuture(new IOException("the disk\nis full"));
                }
                return super.answer(from, question, body);
            }
        };
        Link link = fromA(addressOf(member(identity(CLUSTER, "b", SECRET), Map.of(), failing)), Lane.CONTROL);
        assertThatThrownBy(() -> ask(link, FrameKind.VOTE, new byte[] {1}))
                .hasCauseInstanceOf(RefusedException.class)
                .hasMessageContaining("the disk is full");
        assertThat(ask(link, FrameKind.VOTE, BODY)).isEqualTo(BODY);
    }

    @Test
    void a_forged_question_ends_the_connection_and_the_next_is_served() throws Exception {
        Host strict = new RecordingHost() {
            @Override
            public CompletionStage<byte[]> answer(String from, FrameKind question, byte[] body)
                    throws RefusedException {
                if (body[0] == 1) {
                    throw new RefusedException(Reason.FORGED, "no member says so");
                }
                return super.answer(from, question, body);
            }
        };
        Members b = member(identity(CLUSTER, "b", SECRET), Map.of(), strict);
        try (RawMember raw = RawMember.proved(addressOf(b), Lane.CONTROL)) {
            raw.write(FrameKind.VOTE, 3, new byte[] {1});
            raw.read(FrameKind.FAILED);
            raw.awaitEnd();
        }
        assertThat(b.refused(Reason.FORGED)).isEqualTo(1);
        assertThat(ask(fromA(addressOf(b), Lane.CONTROL), FrameKind.VOTE, BODY)).isEqualTo(BODY);
    }

    @Test
    void a_link_finds_a_member_that_comes_back() throws Exception {
        Members b = b();
        HostPort address = addressOf(b);
        Link link = fromA(address, Lane.CONTROL);
        assertThat(ask(link, FrameKind.VOTE, BODY)).isEqualTo(BODY);
        b.close();
        assertThatThrownBy(() -> ask(link, FrameKind.VOTE, BODY)).hasCauseInstanceOf(IOException.class);
        Members again = new Members(identity(CLUSTER, "b", SECRET), name -> List.of(), host);
        open.add(again);
        again.open(new InetSocketAddress("127.0.0.1", address.port()));
        again.accept();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(ask(link, FrameKind.VOTE, BODY)).isEqualTo(BODY));
    }

    @Test
    void a_member_that_falls_silent_is_not_waited_for() throws Exception {
        try (ServerSocket deaf = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Link link = fromA(new HostPort("127.0.0.1", deaf.getLocalPort()), Lane.CONTROL);
            assertThat(link.ask(FrameKind.VOTE, BODY, 300)).failsWithin(PATIENCE);
        }
    }

    @Test
    void addresses_that_lead_nowhere_fail_each_question() throws Exception {
        for (String nowhere : List.of("no-such-host.invalid", "127.0.0.1")) {
            Link link = fromA(new HostPort(nowhere, 1), Lane.CONTROL);
            for (int i = 0; i < 3; i++) {
                assertThat(link.ask(FrameKind.VOTE, BODY, 60_000)).failsWithin(PATIENCE);
            }
        }
    }

    @Test
    void a_client_of_the_other_port_is_told_where_it_is_and_counted() throws Exception {
        Members b = b();
        try (Socket client = new Socket("127.0.0.1", addressOf(b).port())) {
            client.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String said = new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(said).contains("this is a Raft port");
        }
        assertThat(b.refused(Reason.NOT_UNDERSTOOD)).isEqualTo(1);
    }

    @Test
    void the_port_of_another_is_refused() throws Exception {
        InetSocketAddress taken = Objects.requireNonNull(b().address());
        Members second = new Members(identity(CLUSTER, "a", SECRET), name -> List.of(), host);
        open.add(second);
        assertThatThrownBy(() -> second.open(taken))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Raft port");
    }

    /** Speaks frames by hand. */
    private static final class RawMember implements AutoCloseable {
        private final Socket socket;
        private final DataInputStream in;
        private final DataOutputStream out;

        RawMember(Socket socket) throws IOException {
            this.socket = socket;
            socket.setSoTimeout((int) PATIENCE.toMillis());
            this.in = new DataInputStream(socket.getInputStream());
            this.out = new DataOutputStream(socket.getOutputStream());
        }

        static RawMember dial(HostPort address) throws IOException {
            return new RawMember(new Socket(address.host(), address.port()));
        }

        /** As member a. */
        static RawMember proved(HostPort address, Lane lane) throws IOException {
            RawMember raw = dial(address);
            byte[] said = hello(lane, "a", "b");
            raw.write(FrameKind.HELLO, 0, said);
            raw.write(FrameKind.PROOF, 0, Handshake.proof(SECRET, said, raw.read(FrameKind.CHALLENGE)));
            raw.read(FrameKind.WELCOME);
            return raw;
        }

        void writeHeader(FrameKind kind, int bodyBytes) throws IOException {
            out.writeInt(Frame.HEADER_BYTES + bodyBytes);
            out.writeByte(kind.code());
            out.writeLong(1);
            out.flush();
        }

        void write(FrameKind kind, long id, byte[] body) throws IOException {
            out.writeInt(Frame.HEADER_BYTES + body.length);
            out.writeByte(kind.code());
            out.writeLong(id);
            out.write(body);
            out.flush();
        }

        byte[] read(FrameKind expected) throws IOException {
            byte[] frame = in.readNBytes(in.readInt());
            assertThat(FrameKind.of(frame[0])).isEqualTo(expected);
            return Arrays.copyOfRange(frame, Frame.HEADER_BYTES, frame.length);
        }

        void awaitEnd() throws IOException {
            try {
                while (in.read() >= 0) {
                    assertThat(socket.isClosed()).isFalse();
                }
            } catch (EOFException | SocketException cutOff) {
                assertThat(cutOff).isNotNull();
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** A name service of the test's own. */
    private final Map<String, List<String>> names = new ConcurrentHashMap<>();

    private final AtomicInteger lookups = new AtomicInteger();

    private InetAddress[] find(String name) throws UnknownHostException {
        lookups.incrementAndGet();
        List<String> addresses = names.getOrDefault(name, List.of());
        InetAddress[] found = new InetAddress[addresses.size()];
        for (int i = 0; i < found.length; i++) {
            found[i] = InetAddress.getByName(addresses.get(i));
        }
        return found;
    }

    private Link byName(HostPort to) throws IOException {
        Members a = opened(new Members(
                identity(CLUSTER, "a", SECRET),
                name -> List.of(new HostPort("b.test", to.port())),
                new RecordingHost(),
                100,
                PATIENCE.toMillis(),
                new HostLookup(this::find, Runnable::run)));
        return a.link("b", Lane.CONTROL);
    }

    private static void reach(Link link) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .ignoreExceptions()
                .until(() -> ask(link, FrameKind.VOTE, BODY).length == 1);
    }

    @Test
    void a_name_that_is_not_known_yet_is_looked_up_again() throws Exception {
        Link link = byName(addressOf(b()));
        assertThatThrownBy(() -> ask(link, FrameKind.VOTE, BODY)).hasMessageContaining("b.test");

        names.put("b.test", List.of("127.0.0.1"));
        reach(link);
    }

    @Test
    void a_name_may_come_to_mean_another_address_while_members_run() throws Exception {
        Members before = b();
        HostPort address = addressOf(before);
        names.put("b.test", List.of("127.0.0.1"));
        Link link = byName(address);
        reach(link);

        RecordingHost moved = new RecordingHost();
        Members after = new Members(identity(CLUSTER, "b", SECRET), name -> List.of(), moved);
        open.add(after);
        after.open(new InetSocketAddress("127.0.0.2", address.port()));
        after.accept();
        names.put("b.test", List.of("127.0.0.2"));
        before.close();

        reach(link);
        assertThat(moved.asked).isNotEmpty();
    }

    @Test
    void of_several_addresses_all_are_tried_and_the_one_that_answered_is_tried_first_again() throws Exception {
        HostPort address = addressOf(b());
        names.put("b.test", List.of("127.0.0.3", "127.0.0.2", "127.0.0.1"));
        Link link = byName(address);
        reach(link);

        int before = lookups.get();
        link.reset("the test says so");
        await().atMost(PATIENCE).until(() -> {
            reach(link);
            return lookups.get() > before;
        });

        assertThat(lookups).hasValue(before + 1);
    }
}
