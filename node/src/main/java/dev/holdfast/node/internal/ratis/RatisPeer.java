package dev.holdfast.node.internal.ratis;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.time.Timers;
import dev.holdfast.node.Member;
import dev.holdfast.node.RaftSettings;
import dev.holdfast.node.internal.leadership.Greeting;
import dev.holdfast.node.internal.leadership.LeaderSpread;
import dev.holdfast.node.internal.leadership.PeerProbe;
import dev.holdfast.node.internal.snapshot.SnapshotPolicy;
import dev.holdfast.node.internal.storage.FreeSpace;
import dev.holdfast.node.internal.transport.Identity;
import dev.holdfast.node.internal.transport.MemberSecret;
import dev.holdfast.node.internal.transport.MemberTls;
import dev.holdfast.node.internal.transport.Members;
import dev.holdfast.node.leader.Replica;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.storage.RaftStorage;
import org.jspecify.annotations.Nullable;

/**
 * This peer's Ratis server: the Raft port, the other peers, and this peer's part in each group of the cluster.
 *
 * <p>See {@code docs/adr/009-groups-by-key.md}.
 */
public final class RatisPeer implements AutoCloseable {
    private final InetSocketAddress address;
    private final RaftHost host;
    private final Members transport;
    private final PeerProbe probe;
    private final Parameters parameters;
    private final List<RatisStateMachine> machines;
    private final RaftServer server;
    private final List<RatisGroup> groups = new ArrayList<>();
    private final LeaderSpread spread;
    private final List<Member> others;
    private final StorageWatch storageWatch;

    /** What the node is told. Calls come from Ratis's threads and must return quickly. */
    public interface PeerEvents {
        /** A peer that should be of this cluster has proved that it is of that one. */
        void stranger(UUID otherCluster, boolean otherFormed);
    }

    /**
     * What the node has for a group.
     *
     * @param replica where its log is applied
     * @param listener hears of this peer's leadership
     */
    public record GroupParts(Replica replica, GroupListener listener) {}

    /**
     * Prepares the peer; {@link #start} starts it.
     *
     * @param secret what the members prove to each other that they know
     * @param tls what they talk over; {@code null} if they do not encrypt
     * @param storage the folder of its logs and snapshots
     * @param parts of each group, in the order of their numbers; at least one
     */
    public RatisPeer(
            UUID clusterId,
            Member self,
            List<Member> members,
            MemberSecret secret,
            @Nullable MemberTls tls,
            Path storage,
            RaftSettings settings,
            List<GroupParts> parts,
            Timers timers,
            PeerEvents events)
            throws IOException {
        ExitGuard.install();
        List<RaftPeer> peers = members.stream().map(RatisPeer::toRaftPeer).toList();
        Map<RaftGroupId, RatisStateMachine> machines = new LinkedHashMap<>();
        List<RaftGroup> raftGroups = new ArrayList<>();
        SnapshotPolicy snapshots =
                new SnapshotPolicy(settings.snapshotEvery(), settings.snapshotEveryBytes(), settings.logKept());
        List<DecodedEntries> decoded = new ArrayList<>();
        for (int number = 0; number < parts.size(); number++) {
            decoded.add(new DecodedEntries());
            RaftGroup group = RaftGroup.valueOf(groupId(clusterId, number), peers);
            raftGroups.add(group);
            machines.put(
                    group.getGroupId(),
                    new RatisStateMachine(
                            parts.get(number).replica(),
                            decoded.get(number),
                            parts.get(number).listener(),
                            snapshots));
            // An existing folder is recovered and an empty one is new; Ratis's FORMAT would wipe what it finds.
            Files.createDirectories(folder(storage, group));
            StoredGroup.prepare(folder(storage, group));
        }
        this.others = members.stream().filter(member -> !member.equals(self)).toList();
        this.host = new RaftHost(self.id(), events);
        this.transport =
                new Members(new Identity(clusterId, self.id(), ids(members), secret, tls), addresses(others), host);
        this.probe = new PeerProbe(transport);
        this.address = new InetSocketAddress(self.host(), self.raftPort());
        this.parameters = MembersRpc.Type.parameters(transport, address);
        RaftProperties properties = RatisProperties.properties(settings, storage, members.size() == 1);
        this.machines = List.copyOf(machines.values());
        this.server = server(self, storage, raftGroups.get(0), machines, properties);
        for (int number = 0; number < parts.size(); number++) {
            groups.add(new RatisGroup(
                    raftGroups.get(number), server, probe, decoded.get(number), self, members, settings, timers));
        }
        host.serve(server, groups);
        List<StorageWatch.Mark> marks = new ArrayList<>();
        for (int number = 0; number < groups.size(); number++) {
            marks.add(new StorageWatch.Mark(
                    folder(storage, raftGroups.get(number)), groups.get(number)::acknowledgedIndex));
        }
        this.storageWatch =
                new StorageWatch(new FreeSpace(storage), marks, parts.get(0).listener());
        this.spread = new LeaderSpread(self, members, groups, timers);
    }

