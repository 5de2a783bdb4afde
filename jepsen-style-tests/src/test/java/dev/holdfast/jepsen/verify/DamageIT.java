package dev.holdfast.jepsen.verify;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Peers that end, or must not start, while a bystander keeps its hold. */
@Tag("long")
class DamageIT {
    /** As many faults as any machine allows. */
    private static final int FLOOR = 2;

    @TempDir
    Path folder;

    @Test
    void a_bystander_keeps_its_hold_and_every_history_is_correct() throws Exception {
        ShortForm.check(ShortForm.DAMAGE, FLOOR, folder, "DamageIT");
    }
}
