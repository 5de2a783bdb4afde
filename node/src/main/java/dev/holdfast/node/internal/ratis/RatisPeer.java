package dev.holdfast.node.internal.ratis;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.time.Timers;
import dev.holdfast.node.RaftSettings;
import dev.holdfast.node.internal.leadership.LeaderSpread;
import dev.holdfast.node.internal.leadership.PeerProbe;
import dev.holdfast.node.internal.membership.AddressBook;
import dev.holdfast.node.internal.membership.GroupIds;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.internal.metrics.RatisMetricRegistries;
import dev.holdfast.node.internal.snapshot.SnapshotPolicy;
import dev.holdfast.node.internal.storage.FreeSpace;
import dev.holdfast.node.internal.storage.NewGroup;
import dev.holdfast.node.internal.transport.Members;
import dev.holdfast.node.leader.Replica;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.storage.RaftStorage;

/**
 * This peer's Ratis server: the Raft port, the other peers, and this peer's part in each group of the cluster.
 *
 * <p>See {@code docs/adr/009-groups-by-key.md}.
 */
public final class RatisPeer implements AutoCloseable {
    private final RaftHost host;
    private final Parameters parameters;
    private final List<RatisStateMachine> machines;
    private final RaftServer server;
    private final List<RatisGroup> groups = new ArrayList<>();
    private final List<RaftGroupMemberId> measured = new ArrayList<>();
    private final LeaderSpread spread;
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
     * What the peer has of the node.
     *
     * @param self what it is
     * @param address where it listens
     * @param transport how they talk to each other; the node's
     * @param host answers the others, once the peer is there
     * @param addresses where the others are
     * @param storage the folder of its logs and snapshots
     */
    public record Place(
            PeerId self,
            InetSocketAddress address,
            Members transport,
            RaftHost host,
            AddressBook addresses,
            Path storage) {}

    /**
     * Prepares the peer; {@link #start} starts it.
     *
     * @param founders with which the cluster began; none if this peer came later, and is to learn from the others who they are
     * @param parts of each group, in the order of their numbers; at least one
     * @param metrics where what Ratis measures goes
     */
    public RatisPeer(
            UUID clusterId,
            Place place,
            List<Peer> founders,
            RaftSettings settings,
            List<GroupParts> parts,
            MetricRegistry metrics,
            Timers timers)
            throws IOException {
        ExitGuard.install();
        List<RaftPeer> peers = RaftPeers.of(founders);
        Path storage = place.storage();
        Map<RaftGroupId, RatisStateMachine> machines = new LinkedHashMap<>();
        List<RaftGroup> raftGroups = new ArrayList<>();
        SnapshotPolicy snapshots =
                new SnapshotPolicy(settings.snapshotEvery(), settings.snapshotEveryBytes(), settings.logKept());
        List<DecodedEntries> decoded = new ArrayList<>();
        for (int number = 0; number < parts.size(); number++) {
            decoded.add(new DecodedEntries());
            RaftGroup group = RaftGroup.valueOf(RaftGroupId.valueOf(GroupIds.of(clusterId, number)), peers);
            raftGroups.add(group);
            machines.put(
                    group.getGroupId(),
                    new RatisStateMachine(
                            parts.get(number).replica(),
                            decoded.get(number),
                            parts.get(number).listener(),
                            snapshots,
                            folder(storage, group)));
            StoredGroup.prepare(folder(storage, group));
        }
        this.host = place.host();
        PeerProbe probe = new PeerProbe(place.transport());
        this.parameters = MembersRpc.Type.parameters(place.transport(), place.addresses(), place.address());
        RaftProperties properties = RatisProperties.properties(settings, storage, founders.size() == 1);
        this.machines = List.copyOf(machines.values());
        RaftPeerId selfId = RaftPeerId.valueOf(place.self().toString());
        for (int number = 0; number < parts.size(); number++) {
            measured.add(
                    RaftGroupMemberId.valueOf(selfId, raftGroups.get(number).getGroupId()));
            RatisMetricRegistries.feed(
                    measured.get(number), number, metrics, parts.get(number).listener()::synced);
        }
        this.server = server(selfId, storage, raftGroups.get(0), machines, properties);
        for (int number = 0; number < parts.size(); number++) {
            groups.add(new RatisGroup(
                    raftGroups.get(number),
                    server,
                    probe,
                    decoded.get(number),
                    place.addresses(),
                    parts.get(number).listener(),
                    settings,
                    timers));
        }
        List<StorageWatch.Mark> marks = new ArrayList<>();
        for (int number = 0; number < groups.size(); number++) {
            marks.add(new StorageWatch.Mark(
                    folder(storage, raftGroups.get(number)), groups.get(number)::acknowledgedIndex));
        }
        this.storageWatch =
                new StorageWatch(new FreeSpace(storage), marks, parts.get(0).listener());
        this.spread = new LeaderSpread(place.self().name(), groups.get(0)::voters, groups, timers);
    }

    private static Path folder(Path storage, RaftGroup group) {
        return NewGroup.folder(storage, group.getGroupId().getUuid());
    }

    private RaftServer server(
            RaftPeerId self,
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
                .setServerId(self)
                .setGroup(first)
                // An existing folder is recovered; Ratis's FORMAT would wipe what it finds.
                .setOption(RaftStorage.StartupOption.RECOVER)
                .setStateMachineRegistry(machines::get)
                .setProperties(properties)
                .setParameters(parameters)
                .build();
        RaftServerConfigKeys.setStorageDir(properties, List.of(storage.toFile()));
        return built;
    }

    /** @throws IOException if a log or a snapshot cannot be read */
    public void start() throws IOException {
        try {
            server.start();
            for (RatisGroup group : groups.subList(1, groups.size())) {
                group.join();
            }
            host.serve(server, groups);
            spread.start();
            storageWatch.start();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** This peer's part in the group of that number. */
    /** What was left of the disk of the data folder about a second ago; empty if that is not known. */
    public OptionalLong freeDiskBytes() {
        return storageWatch.freeBytes();
    }

    public RatisGroup group(int number) {
        return groups.get(number);
    }

    /** It will not be started, and leaves nothing behind in the JVM. */
    public void abandon() {
        measured.forEach(RatisMetricRegistries::end);
    }

    @Override
    public void close() throws IOException {
        host.cease();
        storageWatch.close();
        spread.close();
        groups.forEach(RatisGroup::close);
        machines.forEach(RatisStateMachine::awaitEndOfUpdater);
        try {
            server.close();
        } finally {
            abandon();
        }
    }
}
