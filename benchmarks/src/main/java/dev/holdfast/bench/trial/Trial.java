package dev.holdfast.bench.trial;

import dev.holdfast.bench.cluster.ProcessCluster;
import java.io.IOException;
import java.util.List;

/** Something that is measured on a cluster of processes of its own. */
public interface Trial {
    /** Blocks until it is done. */
    List<Findings> run(ProcessCluster cluster) throws IOException, InterruptedException;

    /** Whether its cluster should have had load before. */
    default boolean warmedUp() {
        return true;
    }

    /** How many log entries should lie between two snapshots of its cluster; 0 for the default. */
    default long snapshotEvery() {
        return 0;
    }
}
