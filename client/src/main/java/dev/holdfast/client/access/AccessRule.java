package dev.holdfast.client.access;

import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockRequestRejectedException.Reason;
import dev.holdfast.client.internal.terms.Terms;

/**
 * One line of what is allowed, such as {@code alice lock orders/}, {@code @ops force *} or {@code tenant1 lock t1/ owner}. There is
 * at most one rule for each subject and prefix. What any rule allows is allowed; no rule takes away from another.
 *
 * <p>The text is the subject, the role in lower case, the prefix, and perhaps {@code owner} or {@code within}, with blanks in
 * between. {@code *} stands for the empty prefix, thus for every key. A subject or a prefix with blanks, and a prefix that ends in a
 * {@code *} of its own, is put in double quotes; in these, a backslash comes before each double quote and each backslash.
 *
 * @param subject the name of a principal, {@code @} and the name of a group, or {@code *} for everybody who has proved who it is
 * @param keyPrefix the rule is about keys that start with this; empty for all, as it must be for {@link Role#ADMIN}
 * @param binding for whom the subject may lock; {@link Binding#ANY} unless the role is {@link Role#LOCK}
 */
public record AccessRule(String subject, Role role, String keyPrefix, Binding binding) {
    /** What a rule lets its subject do. Each role includes those before it. */
    public enum Role {
        /** See who holds and who waits. */
        READ,
        /** Acquire and release. */
        LOCK,
        /** Take from others. */
        FORCE,
        /** Everything, for every key: rules, other people's sessions, the audit. */
        ADMIN
    }

    /** For whom the subject may lock. */
    public enum Binding {
        /** For any owner. */
        ANY,
        /** For owners whose id is the name of the principal. */
        OWNER,
        /** For owners within something whose id is the name of the principal. */
        WITHIN
    }

    /** A rule without a binding. */
    public static AccessRule of(String subject, Role role, String keyPrefix) {
        return new AccessRule(subject, role, keyPrefix, Binding.ANY);
    }

    /**
     * Reads a rule from its text. Whether it may be as long as it is is decided by the cluster.
     *
     * @throws LockRequestRejectedException if it is not a rule; the message quotes it and says what is wrong
     */
    public static AccessRule parse(String text) {
        try {
            return Terms.rule(dev.holdfast.protocol.Rule.parse(text));
        } catch (IllegalArgumentException e) {
            throw new LockRequestRejectedException(Reason.INVALID, String.valueOf(e.getMessage()));
        }
    }

    /** The text that {@link #parse} reads. */
    @Override
    public String toString() {
        return Terms.rule(this).toString();
    }
}
