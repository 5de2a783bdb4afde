package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.workload.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shortest run that has every part of {@code holdfast verify}: processes, clients, a fault, and the verdict. */
class OneFaultIT {
    private static final long SEED = 1;

    @TempDir
    Path folder;

    @Test
    void every_history_is_correct_although_the_leader_is_killed() throws Exception {
        ShortForm.check(Map.of(Kind.MUTEX, List.of("kill-leader")), 1, SEED, folder, "OneFaultIT");
    }
}
