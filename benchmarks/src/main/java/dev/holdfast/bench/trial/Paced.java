package dev.holdfast.bench.trial;

import dev.holdfast.bench.cluster.ClientProcess;
import dev.holdfast.bench.cluster.ProcessCluster;
import dev.holdfast.bench.load.WatchedLoad;
import dev.holdfast.client.ClientOptions;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** One caller that begins ten pairs a second from the start of peers and client on, as most applications do: nothing gets hot. */
public final class Paced implements Trial {
    private static final int STRETCH_SECONDS = 10;
    private static final int PAIRS_PER_SECOND = 10;

    private final Stretches stretches;
    private final Consumer<String> progress;

    public Paced(int seconds, Consumer<String> progress) {
        this.stretches = new Stretches(seconds, STRETCH_SECONDS, PAIRS_PER_SECOND);
        this.progress = progress;
    }

    @Override
    public boolean warmedUp() {
        return false;
    }

    @Override
    public List<Findings> run(ProcessCluster cluster) throws IOException, InterruptedException {
        try (ClientProcess client = cluster.startClient(ClientOptions.defaults().sessionLease())) {
            progress.accept(PAIRS_PER_SECOND + " pairs a second from the start");
            return stretches.rows(WatchedLoad.run(client::run, stretches.plan()));
        }
    }
}
