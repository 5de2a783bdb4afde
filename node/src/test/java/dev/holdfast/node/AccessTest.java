package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.access.AccessRule;
import dev.holdfast.client.access.AuditEntry;
import dev.holdfast.client.errors.LockForbiddenException;
import dev.holdfast.client.info.ClientSessionInfo;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.remote.RemotePeers;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.v1.ClientFrame;
import dev.holdfast.client.v1.ClientFrame.FrameCase;
import dev.holdfast.client.v1.FailureKind;
import dev.holdfast.client.v1.HoldfastGrpc;
import dev.holdfast.client.v1.ServerFrame;
import dev.holdfast.client.v1.UnsubscribeFrame;
import dev.holdfast.node.access.AccessOptions;
import dev.holdfast.node.access.TokenFile;
import dev.holdfast.node.internal.access.Denial;
import dev.holdfast.node.internal.access.Mandate;
import dev.holdfast.node.internal.access.MemberTickets;
import dev.holdfast.node.internal.access.Principal;
import dev.holdfast.node.internal.transport.MemberSecret;
import dev.holdfast.node.support.Bystander;
import dev.holdfast.node.support.Frames;
import dev.holdfast.node.support.RawClient;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.codec.QueryCodec;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** A cluster whose clients have to say who they are: who gets in, and who does not, whatever they try. */
@TestInstance(Lifecycle.PER_CLASS)
class AccessTest {
    private static final byte[] SECRET = "what all members of this cluster know".getBytes(StandardCharsets.UTF_8);

    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final Map<String, MetricRegistry> metrics = new LinkedHashMap<>();
    private String root;
    private String alice;
    private String nothing;
    private String expired;
    private LocalCluster cluster;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        Path tokens = folder.resolve("tokens");
        root = TokenFile.add(tokens, "root", List.of(), null);
        alice = TokenFile.add(tokens, "alice", List.of("ops"), null);
        nothing = TokenFile.add(tokens, "nothing", List.of(), null);
        expired = TokenFile.add(tokens, "bob", List.of(), Instant.EPOCH);
        AccessOptions access = AccessOptions.closed().withAdmins("root").withTokensFile(tokens);
        cluster = LocalCluster.start(folder, 3, builder -> {
            MetricRegistry registry = new MetricRegistry();
            metrics.put(String.valueOf(metrics.size()), registry);
            return builder.access(access).secret(SECRET).metrics(registry);
        });
        try (RawClient admin = welcomed(root)) {
            SessionId session = Frames.openSession(admin, 60_000);
            long sequence = 0;
            for (String rule : List.of("@ops lock t/", "alice read seen/", "root lock *")) {
                Outcome outcome = submit(admin, session, ++sequence, new Command.PutRule(Rule.parse(rule)));
                assertThat(outcome).isEqualTo(new Outcome.RulesChanged(true));
            }
        }
    }

    @AfterAll
    void stop() {
        cluster.close();
        timers.shutdownNow();
    }

    private HostPort leaderAddress() {
        return cluster.leader().member().clientAddress();
    }

    private static String bearer(String token) {
        return "Bearer " + token;
    }

    /** A client of the leader with that token. */
    private RawClient welcomed(String token) throws Exception {
        RawClient client = RawClient.saying(leaderAddress(), bearer(token));
        client.hello(1, "");
        assertThat(client.next().hasWelcome()).isTrue();
        return client;
    }

    private static Outcome submit(RawClient client, SessionId session, long sequence, Command.ClientCommand command)
            throws Exception {
        client.send(Frames.submit(1_000 + sequence, Frames.batch(session, sequence, command)));
        return Frames.outcome(client.next());
    }

    private MemberTickets tickets(String self, byte[] secret, InstantSource clock) {
        return new MemberTickets(
                cluster.leader()::clusterId, self, MemberSecret.of(secret), Set.of("a", "b", "c")::contains, clock);
    }

    private long denied(Denial denial) {
        String name = NodeMetrics.PREFIX + "denied.clients."
                + denial.name().toLowerCase(Locale.ROOT).replace('_', '-');
        return metrics.values().stream()
                .mapToLong(registry -> (Long) registry.getGauges().get(name).getValue())
                .sum();
    }

    @Test
    void callers_in_the_members_processes_may_do_everything_at_whichever_leads() throws Exception {
        for (HoldfastNode node : cluster.nodes()) {
            var lock = node.client().createLock();
            var handle = lock.hold(
                    LockOwner.unique("worker"),
                    Holdfast.createLockable("embedded").of(),
                    AcquireOptions.defaults());
            assertThat(handle.token()).isPositive();
            handle.release();
        }
    }

    @Test
    void a_client_may_what_the_rules_say_of_its_name_and_groups() throws Exception {
        try (RawClient client = welcomed(alice)) {
            SessionId session = Frames.openSession(client, 60_000);

            assertThat(submit(client, session, 1, Frames.acquire("t/1", "x", Lease.SESSION, 0)))
                    .isInstanceOf(Outcome.Granted.class);
            assertThat(submit(client, session, 2, Frames.acquire("other", "x", Lease.SESSION, 0)))
                    .isEqualTo(new Outcome.Rejected(
                            RejectionCode.FORBIDDEN,
                            "principal 'alice' lacks 'lock' on 'other': an admin can grant it with"
                                    + " 'holdfast rules add alice lock other'"));
        }
    }

    private HoldfastClient connect(ClientOptions options) {
        String servers = cluster.nodes().stream()
                .map(node -> node.member().clientAddress().toString())
                .collect(Collectors.joining(","));
        return Holdfast.connect(servers, options.requestTimeout(LocalCluster.PATIENCE));
    }

    @Test
    void an_admin_grants_and_revokes_and_whoever_lacks_a_right_hears_which() throws Exception {
        Lockable lockable = Holdfast.createLockable("granted/1").of();
        LockOwner owner = LockOwner.unique("worker");
        AccessRule rule = AccessRule.parse("alice lock granted/");
        try (HoldfastClient admin = connect(ClientOptions.defaults().token(() -> root));
                HoldfastClient client = connect(ClientOptions.defaults().token(() -> alice))) {
            assertThatThrownBy(() -> client.createLock().acquire(owner, lockable))
                    .isInstanceOf(LockForbiddenException.class)
                    .hasMessageContaining("'alice' lacks 'lock' on 'granted/1'")
                    .hasMessageContaining("holdfast rules add alice lock granted/");
            assertThat(admin.putRule(rule)).isTrue();
            // It counts at a leader once that peer has applied it, and one leads here.
            client.createLock().hold(owner, lockable, AcquireOptions.defaults()).release();
            assertThat(admin.removeRule(rule)).isTrue();
            assertThatThrownBy(() -> client.createLock().acquire(owner, lockable))
                    .isInstanceOf(LockForbiddenException.class);
            assertThatThrownBy(() -> client.putRule(rule))
                    .isInstanceOf(LockForbiddenException.class)
                    .hasMessageContaining("'alice' lacks 'admin'");
            try (Stream<AuditEntry> audit = admin.audit()) {
                assertThat(audit.filter(entry -> entry.target().equals(rule.toString())))
                        .extracting(AuditEntry::principal)
                        .containsExactly("root", "root");
            }
        }
    }

    @Test
    void whoever_comes_by_another_door_may_what_the_rules_say_at_whichever_peer() throws Exception {
        ClientOptions options = ClientOptions.defaults().requestTimeout(LocalCluster.PATIENCE);
        for (HoldfastNode node : cluster.nodes()) {
            String address = "192.0.2." + node.member().clientPort() % 256;
            try (Visit visit = enter(node, bearer(alice), address);
                    HoldfastClient visitor = Holdfast.client(visit.cluster(), options);
                    HoldfastClient admin = connect(ClientOptions.defaults().token(() -> root))) {
                assertThat(visit.principal()).isEqualTo("alice");
                assertThat(visit.isAdmin()).isFalse();
                LockOwner owner = LockOwner.unique("worker");
                Lockable forbidden = Holdfast.createLockable("other").of();
                assertThatThrownBy(() -> visitor.createLock().acquire(owner, forbidden))
                        .isInstanceOf(LockForbiddenException.class)
                        .hasMessageContaining("'alice' lacks 'lock' on 'other'");
                Lockable allowed = Holdfast.createLockable("t/" + node.id()).of();
                LockHandle handle = visitor.createLock().hold(owner, allowed, AcquireOptions.defaults());
                try (Stream<ClientSessionInfo> sessions = admin.sessions()) {
                    assertThat(sessions.filter(each -> each.address().equals(address)))
                            .extracting(ClientSessionInfo::principal)
                            .containsExactly("alice");
                }
                handle.release();
            }
        }
    }

    @Test
    void nobody_comes_in_by_another_door_with_credentials_that_prove_nothing() throws Exception {
        HoldfastNode node = cluster.leader();
        try (Visit visit = enter(node, bearer("x".repeat(43)), "192.0.2.1")) {
            assertThat(visit.admission())
                    .isEqualTo(new Admission(Admission.Answer.UNKNOWN, "the token is not known here"));
            assertThatThrownBy(visit::cluster).hasMessage("the token is not known here");
        }
        String ticket =
                tickets(cluster.follower().id(), SECRET, InstantSource.system()).to(node.id());
        try (Visit visit = enter(node, ticket, "192.0.2.1")) {
            assertThat(visit.admission().answer()).isEqualTo(Admission.Answer.FORBIDDEN);
        }
    }

    private static Visit enter(HoldfastNode node, String authorization, String address) throws Exception {
        return node.doorkeeper()
                .enter(null, authorization, address)
                .toCompletableFuture()
                .get(LocalCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void a_client_without_a_token_hears_that_it_needs_one() {
        try (HoldfastClient client = connect(ClientOptions.defaults())) {
            assertThatThrownBy(() -> client.createLock()
                            .acquire(
                                    LockOwner.unique("worker"),
                                    Holdfast.createLockable("t/9").of()))
                    .isInstanceOf(LockForbiddenException.class)
                    .hasMessageContaining(
                            "this cluster has to know who its clients are: give a token or a certificate");
        }
    }

    @Test
    void a_transport_with_a_wrong_token_is_told_that_it_is_forbidden_and_why() {
        RemoteOptions options = RemoteOptions.named("test")
                .withConnectTimeout(LocalCluster.PATIENCE)
                .withRequestTimeout(LocalCluster.PATIENCE)
                .withToken(() -> "x".repeat(43));
        List<HostPort> peers = cluster.nodes().stream()
                .map(node -> node.member().clientAddress())
                .toList();
        try (Transport transport = RemotePeers.leader(peers, options, timers)) {
            CompletableFuture<Answer> answer = transport.query(new Query.Summary());
            await().atMost(LocalCluster.PATIENCE).until(answer::isDone);
            assertThat(answer)
                    .failsWithin(LocalCluster.PATIENCE)
                    .withThrowableThat()
                    .withCauseInstanceOf(TransportException.class)
                    .withMessageContaining("the token is not known here");
        }
    }

    /** What proves nothing, and what is said of it. Each is made anew, since some are good once. */
    private Map<@Nullable String, Map.Entry<Denial, String>> worthless() {
        String leader = cluster.leader().id();
        String other = cluster.follower().id();
        MemberTickets member = tickets(other, SECRET, InstantSource.system());
        byte[] guessed = "what somebody else believes they know".getBytes(StandardCharsets.UTF_8);
        InstantSource yesterday = InstantSource.fixed(Instant.now().minus(Duration.ofDays(1)));
        Map<@Nullable String, Map.Entry<Denial, String>> worthless = new LinkedHashMap<>();
        worthless.put(null, Map.entry(Denial.NO_CREDENTIALS, "this cluster has to know who its clients are"));
        worthless.put("", Map.entry(Denial.NOT_A_TOKEN, "should be 'Bearer TOKEN'"));
        worthless.put("Bearer", Map.entry(Denial.NOT_A_TOKEN, "fewer than 22 characters"));
        worthless.put("Basic cm9vdDpyb290", Map.entry(Denial.NOT_A_TOKEN, "should be 'Bearer TOKEN'"));
        worthless.put(bearer("x".repeat(43)), Map.entry(Denial.UNKNOWN_TOKEN, "the token is not known here"));
        worthless.put(bearer("a.b.c" + "x".repeat(43)), Map.entry(Denial.UNKNOWN_TOKEN, "the token is not known here"));
        worthless.put(bearer(expired), Map.entry(Denial.EXPIRED, "the token of 'bob' expired at 1970-01-01T00:00:00Z"));
        worthless.put(
                tickets(other, guessed, InstantSource.system()).to(leader),
                Map.entry(Denial.NOT_A_MEMBER, "another secret"));
        worthless.put(member.to(other), Map.entry(Denial.NOT_A_MEMBER, "was meant for another member"));
        worthless.put(
                tickets("x", SECRET, InstantSource.system()).to(leader),
                Map.entry(Denial.NOT_A_MEMBER, "there is no member 'x'"));
        worthless.put(tickets(other, SECRET, yesterday).to(leader), Map.entry(Denial.EXPIRED, " s ago by this clock"));
        worthless.put(used(member.to(leader)), Map.entry(Denial.REPLAYED, "was used before"));
        Mandate forAlice = mandate("alice");
        Mandate forRoot = mandate("root");
        worthless.put(forRoot.header(), Map.entry(Denial.NOT_A_MEMBER, "only members may speak for others"));
        worthless.put(
                tickets(other, guessed, InstantSource.system()).to(leader, forRoot),
                Map.entry(Denial.NOT_A_MEMBER, "another secret"));
        String ofAlice = member.to(leader, forAlice).substring(forAlice.header().length());
        worthless.put(forRoot.header() + ofAlice, Map.entry(Denial.NOT_A_MEMBER, "does not prove it"));
        worthless.put(
                member.to(leader, forAlice).replace(forAlice.header(), "holdfast-member"),
                Map.entry(Denial.NOT_A_MEMBER, "does not prove it"));
        worthless.put(
                member.to(leader, mandate("member:" + other)), Map.entry(Denial.NOT_A_TOKEN, "cannot be understood"));
        worthless.put(
                member.to(leader, mandate("")),
                Map.entry(Denial.NO_CREDENTIALS, "this cluster has to know who its clients are"));
        worthless.put(member.to(leader, mandate("@ops")), Map.entry(Denial.NOT_A_TOKEN, "cannot be understood"));
        worthless.put("holdfast-for ?.!", Map.entry(Denial.NOT_A_TOKEN, "cannot be understood"));
        worthless.put(used(member.to(leader, forRoot)), Map.entry(Denial.REPLAYED, "was used before"));
        return worthless;
    }

    private static Mandate mandate(String principal) {
        return new Mandate(new Principal(principal, Set.of()), "192.0.2.1");
    }

    private String used(String ticket) {
        try (RawClient member = RawClient.saying(leaderAddress(), ticket)) {
            member.hello(1, "");
            assertThat(member.next().hasWelcome()).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return ticket;
    }

    /** By reflection: a method that is new is tried here too. */
    @Test
    void no_method_answers_to_credentials_that_prove_nothing() throws Exception {
        cluster.assertUnchangedBy(this::callAllMethodsWithWorthlessCredentials);
    }

    private void callAllMethodsWithWorthlessCredentials() throws Exception {
        ManagedChannel channel = RawClient.channel(leaderAddress());
        try {
            for (MethodDescriptor<?, ?> method :
                    HoldfastGrpc.getServiceDescriptor().getMethods()) {
                for (Map.Entry<@Nullable String, Map.Entry<Denial, String>> each :
                        worthless().entrySet()) {
                    Denial denial = each.getValue().getKey();
                    long before = denied(denial);

                    Status end = call(channel, method.getFullMethodName(), each.getKey());

                    assertThat(end.getCode()).as("%s: %s", method, each).isEqualTo(Status.Code.UNAUTHENTICATED);
                    assertThat(end.getDescription()).contains(each.getValue().getValue());
                    assertThat(denied(denial)).isEqualTo(before + 1);
                }
            }
        } finally {
            channel.shutdownNow();
        }
    }

    /** Calls it with an empty message, whatever kind of method it is, and returns how that ends. */
    private static Status call(ManagedChannel channel, String method, @Nullable String authorization) throws Exception {
        MethodDescriptor<byte[], byte[]> raw = MethodDescriptor.<byte[], byte[]>newBuilder()
                .setFullMethodName(method)
                .setType(MethodDescriptor.MethodType.UNKNOWN)
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
        CompletableFuture<Status> end = new CompletableFuture<>();
        ClientCall<byte[], byte[]> call =
                RawClient.saying(channel, authorization).newCall(raw, CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<byte[]>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        end.complete(status);
                    }
                },
                new Metadata());
        call.request(Integer.MAX_VALUE);
        call.sendMessage(new byte[0]);
        call.halfClose();
        return end.get(RawClient.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] bytes) {
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public byte[] parse(InputStream stream) {
            return new byte[0];
        }
    }

    /** Frames of each kind that there is, from one who is known and may do nothing; a new kind is to be judged here. */
    @Test
    void no_frame_does_anything_for_one_who_has_no_rights() throws Exception {
        try (RawClient owner = welcomed(alice)) {
            SessionId session = Frames.openSession(owner, 60_000);
            Map<FrameCase, ClientFrame> frames = new LinkedHashMap<>();
            frames.put(FrameCase.SUBMIT, Frames.submit(1, Frames.batch(session, 1, new Command.CloseSession())));
            frames.put(FrameCase.QUERY, Frames.query(2, new Query.Audit(0, 10)));
            frames.put(FrameCase.KEEP_ALIVE, Frames.keepAlive(3, session));
            frames.put(FrameCase.SUBSCRIBE, Frames.subscribe(4, session));
            frames.put(
                    FrameCase.UNSUBSCRIBE,
                    ClientFrame.newBuilder()
                            .setUnsubscribe(UnsubscribeFrame.newBuilder().setSubscriptionId(77))
                            .build());
            // The last, as a second one ends the conversation.
            frames.put(FrameCase.HELLO, Frames.hello(1, "again"));
            List<FrameCase> kinds = new ArrayList<>(Arrays.asList(FrameCase.values()));
            kinds.remove(FrameCase.FRAME_NOT_SET);
            assertThat(frames.keySet()).containsExactlyInAnyOrderElementsOf(kinds);

            cluster.assertUnchangedBy(() -> {
                try (RawClient thief = welcomed(nothing)) {
                    for (ClientFrame frame : frames.values()) {
                        thief.send(frame);
                        if (!frame.hasUnsubscribe()) {
                            assertNothingDone(thief.next());
                        }
                    }
                }
            });

            owner.send(Frames.keepAlive(9, session));
            assertThat(owner.next().getKeepAliveReply().hasGone()).isFalse();
        }
    }

    private static void assertNothingDone(ServerFrame answer) throws Exception {
        switch (answer.getFrameCase()) {
            case SUBMIT_REPLY ->
                assertThat(Frames.outcome(answer))
                        .isInstanceOfSatisfying(
                                Outcome.Rejected.class,
                                rejected -> assertThat(rejected.code()).isEqualTo(RejectionCode.SESSION_UNKNOWN));
            case QUERY_REPLY ->
                assertThat(QueryCodec.decode(answer.getQueryReply().getAnswer()))
                        .isInstanceOfSatisfying(
                                Answer.QueryRejected.class,
                                rejected -> assertThat(rejected.code()).isEqualTo(RejectionCode.FORBIDDEN));
            case KEEP_ALIVE_REPLY ->
                assertThat(answer.getKeepAliveReply().hasGone()).isTrue();
            case SUBSCRIPTION_BROKEN ->
                assertThat(answer.getSubscriptionBroken().getFailure().getMessage())
                        .contains("is not open");
            case FAILURE -> assertThat(answer.getFailure().getKind()).isEqualTo(FailureKind.FAILURE_KIND_REFUSED);
            default -> throw new AssertionError("something was done: " + answer);
        }
    }

    @Test
    void while_strangers_knock_in_crowds_a_client_that_is_known_works_on() throws Exception {
        HostPort address = leaderAddress();
        try (Bystander bystander =
                new Bystander(address.toString(), ClientOptions.defaults().token(() -> root))) {
            long before = denied(Denial.UNKNOWN_TOKEN);
            for (int i = 0; i < 10; i++) {
                ManagedChannel channel = RawClient.channel(address);
                try {
                    for (int j = 0; j < 10; j++) {
                        Status end = call(channel, "holdfast.v1.Holdfast/Connect", bearer("x".repeat(43)));
                        assertThat(end.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
                    }
                } finally {
                    channel.shutdownNow();
                }
            }
            assertThat(denied(Denial.UNKNOWN_TOKEN)).isEqualTo(before + 100);
            bystander.goesOn();
        }
    }
}