    /** The first has the id of the cluster, and the id of each tells of the cluster too. */
    private static RaftGroupId groupId(UUID clusterId, int number) {
        return RaftGroupId.valueOf(
                number == 0
                        ? clusterId
                        : UUID.nameUUIDFromBytes((clusterId + "\n" + number).getBytes(StandardCharsets.UTF_8)));
    }

    private static Path folder(Path storage, RaftGroup group) {
        return storage.resolve(group.getGroupId().getUuid().toString());
    }

    private RaftServer server(
            Member self,
            Path storage,
            RaftGroup first,
            Map<RaftGroupId, RatisStateMachine> machines,
            RaftProperties properties)
            throws IOException {
        // While the server is built, Ratis looks for folders of groups and takes part in each without knowing its
        // members until its log names them: never, if all peers stopped before the first entry. So it is made to
        // look elsewhere, and is told of each group and its members once it runs.
        RaftServerConfigKeys.setStorageDir(
                properties, List.of(storage.resolve("none").toFile()));
        RaftServer built;
        try {
            built = RaftServer.newBuilder()
                    .setServerId(RaftPeerId.valueOf(self.id()))
                    .setGroup(first)
                    .setOption(RaftStorage.StartupOption.RECOVER)
                    .setStateMachineRegistry(machines::get)
                    .setProperties(properties)
                    .setParameters(parameters)
                    .build();
        } catch (IOException | RuntimeException e) {
            transport.close();
            throw e;
        }
        RaftServerConfigKeys.setStorageDir(properties, List.of(storage.toFile()));
        return built;
    }

    /** @throws IOException if the Raft port is taken, or a log or a snapshot cannot be read */
    public void start() throws IOException {
        try {
            // First: if it is taken, Ratis has not begun anything that it would have to end.
            transport.open(address);
            server.start();
            for (RatisGroup group : groups.subList(1, groups.size())) {
                group.join();
            }
            transport.accept();
            spread.start();
            storageWatch.start();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private static Set<String> ids(List<Member> members) {
        return members.stream().map(Member::id).collect(Collectors.toSet());
    }

    private static Map<String, HostPort> addresses(List<Member> members) {
        return members.stream().collect(Collectors.toMap(Member::id, Member::raftAddress));
    }

    private static RaftPeer toRaftPeer(Member member) {
        return RaftPeer.newBuilder()
                .setId(member.id())
                .setAddress(member.raftAddress().toString())
                .setClientAddress(member.clientAddress().toString())
                .build();
    }

    /** This peer's part in the group of that number. */
    public RatisGroup group(int number) {
        return groups.get(number);
    }

    /** Whether this peer ever applied an entry of the cluster's logs. */
    public boolean hasFormed() {
        return host.hasFormed();
    }

    /** How often the port for members refused something for that reason. */
    public long refused(Enum<?> reason) {
        return transport.refused(reason);
    }

    /** Greets all members, and blocks until they have answered, or not within the time of a greeting. */
    public void greetAll() {
        Greeting mine = groups.get(0).greeting();
        CompletableFuture.allOf(others.stream()
                        .map(member -> probe.greet(member.id(), mine).handle((greeting, failure) -> Boolean.TRUE))
                        .toArray(CompletableFuture<?>[]::new))
                .join();
    }

    @Override
    public void close() throws IOException {
        storageWatch.close();
        spread.close();
        groups.forEach(RatisGroup::close);
        machines.forEach(RatisStateMachine::awaitEndOfUpdater);
        try {
            server.close();
        } finally {
            transport.close();
        }
    }
}
