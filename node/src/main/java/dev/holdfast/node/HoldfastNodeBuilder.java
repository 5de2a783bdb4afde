package dev.holdfast.node;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.tls.Tls;
import dev.holdfast.client.wire.ClassPath;
import dev.holdfast.node.access.AccessOptions;
import dev.holdfast.node.internal.membership.JoinSecret;
import dev.holdfast.node.internal.membership.MemberChanger;
import dev.holdfast.node.internal.storage.FreeSpace;
import dev.holdfast.node.internal.transport.MemberSecret;
import dev.holdfast.protocol.KeyGroups;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Builds a {@link HoldfastNode}. Not thread-safe. */
public final class HoldfastNodeBuilder {
    private static final String ALONE = "alone";
    private static final int VOTERS_MAX = 9;
    private static final Duration REPLACE_AFTER_MIN = Duration.ofSeconds(10);
    private static final String ENCRYPT = "membersTls() and clientsTls(), or insecure()";

    private @Nullable String id;
    private List<Member> members = List.of();
    private @Nullable Path dataFolder;
    private String clusterName = "holdfast";
    private int groups = 1;
    private boolean joins;
    private @Nullable JoinSecret joinToken;
    private int maxVoters = MemberChanger.VOTERS_MAX;
    private boolean replaceLostDisk;
    private @Nullable Duration replaceAfter;
    private String listen = "";
    private boolean insecure;
    private @Nullable Path secretFile;
    private byte @Nullable [] secret;
    private @Nullable Tls membersTls;
    private @Nullable Tls clientsTls;
    private boolean requireClientCertificate;
    private MetricRegistry metrics = new MetricRegistry();
    private Duration slowThreshold = Duration.ofSeconds(1);
    private RaftSettings ratis = RaftSettings.DEFAULT;
    private long stateBytesMax = Runtime.getRuntime().maxMemory() / 5 * 2;
    private AccessOptions access = AccessOptions.open();
    private UnaryOperator<ClientOptions> clientOptions = UnaryOperator.identity();

    HoldfastNodeBuilder() {}

    /** This peer's id, one of the members'. Optional if there are no other members. */
    public HoldfastNodeBuilder id(String peerId) {
        this.id = peerId;
        return this;
    }

    /**
     * The initial members, including this peer: the same list for each of them. Without any, the peer is a cluster of its
     * own, on free loopback ports. The cluster is born once all of them are there at the same time. From then on its log says who the
     * members are, and this list only serves to find them.
     */
    public HoldfastNodeBuilder members(List<Member> initialMembers) {
        this.members = List.copyOf(initialMembers);
        return this;
    }

    /** The same, each as {@code id=host:raftPort:clientPort}. */
    public HoldfastNodeBuilder members(String... initialMembers) {
        return members(Arrays.stream(initialMembers).map(Member::parse).toList());
    }

    /**
     * This peer is to become a member of a cluster that is there, and never founds one. The {@linkplain #members(List) members} are then this
     * peer and at least one of the others, by which it finds the cluster. It takes part in nothing until it is let in.
     */
    public HoldfastNodeBuilder join() {
        this.joins = true;
        return this;
    }

    /**
     * Lets this peer in, once: it {@linkplain #join joins} as if an administrator had added it as soon as it presents itself. Once it is a
     * member, or if it is started again, the token does nothing.
     *
     * @param token what {@link Membership#issueJoinToken} or {@code holdfast members token} made; empty for none
     * @throws IllegalArgumentException if it is no token
     */
    public HoldfastNodeBuilder joinToken(String token) {
        this.joinToken = token.isEmpty() ? null : new JoinSecret(token);
        return this;
    }

    /**
     * How many voters there are to be at most: 5 by default. Members that are added beyond that are listeners, and one of them votes when
     * a voter is removed. Voters that there are keep their votes. The leader's number counts, so all members should have the same.
     *
     * @param number 1 to 9
     */
    public HoldfastNodeBuilder maxVoters(int number) {
        if (number < 1 || number > VOTERS_MAX) {
            throw new IllegalArgumentException("maxVoters of " + number + "; allowed are 1 to " + VOTERS_MAX);
        }
        this.maxVoters = number;
        return this;
    }

