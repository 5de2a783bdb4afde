package dev.holdfast.statemachine;

import dev.holdfast.statemachine.v1.LockableProto;
import dev.holdfast.statemachine.v1.SessionProto;
import java.io.IOException;

/** What a session or a lockable was at the start of a capture. The machine does not change it, so any thread may read it. */
sealed interface StateImage extends SegmentedTable.Image permits SessionImage, LockableImage {
    /** What is larger than this is encoded as several fragments, whose bounds depend on the image alone. */
    int FRAGMENT_BYTES = 1 << 17;

    /** Passes on its fragments, in order. */
    void encode(Fragments fragments) throws IOException;

    /** Takes fragments of a little more than {@link #FRAGMENT_BYTES} at most. */
    interface Fragments {
        void add(SessionProto session) throws IOException;

        void add(LockableProto lockable) throws IOException;
    }
}
