package dev.holdfast.bench.trial;

import dev.holdfast.bench.cluster.ProcessCluster;
import java.io.IOException;
import java.util.List;

/** Something to measure on a cluster of processes that nothing else is measured on. */
public interface Trial {
    /** Blocks until it is done. */
    List<Findings> run(ProcessCluster cluster) throws IOException, InterruptedException;

    /** How many log entries lie between two snapshots of the cluster that it wants; 0 if it does not care. */
    default long snapshotEvery() {
        return 0;
    }
}