    /**
     * Whether a member that comes back with an empty data folder takes its own place again by itself, as soon as what it was has not answered
     * for some seconds: not by default. It takes whoever has the member's name and the secret or its certificate for the member, and
     * hides that a disk loses what it has. The leader's setting counts, so all members should have the same.
     */
    public HoldfastNodeBuilder replaceLostDisk(boolean does) {
        this.replaceLostDisk = does;
        return this;
    }

    /**
     * After which time a voter that has not answered the leader gives way to a listener that has kept up: never, by default. It is a listener
     * itself then, if it comes back. Nothing happens where there is no such listener. A new leader counts anew. The leader's setting
     * counts, so all members should have the same.
     *
     * @param time at least 10 seconds
     */
    public HoldfastNodeBuilder replaceAfter(Duration time) {
        if (time.compareTo(REPLACE_AFTER_MIN) < 0) {
            throw new IllegalArgumentException(
                    "replaceAfter of " + time.toMillis() + " ms; at least " + REPLACE_AFTER_MIN.toSeconds() + " s");
        }
        this.replaceAfter = time;
        return this;
    }

    /**
     * Where this peer listens, if that is not where the list of members says that others and clients reach it, as behind NAT or in a
     * container: {@code host}, or {@code host:raftPort:clientPort} if the ports differ, too. {@code 0.0.0.0} and {@code [::]} are all
     * addresses of this machine. The ports are reachable at the one and perhaps at the other, so what is demanded of addresses off
     * loopback ({@link #secretFile}, {@link #insecure}) is demanded if either is.
     *
     * @param place {@code ""} for the address in the list of members
     */
    public HoldfastNodeBuilder listen(String place) {
        this.listen = place;
        return this;
    }

    /** Where the log and the snapshots are kept. Required; created if absent. No two peers may share one. */
    public HoldfastNodeBuilder dataFolder(Path folder) {
        this.dataFolder = folder;
        return this;
    }

    /** A name that all members share, {@code holdfast} by default. Peers with another name belong to another cluster. */
    public HoldfastNodeBuilder clusterName(String name) {
        this.clusterName = name;
        return this;
    }

    /**
     * The number of Raft groups that the cluster's locks are spread over, by key: 1 by default, at most
     * {@link KeyGroups#MAX}. It is the same for all members and never changes: a later start with another number is refused.
     * Each group has a log and a leader of its own, and leaders are spread over the members. {@code docs/groups.md} says when
     * more than one pays.
     */
    public HoldfastNodeBuilder groups(int number) {
        this.groups = number;
        return this;
    }

    /**
     * Permits addresses other than loopback, of members and of those on which they {@linkplain #listen listen}, without
     * {@linkplain #membersTls TLS} for members and for {@linkplain #clientsTls clients}. What has none is not encrypted, and unless {@link #access} demands that clients prove who they
     * are, anyone who can reach the client port can take and break locks. Members still prove to each other that they are members.
     * The peer says so at each start, as a warning, and in its status.
     */
    public HoldfastNodeBuilder insecure() {
        this.insecure = true;
        return this;
    }

    /**
     * The file with the secret by which members prove to each other that they are members: one line of text, of 32 characters at
     * least, the same for all. {@link SecretFile#create} makes one. Required as soon as a member is not on loopback. Members
     * that all are need none: those of one user of one machine share {@code ~/.holdfast/members.secret}. Nor do members that talk over
     * TLS with each other and with clients: their certificates say who they are.
     */
    public HoldfastNodeBuilder secretFile(Path file) {
        this.secretFile = file;
        return this;
    }

    /**
     * The secret itself, instead of a {@linkplain #secretFile file}.
     *
     * @param bytes at least 32; copied
     */
    public HoldfastNodeBuilder secret(byte[] bytes) {
        this.secret = bytes.clone();
        return this;
    }

    /**
     * Members talk to each other over TLS, and each shows a certificate. This member's must have the URI {@code holdfast:member:ID} among
     * its alternative names, with its id; so must all others', each with its own. No names of hosts are verified.
     */
    public HoldfastNodeBuilder membersTls(Tls tls) {
        this.membersTls = tls;
        return this;
    }

