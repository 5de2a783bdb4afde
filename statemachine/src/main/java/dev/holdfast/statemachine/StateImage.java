package dev.holdfast.statemachine;

import dev.holdfast.statemachine.v1.AccessProto;
import dev.holdfast.statemachine.v1.LockableProto;
import dev.holdfast.statemachine.v1.SessionProto;

/**
 * What a session, a lockable, or the rules and the audit were at the start of a capture. The machine does not change it, so any
 * thread may read it.
 */
sealed interface StateImage extends SegmentedTable.Image permits SessionImage, LockableImage, AccessImage {
    /** What is larger than this is encoded as several fragments, whose bounds depend on the image alone. */
    int FRAGMENT_BYTES = 1 << 17;

    /** Passes on its fragments, in order. */
    <X extends Exception> void encode(Fragments<X> fragments) throws X;

    /** Takes fragments of a little more than {@link #FRAGMENT_BYTES} at most. */
    interface Fragments<X extends Exception> {
        void add(AccessProto access) throws X;

        void add(SessionProto session) throws X;

        void add(LockableProto lockable) throws X;
    }
}
