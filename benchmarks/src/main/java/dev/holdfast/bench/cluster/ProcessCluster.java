package dev.holdfast.bench.cluster;

import dev.holdfast.bench.load.LoadPlan;
import dev.holdfast.bench.load.LoadResult;
import dev.holdfast.bench.load.LoadRun;
import dev.holdfast.bench.load.Patience;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.node.Member;
import dev.holdfast.server.process.Folders;
import dev.holdfast.server.process.LoopbackMembers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Three peers as processes. The callers are in one of them, or here, on a thin client. */
public final class ProcessCluster implements BenchCluster {
    static final List<String> IDS = List.of("a", "b", "c");

    private final Place place;
    private final Path folder;
    private final List<Peer> peers = new ArrayList<>();

    private ProcessCluster(Place place, Path folder) {
        this.place = place;
        this.folder = folder;
    }

    /**
     * Blocks until all peers are ready.
     *
     * @param folder for the peers' data, existing and empty; deleted by {@link #close}
     */
    public static ProcessCluster start(Place place, Path folder, PeerSettings settings)
            throws IOException, InterruptedException {
        ProcessCluster cluster = new ProcessCluster(place, folder);
        try {
            List<Member> members = LoopbackMembers.find(IDS);
            if (settings.tls()) {
                BenchCertificates.create(folder, members);
            }
            for (Member member : members) {
                cluster.peers.add(new Peer(member, members, folder, settings));
            }
            for (Peer peer : cluster.peers) {
                peer.awaitReady();
            }
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** Where its peers serve clients, as {@link Holdfast#connect} expects it. */
    public String addresses() {
        return peers.stream()
                .map(Peer::member)
                .map(member -> member.host() + ":" + member.clientPort())
                .collect(Collectors.joining(","));
    }

    /** A thin client of this cluster, to be closed by the caller. */
    public HoldfastClient connect() {
        return Holdfast.connect(addresses(), BenchCertificates.in(folder).secure(ClientOptions.defaults()));
    }

    /** A thin client in a process of its own, to be closed by the caller. */
    public ClientProcess startClient(Duration sessionLease) throws IOException {
        return new ClientProcess(folder.resolve("client.log"), addresses(), sessionLease);
    }

    public List<Peer> peers() {
        return List.copyOf(peers);
    }

    @Override
    public LoadResult run(LoadPlan plan) throws IOException, InterruptedException {
        if (place == Place.THIN) {
            try (HoldfastClient client = connect()) {
                return LoadRun.run(client, plan);
            }
        }
        return peerThat(place == Place.LEADER).run(plan);
    }

    public Peer leader() throws IOException, InterruptedException {
        return peerThat(true);
    }

    public Peer follower() throws IOException, InterruptedException {
        return peerThat(false);
    }

    /** How much processor time all peers together have used. */
    public Duration cpu() {
        return peers.stream().map(Peer::cpu).reduce(Duration.ZERO, Duration::plus);
    }

    private Peer peerThat(boolean leads) throws IOException, InterruptedException {
        AtomicReference<@Nullable Peer> found = new AtomicReference<>();
        Patience.await("a leader", () -> {
            boolean led = false;
            for (Peer peer : peers) {
                boolean peerLeads = peer.leads();
                led |= peerLeads;
                if (peerLeads == leads) {
                    found.set(peer);
                }
            }
            return led && found.get() != null;
        });
        return Objects.requireNonNull(found.get());
    }

    @Override
    public void close() throws IOException {
        peers.forEach(Peer::close);
        Folders.delete(folder);
    }
}
