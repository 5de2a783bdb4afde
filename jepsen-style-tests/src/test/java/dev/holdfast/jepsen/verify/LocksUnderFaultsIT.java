package dev.holdfast.jepsen.verify;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mutexes, sessions that end, and a fenced resource, on real processes while things go wrong. */
@Tag("long")
class LocksUnderFaultsIT {
    /** As many faults as any machine allows. */
    private static final int FLOOR = 3;

    @TempDir
    Path folder;

    @Test
    void every_history_is_correct() throws Exception {
        ShortForm.check(ShortForm.LOCKS, FLOOR, folder, "LocksUnderFaultsIT");
    }
}
