package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.tls.Tls;
import dev.holdfast.node.support.Certificates;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.statemachine.LockMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Peers in this JVM, each of which can be stopped and started again. */
public final class LocalCluster implements AutoCloseable {
    /** Far longer than anything takes, on a machine that is busy with other things. */
    static final Duration PATIENCE = Duration.ofSeconds(120);

    /** A peer that does not run for a while keeps its leadership, except in tests of losing it. */
    private static final RaftSettings CALM = RaftSettings.DEFAULT.electionTimeouts(2000, 4000);

    private static final Duration POLL = Duration.ofMillis(10);

    private final Path folder;
    private final List<Member> members;
    private final UnaryOperator<HoldfastNodeBuilder> change;
    private final Certificates certificates;
    private final Map<String, HoldfastNode> running = new TreeMap<>();

    private LocalCluster(Path folder, List<Member> members, UnaryOperator<HoldfastNodeBuilder> change) {
        this(folder, members, change, null);
    }

    /** @param certificates {@code null} for none */
    private LocalCluster(
            Path folder, List<Member> members, UnaryOperator<HoldfastNodeBuilder> change, Certificates certificates) {
        this.folder = folder;
        this.members = members;
        this.change = change;
        this.certificates = certificates;
    }

    /** Starts that many peers and waits until one of them leads and all know it. */
    public static LocalCluster start(Path folder, int peers) throws IOException {
        return start(folder, peers, UnaryOperator.identity());
    }

    /** All that they say is encrypted, and clients must show certificates, too. */
    public static LocalCluster startOverTls(Path folder, int peers, Certificates certificates) throws IOException {
        return startOverTls(folder, peers, certificates, UnaryOperator.identity());
    }

    public static LocalCluster startOverTls(
            Path folder, int peers, Certificates certificates, UnaryOperator<HoldfastNodeBuilder> change)
            throws IOException {
        return start(new LocalCluster(folder, members(peers), change, certificates));
    }

    static LocalCluster start(Path folder, int peers, RaftSettings settings) throws IOException {
        return start(folder, peers, builder -> builder.ratis(settings));
    }

    public static LocalCluster start(Path folder, int peers, UnaryOperator<HoldfastNodeBuilder> change)
            throws IOException {
        return start(new LocalCluster(folder, members(peers), change));
    }

    static LocalCluster start(Path folder, List<Member> members) throws IOException {
        return start(new LocalCluster(folder, members, UnaryOperator.identity()));
    }

    private static LocalCluster start(LocalCluster cluster) throws IOException {
        for (Member member : cluster.members) {
            cluster.start(member.id());
        }
        cluster.awaitLeader();
        return cluster;
    }

    /** Members with the ids a, b and so on, on free ports. */
    static List<Member> members(int count) throws IOException {
        List<Integer> ports = FreePorts.find(2 * count);
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            members.add(new Member(Character.toString('a' + i), "127.0.0.1", ports.get(2 * i), ports.get(2 * i + 1)));
        }
        return members;
    }

    HoldfastNode start(String id) throws IOException {
        HoldfastNodeBuilder builder = change.apply(HoldfastNode.builder()
                        .ratis(CALM)
                        .clientOptions(options ->
                                options.sessionLease(Duration.ofMinutes(1)).requestTimeout(PATIENCE)))
                .id(id)
                .members(members)
                .dataFolder(folder(id));
        if (certificates != null) {
            Tls own = certificates.member(id);
            builder.membersTls(own).clientsTls(own).requireClientCertificate();
        }
        HoldfastNode node = builder.start();
        running.put(id, node);
        return node;
    }

    void stop(String id) {
        HoldfastNode node = running.remove(id);
        if (node != null) {
            node.close();
        }
    }

    Path folder(String id) {
        return folder.resolve(id);
    }

    HoldfastNode node(String id) {
        return running.get(id);
    }

    public List<HoldfastNode> nodes() {
        return List.copyOf(running.values());
    }

    /** Where clients reach them. */
    public String servers() {
        return members.stream().map(member -> member.clientAddress().toString()).collect(Collectors.joining(","));
    }

    public HoldfastNode leader() {
        return await().atMost(PATIENCE)
                .pollInterval(POLL)
                .until(() -> nodes().stream().filter(HoldfastNode::isLeader).findFirst(), Optional::isPresent)
                .orElseThrow();
    }

    public HoldfastNode follower() {
        return nodes().stream().filter(node -> !node.isLeader()).findFirst().orElseThrow();
    }

    void awaitLeader() {
        await().atMost(PATIENCE).pollInterval(POLL).until(() -> {
            String id = leader().id();
            return nodes().stream().allMatch(node -> id.equals(node.leader()));
        });
    }

    /** Waits until all peers that run have applied the same entries, and returns their common hash. */
    String awaitEqualHashes() {
        return await().atMost(PATIENCE).pollInterval(POLL).until(this::commonHash, Objects::nonNull);
    }

    /** {@code null} if they do not have one now. */
    private @Nullable String commonHash() {
        HoldfastNode first = nodes().get(0);
        long index = first.appliedIndex();
        String hash = first.stateHash();
        return nodes().stream().allMatch(node -> node.stateHash().equals(hash) && node.appliedIndex() == index)
                ? hash
                : null;
    }

    /** What may throw anything. */
    interface Work {
        void run() throws Exception;
    }

    /**
     * That leaves the cluster's state as it is. A new cluster switches to its newest semantics by itself, so that is waited for; its
     * clients must be silent.
     */
    void assertUnchangedBy(Work work) throws Exception {
        await().atMost(PATIENCE)
                .pollInterval(POLL)
                .until(() -> nodes().stream().allMatch(LocalCluster::hasNewestSemantics));
        String before = awaitEqualHashes();
        long index = leader().appliedIndex();

        work.run();

        assertThat(awaitEqualHashes()).isEqualTo(before);
        assertThat(leader().appliedIndex()).isEqualTo(index);
    }

    private static boolean hasNewestSemantics(HoldfastNode node) {
        return node.group(0).replica().read(LockMachine::semantics) == ProtocolVersion.SEMANTICS;
    }

    @Override
    public void close() {
        closeAll(nodes());
        running.clear();
    }

    /** Closes them at the same time: the last ones alone would wait for a majority that is gone. */
    static void closeAll(List<HoldfastNode> nodes) {
        CompletableFuture.allOf(nodes.stream()
                        .map(node -> CompletableFuture.runAsync(
                                node::close, closing -> new Thread(closing, "close-" + node.id()).start()))
                        .toArray(CompletableFuture[]::new))
                .join();
    }
}
