package dev.holdfast.jepsen.verify;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reentrant mutexes, semaphores and queues, on real processes while things go wrong. */
@Tag("long")
class CountsAndQueuesUnderFaultsIT {
    /** As many faults as any machine allows. */
    private static final int FLOOR = 3;

    @TempDir
    Path folder;

    @Test
    void every_history_is_correct() throws Exception {
        ShortForm.check(ShortForm.COUNTS_AND_QUEUES, FLOOR, folder, "CountsAndQueuesUnderFaultsIT");
    }
}
