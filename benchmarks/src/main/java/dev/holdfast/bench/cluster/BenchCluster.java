package dev.holdfast.bench.cluster;

import dev.holdfast.bench.load.LoadPlan;
import dev.holdfast.bench.load.LoadResult;
import java.io.IOException;

/** A fresh cluster of three, to put load on. */
public interface BenchCluster extends AutoCloseable {
    /** Runs it, and blocks until it is done. */
    LoadResult run(LoadPlan plan) throws IOException, InterruptedException;

    @Override
    void close() throws IOException;
}
