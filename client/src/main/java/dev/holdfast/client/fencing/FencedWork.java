package dev.holdfast.client.fencing;

/**
 * The work to do once its token is accepted.
 *
 * @param <T> what it returns
 * @param <E> what it may throw
 */
@FunctionalInterface
public interface FencedWork<T, E extends Exception> {
    T run() throws E;
}
