package dev.holdfast.jepsen.verify;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mutexes, sessions that end, and a fenced resource, on real processes while things go wrong. */
@Tag("long")
class LocksUnderFaultsIT {
    /** What any machine can do. */
    private static final int FLOOR = 3;

    @TempDir
    Path folder;

    @Test
    void every_history_is_right() throws Exception {
        ShortForm.check(ShortForm.LOCKS, FLOOR, folder, "LocksUnderFaultsIT");
    }
}
