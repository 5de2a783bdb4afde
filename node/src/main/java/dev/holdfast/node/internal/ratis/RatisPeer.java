package dev.holdfast.node.internal.ratis;

import dev.holdfast.client.time.Timers;
import dev.holdfast.node.Member;
import dev.holdfast.node.RaftSettings;
import dev.holdfast.node.internal.leadership.LeaderSpread;
import dev.holdfast.node.internal.leadership.Neighbours;
import dev.holdfast.node.internal.leadership.PeerProbe;
import dev.holdfast.node.internal.port.QuietLogs;
import dev.holdfast.node.internal.snapshot.SnapshotPolicy;
import dev.holdfast.node.internal.storage.FreeSpace;
import dev.holdfast.node.leader.Replica;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.ExitUtils;

/**
 * This peer's Ratis server: the Raft port, the other peers, and this peer's part in each group of the cluster.
 *
 * <p>See {@code docs/adr/009-groups-by-key.md}.
 */
public final class RatisPeer implements AutoCloseable {
    private final UUID clusterId;
    private final PeerProbe probe = new PeerProbe();
    private final PeerEvents events;
    private final Parameters parameters = new Parameters();
    private final List<RatisStateMachine> machines;
    private final RaftServer server;
    private final List<RatisGroup> groups = new ArrayList<>();
    private final LeaderSpread spread;
    private final Neighbours neighbours;
    private final List<Member> others;
    private final StorageWatch storageWatch;

    /** What the node is told. Calls come from Ratis's threads and must return quickly. */
    public interface PeerEvents {
        /** A peer that should be of this cluster says that it is of that one. */
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
     * @param storage the folder of its logs and snapshots
     * @param parts of each group, in the order of their numbers; at least one
     */
    public RatisPeer(
            UUID clusterId,
            Member self,
            List<Member> members,
            Path storage,
            RaftSettings settings,
            List<GroupParts> parts,
            Timers timers,
            PeerEvents events)
            throws IOException {
        this.clusterId = clusterId;
        this.events = events;
        ExitGuard.install();
        List<RaftPeer> peers = members.stream().map(RatisPeer::toRaftPeer).toList();
        Map<RaftGroupId, RatisStateMachine> machines = new LinkedHashMap<>();
        List<RaftGroup> raftGroups = new ArrayList<>();
        SnapshotPolicy snapshots =
                new SnapshotPolicy(settings.snapshotEvery(), settings.snapshotEveryBytes(), settings.logKept());
        for (int number = 0; number < parts.size(); number++) {
            RaftGroup group = RaftGroup.valueOf(groupId(clusterId, number), peers);
            raftGroups.add(group);
            machines.put(
                    group.getGroupId(),
                    new RatisStateMachine(
                            parts.get(number).replica(), parts.get(number).listener(), snapshots));
            // An existing folder is recovered and an empty one is new; Ratis's FORMAT would wipe what it finds.
            Files.createDirectories(folder(storage, group));
            StoredGroup.prepare(folder(storage, group));
        }
        GrpcConfigKeys.Server.setServicesCustomizer(
                parameters,
                (builder, types) -> AppendStream.served(RaftPortGuard.DEFAULT.guard(builder), this::onStreamEnded)
                        .addService(PeerProbe.service(new ProbeHost())));
        RaftProperties properties =
                RatisProperties.properties(settings, storage, self.host(), self.raftPort(), members.size() == 1);
        this.machines = List.copyOf(machines.values());
        this.server = server(self, storage, raftGroups.get(0), machines, properties);
        this.others = members.stream().filter(member -> !member.equals(self)).toList();
        raftGroups.forEach(group -> groups.add(new RatisGroup(group, server, probe, self, members, settings, timers)));
        List<StorageWatch.Mark> marks = new ArrayList<>();
        for (int number = 0; number < groups.size(); number++) {
            marks.add(new StorageWatch.Mark(
                    folder(storage, raftGroups.get(number)), groups.get(number)::acknowledgedIndex));
        }
        this.storageWatch =
                new StorageWatch(new FreeSpace(storage), marks, parts.get(0).listener());
        this.spread = new LeaderSpread(self, members, groups, timers);
        this.neighbours = new Neighbours(
                others,
                () -> groups.stream().anyMatch(group -> group.leader() == null),
                this::greet,
                member -> RedialingRpc.redial(parameters, RaftPeerId.valueOf(member.id())),
                timers);
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
        RaftServer built = RaftServer.newBuilder()
                .setServerId(RaftPeerId.valueOf(self.id()))
                .setGroup(first)
                .setOption(RaftStorage.StartupOption.RECOVER)
                .setStateMachineRegistry(machines::get)
                .setProperties(properties)
                .setParameters(parameters)
                .build();
        RaftServerConfigKeys.setStorageDir(properties, List.of(storage.toFile()));
        return built;
    }

