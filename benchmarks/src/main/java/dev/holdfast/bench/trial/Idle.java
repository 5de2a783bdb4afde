package dev.holdfast.bench.trial;

import dev.holdfast.bench.cluster.ProcessCluster;
import java.io.IOException;
import java.util.List;

/** A cluster that nobody uses. */
public final class Idle implements Trial {
    private final int seconds;

    public Idle(int seconds) {
        this.seconds = seconds;
    }

    @Override
    public List<Findings> run(ProcessCluster cluster) throws IOException, InterruptedException {
        return List.of(new Findings(0, Usage.over(cluster, seconds)));
    }
}
