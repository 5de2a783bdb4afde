package dev.holdfast.jepsen.verify;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members lose their disks, are replaced, restarted and upgraded, come and go, and move, while callers are at work. */
@Tag("long")
class MembersIT {
    private static final int FLOOR = 6;

    @TempDir
    Path folder;

    @Test
    void tokens_never_repeat_and_every_history_is_correct() throws Exception {
        ShortForm.check(ShortForm.MEMBERS, FLOOR, folder, "MembersIT");
    }
}