    /** @throws IOException if the Raft port is taken, or a log or a snapshot cannot be read */
    public void start() throws IOException {
        try {
            QuietLogs.quieten();
            server.start();
            for (RatisGroup group : groups.subList(1, groups.size())) {
                group.join();
            }
            neighbours.start();
            spread.start();
            storageWatch.start();
        } catch (ExitUtils.ExitException e) {
            throw new IOException("the Raft port cannot be opened: " + e.getCause(), e);
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private static RaftPeer toRaftPeer(Member member) {
        return RaftPeer.newBuilder()
                .setId(member.id())
                .setAddress(PeerProbe.address(member))
                .setClientAddress(member.clientAddress().toString())
                .build();
    }

    /** This peer's part in the group of that number. */
    public RatisGroup group(int number) {
        return groups.get(number);
    }

    private void onStreamEnded() {
        groups.forEach(RatisGroup::onStreamEnded);
    }

    /** Whether this peer ever applied an entry of the cluster's logs. */
    public boolean hasFormed() {
        return groups.stream().anyMatch(group -> group.appliedIndex() >= 0);
    }

    /** Greets a member, and tells if it is of another cluster. */
    private CompletableFuture<PeerProbe.Greeting> greet(Member member) {
        return probe.greet(PeerProbe.address(member), groups.get(0).greeting()).thenApply(greeting -> {
            if (!greeting.group().equals(clusterId)) {
                events.stranger(greeting.group(), greeting.formed());
            }
            return greeting;
        });
    }

    /** Greets all members, and blocks until they have answered, or not within the time of a greeting. */
    public void greetAll() {
        PeerProbe.Greeting mine = groups.get(0).greeting();
        CompletableFuture.allOf(others.stream()
                        .map(member -> probe.greet(PeerProbe.address(member), mine)
                                .handle((greeting, failure) -> Boolean.TRUE))
                        .toArray(CompletableFuture<?>[]::new))
                .join();
    }

    private Optional<RatisGroup> find(UUID id) {
        return groups.stream().filter(group -> group.id().equals(id)).findFirst();
    }

    @Override
    public void close() throws IOException {
        storageWatch.close();
        neighbours.close();
        spread.close();
        groups.forEach(RatisGroup::close);
        machines.forEach(RatisStateMachine::awaitEndOfUpdater);
        try {
            server.close();
        } finally {
            probe.close();
        }
    }

    /** Answers other peers. */
    private final class ProbeHost implements PeerProbe.Host {
        @Override
        public PeerProbe.Greeting greeting(PeerProbe.Greeting from) {
            return find(from.group())
                    .map(RatisGroup::greeting)
                    .orElseGet(() -> new PeerProbe.Greeting(clusterId, Long.MAX_VALUE, hasFormed() ? 0 : -1));
        }

        @Override
        public void greeted(PeerProbe.Greeting from) {
            if (find(from.group()).isEmpty()) {
                events.stranger(from.group(), from.formed());
            }
        }

        @Override
        public boolean missesLeader(PeerProbe.Greeting from) {
            return find(from.group())
                    .map(group -> group.missesLeader(from.term()))
                    .orElse(false);
        }
    }
}
