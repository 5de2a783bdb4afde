package dev.holdfast.server.rescue;

import dev.holdfast.node.BegunGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What the commands that begin a cluster with another one's state have in common. */
final class Tokens {
    /** @throws ParameterException if tokens would go back */
    static long check(long ahead, CommandSpec spec) {
        if (ahead < 0) {
            throw new ParameterException(spec.commandLine(), "--tokens-ahead must not be negative");
        }
        return ahead;
    }

    static String describe(BegunGroup group) {
        return "group " + group.number() + ": holds kept: " + group.holdsKept() + ", dropped: " + group.holdsDropped()
                + "; sessions ended: " + group.sessionsEnded() + "; waiters dropped: " + group.waitersDropped()
                + "; tokens go on above " + group.tokenAfter() + " (the highest was " + group.tokenBefore() + ")";
    }

    private Tokens() {}
}
