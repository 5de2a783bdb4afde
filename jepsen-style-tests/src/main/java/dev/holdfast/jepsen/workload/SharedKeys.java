package dev.holdfast.jepsen.workload;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A few places that callers of several processes contend for. The key in a place is replaced once it has been granted
 * often enough, so that the history of each key stays short enough to be judged. The counters are in a file that all
 * processes map into memory. Thread-safe.
 */
public final class SharedKeys {
    /** The key in the first place, which is never replaced. */
    static final String ENDLESS_KEY = "endless";

    private static final int ENDLESS = 0;

    private static final int PLACES = 4;
    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final ByteBuffer counters;
    private final int grantsPerKey;

    private SharedKeys(ByteBuffer counters, int grantsPerKey) {
        this.counters = counters;
        this.grantsPerKey = grantsPerKey;
    }

    /** The keys of all that map the same file, which is created if missing. */
    static SharedKeys map(Path path, int grantsPerKey) throws IOException {
        try (FileChannel file =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new SharedKeys(
                    file.map(FileChannel.MapMode.READ_WRITE, 0, (long) PLACES * Long.BYTES), grantsPerKey);
        }
    }

    static int places() {
        return PLACES;
    }

    /** The key that is in that place now. */
    String in(int place) {
        return place == ENDLESS ? ENDLESS_KEY : "p" + place + "-" + grants(place) / grantsPerKey;
    }

    /** Counts one more grant of the key in that place. */
    void granted(int place) {
        LONGS.getAndAdd(counters, place * Long.BYTES, 1L);
    }

    private long grants(int place) {
        return (long) LONGS.getVolatile(counters, place * Long.BYTES);
    }

    /** Of all places together. */
    long grants() {
        long sum = 0;
        for (int place = 0; place < PLACES; place++) {
            sum += grants(place);
        }
        return sum;
    }
}
