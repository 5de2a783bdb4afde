package dev.holdfast.node.internal.access;

/** One kind of token. May block. */
interface BearerTokens {
    /** @throws DeniedException if it is not accepted */
    Principal check(String token) throws DeniedException;
}