    /**
     * The port for clients speaks TLS, with this certificate. Clients may show certificates of their own, which must be signed by one of
     * the roots that are trusted here.
     *
     * <p>This peer reaches the others' ports for clients the same way, and verifies the names of their hosts: so all members should have
     * the same roots.
     */
    public HoldfastNodeBuilder clientsTls(Tls tls) {
        this.clientsTls = tls;
        return this;
    }

    /** Clients must show a certificate, at a port that speaks {@linkplain #clientsTls TLS}. */
    public HoldfastNodeBuilder requireClientCertificate() {
        this.requireClientCertificate = true;
        return this;
    }

    /**
     * How this peer knows its clients, and whether it must: {@link AccessOptions#open} by default. All members should have the
     * same. Callers in this process, through {@link HoldfastNode#client}, are this member, and may do everything at each of them.
     */
    public HoldfastNodeBuilder access(AccessOptions options) {
        this.access = options;
        return this;
    }

    /** The registry for the metrics, instead of one of the node's own. The application decides how to report it. */
    public HoldfastNodeBuilder metrics(MetricRegistry registry) {
        this.metrics = registry;
        return this;
    }

    /**
     * From how long on something is logged as slow, to the logger {@code dev.holdfast.slow}: a client's commands at this leader, applying an
     * entry, a sync of the log; each kind once in ten seconds at most. One second if not given.
     *
     * @param threshold zero for never
     * @throws IllegalArgumentException if it is negative
     */
    public HoldfastNodeBuilder slowThreshold(Duration threshold) {
        if (threshold.isNegative()) {
            throw new IllegalArgumentException("a threshold is not negative: " + threshold);
        }
        this.slowThreshold = threshold;
        return this;
    }

    /** Changes the options of the node's client. */
    public HoldfastNodeBuilder clientOptions(UnaryOperator<ClientOptions> change) {
        this.clientOptions = change;
        return this;
    }

