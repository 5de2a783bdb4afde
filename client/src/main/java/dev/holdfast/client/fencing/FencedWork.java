package dev.holdfast.client.fencing;

/**
 * What is done once its token is accepted.
 *
 * @param <T> what comes of it
 * @param <E> what it may throw
 */
@FunctionalInterface
public interface FencedWork<T, E extends Exception> {
    T run() throws E;
}
