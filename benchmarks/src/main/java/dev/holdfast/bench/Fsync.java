package dev.holdfast.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.HdrHistogram.Histogram;

/** How long the disk takes to make 4 KiB durable: the floor of everything here. */
record Fsync(double p50Ms, double p99Ms) {
    private static final int BLOCK_BYTES = 4096;
    private static final int ROUNDS = 300;
    private static final long HIGHEST_NANOS = 60_000_000_000L;
    private static final double NANOS_PER_MS = 1e6;

    static Fsync measure(Path folder) throws IOException {
        Path file = Files.createTempFile(folder, "fsync", ".tmp");
        Histogram times = new Histogram(HIGHEST_NANOS, 3);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
            for (int i = 0; i < ROUNDS; i++) {
                block.clear();
                while (block.hasRemaining()) {
                    channel.write(block);
                }
                long began = System.nanoTime();
                channel.force(false);
                times.recordValue(Math.min(System.nanoTime() - began, HIGHEST_NANOS));
            }
        } finally {
            Files.delete(file);
        }
        return new Fsync(times.getValueAtPercentile(50) / NANOS_PER_MS, times.getValueAtPercentile(99) / NANOS_PER_MS);
    }
}