    /**
     * About how many bytes of heap the locks, sessions and waiters of all groups may take, as this peer counts them: two
     * fifths of the largest heap that this JVM may have, by default. The leader's bound counts, so all members should have the
     * same, and heaps of the same size. When the state is that large, requests that would add to it are rejected, as
     * {@link dev.holdfast.client.errors.LockRequestRejectedException.Reason#STATE_FULL}; releases are not. New clients are
     * rejected from four fifths of it on, and one client gets half of it at most.
     *
     * @param bytes 0 for no bound
     */
    public HoldfastNodeBuilder stateBytesMax(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("stateBytesMax of " + bytes);
        }
        this.stateBytesMax = bytes;
        return this;
    }

    /** The settings of Raft, {@link RaftSettings#DEFAULT} by default. All members should have the same. */
    public HoldfastNodeBuilder ratis(RaftSettings settings) {
        this.ratis = settings;
        return this;
    }

    /**
     * Starts the node. It is ready for use when this returns, though its cluster may not have a leader yet. If it throws,
     * nothing is left running, and the data folder is free.
     *
     * @throws IllegalArgumentException if something is missing or does not fit together
     * @throws IllegalStateException if the class path has a protobuf or gRPC that does not fit this release
     * @throws IOException if the data folder cannot be used, is damaged, belongs to another cluster, its disk is full, a port is
     *     taken, or the files for TLS, or those that {@link #access} names, cannot be used
     */
    public HoldfastNode start() throws IOException {
        if (members.isEmpty()) {
            List<Integer> ports = FreePorts.find(2);
            String name = id == null ? ALONE : id;
            members = List.of(new Member(name, "127.0.0.1", ports.get(0), ports.get(1)));
        }
        if (id == null && members.size() == 1) {
            id = members.get(0).id();
        }
        check();
        ClassPath.check();
        FolderLock folder = FolderLock.take(dataFolder());
        try {
            new FreeSpace(dataFolder()).checkForStart(groups);
            return new HoldfastNode(this, folder);
        } catch (IOException | RuntimeException e) {
            folder.close();
            throw e;
        } catch (LinkageError e) {
            folder.close();
            throw new IllegalStateException(ClassPath.describe(e), e);
        }
    }

    private void check() {
        if (dataFolder == null) {
            throw new IllegalArgumentException("a node needs a data folder: its log must outlive the process");
        }
        if (id == null) {
            throw new IllegalArgumentException("id() is missing: which of the members " + members + " is this peer?");
        }
        if (groups < 1 || groups > KeyGroups.MAX) {
            throw new IllegalArgumentException(groups + " groups; allowed are 1 to " + KeyGroups.MAX);
        }
        List<MemberProblem> problems = MemberProblem.in(members, insecure || isEncrypted(), ENCRYPT);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("members: " + problems.get(0));
        }
        if (members.stream().noneMatch(member -> member.id().equals(id))) {
            throw new IllegalArgumentException("peer \"" + id + "\" is not one of the members " + members);
        }
        checkListening();
        if (secret == null && secretFile == null && !isEncrypted() && members.size() > 1 && !isAllLoopback()) {
            throw new IllegalArgumentException(
                    "there is no secret. Members that are not all on loopback prove to each other by a secret that they are"
                            + " members: make one with 'holdfast secret FILE', give all of them a copy, and name the file in"
                            + " the configuration (secret-file) or on the builder (secretFile())");
        }
        if (joins && members.size() < 2) {
            throw new IllegalArgumentException(
                    "join() needs another member's address, by which to find the cluster: members() has none");
        }
        if (joinToken != null && !joins) {
            throw new IllegalArgumentException(
                    "joinToken() is for a peer that is to join: join() is missing beside it");
        }
        if (secret != null && secret.length < MemberSecret.BYTES_MIN) {
            throw new IllegalArgumentException(
                    "a secret of " + secret.length + " bytes; it must have at least " + MemberSecret.BYTES_MIN);
        }
        if (requireClientCertificate && clientsTls == null) {
            throw new IllegalArgumentException(
                    "clients can show certificates only over TLS: clientsTls() is missing beside requireClientCertificate()");
        }
    }

    private void checkListening() {
        Member listening;
        try {
            listening = listening();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("listen(): " + e.getMessage(), e);
        }
        if (listening.equals(self())) {
            return;
        }
        MemberProblem problem = MemberProblem.ofListening(listening, insecure || isEncrypted(), ENCRYPT);
        if (problem != null) {
            throw new IllegalArgumentException("listen(): " + problem);
        }
    }

    /** Whether all that this peer says is. */
    private boolean isEncrypted() {
        return membersTls != null && clientsTls != null;
    }

    boolean joins() {
        return joins;
    }

    /** {@code null} for none. */
    @Nullable
    JoinSecret joinToken() {
        return joinToken;
    }

    AutomaticMembers automaticMembers() {
        return new AutomaticMembers(maxVoters, replaceLostDisk, replaceAfter);
    }

    /** Whether no address is any other, of those that members are known by, and of the one on which this peer listens. */
    private boolean isAllLoopback() {
        return members.stream().allMatch(Member::isLoopback) && listening().isLoopback();
    }

    /** What the members prove to each other that they know. */
    MemberSecret secret() throws IOException {
        if (secret != null) {
            return MemberSecret.of(secret);
        }
        if (secretFile != null) {
            return SecretFile.read(secretFile);
        }
        if (isEncrypted()) {
            return MemberSecret.none();
        }
        return members.size() == 1 ? MemberSecret.random() : SecretFile.ofThisUser();
    }

    /** Whether others can become members beside this one, as they may have before it lost its data folder. */
    boolean canGrow() {
        return members.size() > 1 || secret != null || secretFile != null || isEncrypted();
    }

    /** Reads the files. */
    NodeTls tls() throws IOException {
        return NodeTls.load(self().id(), membersTls, clientsTls, requireClientCertificate);
    }

    Member self() {
        return members.stream()
                .filter(member -> member.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    /** This peer, where it listens. */
    Member listening() {
        return self().at(listen);
    }

    List<Member> members() {
        return members;
    }

    Path dataFolder() {
        return Objects.requireNonNull(dataFolder);
    }

    String clusterName() {
        return clusterName;
    }

    int groups() {
        return groups;
    }

    boolean isInsecure() {
        return insecure;
    }

    AccessOptions access() {
        return access;
    }

    Duration slowThreshold() {
        return slowThreshold;
    }

    MetricRegistry metrics() {
        return metrics;
    }

    long stateBytesMax() {
        return stateBytesMax;
    }

    RaftSettings ratis() {
        return ratis;
    }

    ClientOptions clientOptions(ClientOptions defaults) {
        return clientOptions.apply(defaults);
    }
}
