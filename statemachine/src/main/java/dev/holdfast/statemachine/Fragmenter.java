package dev.holdfast.statemachine;

/**
 * Cuts what an image is encoded as, whatever it is. A fragment ends with the part that makes it larger than
 * {@link StateImage#FRAGMENT_BYTES}, so that the bounds of the fragments depend on the image alone.
 *
 * @param <X> what whoever takes the fragments may throw
 */
abstract class Fragmenter<X extends Exception> {
    private int number;
    private int bytes;

    /** To be called before a part of that size is added to the fragment. */
    final void makeRoom(int more) throws X {
        if (bytes > StateImage.FRAGMENT_BYTES) {
            next(++number);
            bytes = 0;
        }
        bytes += more;
    }

    /** Passes on the fragment, of which more follows, and begins the one with that number. */
    abstract void next(int number) throws X;
}
