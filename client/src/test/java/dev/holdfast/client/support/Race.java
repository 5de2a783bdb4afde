package dev.holdfast.client.support;

/**
 * Two threads, and the places where one of them may be stopped so that the other gets in between. A scenario that is written
 * against it can be searched by Lincheck, which stops threads wherever it likes, and by {@link EveryOrder}, which stops them
 * at {@link #pause} only.
 */
public interface Race {
    /** Threads that nobody steps; for Lincheck. */
    Race FREE = new Race() {
        @Override
        public void together(Runnable first, Runnable second) {
            Interleavings.together(first, second);
        }

        @Override
        public void pause() {}
    };

    /** Runs both at the same time, and fails if one of them does. */
    void together(Runnable first, Runnable second);

    /** The other thread may go on from here. Does nothing outside {@link #together}. */
    void pause();
}
